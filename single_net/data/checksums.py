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

from encoded_text.common.files import replacing
from encoded_text.common.progress import progress
from single_net.common.parallel import map_in_order
from single_net.data.dataset import CaptionDataset

_SAVE_EVERY = 10_000  # files
_CLOCK_TICK = 2_000_000_000  # ns, of the coarsest clock of a file system still in use (FAT)


def image_checksums(dataset: CaptionDataset, folder: Path) -> list[str | None]:
    """The checksums of all images. Files that are new or have changed are read.

    Args:
        dataset: its images are files or uint8 arrays.
        folder: the checksums are remembered there.

    Returns:
        SHA-256 of each file, or of each array's pixels; None for a file that cannot be read.
    """
    known = _recall(dataset, folder)
    new = 0
    try:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
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
    sha256: str


@dataclass
class _Known:
    path: Path  # where it is remembered
    files: list[_Remembered | None]  # one per image
    checksums: list[str | None]  # one per image
    unread: dict[int, str]  # files by number of the image


def _recall(dataset: CaptionDataset, folder: Path) -> _Known:
    sources = list(dataset.images)
    names = [None if isinstance(source, np.ndarray) else os.path.abspath(source) for source in sources]
    listed = hashlib.sha256(json.dumps(names).encode()).hexdigest()[:24]
    path = folder / f"{dataset.name}-{dataset.split}-{listed}.sums.json"
    known = _Known(path, _read(path, len(sources)), [None] * len(sources), {})
    for i, source in enumerate(sources):
        if isinstance(source, np.ndarray):
            form = f"{source.dtype.str} {source.shape} ".encode()
            known.checksums[i] = hashlib.sha256(form + np.ascontiguousarray(source).tobytes()).hexdigest()
            continue
        name = os.path.abspath(source)
        state, file = _state(name), known.files[i]
        if state is None:
            continue
        if file is not None and file[:3] == state:
            known.checksums[i] = file.sha256
        else:
            known.unread[i] = name
    return known


def _state(file: str | int) -> tuple[int, int, int] | None:
    """Size and times of a file. Its owner can set back the time of modification, but not that of change."""
    try:
        found = os.stat(file)
    except (OSError, ValueError):  # ValueError: a name with a zero byte or an unpaired surrogate
        return None
    return (found.st_size, found.st_mtime_ns, found.st_ctime_ns) if stat.S_ISREG(found.st_mode) else None


def _hash_file(name: str) -> tuple[str | None, _Remembered | None]:
    """SHA-256 of a file, and what may be remembered of it."""
    now = time.time_ns()
    try:
        with open(name, "rb") as file:
            state = _state(file.fileno())
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None, None
    # A file written within this tick of the clock could change again without a change of its times.
    return digest, _Remembered(*state, digest) if state and now - state[2] > _CLOCK_TICK else None


def _read(path: Path, num_files: int) -> list[_Remembered | None]:
    try:
        found = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return [None] * num_files
    good = isinstance(found, list) and len(found) == num_files
    return [_checked(entry) for entry in found] if good else [None] * num_files


def _checked(entry: object) -> _Remembered | None:
    whole = isinstance(entry, list) and len(entry) == 4 and isinstance(entry[3], str) and len(entry[3]) == 64
    return _Remembered(*entry) if isinstance(entry, list) and whole else None


def _save(known: _Known) -> None:
    with replacing(known.path) as temporary:
        temporary.write_text(json.dumps(known.files, separators=(",", ":")))
