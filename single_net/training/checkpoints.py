"""The checkpoint files of a run: numbered by step, the newest two kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import torch
from pydantic import BaseModel, NonNegativeFloat, NonNegativeInt, ValidationError

from encoded_text.common.errors import InputError
from single_net.common import distributed, tensor_file
from single_net.inference.run_files import checkpoint_file, checkpoint_files

KEPT = 2  # the older one is for the day the newer cannot be read


class Checkpoint(NamedTuple):
    """A checkpoint as read from disk."""

    path: Path
    tensors: dict[str, torch.Tensor]
    meta: dict[str, Any]


class _Training(BaseModel):
    steps: NonNegativeInt
    samples: NonNegativeInt
    seconds: NonNegativeFloat
    wall_seconds: NonNegativeFloat
    earlier: list[dict[str, Any]] = []


class _Score(BaseModel):
    step: NonNegativeInt
    rsum: float


class _Data(BaseModel):
    sha256: dict[str, str]


class _Meta(BaseModel):
    """What a resume reads of a checkpoint's meta; there is more."""

    config: dict[str, Any]
    training: _Training
    history: list[_Score]
    training_data: _Data
    validation_data: _Data | None = None


def remove(run: Path) -> None:
    """Delete the checkpoints of a finished run, damaged ones too."""
    for path in (*checkpoint_files(run), *run.glob("checkpoint-*.damaged")):
        path.unlink()


def save_checkpoint(run: Path, step: int, tensors: dict[str, torch.Tensor], meta: dict[str, Any]) -> None:
    """Write the checkpoint of a step; the newest KEPT files stay."""
    tensor_file.save(checkpoint_file(run, step), "checkpoint", tensors, meta)
    for old in checkpoint_files(run)[:-KEPT]:
        old.unlink()


def checkpoint_of(run: Path, resume: bool) -> Checkpoint | None:
    """The checkpoint that a training goes on from.

    Args:
        run: the folder of a run that is not finished.
        resume: whether it is to go on.

    Returns:
        None to start from the beginning.

    Raises:
        InputError: there is an interrupted run and it is not to go on, or none of its checkpoints can be read.
    """
    if not checkpoint_files(run):
        if resume:
            distributed.tell(f"{run} holds no checkpoint yet: starting from the beginning")
        return None
    if not resume:
        raise InputError(f"{run} holds an interrupted run: go on with --resume, or delete that folder first")
    checkpoint = load_checkpoint(run)
    if distributed.rank() == 0:
        set_aside_newer(run, checkpoint)
    return checkpoint


def load_checkpoint(run: Path) -> Checkpoint:
    """The newest readable checkpoint of a run's folder; a damaged one is named on stderr and passed over.

    Raises:
        InputError: none can be read.
    """
    found = checkpoint_files(run)
    if not found:
        raise InputError(f"{run} holds no checkpoint to go on from")
    for path in reversed(found[1:]):
        try:
            return _load(path)
        except InputError as error:
            distributed.tell(f"{error}; trying the one before")
    return _load(found[0])


def _load(path: Path) -> Checkpoint:
    tensors, meta = tensor_file.load(path, "checkpoint")
    try:
        _Meta.model_validate(meta, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(map(str, first["loc"]))
        raise InputError(f"{path}: not a checkpoint as training writes it: {key}: {first['msg']}") from None
    return Checkpoint(path, tensors, meta)


def other_tensors(checkpoint: Checkpoint, first: str) -> InputError:
    """What to raise for a checkpoint whose tensors do not fit; `first` says which is the first of them."""
    return InputError(
        f"{checkpoint.path}: its tensors are not those of this configuration ({first}): train into another --output"
    )


def set_aside_newer(run: Path, loaded: Checkpoint) -> None:
    """Rename damaged files that are newer than the loaded one: they must not count as one of those kept."""
    found = checkpoint_files(run)
    for damaged in found[found.index(loaded.path) + 1 :]:
        damaged.rename(damaged.with_suffix(".damaged"))
