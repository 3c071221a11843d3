"""Pictures, decoded and resized once into a memory-mapped uint8 array that is keyed by what is in their files.

The folder of the cache holds, for every data set and split:

    NAME-SPLIT-SIZE-KEY.npy               the array
    NAME-SPLIT-SIZE-KEY.unreadable.json   the pictures that are not in it, where there are any
    NAME-SPLIT-SIZE-KEY.part, .part.json  an array half made, and how much of it is safely on the disk
    NAME-SPLIT-PATHS.sums.json            SHA-256 of the picture files, with the sizes and times the files had
    .NAME-SPLIT.lock                      locked by the process that makes one of these

All of it may be deleted at any time when no process is at work: it is made again.
"""

from __future__ import annotations

import contextlib
import fcntl
import glob
import hashlib
import json
import os
import stat
import sys
import time
import warnings
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np

from encoded_text.errors import InputError
from encoded_text.files import make_folder, replacing
from encoded_text.progress import progress
from single_net.datasets.dataset import CaptionDataset
from single_net.datasets.reading import Problems
from single_net.images import read_image

_FORMAT = "2 bicubic"  # to be changed whenever images.read_image gives other pixels, or a cache file looks different
_NOTED_EVERY = 500  # pictures between two notes of how far the array is
_SUMS_NOTED_EVERY = 10_000  # files
_RACY = 2_000_000_000  # ns; the coarsest clock of a file system still in use (FAT)


def prepare_images(
    dataset: CaptionDataset, size: int, *, cache: str | os.PathLike | None = None, skip_bad: bool = False
) -> tuple[CaptionDataset, np.ndarray]:
    """All pictures of `dataset` as one read-only, memory-mapped uint8 array (pictures, size, size, 3).

    Decoded (images.read_image) and resized once, in threads: drawn pictures too, since a pool of processes, its start
    included, was no faster on 2 cores.

    The array is kept in the folder `cache` (by default $SINGLE_NET_CACHE, or ~/.cache/single-net) and found again by
    the contents of the files, wherever they lie (of arrays: their pixels; of drawn pictures: the ids and the
    `version` of the sequence, where it has one). A file is read again for this only when its size or a time of it
    (modification, change) is not the remembered one. Whoever kills the process finds the work continued by the next
    call, behind the last row that was synced to the disk. Of processes that need the same split at the same time one
    works and the others wait.

    With `skip_bad` pictures that cannot be read are left out of both the array and the returned data set, and counted
    in its `skipped`.

    Raises:
        InputError: pictures that cannot be read: the first by name, and how many; none can be read; one changed
            meanwhile; the folder cannot be written to or has no file locks.
        OSError: the disk is full (`filename` is in the cache). The next call continues.
    """
    if not len(dataset):
        raise InputError(f"{dataset.name} {dataset.split}: there are no pictures to prepare")
    folder = Path(os.path.expanduser(cache or os.environ.get("SINGLE_NET_CACHE") or "~/.cache/single-net"))
    path = _path(dataset, size, folder, hashing=False)
    found = path and _open(path, len(dataset), size)
    if not found:
        with _alone(dataset, folder):
            path = _path(dataset, size, folder, hashing=True)
            found = _open(path, len(dataset), size)
            if not found:
                _build(path, dataset, size)
                found = _open(path, len(dataset), size)
    if not found:
        raise RuntimeError(f"{path}: just written, and cannot be read")
    pictures, unreadable = found
    if not unreadable:
        return dataset, pictures
    if not skip_bad:
        _complain(dataset, size, unreadable)
        path.unlink(missing_ok=True)  # they can be read now: it was not the files' fault
        return prepare_images(dataset, size, cache=cache)
    kept = sorted(set(range(len(dataset))).difference(unreadable))
    skipped = dataset.skipped | {"unreadable picture": len(unreadable)}
    return replace(dataset.select(kept), skipped=skipped), pictures


def _complain(dataset: CaptionDataset, size: int, unreadable: list[int]) -> None:
    """Raise InputError for those of the unreadable pictures that still are."""
    problems = Problems(f"{dataset.name} {dataset.split}", skip_bad=False)
    for i in unreadable:
        try:
            read_image(dataset.images[i], size)
        except InputError as error:
            problems.add("unreadable picture", str(error))
    problems.settle()


# What the pictures are known by


def _path(dataset: CaptionDataset, size: int, folder: Path, *, hashing: bool) -> Path | None:
    """Where the array belongs, or None where files would have to be read first to know it (never with `hashing`)."""
    version = getattr(dataset.images, "version", None)
    made_from = _sums(dataset, folder, hashing) if version is None else [str(version), *dataset.ids]
    if made_from is None:
        return None
    key = hashlib.sha256(json.dumps([_FORMAT, size, made_from]).encode()).hexdigest()
    return folder / f"{dataset.name}-{dataset.split}-{size}-{key[:24]}.npy"


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


# The array


def _open(path: Path, pictures: int, size: int) -> tuple[np.ndarray, list[int]] | None:
    """The cached array and which pictures are not in it, or None where there is none or not a whole one."""
    if not path.is_file():
        return None
    unreadable = _read_indices(path.with_suffix(".unreadable.json"), pictures)
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError):  # no .npy file, or a shortened one
        return None
    whole = array.shape == (pictures - len(unreadable), size, size, 3) and array.dtype == np.uint8
    return (array, unreadable) if whole and path.stat().st_size == array.offset + array.nbytes else None


def _read_indices(path: Path, pictures: int) -> list[int]:
    """The pictures that could not be read last time: none, where nothing sensible is written down."""
    try:
        found = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return []
    return found if _are_indices(found, pictures) else []


def _are_indices(found: object, pictures: int) -> bool:
    """Whether it is a list of different numbers of pictures, in ascending order."""
    if not isinstance(found, list) or not all(type(i) is int and 0 <= i < pictures for i in found):
        return False
    return found == sorted(set(found))


def _build(path: Path, dataset: CaptionDataset, size: int) -> None:
    """Write the array of all pictures that can be read, going on where an earlier process stopped."""
    part, note = path.with_suffix(".part"), path.with_suffix(".part.json")
    try:
        part.touch()
        with open(part, "r+b") as file:
            unreadable = _fill(file, note, dataset, size)
        if len(unreadable) == len(dataset):
            raise InputError(f"{dataset.name} {dataset.split}: none of the {len(dataset)} pictures can be read")
        if _path(dataset, size, path.parent, hashing=True) != path:
            raise InputError(f"{dataset.name} {dataset.split}: pictures changed while they were prepared: start again")
        path.with_suffix(".unreadable.json").unlink(missing_ok=True)
        if unreadable:
            with replacing(path.with_suffix(".unreadable.json")) as temporary:
                temporary.write_text(json.dumps(unreadable))
        os.replace(part, path)
        note.unlink(missing_ok=True)
    except InputError:
        part.unlink()
        note.unlink(missing_ok=True)
        raise
    except OSError as error:
        error.filename = error.filename or str(part)  # a full disk does not say which
        raise


def _fill(file: BinaryIO, note: Path, dataset: CaptionDataset, size: int) -> list[int]:
    """Write header and rows that are still missing, sync them, and return which pictures cannot be read."""

    def attempt(i: int) -> np.ndarray | None:
        try:
            return read_image(dataset.images[i], size)
        except InputError:
            return None  # prepare_images tells

    # Written as a stream, not through a memory map: there a full disk would kill the process without a word.
    start = _write_header(file, len(dataset), size)
    done, unreadable, checksum = _resumable(file, note, len(dataset), size * size * 3)
    file.seek(start + (done - len(unreadable)) * size * size * 3)
    file.truncate()
    left = range(done, len(dataset))
    what = f"pictures of {dataset.name} {dataset.split}"
    with (
        ThreadPoolExecutor(os.cpu_count()) as pool,
        progress(what=what, total=len(dataset), unit=" pictures", done=done) as bar,
        warnings.catch_warnings(),
    ):
        # Pillow warns of large pictures (MAX_PIXELS is the limit here) and of broken EXIF, in the middle of the bar.
        warnings.filterwarnings("ignore", module=r"PIL\.")
        for i, picture in zip(left, _in_order(pool, attempt, left), strict=True):
            if picture is None:
                unreadable.append(i)
            else:
                file.write(picture)
                checksum = zlib.crc32(picture, checksum)
            bar.update()
            if (i + 1) % _NOTED_EVERY == 0:
                file.flush()
                os.fsync(file.fileno())
                with replacing(note) as temporary:  # only now: the note must never promise rows that can be lost
                    temporary.write_text(json.dumps({"done": i + 1, "unreadable": unreadable, "crc32": checksum}))
    file.seek(0)
    if _write_header(file, len(dataset) - len(unreadable), size) != start:
        raise RuntimeError("the header of an .npy file changed its length")
    file.flush()
    os.fsync(file.fileno())
    return unreadable


def _resumable(file: BinaryIO, note: Path, pictures: int, row: int) -> tuple[int, list[int], int]:
    """(pictures done, which of them cannot be read, CRC-32 of the rows), zeros unless the rows are those noted.

    `file` stands at the first row.
    """
    try:
        found = json.loads(note.read_bytes())
        done, unreadable, checksum = found["done"], found["unreadable"], found["crc32"]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return 0, [], 0
    if type(done) is not int or not 0 <= done <= pictures or not _are_indices(unreadable, done):
        return 0, [], 0
    seen = 0
    for _ in range(done - len(unreadable)):
        seen = zlib.crc32(file.read(row), seen)
    return (done, unreadable, checksum) if seen == checksum else (0, [], 0)


def _write_header(file: BinaryIO, pictures: int, size: int) -> int:
    """NumPy leaves room for the first axis to grow: the header has the same length for any number of pictures."""
    header = {"descr": "|u1", "fortran_order": False, "shape": (pictures, size, size, 3)}
    np.lib.format.write_array_header_1_0(file, header)
    return file.tell()


# Several at once


def _in_order(pool: Executor, work: Callable[[int], object], items: Iterable[int]) -> Iterator:
    """work(item) for every item, computed by the pool; never more than a few results for each core in memory."""
    ahead = 8 * (os.cpu_count() or 1)
    waiting: deque = deque()
    for item in items:
        waiting.append(pool.submit(work, item))
        if len(waiting) > ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


@contextlib.contextmanager
def _alone(dataset: CaptionDataset, folder: Path) -> Iterator[None]:
    """Hold the lock of the split; it ends with the process, however that ends.

    The file stays: a process that waits for it must not hold another one than the next that comes.
    """
    make_folder(folder)
    split = f"{dataset.name}-{dataset.split}"
    try:
        lock = open(folder / f".{split}.lock", "ab")  # noqa: SIM115
    except PermissionError as error:
        raise InputError(f"{folder}: no permission to write there: set SINGLE_NET_CACHE to another folder") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"waiting for another process that prepares the pictures of {split}", file=sys.stderr)
            fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError as error:
            raise InputError(f"{folder}: no file locks there: set SINGLE_NET_CACHE to another folder") from error
        for dead in folder.glob(f".{glob.escape(split)}-*.part.json"):  # temporary notes of killed processes
            dead.unlink()
        yield
