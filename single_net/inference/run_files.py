"""The files of a run's folder by name, and what to say where its model is not there; takes no torch."""

from __future__ import annotations

import os
from pathlib import Path

from encoded_text.common.errors import InputError
from single_net.inference.identity import read_header

MODEL, ENCODER = "model.safetensors", "encoder.safetensors"
BEST = "best.safetensors"  # earlier weights that scored better on the validation set
LOG, CURVES = "log.csv", "curves.png"
LOCK = ".lock"  # held by the training


def checkpoint_file(run: Path, step: int) -> Path:
    """The checkpoint of a step."""
    return run / f"checkpoint-{step:09d}.safetensors"


def checkpoint_files(run: Path) -> list[Path]:
    """The checkpoints of a run, oldest first."""
    return sorted(run.glob("checkpoint-*.safetensors"))


def model_file(run: str | os.PathLike[str]) -> Path:
    """The model file of a run's folder; a file is itself. Raises InputError for what is no path."""
    if not isinstance(run, str | os.PathLike):
        what = "None" if run is None else type(run).__name__
        raise InputError(f"a model is named by its run's folder or its file, not {what}")
    path = Path(run)
    return path / MODEL if path.is_dir() or not path.suffix else path


def require_model(file: Path) -> None:
    """Check that a model is there. Whether it is damaged is left to who reads it.

    Args:
        file: of a model, from `model_file`.

    Raises:
        InputError: there is none, or it is a checkpoint; says how to come by one.
    """
    if not file.is_file():
        raise InputError(_missing(file))
    with file.open("rb") as opened:
        try:
            header, _ = read_header(opened)
            checkpoint = header["__metadata__"]["format"].startswith("single-net checkpoint")
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
            return
    if checkpoint:
        raise InputError(f"{file}: a checkpoint of an unfinished training: {_continue(file.parent)}")


def _missing(file: Path) -> str:
    from single_net.common.lock import is_locked  # filelock is slow to import

    run = file.parent
    begun = [run / LOG, run / ENCODER, *checkpoint_files(run)]
    if file.name != MODEL or not any(path.is_file() for path in begun):
        return f"{file}: no such model: train one first (python -m single_net.train CONFIG)"
    if is_locked(run / LOCK):
        return f"{run} is being trained: wait for its end{_best(run)}"
    return f"{run}: its training was interrupted: {_continue(run)}"


def _continue(run: Path) -> str:
    return f"continue it with --resume{_best(run)}"


def _best(run: Path) -> str:
    best = run / BEST
    return f", or name the best model so far, {best}" if best.is_file() else ""
