"""The cache of a third modality: its items drawn once, in parallel, as one array that later calls find again.

Items are drawn in blocks, each a file of its own, so that an interrupted call is resumed by the next one.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from encoded_text.common.files import make_folder, replacing, write_atomic
from encoded_text.common.progress import progress
from single_net.common.lock import locked
from single_net.common.parallel import map_in_order, usable_cores
from single_net.data.cache import MEND, cache_folder, cache_key, mark_used, prune

BLOCK = 256  # items; at most as many for each core are drawn again after an interruption

# The gray image of an item, uint8 (size, size), and whether all of the item is in it; None if there is none.
Drawing = tuple[np.ndarray, bool] | None


class ThirdArray(NamedTuple):
    """Items that were drawn.

    Attributes:
        images: uint8 (items, size, size), memory-mapped and read-only; black if there is none.
        missing: numbers of the items that have no image, ascending.
        cut: numbers of the items that are longer than their image, ascending.
        sha256: of the images.
    """

    images: np.ndarray
    missing: list[int]
    cut: list[int]
    sha256: str


def third_array(
    family: str,
    key: Sequence[Any],
    size: int,
    count: int,
    drawing: Callable[[], AbstractContextManager[Callable[[int], Drawing]]],
) -> ThirdArray:
    """Draw items, or find them drawn.

    Args:
        family: what they are, e.g. "speech-scenes-train-96": the beginning of file names, and shown on the way.
        key: JSON-able, everything that the images depend on.
        size: side of the images in px.
        count: number of items.
        drawing: opens what draws an item by its number, called from several threads; only where some are missing.

    Raises:
        InputError: the cache folder has no write permission or no file locks; and what `drawing` raises.
        OSError: the disk is full.
    """
    folder = cache_folder()
    path = folder / f"{family}-{cache_key(*key)}.npy"
    found = _open(path, size, count)
    if found is None:
        with locked(folder / f".{family}.lock", f"draws {family}", MEND):
            found = _open(path, size, count)
            if found is None:
                _draw(path, family, size, count, drawing)
                found = _open(path, size, count)
                prune(path, f"{family}-")
        if found is None:
            raise RuntimeError(f"{path}: just written, and cannot be read")
    mark_used(path)
    return found


def _open(path: Path, size: int, count: int) -> ThirdArray | None:
    """What is complete at `path`, or None."""
    try:
        about = json.loads(path.with_suffix(".items.json").read_bytes())
        images = np.load(path, mmap_mode="r", allow_pickle=False)
        if images.shape != (count, size, size) or images.dtype != np.uint8:
            return None
        return ThirdArray(images, about["missing"], about["cut"], about["sha256"])
    except (OSError, ValueError, EOFError, KeyError, TypeError):
        return None


def _draw(
    path: Path,
    family: str,
    size: int,
    count: int,
    drawing: Callable[[], AbstractContextManager[Callable[[int], Drawing]]],
) -> None:
    blocks = path.with_suffix(".blocks")
    make_folder(blocks)
    starts = range(0, count, BLOCK)
    left = [start for start in starts if not _is_complete(_block(blocks, start), _length(start, count), size)]
    done_before = count - sum(_length(start, count) for start in left)
    bar = progress(what=f"drawing {family}", total=count, unit="item", done=done_before)
    with bar, drawing() as draw, ThreadPoolExecutor(usable_cores()) as pool:

        def work(start: int) -> int:
            images = np.zeros((_length(start, count), size, size), np.uint8)
            states = np.zeros(len(images), np.uint8)  # 0 no image, 1 cut off, 2 complete
            for i in range(len(images)):
                if (drawn := draw(start + i)) is not None:
                    images[i], complete = drawn
                    states[i] = 1 + complete
            with replacing(_block(blocks, start)) as temporary, temporary.open("wb") as file:
                np.savez(file, images=images, states=states)
            return len(images)

        try:
            for done in map_in_order(pool, work, left):
                bar.update(done)
        except BaseException:
            pool.shutdown(cancel_futures=True)  # else Ctrl-C would wait for all blocks that were submitted
            raise
    _join(path, [_block(blocks, start) for start in starts], (count, size, size))
    shutil.rmtree(blocks)


def _join(path: Path, blocks: list[Path], shape: tuple[int, int, int]) -> None:
    """One array of all blocks. Written as a stream: of a memory map a full disk would kill the process."""
    digest = hashlib.sha256()
    states = []
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})
        for block in blocks:
            with np.load(block, allow_pickle=False) as read:
                states.append(read["states"])
                pixels = read["images"].tobytes()
            digest.update(pixels)
            file.write(pixels)
    state = np.concatenate(states)
    about = {"missing": np.flatnonzero(state == 0).tolist(), "cut": np.flatnonzero(state == 1).tolist()}
    write_atomic(path.with_suffix(".items.json"), json.dumps(about | {"sha256": digest.hexdigest()}))


def _is_complete(block: Path, length: int, size: int) -> bool:
    try:
        with np.load(block, allow_pickle=False) as read:
            return bool(read["images"].shape == (length, size, size) and read["states"].shape == (length,))
    except Exception:  # a damaged archive raises almost anything; the block is drawn again
        return False


def _block(blocks: Path, start: int) -> Path:
    return blocks / f"{start:08d}.npz"


def _length(start: int, count: int) -> int:
    return min(BLOCK, count - start)
