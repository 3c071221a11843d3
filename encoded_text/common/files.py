"""Atomic writing of files: a reader sees the old file or the complete new one."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from encoded_text.common.errors import InputError


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Write a file atomically: yield a temporary path in the same folder, then sync it and rename it to `path`.

    If the block raises, the temporary file is removed and an existing `path` stays as it was. Missing folders are
    made, and a symbolic link is followed.

    Args:
        path: the file to write.

    Yields:
        The temporary path, with the suffix of `path`; the block writes to it.

    Raises:
        InputError: `path` is a folder or a device, a file stands where its folder should be, or the folder cannot be
            written to.
        OSError: writing failed; `filename` is `path`, also where a library left it out.
    """
    path = Path(os.path.realpath(path))
    if path.exists() and not path.is_file():
        raise InputError(f"{path} is no ordinary file: choose another place to write to")
    make_folder(path.parent)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=f".part{path.suffix}", dir=path.parent)
    except PermissionError as error:
        raise InputError(f"{path.parent}: no permission to write there: choose another folder") from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with open(temporary, "r+b") as written:
            os.fsync(written.fileno())
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, path)
        _sync_folder(path.parent)
    except OSError as error:
        # Libraries report a full disk without a file name, or with that of the temporary file.
        if error.filename is None or str(error.filename) == name:
            error.filename = str(path)
        raise
    finally:
        temporary.unlink(missing_ok=True)


def make_folder(folder: str | os.PathLike[str]) -> None:
    """Make a folder and its parents where they do not exist.

    Args:
        folder: the folder to make.

    Raises:
        InputError: a file stands where the folder or one of its parents should be.
    """
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise InputError(f"{folder} cannot be a folder: {error.filename} is a file") from error


def _sync_folder(folder: Path) -> None:
    """Make the rename survive a power failure."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
