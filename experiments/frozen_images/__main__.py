"""python -m experiments.frozen_images: a tutorial's pair classifier beside a joint space, and their record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from encoded_text.common.errors import CommandParser, InputError, run_command
from encoded_text.common.files import check_output
from experiments import measurement
from experiments.frozen_images.networks import FrozenJointSpace, PairClassifier, Words
from experiments.frozen_images.page import FORMAT, TITLE, page
from experiments.frozen_images.training import PAIRS, Split, fit, score
from single_net.common import provenance
from single_net.common.allocator import keep_freed_memory
from single_net.common.device import choose_device
from single_net.config import RunConfig, load_config
from single_net.data.dataset import CaptionDataset
from single_net.data.image_array import ImageArray
from single_net.data_options import add_data_options, add_set_option, data_changes
from single_net.losses.retrieval import RetrievalLoss
from single_net.models.teachers import EfficientNetLite2
from single_net.retrieval.recall import summarize
from single_net.teaching.prepare import Teachers, tested_parts
from single_net.training.data import TrainingData, load_training_data
from single_net.training.targets import fit_loss_targets

CONFIG = Path("experiments/configs/flickr8k_nested.toml")
OUTPUT = Path("runs/frozen_images.json")
BOOTSTRAP = 1000
EXAMPLE = """example:
  FLICKR8K_ROOT=/data/flickr8k python -m experiments.frozen_images
"""


def parser() -> CommandParser:
    """The command line."""
    p = CommandParser(
        prog="python -m experiments.frozen_images",
        description="Train two baselines on frozen ImageNet features and an LSTM: a classifier of pairs, as in a "
        "tutorial, and a joint space with this project's loss. Print their Recall@K and write a record.",
        epilog=EXAMPLE,
    )
    p.add_argument("config", nargs="?", default=CONFIG, help=f"whose data and loss are used (default: {CONFIG})")
    p.add_argument("-o", "--output", type=Path, default=OUTPUT, help=f"the record (default: {OUTPUT})")
    add_data_options(p)
    p.add_argument("--pairs", type=int, default=PAIRS, help=f"shown in training (default: {PAIRS:,})")
    add_set_option(p, "change a setting")
    return p


def main() -> None:
    """The command."""
    run_command(_main)


def _main() -> None:
    args = parser().parse_args()
    if args.pairs < 1:
        raise InputError(f"--pairs is {args.pairs}: should be 1 or more")
    config = load_config(args.config, [*args.set, *data_changes(args)], root=args.root)
    measurement.check_place(args.output, FORMAT, TITLE)
    check_output(args.output, [args.config])
    keep_freed_memory()
    device = choose_device(args.device)
    record = compare(config, Teachers(EfficientNetLite2(device), None, device), args.pairs)
    measurement.save(args.output, record, page)


def compare(config: RunConfig, teachers: Teachers, pairs: int) -> dict[str, Any]:
    """Train and test both networks.

    Args:
        config: its data, loss and seed are used.
        teachers: whose image network is the frozen one.
        pairs: shown in training.

    Raises:
        InputError: unusable data, or no validation or test split.
    """
    about = measurement.about(FORMAT)
    size, seed = teachers.images.image_size, config.training.seed
    data = load_training_data(config.data, size)
    parts = {part.split: (part, images) for part, images in tested_parts(config, size)}
    if missing := {"val", "test"} - parts.keys():
        raise InputError(f"{data.train.name} has no {' and no '.join(sorted(missing))} split: both are needed here")
    words = Words(data.train.flat_captions)

    def given(split: CaptionDataset, images: ImageArray) -> Split:
        features = torch.from_numpy(teachers.see(split, images)[:, 0]).float()
        return Split(features, words.ids(split.flat_captions), split.image_of_caption)

    train, val, test = given(data.train, data.images), given(*parts["val"]), given(*parts["test"])
    torch.manual_seed(seed)
    networks: dict[str, PairClassifier | FrozenJointSpace] = {
        "classifier": PairClassifier(teachers.images.dim),
        "joint": FrozenJointSpace(
            teachers.images.dim,
            _objective(config, data),
            config.network.embedding_dim,
            contrastive_start=config.loss.contrastive_start,
            contrastive_ramp=config.loss.contrastive_ramp,
        ),
    }
    lines = {}
    for name, network in networks.items():
        trained = fit(network, train, val, seed, pairs)
        of_loss = sum(p.numel() for p in network.objective.parameters()) if isinstance(network, FrozenJointSpace) else 0
        trained["parameters"] = sum(p.numel() for p in network.parameters()) - of_loss
        lines[name] = trained | {"metrics": summarize(score(network, test), seed, BOOTSTRAP)}
    return about | {
        "dataset": parts["test"][0].describe(),
        "training_data": data.train.describe(),
        "images": teachers.images.name,
        "lines": lines,
        "seed": seed,
        "device": provenance.describe_device(torch.device("cpu")),
    }


def _objective(config: RunConfig, data: TrainingData) -> RetrievalLoss:
    """The loss of the configuration, as for the single network."""
    labels, prototypes = map(torch.from_numpy, fit_loss_targets(data.train.captions, config.loss, config.training.seed))
    return RetrievalLoss(labels, config.network.embedding_dim, prototypes=prototypes, **config.loss.terms)


if __name__ == "__main__":
    main()
