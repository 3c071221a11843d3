"""python -m single_net.evaluate RUN: Recall@K of a trained run, and its run record."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from encoded_text.common.errors import CommandParser, run_command
from single_net.data.dataset import SPLITS
from single_net.data_options import add_data_options, load_chosen

EXAMPLE = """examples:
  python -m single_net.evaluate runs/scenes-nested
  FLICKR8K_ROOT=/data/flickr8k python -m single_net.evaluate runs/flickr8k-nested --split val
"""


def parser() -> CommandParser:
    """The command line."""
    p = CommandParser(
        prog="python -m single_net.evaluate",
        description="Recall@K, ranks and intervals of a trained run on one split, written as a run record.",
        epilog=EXAMPLE,
    )
    p.add_argument("run", type=Path, help="the run's folder, or a model file in it")
    p.add_argument("--split", choices=SPLITS, default="test", help="default: test")
    add_data_options(p)
    p.add_argument("--record", type=Path, help="where to write the record (default: RUN/SPLIT.json)")
    return p


def main() -> None:
    """The command."""
    run_command(_main)


def _main() -> None:
    args = parser().parse_args()
    began = time.monotonic()

    from single_net.common import distributed
    from single_net.common.device import choose_device
    from single_net.evaluation.protocol import evaluate_split
    from single_net.evaluation.record import run_record, write_record
    from single_net.inference.model import Model

    device = choose_device(args.device)
    model = Model.load(args.run, device)
    data, skip_bad = load_chosen(args, model.config.data)
    with distributed.process_group(device):
        scores = evaluate_split(model, data, skip_bad=skip_bad)
        first = distributed.rank() == 0
    if not first:
        return
    record = run_record(model, scores, time.monotonic() - began)
    folder = args.run if args.run.is_dir() else args.run.parent
    other = "" if args.run.is_dir() or args.run.stem == "model" else f"-{args.run.stem}"
    path = args.record or folder / f"{args.split}{other}.json"
    write_record(path, record)
    print(summary(record))
    print(f"record: {path}")


def summary(record: dict[str, Any]) -> str:
    """A record in a few lines for the terminal."""
    data, metrics = record["dataset"], record["metrics"]
    lines = [
        f"{record['title']} on {data['name']} {data['split']}: {data['images']} images, {data['captions']} captions"
    ]
    for direction in ("image_to_sentence", "sentence_to_image"):
        one = metrics[direction]
        recalls = "  ".join(
            f"R@{k} {value:5.2f} [{one['interval_95'][k][0]:.1f}, {one['interval_95'][k][1]:.1f}]"
            for k, value in one["recall"].items()
        )
        lines.append(
            f"{direction.replace('_', '-'):>18}: {recalls}  median rank {one['median_rank']:g}"
            f"  mAP {one['mAP']:.2f}  (chance R@10 {one['chance']['10']:.2f})"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
