"""Locks between processes of one machine, each of which ends with its process, however that ends."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from encoded_text.common.errors import InputError
from encoded_text.common.files import make_folder


@contextlib.contextmanager
def locked(path: Path, waiting_for: str, mend: str) -> Iterator[None]:
    """Hold a lock while the block runs. Where another process holds it, say so and wait.

    Args:
        path: the lock's file, which stays behind.
        waiting_for: what the other process does, as in "waiting for another process that ...".
        mend: what to do where the folder can hold no lock, the end of the error message.

    Raises:
        InputError: the folder has no write permission, or no file locks.
    """
    try:
        lock = _acquired(path, mend)
    except Timeout:
        print(f"waiting for another process that {waiting_for}", file=sys.stderr)
        lock = _acquired(path, mend, timeout=-1)
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def locked_or_refused(path: Path, refusal: str, mend: str) -> Iterator[None]:
    """Hold a lock while the block runs. Where another process holds it, do not wait.

    Args:
        path: the lock's file, which stays behind.
        refusal: the error message where another process holds the lock.
        mend: as in `locked`.

    Raises:
        InputError: another process holds the lock; otherwise as in `locked`.
    """
    try:
        lock = _acquired(path, mend)
    except Timeout:
        raise InputError(refusal) from None
    try:
        yield
    finally:
        lock.release()


def is_locked(path: Path) -> bool:
    """Whether a process of this machine holds a lock. Where files cannot be locked it is not known: False."""
    if not path.is_file():
        return False
    try:
        with FileLock(path, timeout=0, fallback_to_soft=False):
            return False
    except Timeout:
        return True
    except OSError:  # no permission, or no locks there
        return False


def _acquired(path: Path, mend: str, timeout: float = 0) -> FileLock:
    """A lock that is held; raises Timeout where another process holds it for longer than `timeout` seconds."""
    make_folder(path.parent)
    # No fallback to the mere existence of a file, which would outlive a killed process.
    lock = FileLock(path, timeout=timeout, fallback_to_soft=False)
    try:
        path.touch()  # where no file can be made, as in /proc, filelock tries for ever
        lock.acquire()
    except Timeout:
        raise
    except PermissionError as error:
        raise InputError(f"{path.parent}: no permission to write there: {mend}") from error
    except OSError as error:
        if error.filename is not None:  # of making the file, e.g. a read-only file system; flock names no file
            raise
        raise InputError(f"{path.parent}: no file locks there: {mend}") from error
    return lock
