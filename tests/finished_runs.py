"""A run that training has finished: an untrained one with what training writes into its model file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from single_net.inference.model import Model

TRAINING: dict[str, Any] = {"device": "a machine of yesterday", "wall_seconds": 10.0, "steps": 3}


def finished_model(run: Path) -> Model:
    """The model of an untrained run with the meta of a finished one."""
    model = Model.load(run)
    model.meta |= {"training": dict(TRAINING), "training_data": {"name": "table"}, "coverage": {"words": 9}}
    model.meta["validation"] = None
    return model
