"""The folder of a run, held by one training at a time."""

from __future__ import annotations

import contextlib
import fcntl
from pathlib import Path

from encoded_text.common.errors import InputError


def _make_own(run: Path, block: contextlib.ExitStack) -> None:
    """Keep other trainings out of the folder until `block` ends, and clear away what a killed one left half-written."""
    lock = block.enter_context((run / ".lock").open("ab"))
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InputError(f"another process is training into {run}: wait for it, or choose another --output") from None
    for half_written in run.glob(".*.part*"):
        half_written.unlink()
