"""The checkpoints of a run: numbered by step, the newest two kept."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import torch

from encoded_text.common.errors import InputError
from single_net.common.tensor_file import load, save

KEPT = 2  # checkpoints of a run; the older one is for the day the newer cannot be read


def steps(run: Path) -> list[Path]:
    """The training checkpoints of a run's folder, oldest first."""
    return sorted(run.glob("checkpoint-*.safetensors"))


def save_step(run: Path, step: int, tensors: dict[str, torch.Tensor], meta: dict[str, Any]) -> None:
    """Write the checkpoint of a training step; the newest KEPT checkpoints stay."""
    save(run / f"checkpoint-{step:09d}.safetensors", "checkpoint", tensors, meta)
    for old in steps(run)[:-KEPT]:
        old.unlink()


def load_newest(run: Path) -> tuple[Path, dict[str, torch.Tensor], dict[str, Any]]:
    """The newest readable checkpoint of a run's folder; a damaged one is named on stderr and passed over.

    Raises InputError where there is none.
    """
    found = steps(run)
    if not found:
        raise InputError(f"{run} holds no checkpoint to go on from")
    for path in reversed(found[1:]):
        try:
            return path, *load(path, "checkpoint")
        except InputError as error:
            print(f"{error}; trying the one before", file=sys.stderr)
    return found[0], *load(found[0], "checkpoint")
