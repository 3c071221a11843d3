"""python -m single_net.teach CONFIG: prepare the teaching file of a taught run."""

from __future__ import annotations

import argparse
import itertools
import shlex
from pathlib import Path

from encoded_text.common.errors import CommandParser, InputError, run_command
from encoded_text.common.files import require_suffix
from single_net.common.outputs import check_outputs
from single_net.config import TeachingConfig, load_config
from single_net.data_options import add_data_options, add_set_option, data_changes
from single_net.training.run_folder import files_read

VIEWS = 16
EXAMPLE = """examples:
  FLICKR8K_ROOT=/data/flickr8k FLICKR30K_ROOT=/data/flickr30k \\
    python -m single_net.teach experiments/configs/flickr8k_taught.toml
  python -m single_net.teach experiments/configs/table_taught.toml --root my_images/ --views 32 -o mine.safetensors
"""


def parser() -> CommandParser:
    """The command line."""
    p = CommandParser(
        prog="python -m single_net.teach",
        description="Compute the features of a data set by the frozen teachers, and write the teaching file for "
        "knowledge distillation. An interrupted call continues where it stopped.",
        epilog=EXAMPLE,
    )
    p.add_argument("config", help="configuration of the taught run (TOML), with its teaching.file")
    p.add_argument("-o", "--output", type=Path, help="another file than the configuration's teaching.file")
    add_data_options(p)
    p.add_argument("--views", type=int, default=VIEWS, help=f"views of each training image (default: {VIEWS})")
    add_set_option(p)
    return p


def main() -> None:
    """The command."""
    run_command(_main)


def _main() -> None:
    args = parser().parse_args()
    if not 1 <= args.views <= 1000:
        raise InputError(f"--views is {args.views}: should be between 1 and 1000")
    config = load_config(args.config, [*args.set, *data_changes(args)], root=args.root)
    if not config.teaching.file:  # then training would not be taught
        raise InputError(
            f"{args.config} names no teaching.file: take the configuration of a taught run, such as "
            "experiments/configs/table_taught.toml"
        )
    path = args.output or config.teaching.path
    require_suffix(path, ".safetensors", "the teaching file")
    read = config.model_copy(update={"teaching": TeachingConfig()})
    check_outputs([path], [Path(args.config), *files_read(read)])

    from single_net.common import tensor_file
    from single_net.common.allocator import keep_freed_memory
    from single_net.common.device import choose_device
    from single_net.data.teaching_file import KIND
    from single_net.models.teachers import EfficientNetLite2, MiniLM
    from single_net.teaching.prepare import Teachers, prepare_teaching

    tensor_file.check_replaced(path, KIND)
    keep_freed_memory()
    device = choose_device(args.device)
    teaching = prepare_teaching(config, Teachers(EfficientNetLite2(device), MiniLM(device), device), args.views)
    teaching.save(path)
    for split, measured in teaching.meta["splits"].items():
        said = " | ".join(
            "/".join(f"{value:.1f}" for value in recall.values()) for recall in measured["recall"].values()
        )
        print(f"teachers on the {split} split, {measured['images']:,} images: R@1/5/10 {said}")
    print(f"{path}: {path.stat().st_size / 2**20:.1f} MiB; next: {_training(args, path)}")


def _training(args: argparse.Namespace, path: Path) -> str:
    """The command that trains with the file."""
    changes = [*args.set, *data_changes(args), *([f"teaching.file={path}"] if args.output else [])]
    root = ["--root", args.root] if args.root else []
    words = [args.config, *root, *itertools.chain.from_iterable(("--set", change) for change in changes)]
    return f"python -m single_net.train {shlex.join(words)}"


if __name__ == "__main__":
    main()
