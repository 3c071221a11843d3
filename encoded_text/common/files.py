"""Atomic writing of files: a reader sees the old file or the complete new one; and a check before the work."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import os
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from encoded_text.common.errors import InputError
from encoded_text.common.text import as_utf8

_UMASK = os.umask(0o077)  # it can only be asked by setting it
os.umask(_UMASK)
_ABANDONED = 3600  # seconds without a write after which a half-written file belongs to no living process


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Write a file atomically: yield a temporary path in the same folder, then sync it and rename it to `path`.

    If the block raises, the temporary file is removed and an existing `path` stays as it was. Missing folders are
    made, and a symbolic link is followed. What a killed process left of an earlier attempt is cleared away.

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
    _require_ordinary(path)
    make_folder(path.parent)
    start, end = f".{path.name[:40]}.", f".part{path.suffix}"  # a whole long name with more around it is too long
    name = ""
    try:
        handle, name = tempfile.mkstemp(prefix=start, suffix=end, dir=path.parent)
        os.close(handle)
        clear_abandoned(path.parent, start, end)
        temporary = Path(name)
        yield temporary
        with open(temporary, "r+b") as written:
            os.fsync(written.fileno())
        os.chmod(temporary, stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~_UMASK)
        os.replace(temporary, path)
        _sync_folder(path.parent)
    except OSError as error:
        if not name and isinstance(error, PermissionError):
            raise InputError(f"{path.parent}: no permission to write there: choose another folder") from error
        # Libraries report a full disk without a file name, or with that of the temporary file.
        if not name or error.filename is None or str(error.filename) == name:
            error.filename, error.filename2 = str(path), None
        raise
    finally:
        if name:
            Path(name).unlink(missing_ok=True)


def write_atomic(path: str | os.PathLike[str], content: str | bytes) -> None:
    """Write a file atomically, see `replacing`.

    Args:
        path: the file to write.
        content: of the file; text becomes UTF-8, and what UTF-8 cannot hold, as of a file's name, an escape sequence.

    Raises:
        InputError, OSError: as `replacing`.
    """
    with replacing(path) as temporary:
        temporary.write_bytes(as_utf8(content).encode() if isinstance(content, str) else content)


def check_output(path: str | os.PathLike[str], inputs: Iterable[str | os.PathLike[str]] = ()) -> None:
    """Check before the work that its result can be written, and that it would not replace what was read.

    Args:
        path: the file to be written.
        inputs: files that the command reads.

    Raises:
        InputError: `path` is one of the inputs, a folder or a device, or its folder cannot be made or written to.
    """
    real = Path(os.path.realpath(path))
    _require_ordinary(real)
    if real.exists():
        found = os.stat(real)
        for read in inputs:
            with contextlib.suppress(OSError):  # an input that is missing is somebody else's error
                if os.path.samestat(found, os.stat(read)):
                    raise InputError(f"{path}: this command reads it: choose another file to write to")
    folder = real.parent
    while not os.path.lexists(folder):
        folder = folder.parent
    if not folder.is_dir():
        raise InputError(f"{real.parent} cannot be a folder: {folder} is a file")
    try:  # what os.access says does not hold everywhere: on Windows, in /proc
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(f"{folder}: cannot be written to ({error.strerror}): choose another folder") from error


def sha256(path: str | os.PathLike[str]) -> str:
    """The SHA-256 of a file, as hexadecimal digits. Raises OSError as open."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def require_suffix(path: str | os.PathLike[str], suffix: str, what: str) -> None:
    """Check that the name of a file to be written says what it will hold.

    Args:
        path: the file.
        suffix: how its name has to end, e.g. ".json".
        what: it will hold, for the message.

    Raises:
        InputError: the name ends otherwise.
    """
    if Path(path).suffix.lower() != suffix:
        raise InputError(f"{path}: {what} is written there: name a file that ends in {suffix}")


def check_utf8(path: str | os.PathLike[str]) -> None:
    """Check that a path can be opened by the safetensors library.

    Args:
        path: a file.

    Raises:
        InputError: the path is not UTF-8.
    """
    try:
        os.fspath(path).encode()
    except UnicodeEncodeError:
        raise InputError(f"{path}: a path that is not UTF-8, which safetensors cannot open: rename it") from None


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


def clear_abandoned(folder: Path, start: str, end: str) -> None:
    """Delete what killed processes left half-written more than an hour ago: files that begin and end so."""
    for left_over in folder.glob(f"{glob.escape(start)}*{glob.escape(end)}"):
        with contextlib.suppress(OSError):  # another process may clear the same file
            if time.time() - left_over.stat().st_mtime > _ABANDONED:
                left_over.unlink()


def _require_ordinary(path: Path) -> None:
    if path.exists() and not path.is_file():
        raise InputError(f"{path} is no ordinary file: choose another place to write to")


def _sync_folder(folder: Path) -> None:
    """Make the rename survive a power failure, where a folder can be opened (not on Windows)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
