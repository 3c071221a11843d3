"""python -m single_net.evaluate RUN: Recall@K of a trained run, and its run record."""

from __future__ import annotations

import time
from pathlib import Path

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
    p.add_argument(
        "--record",
        type=Path,
        help="run record (default: RUN/SPLIT.json; of NAME.safetensors SPLIT-NAME.json, with --data SPLIT-DATA.json)",
    )
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
    from single_net.evaluation.record import (
        check_record_place,
        check_same_data,
        record_file,
        require_trained,
        require_unmodified,
        run_record,
        write_record,
    )
    from single_net.evaluation.summary import summary
    from single_net.evaluation.teacher_comparison import TeacherComparison
    from single_net.inference.model import Model

    device = choose_device(args.device)
    model = Model.load(args.run, device)
    require_trained(model)
    require_unmodified(model)
    other = args.data if args.data and args.data != model.config.data.name else ""
    path = args.record or record_file(args.run, args.split, other)
    check_record_place(path)
    data, skip_bad = load_chosen(args, model.config.data)
    if not args.record and (args.root or args.image_folder or args.columns):
        check_same_data(path, data)
    with distributed.process_group(device):
        teacher = TeacherComparison.load(model.file) if model.file else None
        scores = evaluate_split(model, data, skip_bad=skip_bad, teacher=teacher)
        first = distributed.rank() == 0
    if not first:
        return
    record = run_record(model, scores, time.monotonic() - began)
    print(summary(record))  # first: the scores are not lost where the record cannot be written after all
    write_record(path, record)
    print(f"record: {path}")


if __name__ == "__main__":
    main()
