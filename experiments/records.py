"""Run records, read and checked: the only source of measured numbers."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from encoded_text.common.errors import InputError
from single_net.data.load import LABELS

FORMAT = "single-net run record 1"
KS = (1, 5, 10)
DIRECTIONS = ("image_to_sentence", "sentence_to_image")
ROWS = ("config-standard", "config-2", "nested")
DATASETS = ("coco", "flickr30k", "flickr8k", "scenes")

_TEXT = ("row", "title", "table", "dataset.name", "dataset.split", "device")
_NUMBERS = (
    *("dataset.pictures", "dataset.captions", "training_data.pictures", "training.inputs", "wall_seconds", "seed"),
    *("metrics.rsum", "metrics.extra.modality_gap"),
    *(f"metrics.{d}.{name}" for d in DIRECTIONS for name in ("median_rank", "mean_rank", "mAP")),
    *(f"metrics.{d}.{name}.{k}" for d in DIRECTIONS for name in ("recall", "chance") for k in KS),
    *(f"metrics.extra.{name}.{d}.{k}" for name in ("raw_euclidean", "one_caption") for d in DIRECTIONS for k in KS),
)
_WHOLE = tuple(f"full_split.metrics.{d}.recall.{k}" for d in DIRECTIONS for k in KS)
_INTERVALS = tuple(f"metrics.{d}.interval_95.{k}" for d in DIRECTIONS for k in KS)


@dataclass(frozen=True)
class Record:
    """A checked run record; record["metrics.rsum"] looks a value up by its dotted path."""

    path: Path
    data: dict[str, Any]

    def __getitem__(self, dotted: str) -> Any:
        value: Any = self.data
        for key in dotted.split("."):
            value = value[key]
        return value

    def get(self, dotted: str) -> Any:
        """The value, or None where the record does not have it, or has null somewhere on the way."""
        try:
            return self[dotted]
        except (KeyError, TypeError):
            return None

    def recall(self, direction: str) -> list[float]:
        return [self[f"metrics.{direction}.recall.{k}"] for k in KS]

    @property
    def where(self) -> str:
        """E.g. "embedded scenes test, 1,000 × 5,000": data set, split, pictures and captions."""
        name = LABELS.get(self["dataset.name"], self["dataset.name"])
        return f"{name} {self['dataset.split']}, {self['dataset.pictures']:,} × {self['dataset.captions']:,}"

    @property
    def duration(self) -> str:
        """Training and evaluation together."""
        minutes = self["wall_seconds"] / 60
        return f"{minutes:.1f} min" if minutes < 120 else f"{minutes / 60:.1f} h"


def read_record(path: str | Path) -> Record:
    """Read and check one record. Raises InputError, naming the file, for anything else than a complete record."""
    path = Path(path)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path}: no such run record: `python -m single_net.evaluate` writes one") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise _unusable(path, f"not JSON ({error})") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise _unusable(path, f'not a run record: "format" should be "{FORMAT}"')
    record = Record(path, data)
    for dotted in _TEXT:
        if not isinstance(record.get(dotted), str):
            raise _unusable(path, f"{dotted} should be text")
    whole = _WHOLE if data.get("full_split") is not None else ()
    for dotted in (*_NUMBERS, *whole):
        if not _is_number(record.get(dotted)):
            raise _unusable(path, f"{dotted} should be a number")
    for dotted in _INTERVALS:
        value = record.get(dotted)
        if not (isinstance(value, list) and len(value) == 2 and all(map(_is_number, value))):
            raise _unusable(path, f"{dotted} should be two numbers")
    return record


def read_records(folder: str | Path) -> list[Record]:
    """All records (*.json) of a folder, ordered by data set, row, seed and file name; none if there is no such
    folder."""
    records = [read_record(path) for path in sorted(Path(folder).glob("*.json"))]
    return sorted(
        records, key=lambda r: (_place(DATASETS, r["dataset.name"]), _place(ROWS, r["row"]), r["seed"], r.path.name)
    )


def titles(records: Sequence[Record]) -> list[str]:
    """Their titles, with the seed where there are several of one row on the same data."""
    count = Counter((r["title"], r.where) for r in records)
    return [r["title"] + (f", seed {r['seed']}" if count[r["title"], r.where] > 1 else "") for r in records]


def _place(known: tuple[str, ...], name: str) -> tuple[int, str]:
    return (known.index(name), "") if name in known else (len(known), name)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _unusable(path: Path, why: str) -> InputError:
    return InputError(f"{path}: {why}: remove the file, or write it anew with `python -m single_net.evaluate`")
