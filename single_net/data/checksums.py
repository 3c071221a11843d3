"""SHA-256 of a data set's images, remembered by size and times of the files so that each is read only once."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from encoded_text.common.errors import InputError
from encoded_text.common.files import write_atomic
from encoded_text.common.progress import progress
from single_net.common.notice import notice
from single_net.common.parallel import map_in_order, usable_cores
from single_net.data.cache import mark_used
from single_net.data.dataset import CaptionDataset

_SAVE_EVERY = 10_000  # files
_CLOCK_TICK = 2_000_000_000  # ns, of the coarsest clock of a file system still in use (FAT)


def image_checksums(dataset: CaptionDataset, folder: Path) -> list[str | None]:
    """The checksums of all images. Files that are new or have changed are read.

    Args:
        dataset: its images are files or uint8 arrays.
        folder: the checksums are remembered there, if it can be written.

    Returns:
        SHA-256 of each file, or of each array's pixels; None for a file that cannot be read.
    """
    known = _recall(dataset, folder)
    new = 0
    try:
        with ThreadPoolExecutor(usable_cores()) as pool:
            found = map_in_order(pool, _hash_file, known.unread.values())
            what = f"checksums of {dataset.name} {dataset.split}"
            for number, i in enumerate(progress(known.unread, what=what, unit=" files"), 1):
                known.checksums[i], known.files[i] = next(found)
                new += known.files[i] is not None
                if new and number % _SAVE_EVERY == 0:
                    _save(known)
    finally:
        if new:
            _save(known)
    return known.checksums


def remembered_checksums(dataset: CaptionDataset, folder: Path) -> list[str | None] | None:
    """As `image_checksums`, but None if a file would have to be read for it."""
    known = _recall(dataset, folder)
    return None if known.unread else known.checksums


class _Remembered(NamedTuple):
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    sha256: str


@dataclass
class _Known:
    path: Path  # where it is remembered
    names: list[str | None]  # one per image, None for an array
    files: list[_Remembered | None]  # one per image
    checksums: list[str | None]  # one per image
    unread: dict[int, str]  # files by number of the image
    writable: bool = True  # False after the first attempt that failed


def _recall(dataset: CaptionDataset, folder: Path) -> _Known:
    sources = list(dataset.images)
    names = [None if isinstance(source, np.ndarray) else os.path.abspath(source) for source in sources]
    path = folder / f"{dataset.name}-{dataset.split}-{_place(names)}.sums.json"
    remembered = _read(path)
    mark_used(path)
    known = _Known(path, names, [None if name is None else remembered.get(name) for name in names], [], {})
    for i, (source, name) in enumerate(zip(sources, names, strict=True)):
        known.checksums.append(None)
        if isinstance(source, np.ndarray):
            form = f"{source.dtype.str} {source.shape} ".encode()
            known.checksums[i] = hashlib.sha256(form + np.ascontiguousarray(source).tobytes()).hexdigest()
        elif name is not None and (state := file_state(name)) is not None:
            file = known.files[i]
            if file is not None and file[:4] == state:
                known.checksums[i] = file.sha256
            else:
                known.unread[i] = name
    return known


def _place(names: list[str | None]) -> str:
    """What the memory of these files is called: it stays the same as files come and go in their folder."""
    folders = {os.path.dirname(name) for name in names if name is not None}
    try:
        place = os.path.commonpath(folders) if folders else ""
    except ValueError:  # on different drives
        place = "\n".join(sorted(folders))
    return hashlib.sha256(place.encode(errors="surrogatepass")).hexdigest()[:24]


def file_state(file: str | int | os.PathLike[str]) -> tuple[int, int, int, int] | None:
    """Size, times and inode of an ordinary file: with the same state it has the same contents.

    Its owner can set back the time of modification, but not that of change; a file that took another's name has another
    inode.

    Args:
        file: its path or descriptor.

    Returns:
        None if there is no such file.
    """
    try:
        found = os.stat(file)
    except (OSError, ValueError):  # ValueError: a name with a zero byte or an unpaired surrogate
        return None
    ordinary = stat.S_ISREG(found.st_mode)
    return (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino) if ordinary else None


def file_checksum(file: Path) -> str | None:
    """SHA-256 of a file; None if it cannot be read."""
    return _hash_file(str(file))[0]


def _hash_file(name: str) -> tuple[str | None, _Remembered | None]:
    """SHA-256 of a file, and what may be remembered of it."""
    now = time.time_ns()
    if file_state(name) is None:  # opening a pipe would wait for ever
        return None, None
    try:
        with open(name, "rb") as file:
            state = file_state(file.fileno())
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None, None
    # A file written within this tick of the clock could change again without a change of its times.
    return digest, _Remembered(*state, digest) if state and now - state[2] > _CLOCK_TICK else None


def _read(path: Path) -> dict[str, _Remembered]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: entry for name, value in found.items() if (entry := _checked(value)) is not None}


def _checked(entry: object) -> _Remembered | None:
    whole = isinstance(entry, list) and len(entry) == 5 and isinstance(entry[4], str) and len(entry[4]) == 64
    return _Remembered(*entry) if isinstance(entry, list) and whole else None


def _save(known: _Known) -> None:
    if not known.writable:
        return
    files = {name: file for name, file in zip(known.names, known.files, strict=True) if name and file}
    try:
        write_atomic(known.path, json.dumps(files, separators=(",", ":")))
    except (InputError, OSError) as error:  # a cache that can only be read, or a full disk
        known.writable = False
        notice(f"{known.path} is not kept: {error}")
