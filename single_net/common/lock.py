"""A lock between processes of one machine, which ends with its process, however that ends."""

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
    make_folder(path.parent)
    # No fallback to the mere existence of a file, which would outlive a killed process.
    lock = FileLock(path, fallback_to_soft=False)
    try:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            print(f"waiting for another process that {waiting_for}", file=sys.stderr)
            lock.acquire()
    except PermissionError as error:
        raise InputError(f"{path.parent}: no permission to write there: {mend}") from error
    except OSError as error:
        if error.filename is not None:  # of opening the file, e.g. a read-only file system; flock names no file
            raise
        raise InputError(f"{path.parent}: no file locks there: {mend}") from error
    try:
        yield
    finally:
        lock.release()
