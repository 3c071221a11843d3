"""The run record: one JSON file with every number of a run, and how to repeat it. Tables are built from records."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

from encoded_text.common.files import replacing
from single_net.common import provenance
from single_net.evaluation.protocol import PROTOCOL
from single_net.inference.model import Model

FORMAT = "single-net run record 2"


def run_record(model: Model, scores: dict[str, Any], wall_seconds: float) -> dict[str, Any]:
    """Make the record of an evaluated model.

    Args:
        model: a loaded run.
        scores: from protocol.evaluate_split.
        wall_seconds: that the evaluation took; the record adds those of the training.

    Returns:
        A dictionary for JSON.
    """
    variant, training = model.config.variant, model.meta["training"]
    return {
        "format": FORMAT,
        "variant": variant,
        "title": f"Single-Net ({variant})",
        "dataset": scores["dataset"],
        "training_data": model.meta["training_data"],
        "extra_captions": model.meta.get("extra_captions"),
        "contamination": scores["contamination"],
        "protocol": PROTOCOL,
        "metrics": scores["metrics"],
        "full_split": scores["full_split"],
        "diagnostics": scores["diagnostics"],
        "validation": model.meta["validation"],
        "coverage": {"training": model.meta["coverage"], "test": scores["coverage"]},
        "configuration": model.config.to_dict(),
        "encoder": model.encoder.parameters,
        "command": provenance.command(),
        "git": provenance.git_state(),
        "versions": provenance.versions(),
        "seed": model.config.training.seed,
        "device": training["device"],
        "parameters": sum(p.numel() for p in model.network.parameters()),
        "training": training,
        "wall_seconds": round(wall_seconds + training["wall_seconds"], 1),
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }


def write_record(path: Path, record: dict[str, Any]) -> None:
    """Write a record as JSON, atomically.

    Args:
        path: the file; missing folders are made.
        record: from `run_record`.

    Raises:
        InputError: the file cannot be written there.
    """
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
