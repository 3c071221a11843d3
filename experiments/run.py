"""python -m experiments.run STUDY: train what is missing of a study, evaluate, and report.

An interrupted call continues where it stopped. Everything is written below runs/.
"""

from __future__ import annotations

from encoded_text.common.errors import CommandParser, run_command
from experiments.processes import call
from experiments.report import RECORDS, write_report
from experiments.study import NAMES, Study, read_study
from experiments.training import Run, check, choose_data, choose_runs, train, without_missing_teachers
from single_net.data.load import DATASETS
from single_net.data_options import add_set_option

EXAMPLE = """examples:
  python -m experiments.run table1                          synthetic scenes, or COCO where COCO_ROOT is set
  COCO_ROOT=/data/coco python -m experiments.run table1
  FLICKR8K_ROOT=/data/flickr8k FLICKR30K_ROOT=/data/flickr30k python -m experiments.run flickr8k
  python -m experiments.run ambiguities --variants reference batch-grouped --seeds 0 1 --set training.epochs=3
"""


def run_study(study: Study, runs: list[Run]) -> None:
    """Check all runs, then train and evaluate each one; the records go to runs/records/.

    Raises:
        InputError: see training.check.
    """
    check(runs)
    for number, run in enumerate(runs, 1):
        print(f"== {study.name}, run {number} of {len(runs)}: {run.name}", flush=True)
        train(run)
        home = study.home(run.data, run.line.variant)
        call("single_net.evaluate", run.folder, "--record", RECORDS / home / f"{run.name}.json")


def parser() -> CommandParser:
    """The command line."""
    p = CommandParser(
        prog="python -m experiments.run",
        description="Train what is missing of a study, evaluate its variants, and report the results.",
        epilog=EXAMPLE,
    )
    p.add_argument("study", choices=NAMES)
    p.add_argument("--data", choices=DATASETS, help="data set instead of the study's")
    p.add_argument("--variants", nargs="+", default=[], metavar="VARIANT", help="only these")
    p.add_argument("--seeds", nargs="+", type=int, default=[], metavar="N", help="instead of each variant's own")
    add_set_option(p, "override a setting of every variant")
    return p


def _main() -> None:
    args = parser().parse_args()
    study = read_study(args.study)
    runs = choose_runs(study, choose_data(study, args.data), args.variants, args.seeds, args.set)
    study.records(RECORDS)  # what is wrong with one is told now, not after the training
    run_study(study, without_missing_teachers(runs))
    print(write_report(study))


if __name__ == "__main__":
    run_command(_main)
