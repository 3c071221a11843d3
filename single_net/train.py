"""python -m single_net.train CONFIG: train one network and keep it in a run's folder."""

from __future__ import annotations

import json
from pathlib import Path

from encoded_text.common.errors import CommandParser, run_command
from single_net.config import load_config
from single_net.data_options import add_data_options, add_set_option, data_changes

EXAMPLE = """examples:
  python -m single_net.train experiments/configs/scenes_nested.toml
  FLICKR8K_ROOT=/data/flickr8k python -m single_net.train experiments/configs/flickr8k_config_2.toml --seed 1
  python -m single_net.train experiments/configs/table_nested.toml --root my_images/ --skip-bad
  python -m single_net.train experiments/configs/coco_config_2.toml --set training.epochs=2 --set batch.order=grouped
  python -m single_net.train experiments/configs/table_nested.toml --root my_images/ --init-from runs/flickr8k-nested
  torchrun --nproc-per-node=8 -m single_net.train experiments/configs/coco_config_2.toml --set batch.size=360
"""


def parser() -> CommandParser:
    """The command line."""
    p = CommandParser(
        prog="python -m single_net.train",
        description="Train one InceptionResNet-V1 on images and encoded captions.",
        epilog=EXAMPLE,
    )
    p.add_argument("config", help="configuration file (TOML), see experiments/configs/")
    p.add_argument("-o", "--output", type=Path, help="the run's folder (default: runs/DATA-VARIANT)")
    add_data_options(p)
    p.add_argument("--seed", type=int, help="seed instead of the configuration's")
    p.add_argument("--init-from", type=Path, metavar="RUN", help="start from the network and encoder of a finished run")
    add_set_option(p)
    p.add_argument("--resume", action="store_true", help="continue an interrupted run")
    return p


def main() -> None:
    """The command."""
    run_command(_main)


def _main() -> None:
    args = parser().parse_args()
    changes = [*args.set, *data_changes(args)]
    if args.init_from:
        changes.append(f"training.init_from={json.dumps(str(args.init_from.resolve()), ensure_ascii=False)}")
    if args.seed is not None:
        changes.append(f"training.seed={args.seed}")
    config = load_config(args.config, changes, root=args.root)
    run = args.output or default_run(config.data.name, config.variant)

    from single_net.common import distributed
    from single_net.common.allocator import keep_freed_memory
    from single_net.common.device import choose_device
    from single_net.inference.run_files import BEST, MODEL
    from single_net.training.loop import train

    keep_freed_memory()
    device = choose_device(args.device)
    finished = args.resume and (run / MODEL).exists()
    with distributed.process_group(device):
        model = train(config, run, device=device, resume=args.resume)
        first = distributed.rank() == 0
    if not first:
        return
    done = model.meta["training"]
    if not finished:
        print(
            f"trained {done['steps']} steps, {done['samples']:,} samples in {done['seconds'] / 60:.1f} minutes: {run}"
        )
    if (run / BEST).exists():
        print(f"earlier weights scored better on the validation set: {run / BEST}")
    print(f"next: python -m single_net.evaluate {run}")


def default_run(data: str, variant: str) -> Path:
    """Where a run is kept unless --output says otherwise."""
    return Path("runs") / f"{data}-{variant}"


if __name__ == "__main__":
    main()
