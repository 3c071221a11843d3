"""The columns of log.csv, and reading it back."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

LOSSES = ("loss", "softmax", "center", "prototype", "contrastive", "teaching")  # the total, and its terms
FIELDS = (
    *("step", "epoch", "learning_rate", "samples", "seconds", "samples_per_second", "memory_gib"),
    *LOSSES,
    *("val_rsum", "train_rsum"),
)


def read_log(path: Path) -> list[dict[str, str]]:
    """The whole lines of a log.csv; none if there is no such file. A line cut off by a crash is left out, as is
    everything that training does not write, e.g. after a spreadsheet saved the file in its own way."""
    if not path.is_file():
        return []
    with open(path, newline="", encoding="utf-8", errors="replace") as file:
        rows = list(csv.DictReader(line.replace("\0", "") for line in file))
    whole = [row for row in rows if None not in row.values() and None not in row]
    return [{name: row.get(name, "") for name in FIELDS} for row in whole if _is_written(row)]


def _is_written(row: Mapping[str, str]) -> bool:
    """Whether a line holds numbers and nothing else, with those that every line has."""
    try:
        for name in FIELDS:
            float(row.get(name) or 0)
    except ValueError:
        return False
    return all(row.get(name, "").isdecimal() for name in ("step", "samples"))
