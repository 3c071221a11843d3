"""What to say of a run that has no model yet, and of a file that is a checkpoint; takes no torch."""

from __future__ import annotations

from pathlib import Path

from encoded_text.common.errors import InputError
from single_net.common.lock import is_locked
from single_net.inference.identity import MODEL, read_header


def require_model(file: Path) -> None:
    """Check that a model is there. Whether it is damaged is left to who reads it.

    Args:
        file: of a model, from `identity.model_file`.

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
    run = file.parent
    begun = [run / "log.csv", run / "encoder.safetensors", *run.glob("checkpoint-*.safetensors")]
    if file.name != MODEL or not any(path.is_file() for path in begun):
        return f"{file}: no such model: train one first (python -m single_net.train CONFIG)"
    if is_locked(run / ".lock"):  # see training.run_folder.hold_folder
        return f"{run} is being trained: wait for its end{_best(run)}"
    return f"{run}: its training was interrupted: {_continue(run)}"


def _continue(run: Path) -> str:
    return f"continue it with --resume{_best(run)}"


def _best(run: Path) -> str:
    best = run / "best.safetensors"
    return f", or name the best model so far, {best}" if best.is_file() else ""
