"""Pictures, decoded and resized once into a memory-mapped uint8 array that is keyed by what it was made from.

As in the paper (section 4.2) a picture becomes a square whatever its shape was. The filter is Pillow's bicubic, which
averages over all pixels it shrinks. JPEG files much larger than the square are decoded at a half, a quarter or an
eighth of their size, never below twice the square's (the margin of Pillow's own thumbnails).
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

from encoded_text.errors import InputError
from encoded_text.files import replacing
from encoded_text.progress import progress
from single_net.datasets.dataset import CaptionDataset
from single_net.datasets.reading import Problems

MAX_PIXELS = 100_000_000  # 300 MB once decoded
_GAP = 2.0  # how much larger than the square a picture stays when it is shrunk coarsely
_FORMAT = 1  # to be raised whenever read_image gives other pixels, or a cache file looks different

# EXIF orientation (tag 0x0112) -> what sets the picture upright.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def read_image(source: Path | np.ndarray, size: int) -> np.ndarray:
    """A picture file, or a uint8 array (height, width, 3), as uint8 RGB (size, size, 3).

    Stands upright by its EXIF orientation; transparent parts become white; grey, palette, CMYK and 16-bit pictures
    become 8-bit RGB; of an animation the first frame is taken.

    Raises:
        InputError: the file is missing, no picture, incomplete, or has more than MAX_PIXELS pixels.
    """
    if isinstance(source, np.ndarray):
        if source.dtype != np.uint8 or source.ndim != 3 or source.shape[2] != 3 or not source.size:
            raise InputError(f"a picture is a uint8 array (height, width, 3), not {source.dtype} {source.shape}")
        return _square(Image.fromarray(source), size)
    try:
        with Image.open(source) as image:
            if image.width * image.height > MAX_PIXELS:
                raise InputError(f"{source}: {image.width} x {image.height} pixels are more than {MAX_PIXELS:,}")
            image.draft("RGB", (round(size * _GAP), round(size * _GAP)))
            square = _square(_as_rgb(image), size, upright=_UPRIGHT.get(_orientation(image)))
    except InputError:
        raise
    except OSError as error:
        reason = error.strerror or " ".join(str(error).replace(f" {str(source)!r}", "").split())
        raise InputError(f"{source}: not a readable picture ({reason})") from error
    except Exception as error:  # what a decoder raises when it is fed a broken file can be almost anything
        raise InputError(f"{source}: not a readable picture ({type(error).__name__}: {error})") from error
    return square


def _orientation(image: Image.Image) -> int:
    try:
        return image.getexif().get(0x0112, 1)
    except (OSError, SyntaxError, ValueError, struct.error):
        return 1  # broken EXIF says nothing about which way is up


def _as_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits a pixel, in 16 or in 32
        values = np.asarray(image)
        if values.min() < 0 or values.max() > 0xFFFF:
            raise ValueError("pixels of more than 16 bits")
        return Image.fromarray((values >> 8).astype(np.uint8)).convert("RGB")
    if image.mode == "F":
        raise ValueError("pixels are floating-point numbers of unknown range")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image.convert("RGB")


def _square(image: Image.Image, size: int, upright: Image.Transpose | None = None) -> np.ndarray:
    square = image.resize((size, size), Image.Resampling.BICUBIC, reducing_gap=_GAP)
    return np.array(square if upright is None else square.transpose(upright))


def prepare_images(
    dataset: CaptionDataset, size: int, *, cache: str | os.PathLike | None = None, skip_bad: bool = False
) -> tuple[CaptionDataset, np.ndarray]:
    """All pictures of `dataset` as one read-only, memory-mapped uint8 array (pictures, size, size, 3).

    The array is kept in the folder `cache` (by default $SINGLE_NET_CACHE, or ~/.cache/single-net) and used again as
    long as names, sizes and times of the files are the same (for arrays: their pixels; for drawn pictures: `version`
    of the sequence, where it has one). With `skip_bad` pictures that cannot be read are left out of both the array
    and the returned data set, and counted in its `skipped`.

    Raises:
        InputError: pictures that cannot be read: the first by name, and how many.
    """
    if not len(dataset):
        raise InputError(f"{dataset.name} {dataset.split}: there are no pictures to prepare")
    folder = Path(os.path.expanduser(cache or os.environ.get("SINGLE_NET_CACHE") or "~/.cache/single-net"))
    path = folder / f"{dataset.name}-{dataset.split}-{size}-{_key(dataset, size)[:24]}.npy"
    indices_path = path.with_suffix(".kept.json")
    kept = _read_indices(indices_path, len(dataset)) if skip_bad else list(range(len(dataset)))
    pictures = _open(path, len(kept), size)
    if pictures is None:
        problems = Problems(f"{dataset.name} {dataset.split}", skip_bad)
        kept = _build(path, dataset, size, problems)
        indices_path.unlink(missing_ok=True)
        if len(kept) < len(dataset):
            with replacing(indices_path) as temporary:
                temporary.write_text(json.dumps(kept))
        pictures = _open(path, len(kept), size)
        if pictures is None:
            raise RuntimeError(f"{path}: just written, and cannot be read")
    if len(kept) == len(dataset):
        return dataset, pictures
    unreadable = {"unreadable picture": len(dataset) - len(kept)}
    return replace(dataset.select(kept), skipped=dataset.skipped | unreadable), pictures


def _key(dataset: CaptionDataset, size: int) -> str:
    version = getattr(dataset.images, "version", None)
    made_from = [_identity(image) for image in dataset.images] if version is None else str(version)
    about = [_FORMAT, dataset.name, dataset.split, list(dataset.ids), size, made_from]
    return hashlib.sha256(json.dumps(about).encode()).hexdigest()


def _identity(source: Path | np.ndarray) -> list:
    """What tells this picture from any other: the file's path, size and time, or a checksum of the pixels."""
    if isinstance(source, np.ndarray):
        return [source.dtype.str, source.shape, hashlib.sha256(np.ascontiguousarray(source)).hexdigest()]
    path = Path(source).absolute()
    try:
        found = path.stat()
    except OSError:
        return [str(path), None]  # read_image will say what is wrong with it
    return [str(path), found.st_size, found.st_mtime_ns]


def _open(path: Path, pictures: int, size: int) -> np.ndarray | None:
    """The cached array, or None where there is none or not a whole one."""
    if not path.is_file():
        return None
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError):  # no .npy file, or a shortened one
        return None
    whole = array.shape == (pictures, size, size, 3) and array.dtype == np.uint8
    return array if whole and path.stat().st_size == array.offset + array.nbytes else None


def _read_indices(path: Path, pictures: int) -> list[int]:
    """The pictures that could be read last time: all, where nothing else is written down."""
    try:
        kept = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return list(range(pictures))
    good = isinstance(kept, list) and all(isinstance(i, int) and 0 <= i < pictures for i in kept)
    return kept if good else list(range(pictures))


def _build(path: Path, dataset: CaptionDataset, size: int, problems: Problems) -> list[int]:
    """Write the array of all pictures that can be read, and return which they are."""

    def attempt(i: int) -> np.ndarray | InputError:
        try:
            return read_image(dataset.images[i], size)
        except InputError as error:
            return error

    kept = []
    # Written as a stream, not through a memory map: there a full disk would kill the process without a word.
    with (
        replacing(path) as temporary,
        open(temporary, "wb") as file,
        ThreadPoolExecutor(os.cpu_count()) as pool,
        warnings.catch_warnings(),
    ):
        # Pillow warns of large pictures (MAX_PIXELS is the limit here) and of broken EXIF, in the middle of the bar.
        warnings.filterwarnings("ignore", module=r"PIL\.")
        start = _write_header(file, len(dataset), size)
        indices = progress(range(len(dataset)), what=f"pictures of {dataset.name} {dataset.split}", unit=" pictures")
        for i, picture in zip(indices, _in_order(pool, attempt, len(dataset)), strict=True):
            if isinstance(picture, InputError):
                problems.add("unreadable picture", str(picture))
            else:
                file.write(picture)
                kept.append(i)
        problems.settle()
        if not kept:
            raise InputError(f"{dataset.name} {dataset.split}: none of the {len(dataset)} pictures can be read")
        file.seek(0)
        if _write_header(file, len(kept), size) != start:
            raise RuntimeError("the header of an .npy file changed its length")
    return kept


def _write_header(file: BinaryIO, pictures: int, size: int) -> int:
    """NumPy leaves room for the first axis to grow: the header has the same length for any number of pictures."""
    header = {"descr": "|u1", "fortran_order": False, "shape": (pictures, size, size, 3)}
    np.lib.format.write_array_header_1_0(file, header)
    return file.tell()


def _in_order(pool: Executor, work: Callable[[int], object], count: int, ahead: int = 64) -> Iterator:
    """work(0), work(1), ... computed by the pool, never more than `ahead` results in memory."""
    waiting: deque = deque()
    for i in range(count):
        waiting.append(pool.submit(work, i))
        if len(waiting) > ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
