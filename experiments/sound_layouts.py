"""python -m experiments.sound_layouts: which layout of encoded sound does best on the validation set.

Networks learn from speech alone what the captions mean: each clip is aimed at its image's clusters and caption
prototype. What counts is how often a clip of the validation set, in a voice that training has not heard, finds the
prototype of its image among those of all validation images. Minutes a layout on a CPU.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from encoded_sound import SoundImageEncoder
from encoded_sound.audio import SAMPLE_RATE
from encoded_text.common.errors import CommandParser, InputError, run_command
from encoded_text.common.progress import progress
from experiments import measurement
from experiments.tables import bullets, markdown_table
from single_net.common.device import autocast, choose_device, supported_precision
from single_net.data.dataset import CaptionDataset
from single_net.data.load import label, load_dataset
from single_net.data.speech import draw_speech
from single_net.losses.retrieval import RetrievalLoss
from single_net.losses.targets import PROTOTYPE_DIM, caption_prototypes, cluster_classes
from single_net.models.single_net import SingleNet
from single_net.retrieval.recall import KS
from single_net.training.schedule import learning_rate

FORMAT = "single-net sound layouts 1"
TITLE = "# Layouts of encoded sound"
SIZE = 96  # px
SPOKEN = ("scenes", "flickr8k", "flickr30k")
LAYOUTS = ("3x6", "1x6", "2x6", "4x6", "4x8")  # lines x seconds
CLUSTERS = (8, 32, 128)
BATCH, RATE, WEIGHT_DECAY = 48, 2e-3, 0.02


def score(
    encoder: SoundImageEncoder, train: CaptionDataset, val: CaptionDataset, samples: int, seed: int
) -> dict[str, float]:
    """Train on the clips of a training split, and score on those of the validation set.

    Returns:
        "r1", "r5" and "r10": recall of speech to its image's prototype, in percent; and "cut", the share of training
        clips that are longer than the layout, in percent.
    """
    drawn, heard = draw_speech(train, encoder)[0], draw_speech(val, encoder)[0]
    both = caption_prototypes([*train.captions, *val.captions], PROTOTYPE_DIM, 0).astype(np.float32)
    for_training, for_validation = torch.from_numpy(both).split([len(train), len(val)])
    labels = torch.from_numpy(cluster_classes(train.captions, CLUSTERS, 0))
    device = choose_device()
    torch.manual_seed(seed)
    network = SingleNet().to(device)
    loss = RetrievalLoss(labels, prototypes=for_training, prototype_weight=1.0, center_weight=0.0).to(device)
    _train(network, loss, encoder, drawn.images, train.image_of_caption, samples, seed)
    to_prototype = F.normalize(loss.to_prototype(_embed(network, heard.images)), dim=1).cpu().detach()
    recalls = _recalls(to_prototype, for_validation, torch.from_numpy(val.image_of_caption))
    return recalls | {"cut": 100 * len(drawn.cut) / len(train.image_of_caption)}


def _train(
    network: SingleNet,
    loss: RetrievalLoss,
    encoder: SoundImageEncoder,
    clips: np.ndarray,
    image_of_clip: np.ndarray,
    samples: int,
    seed: int,
) -> None:
    """Train network and loss in place with AdamW and a one-cycle rate, on augmented clips in random order."""
    device = next(network.parameters()).device
    precision = supported_precision("bfloat16", device)
    optimizer = torch.optim.AdamW([*network.parameters(), *loss.parameters()], weight_decay=WEIGHT_DECAY)
    rng, steps = np.random.default_rng(seed), samples // BATCH
    order = np.concatenate([rng.permutation(len(clips)) for _ in range(1 + samples // len(clips))])
    for step in progress(range(steps), what=f"{encoder.lines} lines of {encoder.seconds:g} s", unit="step"):
        rows = order[step * BATCH : (step + 1) * BATCH]
        batch = [encoder.augment(np.repeat(clip[..., None], 3, axis=2), rng) for clip in clips[rows]]
        for group in optimizer.param_groups:
            group["lr"] = learning_rate("one_cycle", RATE, step, steps)
        optimizer.zero_grad()
        with autocast(precision, device):
            embedded = network(torch.from_numpy(np.stack(batch)).permute(0, 3, 1, 2).to(device))
        image = torch.from_numpy(image_of_clip[rows]).to(device)
        loss(embedded.float(), image, 0, contrastive=0.0)[0].backward()
        optimizer.step()


def _embed(network: SingleNet, clips: np.ndarray) -> torch.Tensor:
    """Embeddings of clips, in evaluation mode: float32 (clips, embedding_dim)."""
    network.eval()
    device = next(network.parameters()).device
    with torch.inference_mode(), autocast(supported_precision("bfloat16", device), device):
        pieces = np.array_split(clips, 1 + len(clips) // 128)
        found = [network(torch.from_numpy(np.array(x))[:, None].expand(-1, 3, -1, -1).to(device)) for x in pieces]
    return torch.cat(found).float()


def _recalls(queries: torch.Tensor, prototypes: torch.Tensor, image_of_query: torch.Tensor) -> dict[str, float]:
    """ "r1", "r5" and "r10" of queries among the prototypes of images, in percent."""
    similarity = queries @ prototypes.T
    own = similarity.gather(1, image_of_query[:, None])
    ahead = (similarity >= own).sum(1) - 1  # against the network, where two are alike
    return {f"r{k}": 100 * float((ahead < k).float().mean()) for k in KS}


def page(record: Mapping[str, Any]) -> str:
    """A record as a page: the table, and what is to be known about it."""
    header = ("Lines", "Seconds", "Bands of a line", "Column, ms", "Seed", "R@1", "R@5", "R@10", "Cut off, %")
    rows = [
        [
            str(one["lines"]),
            f"{one['seconds']:g}",
            str(one["bands"]),
            f"{1000 * one['hop'] / SAMPLE_RATE:.0f}",
            str(one["seed"]),
        ]
        + [f"{one[key]:.1f}" for key in ("r1", "r5", "r10", "cut")]
        for one in sorted(record["layouts"], key=lambda one: (one["lines"], one["seconds"], one["seed"]))
    ]
    notes = (
        f"Speech to the caption prototype of its image, validation set of {label(record['data'])}, in voices that "
        "training has not heard.",
        f"Each network was shown {record['samples']:,} clips of {record['images']:,} training images.",
        "Column: the sound in one column of pixels. Cut off: training clips that are longer than the layout.",
    )
    return f"{TITLE}\n\n{markdown_table(header, rows, 'r' * len(header))}\n\n{bullets(notes)}\n"


def _layout(text: str) -> SoundImageEncoder:
    lines, _, seconds = text.partition("x")
    try:
        return SoundImageEncoder(SIZE, int(lines), float(seconds))
    except ValueError as error:
        raise InputError(f"--layouts {text}: lines x seconds are expected, as in 3x6 ({error})") from None


def _main() -> None:
    p = CommandParser(
        prog="python -m experiments.sound_layouts",
        description="Compare layouts of encoded sound on a validation set.",
        epilog="example: python -m experiments.sound_layouts --layouts 3x6 1x6 --seeds 0 1 -o runs/sound_layouts.json",
    )
    p.add_argument("--data", choices=SPOKEN, default="scenes", help="with its environment variable (default: scenes)")
    p.add_argument("--layouts", nargs="+", default=list(LAYOUTS), metavar="LINESxSECONDS", help="default: %(default)s")
    p.add_argument("--images", type=int, default=1500, help="training images, five clips each (default: %(default)s)")
    p.add_argument("--samples", type=int, default=14_400, help="clips shown in training (default: %(default)s)")
    p.add_argument("--seeds", type=int, nargs="+", default=[0], help="default: 0")
    p.add_argument("-o", "--output", type=Path, default=Path("runs/sound_layouts.json"), help="default: %(default)s")
    args = p.parse_args()
    train, val = (load_dataset(args.data, split=split, captions_only=True) for split in ("train", "val"))
    available = len(train)
    if not max(CLUSTERS) <= args.images <= available or args.samples < BATCH:
        raise InputError(f"{max(CLUSTERS)} to {available:,} images and at least {BATCH} samples are needed")
    if min(args.seeds) < 0:
        raise InputError(f"--seeds {min(args.seeds)}: a seed is 0 or more")
    measurement.check_place(args.output, FORMAT, TITLE)
    encoders = [_layout(text) for text in args.layouts]  # all of them before the first training
    about = measurement.about(FORMAT)
    lines: list[dict[str, Any]] = []
    for encoder in encoders:
        for seed in args.seeds:
            settings = encoder.state()[1] | {"bands": encoder.bands, "hop": encoder.hop, "seed": seed}
            lines.append(settings | score(encoder, train.select(range(args.images)), val, args.samples, seed))
            one = lines[-1]
            print(f"{one['lines']} lines, {one['seconds']:g} s, seed {seed}: R@10 {one['r10']:.1f}", flush=True)
    shown = {"data": args.data, "images": args.images, "samples": args.samples // BATCH * BATCH}
    measurement.save(args.output, about | shown | {"layouts": lines}, page)


if __name__ == "__main__":
    run_command(_main)
