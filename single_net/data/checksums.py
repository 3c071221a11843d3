"""SHA-256 of image files, remembered by size and times so that unchanged files are not read again."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from encoded_text.common.files import replacing
from encoded_text.common.progress import progress
from single_net.common.parallel import _in_order
from single_net.data.dataset import CaptionDataset

_SUMS_NOTED_EVERY = 10_000  # files


_RACY = 2_000_000_000  # ns; the coarsest clock of a file system still in use (FAT)


def _sums(dataset: CaptionDataset, folder: Path, hashing: bool) -> list[str | None] | None:
    """SHA-256 of every picture's file or pixels; None for a file that cannot be read, read_image will say why."""
    sources = list(dataset.images)
    names = [None if isinstance(source, np.ndarray) else os.path.abspath(source) for source in sources]
    listed = hashlib.sha256(json.dumps(names).encode()).hexdigest()[:24]
    memory = folder / f"{dataset.name}-{dataset.split}-{listed}.sums.json"
    remembered = _read_sums(memory, len(sources))
    sums: list[str | None] = [None] * len(sources)
    unknown = []
    for i, (source, name) in enumerate(zip(sources, names, strict=True)):
        if name is None:
            about = f"{source.dtype.str} {source.shape} ".encode()
            sums[i] = hashlib.sha256(about + np.ascontiguousarray(source).tobytes()).hexdigest()
        elif state := _state(name):
            if remembered[i] and remembered[i][:3] == state:
                sums[i] = remembered[i][3]
            else:
                unknown.append(i)
    if unknown and not hashing:
        return None
    new = 0
    try:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            found = _in_order(pool, lambda i: _hash_file(names[i]), unknown)
            what = f"checksums of {dataset.name} {dataset.split}"
            for number, i in enumerate(progress(unknown, what=what, unit=" files"), 1):
                sums[i], remembered[i] = next(found)
                new += remembered[i] is not None
                if new and number % _SUMS_NOTED_EVERY == 0:
                    _write_sums(memory, remembered)
    finally:
        if new:
            _write_sums(memory, remembered)
    return sums


def _state(file: str | int) -> list[int] | None:
    """What of a file changes with its contents, and cannot be set back by its owner (the time of change)."""
    try:
        found = os.stat(file)
    except (OSError, ValueError):  # a name that holds half a character, or a zero byte
        return None
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns] if stat.S_ISREG(found.st_mode) else None


def _hash_file(name: str) -> tuple[str | None, list | None]:
    """(SHA-256 or None, [size, times, SHA-256] to be remembered, or None)."""
    now = time.time_ns()
    try:
        with open(name, "rb") as file:
            state = _state(file.fileno())
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None, None
    # One that was written just now may be written again without its times becoming others.
    return digest, [*state, digest] if state and now - state[2] > _RACY else None


def _read_sums(path: Path, files: int) -> list[list | None]:
    try:
        found = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return [None] * files
    good = isinstance(found, list) and len(found) == files
    return [_checked(entry) for entry in found] if good else [None] * files


def _checked(entry: object) -> list | None:
    whole = isinstance(entry, list) and len(entry) == 4 and isinstance(entry[3], str) and len(entry[3]) == 64
    return entry if whole else None


def _write_sums(path: Path, remembered: list[list | None]) -> None:
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(remembered, separators=(",", ":")))
