"""One array of decoded images as an .npy file: opened, or written image by image and resumed after an interruption.

Beside NAME.npy there may be NAME.unreadable.json, the indices of images that could not be read and are not in the
array. Until it is complete, the array is NAME.part, and NAME.part.json says how far it is.
"""

from __future__ import annotations

import json
import os
import warnings
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

import numpy as np

from encoded_text.common.errors import InputError
from encoded_text.common.files import write_atomic
from encoded_text.common.progress import progress
from single_net.common.parallel import map_in_order, usable_cores
from single_net.data.dataset import CaptionDataset
from single_net.data.image import read_image

_SYNC_EVERY = 500  # images; at most as many are decoded again after an interruption


def open_array(path: Path, num_images: int, size: int) -> tuple[np.ndarray, list[int]] | None:
    """Open the array at `path`.

    Args:
        path: the .npy file.
        num_images: of the data set, with the unreadable ones.
        size: side of the images in pixels.

    Returns:
        uint8 (readable images, size, size, 3), memory-mapped and read-only, and the indices of the unreadable images;
        None if there is no complete array.
    """
    if not path.is_file():
        return None
    unreadable = _read_indices(path.with_suffix(".unreadable.json"), num_images)
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
        whole = path.stat().st_size == array.offset + array.nbytes
    except (ValueError, EOFError, FileNotFoundError):  # no .npy file, a truncated one, or just pruned
        return None
    complete = array.shape == (num_images - len(unreadable), size, size, 3) and array.dtype == np.uint8
    return (array, unreadable) if whole and complete else None


def build_array(path: Path, dataset: CaptionDataset, size: int, unchanged: Callable[[], bool]) -> None:
    """Write the array of all images that can be read, resuming where an earlier process was interrupted.

    Args:
        path: the .npy file.
        dataset: its images are decoded, in threads.
        size: side of the images in pixels.
        unchanged: asked in the end whether the images are still those that `path` stands for.

    Raises:
        InputError: no image can be read, or the images changed meanwhile.
        OSError: writing failed. What was written is kept for the next call.
    """
    part, note = path.with_suffix(".part"), path.with_suffix(".part.json")
    try:
        part.touch()
        with open(part, "r+b") as file:
            unreadable = _write(file, note, dataset, size)
        if len(unreadable) == len(dataset):
            where = f"{dataset.name} {dataset.split}"
            raise InputError(f"{where}: none of the {len(dataset)} images can be read, {dataset.ids[0]} for one")
        if not unchanged():
            raise InputError(f"{dataset.name} {dataset.split}: images changed while they were prepared: start again")
        path.with_suffix(".unreadable.json").unlink(missing_ok=True)
        if unreadable:
            write_atomic(path.with_suffix(".unreadable.json"), json.dumps(unreadable))
        os.replace(part, path)
        note.unlink(missing_ok=True)
    except InputError:
        part.unlink()
        note.unlink(missing_ok=True)
        raise
    except OSError as error:
        error.filename = error.filename or str(part)  # a full disk is reported without a file name
        raise


def _write(file: BinaryIO, note: Path, dataset: CaptionDataset, size: int) -> list[int]:
    """Write the header and the missing rows, sync them, and return the indices of unreadable images."""

    def attempt(i: int) -> np.ndarray | None:
        try:
            return read_image(dataset.images[i], size)
        except InputError:
            return None  # prepare_images reports it

    # Written as a stream and not through a memory map, where a full disk would kill the process (SIGBUS).
    start = _write_header(file, len(dataset), size)
    done, unreadable, checksum = _resume(file, note, len(dataset), size * size * 3)
    file.seek(start + (done - len(unreadable)) * size * size * 3)
    file.truncate()
    remaining = range(done, len(dataset))
    what = f"images of {dataset.name} {dataset.split}"
    with (
        ThreadPoolExecutor(usable_cores()) as pool,
        progress(what=what, total=len(dataset), unit=" images", done=done) as bar,
        warnings.catch_warnings(),
    ):
        # Pillow's warnings of large images (read_image has its own limit) and broken EXIF would disturb the bar.
        warnings.filterwarnings("ignore", module=r"PIL\.")
        for i, image in zip(remaining, map_in_order(pool, attempt, remaining), strict=True):
            if image is None:
                unreadable.append(i)
            else:
                file.write(image.data)
                checksum = zlib.crc32(image.data, checksum)
            bar.update()
            if (i + 1) % _SYNC_EVERY == 0:
                file.flush()
                os.fsync(file.fileno())
                # After the sync: the note must not promise rows that can be lost.
                write_atomic(note, json.dumps({"done": i + 1, "unreadable": unreadable, "crc32": checksum}))
    file.seek(0)
    if _write_header(file, len(dataset) - len(unreadable), size) != start:
        raise RuntimeError("the header of an .npy file changed its length")
    file.flush()
    os.fsync(file.fileno())
    return unreadable


def _resume(file: BinaryIO, note: Path, num_images: int, row_bytes: int) -> tuple[int, list[int], int]:
    """How many images are done, which of them are unreadable, and the CRC-32 of the rows, which begin at `file`.

    Zeros if the rows are not those that were noted.
    """
    try:
        found = json.loads(note.read_bytes())
        done, unreadable, checksum = found["done"], found["unreadable"], found["crc32"]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return 0, [], 0
    if type(done) is not int or not 0 <= done <= num_images or not _are_indices(unreadable, done):
        return 0, [], 0
    actual = 0
    for _ in range(done - len(unreadable)):
        actual = zlib.crc32(file.read(row_bytes), actual)
    return (done, unreadable, checksum) if actual == checksum else (0, [], 0)


def _write_header(file: BinaryIO, num_images: int, size: int) -> int:
    """Write the .npy header and return its length, which does not depend on the number of images: NumPy pads it."""
    header = {"descr": "|u1", "fortran_order": False, "shape": (num_images, size, size, 3)}
    np.lib.format.write_array_header_1_0(file, header)
    return file.tell()


def _read_indices(path: Path, num_images: int) -> list[int]:
    """The indices in the file; empty if it is missing or damaged."""
    try:
        found = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return []
    return found if _are_indices(found, num_images) else []


def _are_indices(found: object, num_images: int) -> bool:
    """Whether it is a list of different indices of images, ascending."""
    if not isinstance(found, list) or not all(type(i) is int and 0 <= i < num_images for i in found):
        return False
    return found == sorted(set(found))
