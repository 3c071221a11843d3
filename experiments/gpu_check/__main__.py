"""python -m experiments.gpu_check: tests, speeds and trainings on a GPU within a time limit.

After every part what is known is written to check.json and check.md, so that being cut off loses only the rest. A
second call into the same folder keeps what the first one found of the parts that it does not repeat. Without a GPU
everything is tiny: to see that it runs.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from encoded_text.common.errors import CommandParser, InputError, run_command
from experiments import measurement
from experiments.gpu_check import children, marked_tests, report, speed
from experiments.gpu_check.children import Deadline
from experiments.gpu_check.plan import MOST, NAMES, TRAININGS, job
from experiments.gpu_check.speed_lines import LINES
from experiments.gpu_check.trainings import run_all
from single_net.common import provenance
from single_net.common.device import choose_device

PARTS = ("tests", "speed", "training")
TESTS_SHARE, SPEED_SHARE = 0.25, 0.4  # of the time, at most
EXAMPLE = """examples:
  python -m experiments.gpu_check --to runs/gpu-check/found
  python -m experiments.gpu_check --parts training --runs flickr8k-nested --seconds 400
"""


class CheckRecord:
    """The record of a check: every change is written at once.

    Args:
        to: the folder of check.json and check.md.
        device: that is checked.
    """

    def __init__(self, to: Path, device: torch.device):
        self._path = to / "check.json"
        measurement.check_place(self._path, report.FORMAT, report.TITLE)
        self.data: dict[str, Any] = measurement.about(report.FORMAT) | {
            "small": device.type == "cpu",
            "device": provenance.describe_device(device),
            "memory_gib": _memory(device),
        }
        earlier = _read(self._path)
        if earlier.get("device") == self.data["device"]:
            kept = ("tests", "speed", "trainings")
            self.data = {key: earlier[key] for key in kept if key in earlier} | self.data

    def note(self, part: str, value: Any) -> None:
        """Put what a part found into the record and write it."""
        self.data[part] = value
        measurement.write(self._path, self.data, report.markdown)

    def note_training(self, name: str, outcome: dict[str, Any]) -> None:
        """Put what became of a training into the record and write it; one that was not begun replaces no result."""
        print(f"{name}: {outcome['outcome']}", flush=True)
        known = self.data.get("trainings", {})
        if "result" in known.get(name, {}) and "seconds" not in outcome:
            return
        self.note("trainings", known | {name: outcome | {"git": self.data["git"]}})

    @property
    def rates(self) -> dict[str, float]:
        """Samples a second by the lines of training that were measured."""
        lines = self.data.get("speed", {}).get("lines", {})
        return {name: report.best(measured) for name, measured in lines.items() if LINES[name].kind == "training"}


def check(args: argparse.Namespace, device: torch.device) -> CheckRecord:
    """Do the parts that are asked for, one after the other."""
    if args.to.resolve() == args.runs_folder.resolve():
        raise InputError(f"--to and --runs-folder are both {args.to}: name two folders")
    measurement.check_place(args.runs_folder / "speed.json", speed.FORMAT)
    if not 0 < args.seconds < math.inf:
        raise InputError(f"--seconds is {args.seconds}: give a number above 0")
    deadline = Deadline(args.seconds)
    record = CheckRecord(args.to, device)
    small = record.data["small"]
    if "tests" in args.parts:
        report_file = args.runs_folder / "tests.xml"
        report_file.parent.mkdir(parents=True, exist_ok=True)
        passed = marked_tests.run(min(deadline.left(), TESTS_SHARE * args.seconds), report_file)
        record.note("tests", passed | {"git": record.data["git"]})
    if "speed" in args.parts:
        seconds = min(deadline.left(), SPEED_SHARE * args.seconds)
        _measure(record, args.runs_folder, ["--small"] if small else [], seconds)
    if "training" in args.parts:
        _train(record, args, deadline)
    return record


def _measure(record: CheckRecord, runs: Path, options: list[str], seconds: float) -> None:
    """Measure speeds in a process of their own: one that runs out of memory leaves the lines before it."""
    path = runs / "speed.json"
    path.unlink(missing_ok=True)
    status = children.run("experiments.gpu_check.speed", "-o", path, *options, seconds=seconds)
    measured = _read(path)
    if measured:
        kept = record.data.get("speed", {}).get("lines", {})
        told = {"git": record.data["git"], "machine": measured["machine"]}
        lines = {name: line | told for name, line in measured["lines"].items()}
        record.note("speed", measured | {"status": status, "lines": kept | lines})


def _train(record: CheckRecord, args: argparse.Namespace, deadline: Deadline) -> None:
    small = record.data["small"]
    jobs = []
    for training in TRAININGS:
        if training.name in args.runs:
            try:
                jobs.append(job(training, args.files, small=small))
            except InputError as error:
                record.note_training(training.name, {"outcome": f"left out: {error}"})
    missing = sorted({job.training.line for job in jobs} - record.rates.keys())
    if missing and not small:  # not measured, or not to the end
        _measure(record, args.runs_folder, ["--lines", *missing], deadline.left() / 3)
    measured = record.rates
    slowest = min(measured.values(), default=5.0 if small else 0.0)
    if not slowest:
        raise InputError("no speed could be measured, so nothing is trained: see the output above")
    rates = {line: measured.get(line, slowest) for line in LINES}
    run_all(jobs, rates, deadline, args.runs_folder, args.to, record.note_training, most=1 if small else MOST)


def _memory(device: torch.device) -> float | None:
    if device.type == "cpu":
        return None
    return round(float(torch.cuda.get_device_properties(device).total_memory) / 2**30, 1)


def _read(path: Path) -> dict[str, Any]:
    """A JSON object, or an empty one if there is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def parser() -> CommandParser:
    """The command line."""
    p = CommandParser(
        prog="python -m experiments.gpu_check",
        description="On a GPU: run the tests marked gpu, measure speeds, and train with the rest of the time.",
        epilog=EXAMPLE,
    )
    p.add_argument("--seconds", type=float, default=540.0, help="time limit of all parts together (default: 540)")
    p.add_argument("--to", type=Path, default=Path("runs/gpu-check/found"), help="folder of what is to be kept")
    p.add_argument("--files", type=Path, default=Path("gpu-check"), help="packed data and encoders of make gpu-pack")
    p.add_argument("--runs-folder", type=Path, default=Path("runs/gpu-check"), help="folder of the runs themselves")
    p.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="default: all")
    p.add_argument("--runs", nargs="+", choices=NAMES, default=NAMES, help="trainings (default: all, in this order)")
    return p


def _main(arguments: Sequence[str] | None = None) -> None:
    args = parser().parse_args(arguments)
    record = check(args, choose_device())
    print(report.markdown(record.data))
    print(f"written: {args.to / 'check.json'} and check.md")


if __name__ == "__main__":
    run_command(_main)
