"""The tables of gpu.md: what was measured, from results/gpu.json, and what was computed, from operations and bytes."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # experiments is not installed

from experiments.gpu_check import estimate, report  # noqa: E402

PLACE = re.compile(r"{{ gpu (\w+) }}")
RECORD = ROOT / "results" / "gpu.json"


def measured() -> str:
    if not RECORD.exists():
        return "**Nothing has been measured on a GPU yet.** All numbers below are computed."
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    parts = [report.speed_table(record["speed"])] if record.get("speed") else []
    parts += [report.training_table(record["trainings"])] if record.get("trainings") else []
    return "\n\n".join(parts)


TABLES: dict[str, Callable[[], str]] = {
    "measured": measured,
    "speeds": estimate.speeds,
    "hours": estimate.hours,
    "memory": estimate.memories,
    "resident": estimate.resident,
}


def filled(text: str) -> str:
    return PLACE.sub(lambda place: TABLES[place[1]](), text)


def setup(app: Sphinx) -> dict[str, bool]:
    def insert(app: Sphinx, page: str, source: list[str]) -> None:
        source[0] = filled(source[0])

    app.connect("source-read", insert)
    return {"parallel_read_safe": True}
