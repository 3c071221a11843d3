"""The run record: one JSON file with every number of a run, and how to repeat it. Tables are built from records."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

from encoded_text.common.errors import InputError
from encoded_text.common.files import check_output, require_suffix, write_atomic
from single_net.common import provenance
from single_net.data.dataset import CaptionDataset
from single_net.evaluation.protocol import PROTOCOL, evaluated
from single_net.inference.model import Model

FORMAT = "single-net run record 2"


_FROM_TRAINING = ("training_data", "validation", "coverage", "training.device", "training.wall_seconds")


def require_trained(model: Model) -> None:
    """Check before the evaluation that the model file says what its record will.

    Raises:
        InputError: naming the file and what it lacks.
    """
    for dotted in _FROM_TRAINING:
        value: Any = model.meta
        for key in dotted.split("."):
            if not isinstance(value, dict) or key not in value:
                raise InputError(f"{model.file}: not the model of a finished training: it does not say its {dotted}")
            value = value[key]
    seconds = model.meta["training"]["wall_seconds"]
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise InputError(f"{model.file}: not the model of a finished training: wall_seconds is {seconds!r}")


def require_unmodified(model: Model) -> None:
    """Check that the weights are those of the training that a record would describe, see `Model.save`.

    Raises:
        InputError: they were changed since.
    """
    if "modified" in model.meta:
        raise InputError(
            f"{model.file}: its weights were changed after its training, of which a record would tell: name the run "
            "itself, or measure it in Python with single_net.evaluate_retrieval"
        )


def record_file(run: Path, split: str, data: str = "") -> Path:
    """Where the record of a run on a split is kept, by default.

    Args:
        run: the run's folder, or a model file in it.
        split: that was evaluated.
        data: name of the data set if it is not the run's own.

    Returns:
        SPLIT.json in the run's folder; with the name of a model file other than model.safetensors, and that of the data
        set, SPLIT-NAME-DATA.json.
    """
    folder, name = (run, "model") if run.is_dir() else (run.parent, run.stem)
    parts = [split, "" if name == "model" else name, data]
    return folder / ("-".join(filter(None, parts)) + ".json")


def check_record_place(path: Path) -> None:
    """Check before the evaluation that a record can be written, under its own ending and over nothing but a record.

    Raises:
        InputError: naming the file.
    """
    require_suffix(path, ".json", "a run record")
    check_output(path)
    if not path.exists():
        return
    try:
        found = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not str(found.get("format")).startswith(FORMAT[:-1]):
        raise InputError(f"{path} is no run record and is not replaced by one: name another file with --record")


def check_same_data(path: Path, data: CaptionDataset) -> None:
    """Check that a record to be replaced, if there is one, is of the same data. Where one of them left something out
    for a reason that the other did not have, that is not known.

    Args:
        path: that `check_record_place` has checked.
        data: the split.

    Raises:
        InputError: it is of other data.
    """
    described = json.loads(path.read_bytes()).get("dataset") if path.exists() else None
    if not isinstance(described, dict) or (described.get("skipped") or {}).keys() != data.skipped.keys():
        return
    if described.get("sha256") != evaluated(data).checksums():
        raise InputError(f"{path} is the record of other data and is not replaced: name another file with --record")


def run_record(model: Model, scores: dict[str, Any], wall_seconds: float) -> dict[str, Any]:
    """Make the record of an evaluated model. "device" is that of the evaluation; the training's is in "training".

    Args:
        model: a loaded run.
        scores: from protocol.evaluate_split.
        wall_seconds: that the evaluation took; the record adds those of the training.

    Returns:
        A dictionary for JSON.
    """
    variant, training = model.config.variant, model.meta["training"]
    third = scores.get("third")
    return {
        "format": FORMAT,
        "variant": variant,
        "title": f"Single-Net ({variant})",
        "dataset": scores["dataset"],
        "available": scores["available"],
        "shared_captions": scores["shared_captions"],
        "training_data": model.meta["training_data"],
        "extra_captions": model.meta.get("extra_captions"),
        "contamination": scores["contamination"],
        "protocol": PROTOCOL,
        "metrics": scores["metrics"],
        "full_split": scores["full_split"],
        "third": third and third | {"training": model.meta.get("third")},
        "diagnostics": scores["diagnostics"],
        "teaching": model.meta.get("teaching"),
        "teacher": scores.get("teacher"),
        "validation": model.meta["validation"],
        "history": model.meta.get("history", []),
        "coverage": {"training": model.meta["coverage"], "test": scores["coverage"]},
        "configuration": model.config.portable().to_dict(),
        "encoder": model.encoder.parameters,
        "command": provenance.command(),
        "git": provenance.git_state(),
        "versions": provenance.versions(),
        "seed": model.config.training.seed,
        "device": provenance.describe_device(model.device),
        "precision": model.precision,
        "weights": model.meta.get("weights"),
        "parameters": sum(p.numel() for p in model.network.parameters()),
        "init_from": portable_origin(model.meta.get("init_from")),
        "training": training,
        "wall_seconds": round(wall_seconds + training["wall_seconds"], 1),
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }


def portable_origin(origin: dict[str, Any] | None) -> dict[str, Any] | None:
    """The run that training went on from by the names of its folder and file, and so on to the first one."""
    if origin is None:
        return None
    name = "/".join(Path(origin["run"]).parts[-2:])
    return origin | {"run": name, "init_from": portable_origin(origin.get("init_from"))}


def write_record(path: Path, record: dict[str, Any]) -> None:
    """Write a record as JSON, atomically.

    Args:
        path: the file; missing folders are made.
        record: from `run_record`.

    Raises:
        InputError: the file cannot be written there.
    """
    write_atomic(path, json.dumps(record, indent=1, ensure_ascii=False) + "\n")
