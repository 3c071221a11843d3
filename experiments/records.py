"""Run records, read and checked: the only source of measured numbers."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from encoded_text.common.errors import InputError
from experiments.settings import comparable
from single_net.config import RunConfig
from single_net.data.load import label
from single_net.evaluation.record import FORMAT
from single_net.retrieval.ranks import I2T, T2I
from single_net.retrieval.recall import KS

DIRECTIONS = (I2T, T2I)
SHORT = {"i2t": I2T, "t2i": T2I}
DECIMALS = {I2T: 1, T2I: 2}  # of a recall: 1,000 images are steps of 0.1, 5,000 captions steps of 0.02

_TEXT = ("variant", "title", "dataset.name", "dataset.split", "device")
_NUMBERS = (
    *("dataset.images", "dataset.captions", "training_data.images", "training.samples", "wall_seconds", "seed"),
    *("metrics.rsum", "metrics.extra.modality_gap"),
    *(f"metrics.{d}.{name}" for d in DIRECTIONS for name in ("median_rank", "mean_rank", "mAP")),
    *(f"metrics.{d}.{name}.{k}" for d in DIRECTIONS for name in ("recall", "chance") for k in KS),
    *(f"metrics.{d}.interval_95.{k}.{end}" for d in DIRECTIONS for k in KS for end in (0, 1)),
    *(f"metrics.extra.{name}.{d}.{k}" for name in ("raw_euclidean", "one_caption") for d in DIRECTIONS for k in KS),
)
_SCORE = (  # during training
    *("step", "samples", "gallery"),
    *(f"recall.{part}.{d}.{k}" for part in ("validation", "training") for d in DIRECTIONS for k in KS),
)
_FULL_SPLIT = tuple(f"full_split.metrics.{d}.recall.{k}" for d in DIRECTIONS for k in KS)


@dataclass(frozen=True, eq=False)  # one object a file, so that it can be a key
class Record:
    """A checked run record.

    Values are looked up by dotted path, with numbers for the items of a list: record["metrics.rsum"]. The properties
    of this class (where, samples, total_seconds, ...) can be looked up in the same way.
    """

    path: Path
    data: dict[str, Any]

    def __getitem__(self, dotted: str) -> Any:
        if isinstance(getattr(type(self), dotted, None), property):
            return getattr(self, dotted)
        value: Any = self.data
        for key in dotted.split("."):
            value = value[int(key)] if isinstance(value, list) else value[key]
        return value

    def get(self, dotted: str) -> Any:
        """The value, or None if the record does not have it, or has null somewhere on the way."""
        try:
            return self[dotted]
        except (KeyError, TypeError, IndexError, ValueError):
            return None

    @property
    def where(self) -> str:
        """E.g. "synthetic scenes test, 1,000 × 5,000": data set, split, images and captions."""
        split = f"{label(self['dataset.name'])} {self['dataset.split']}"
        return f"{split}, {self['dataset.images']:,} × {self['dataset.captions']:,}"

    @property
    def samples(self) -> int:
        """Samples of the training and of those that it goes on from."""
        return int(self["training.samples"] + of_origins(self.data, "samples"))

    @property
    def total_seconds(self) -> float:
        """Of training and evaluation together, and of the trainings that it goes on from."""
        return float(self["wall_seconds"] + of_origins(self.data, "wall_seconds"))

    @property
    def total_training_seconds(self) -> float:
        """Of the training alone, and of those that it goes on from."""
        return float(self["training.seconds"] + of_origins(self.data, "seconds"))

    @property
    def link(self) -> str:
        """A Markdown link to the record from a page in results/."""
        return f"[{self.path.stem}](records/{self.path.parent.name}/{self.path.name})"

    @property
    def device(self) -> Any:
        """Of the training. What a record itself calls its device is that of the evaluation."""
        device = self.get("training.device") or self.data["device"]
        return device_text(device) if isinstance(device, str) else device

    @property
    def ties(self) -> str:
        """What captions shared between images, and other ties, mean for the recall; empty where nothing."""
        parts = []
        if (shared := self.get("shared_captions.captions")) and (ceiling := self.get("shared_captions.ceiling")):
            most = "; ".join(f"{short} {_recalls(ceiling[direction])}" for short, direction in SHORT.items())
            parts.append(
                f"{shared:,} of {self['dataset.captions']:,} captions are encoded like one of another image, so that "
                f"no model reaches more than {most}."
            )
        expected = {short: self.get(f"metrics.{direction}.expected_recall") for short, direction in SHORT.items()}
        if all(expected.values()) and any(expected[s] != self[f"metrics.{d}.recall"] for s, d in SHORT.items()):
            random = "; ".join(f"{short} {_recalls(recall)}" for short, recall in expected.items())
            parts.append(f"With equal distances in random order, not against the system: {random}.")
        return " ".join(parts)

    @property
    def config(self) -> RunConfig:
        """The configuration; a setting that did not exist yet had what is now its default."""
        return RunConfig.from_dict(self["configuration"], where=str(self.path))


def read_record(path: str | Path) -> Record:
    """Read and check one record.

    Raises:
        InputError: the file is no complete record of FORMAT; names the file.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such run record: `python -m single_net.evaluate` writes one")
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise _unusable(path, f"not JSON ({error})") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise _unusable(path, f'not a run record: "format" should be "{FORMAT}"')
    record = Record(path, data)
    if not isinstance(data.get("configuration"), dict):
        raise _unusable(path, "configuration should be that of its run")
    for dotted in _TEXT:
        if not isinstance(record.get(dotted), str):
            raise _unusable(path, f"{dotted} should be text")
    for dotted in (*_NUMBERS, *(_FULL_SPLIT if data.get("full_split") is not None else ())):
        if not _is_number(record.get(dotted)):
            raise _unusable(path, f"{dotted} should be a number")
    history = record.get("history") or []
    if not isinstance(history, list):
        raise _unusable(path, "history should be a list of scores")
    for dotted in (f"history.{i}.{place}" for i in range(len(history)) for place in _SCORE):
        if not _is_number(record.get(dotted)):
            raise _unusable(path, f"{dotted} should be a number")
    if not isinstance(record.get("dataset.sha256"), dict):
        raise _unusable(path, "dataset.sha256 should be the checksums of its data")
    return record


def read_records(folder: Path) -> list[Record]:
    """All records (*.json) of a folder, in the order of their names; none if there is no such folder."""
    return [read_record(path) for path in sorted(folder.glob("*.json"))]


def same_but_seed(records: Sequence[Record]) -> list[list[Record]]:
    """The records in groups of the same variant, data and settings, each in the order of its seeds."""
    groups: dict[tuple[str, str, str], list[Record]] = {}
    for record in records:
        key = record["variant"], record.where, json.dumps(comparable(record.config), sort_keys=True)
        groups.setdefault(key, []).append(record)
    return [sorted(group, key=lambda record: int(record["seed"])) for group in groups.values()]


def of_origins(meta: Mapping[str, Any], key: str) -> float:
    """The sum of a number over the trainings that a run goes on from (training.init_from); 0 if it began anew.

    Args:
        meta: a run record, or what a model file says of its run.
        key: of "training".
    """
    start = meta.get("init_from")
    return float(start["training"][key]) + of_origins(start, key) if start else 0.0


def _recalls(recall: dict[str, float]) -> str:
    return "R@" + "/".join(recall) + " " + "/".join(f"{value:.1f}" for value in recall.values())


def device_text(device: str) -> str:
    """A device as newer records say it: older ones have the plural of one thread."""
    return device.replace(", 1 threads", ", 1 thread")


def together(records: Iterable[Record]) -> str:
    """Time of the training and evaluation of all runs, e.g. "12.4 h"."""
    return time_text(sum(record["wall_seconds"] for record in records))


def time_text(seconds: float) -> str:
    """A time for people, e.g. "45.5 min" or "12.4 h"."""
    return f"{seconds / 60:.1f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"


def _is_number(value: Any) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return abs(value) <= sys.float_info.max


def _unusable(path: Path, why: str) -> InputError:
    return InputError(f"{path}: {why}: remove the file, or write it anew with `python -m single_net.evaluate`")
