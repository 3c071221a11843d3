"""The cache: its folder, names for what it holds, and deleting what is no longer used."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import time
from pathlib import Path

MEND = "set SINGLE_NET_CACHE to another folder"  # what to do where the cache cannot be written
ARRAYS = 2  # of one data set, split and size; more are left of a folder whose images come and go
IDLE = 24 * 3600  # seconds; unrelated data sets may have one name, as all tables have
UNUSED = 30 * IDLE
_GONE = ".gone"  # ending of folders that are being deleted
# Names that this project makes; the folder may hold other files, too.
_MADE_AGAIN = re.compile(r".*-[0-9a-f]{24}(\.npy|\.part|\.sums\.json|\.blocks)|embedded-[0-9a-f]{24}\.safetensors")


def cache_folder(cache: str | os.PathLike[str] | None = None) -> Path:
    """The folder of everything that can be made again: the given one, SINGLE_NET_CACHE, or ~/.cache/single-net."""
    return Path(os.path.expanduser(cache or os.environ.get("SINGLE_NET_CACHE") or "~/.cache/single-net"))


def cache_key(*parts: object) -> str:
    """A name that stands for all that something in the cache depends on: JSON-able values."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]


def mark_used(path: Path) -> None:
    """Note that a file of the cache is in use now."""
    with contextlib.suppress(OSError):  # a cache that can only be read
        os.utime(path)


def prune(built: Path, family: str) -> None:
    """Delete what is no longer needed beside a new array. A process that has mapped a deleted array keeps it.

    Of a family those arrays are deleted that have not been used for a day, except the two used last; of all others what
    has not been used for a month.

    Args:
        built: the new array.
        family: beginning of the names of all arrays of this data set, split and size.
    """
    mark_used(built)
    made = [path for path in built.parent.iterdir() if _MADE_AGAIN.fullmatch(path.name)]
    arrays = [path for path in made if path.name.startswith(family) and path.suffix == ".npy"]
    same = sorted(arrays, key=_used, reverse=True)
    idle = [path for path in same[ARRAYS:] if time.time() - _used(path) > IDLE]
    old = [path for path in made if time.time() - _used(path) > UNUSED]
    for path in {*idle, *old} - {built}:
        if path.suffix == ".blocks":  # of a drawing that nobody went on with
            shutil.rmtree(path, ignore_errors=True)
            continue
        for part in (path, *map(path.with_suffix, (".unreadable.json", ".part.json", ".items.json"))):
            with contextlib.suppress(OSError):  # another process was first, or Windows has it mapped
                part.unlink()


def prune_folders(parent: Path) -> None:
    """Delete the folders that nobody has used for a month. A folder is in use if one of its files was marked so."""
    for folder in parent.glob("*/"):
        with contextlib.suppress(OSError):  # another process was first
            if time.time() - max(map(_used, (folder, *folder.iterdir()))) > UNUSED:
                folder.rename(folder.with_name(folder.name + _GONE))  # all of it at once
    for gone in parent.glob(f"*{_GONE}"):
        shutil.rmtree(gone, ignore_errors=True)


def _used(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # deleted meanwhile
        return time.time()
