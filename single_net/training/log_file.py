"""The columns of log.csv, and reading it back."""

from __future__ import annotations

import csv
from pathlib import Path

LOSSES = {
    "loss": "total",
    "softmax": "softmax",
    "center": "center",
    "prototype": "prototype",
    "contrastive": "contrastive",
    "teaching": "teaching",
}


FIELDS = (
    *("step", "epoch", "learning_rate", "samples", "seconds", "samples_per_second", "memory_gib"),
    *LOSSES,
    *("val_rsum", "train_rsum"),
)


def read_log(path: Path) -> list[dict[str, str]]:
    """The whole lines of a log.csv; none where there is no such file. A line cut off by a crash is left out."""
    if not path.exists():
        return []
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    return [row for row in rows if row["step"].isdigit() and None not in row.values() and None not in row]
