"""python -m experiments.bench: how fast this project is, against plain ways and against what the machine can do."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from encoded_text.common.errors import CommandParser, run_command
from experiments import measurement
from experiments.bench import (
    drawing,
    evaluation,
    images,
    machine,
    report,
    scale,
    step_profile,
    synthetic,
    training_step,
)
from single_net.common.device import choose_device

OUTPUT = Path("runs/bench.json")
TITLE = "# Speed, measured"


def measure_all(device: torch.device, *, quick: bool) -> dict[str, Any]:
    """The whole record, JSON-able. quick: everything tiny, to see that it works; its numbers mean nothing."""
    about = measurement.about(report.FORMAT)
    parts: dict[str, Callable[[], Any]] = {
        "machine": lambda: machine.measure(device, quick=quick),
        "drawing": lambda: drawing.measure(device, quick=quick),
        "training_step": lambda: training_step.measure(device, quick=quick),
        "step_profile": lambda: step_profile.measure(device, quick=quick),
        "evaluation": lambda: evaluation.measure(device, quick=quick),
        "scale": lambda: scale.measure(device, quick=quick),
        "images": lambda: _measure_images(quick=quick),
    }
    results, seconds = {}, {}
    for number, (name, measure) in enumerate(parts.items(), 1):
        print(f"bench {number}/{len(parts)}: {name.replace('_', ' ')} ..", file=sys.stderr)
        began = time.perf_counter()
        results[name] = measure()
        seconds[name] = time.perf_counter() - began
    machine_found = results.pop("machine")
    record = {"quick": quick, "machine": machine_found, "results": results, "seconds": seconds}
    return about | _rounded(record)


def _measure_images(*, quick: bool) -> dict[str, Any]:
    number, sizes = (4, [96]) if quick else (100, [96, 160, 256])
    with tempfile.TemporaryDirectory() as folder:
        return images.measure(synthetic.jpeg_files(Path(folder), number), sizes)


def _rounded(value: Any) -> Any:
    """Every float with five digits: more were never measured."""
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value


def page(record: dict[str, Any]) -> str:
    """A record as a page."""
    warning = "Made with --quick: the numbers mean nothing.\n\n" if record["quick"] else ""
    body = f"{report.table(record)}\n\n## The time of a training step\n\n{report.profile(record)}\n"
    body += f"\n## COCO's configurations\n\n{report.hours(record)}\n"
    return f"{TITLE}\n\n{warning}{body}"


def _main() -> None:
    parser = CommandParser(
        prog="python -m experiments.bench",
        description="Measure speeds and ratios in one run: one JSON, and a table of it beside it and on the screen.",
        epilog="example: python -m experiments.bench --output runs/bench.json",
    )
    parser.add_argument("-o", "--output", type=Path, default=OUTPUT, help=f"the JSON file (default: {OUTPUT})")
    parser.add_argument("--quick", action="store_true", help="only try whether everything runs")
    args = parser.parse_args()
    measurement.check_place(args.output, report.FORMAT, TITLE)
    measurement.save(args.output, measure_all(choose_device(), quick=args.quick), page)


if __name__ == "__main__":
    run_command(_main)
