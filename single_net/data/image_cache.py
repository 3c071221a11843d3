"""Images, decoded and resized once into a memory-mapped uint8 array keyed by the contents of their files."""

from __future__ import annotations

import contextlib
import fcntl
import glob
import hashlib
import json
import os
import sys
import warnings
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np

from encoded_text.common.errors import InputError
from encoded_text.common.files import make_folder, replacing
from encoded_text.common.progress import progress
from single_net.common.parallel import _in_order
from single_net.data.checksums import _sums
from single_net.data.dataset import CaptionDataset
from single_net.data.image import read_image
from single_net.data.readers.common import Problems

_FORMAT = "2 bicubic"  # to be changed whenever images.read_image gives other pixels, or a cache file looks different


_NOTED_EVERY = 500  # pictures between two notes of how far the array is


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


def _path(dataset: CaptionDataset, size: int, folder: Path, *, hashing: bool) -> Path | None:
    """Where the array belongs, or None where files would have to be read first to know it (never with `hashing`)."""
    version = getattr(dataset.images, "version", None)
    made_from = _sums(dataset, folder, hashing) if version is None else [str(version), *dataset.ids]
    if made_from is None:
        return None
    key = hashlib.sha256(json.dumps([_FORMAT, size, made_from]).encode()).hexdigest()
    return folder / f"{dataset.name}-{dataset.split}-{size}-{key[:24]}.npy"


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
