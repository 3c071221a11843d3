"""The cache of decoded images: one array per split and size, found by the contents of the image files."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from encoded_text.common.errors import InputError
from encoded_text.common.files import make_folder
from single_net.data.cached_array import build_array, open_array
from single_net.data.checksums import image_checksums, remembered_checksums
from single_net.data.dataset import CaptionDataset
from single_net.data.heif import SUFFIXES as HEIF_SUFFIXES
from single_net.data.heif import reads_heif
from single_net.data.image import read_image
from single_net.data.notice import notice
from single_net.data.readers.problems import Problems

_FORMAT = "2 bicubic"  # to be changed whenever read_image gives other pixels or the files have another form


def prepare_images(
    dataset: CaptionDataset, size: int, *, cache: str | os.PathLike[str] | None = None, skip_bad: bool = False
) -> tuple[CaptionDataset, np.ndarray]:
    """Decode and resize all images of a split once, into an array that later calls find again.

    The array is found by the SHA-256 of the image files, wherever they are; of arrays, by their pixels; of drawn
    and packed images, by the ids and the attribute `version` of the sequence. A file is read again for its checksum
    only if its size or one of its times has changed. An interrupted call is resumed by the next one. Of several
    processes that need the same split, one works and the others wait.

    Args:
        dataset: one split.
        size: side of the images in pixels.
        cache: folder of the arrays. None: the environment variable SINGLE_NET_CACHE, or ~/.cache/single-net.
        skip_bad: leave out images that cannot be read, tell how many, and count them in `skipped`, instead of raising.

    Returns:
        The data set, without what was left out, and its images: uint8 (images, size, size, 3), memory-mapped and
        read-only.

    Raises:
        InputError: images cannot be read (the first is named), none is left, one changed meanwhile, or the folder has
            no write permission or no file locks.
        OSError: the disk is full.
    """
    if not len(dataset):
        raise InputError(f"{dataset.name} {dataset.split}: there are no images to prepare")
    if dataset.packing and size > dataset.packing.size:
        raise InputError(
            f"{dataset.name} {dataset.split} was packed at {dataset.packing.size} px, too few for {size} px: pack it "
            f"with --size {size}, or lower network.image_size"
        )
    folder = cache_folder(cache)
    contents = _version(dataset) or remembered_checksums(dataset, folder)
    path = None if contents is None else _path(dataset, size, folder, contents)
    found = None if path is None else open_array(path, len(dataset), size)
    if path is None or found is None:
        with _locked(dataset, folder):
            path = _path(dataset, size, folder, _contents(dataset, folder))
            found = open_array(path, len(dataset), size) or _build(path, dataset, size)
    images, unreadable = found
    if not unreadable:
        return dataset, images
    if not skip_bad:
        _report(dataset, size, unreadable)
        path.unlink(missing_ok=True)  # they can be read now: the files were not at fault
        return prepare_images(dataset, size, cache=cache)
    kept = sorted(set(range(len(dataset))).difference(unreadable))
    first = f"the first: {dataset.ids[unreadable[0]]} (without --skip-bad it is said why)"
    notice(f"{dataset.name} {dataset.split}: left out (unreadable image: {len(unreadable)}), {first}")
    skipped = dataset.skipped | {"unreadable image": len(unreadable)}
    return replace(dataset.select(kept), skipped=skipped), images


def image_contents(dataset: CaptionDataset, *, cache: str | os.PathLike[str] | None = None) -> dict[str, str | None]:
    """What tells whether an image is still the same, by its id: as in `prepare_images`, whose memory is used.

    Args:
        dataset: one split, as it was given to `prepare_images`.
        cache: folder of the arrays, as in `prepare_images`.

    Returns:
        SHA-256 of its file, or of an array's pixels; the version of drawn images; None for a file that cannot be read.
    """
    version = getattr(dataset.images, "version", None)
    if version is not None:
        return dict.fromkeys(dataset.ids, str(version))
    return dict(zip(dataset.ids, image_checksums(dataset, cache_folder(cache)), strict=True))


def cache_folder(cache: str | os.PathLike[str] | None = None) -> Path:
    """The folder of what is computed once: the given one, or SINGLE_NET_CACHE, or ~/.cache/single-net."""
    return Path(os.path.expanduser(cache or os.environ.get("SINGLE_NET_CACHE") or "~/.cache/single-net"))


def _version(dataset: CaptionDataset) -> list[str | None] | None:
    """What drawn or packed images are made from, or None if the images are files or arrays."""
    version = getattr(dataset.images, "version", None)
    return None if version is None else [str(version), *dataset.ids]


def _contents(dataset: CaptionDataset, folder: Path) -> list[str | None]:
    return _version(dataset) or image_checksums(dataset, folder)


def _path(dataset: CaptionDataset, size: int, folder: Path, contents: list[str | None]) -> Path:
    form = _FORMAT
    files = () if _version(dataset) else dataset.images
    if any(isinstance(file, Path) and file.suffix.lower() in HEIF_SUFFIXES for file in files) and reads_heif():
        form += " heif"  # else they would stay unreadable after pillow-heif was installed
    key = hashlib.sha256(json.dumps([form, size, contents]).encode()).hexdigest()
    return folder / f"{dataset.name}-{dataset.split}-{size}-{key[:24]}.npy"


def _build(path: Path, dataset: CaptionDataset, size: int) -> tuple[np.ndarray, list[int]]:
    def unchanged() -> bool:
        return _path(dataset, size, path.parent, _contents(dataset, path.parent)) == path

    build_array(path, dataset, size, unchanged)
    built = open_array(path, len(dataset), size)
    if built is None:
        raise RuntimeError(f"{path}: just written, and cannot be read")
    return built


def _report(dataset: CaptionDataset, size: int, unreadable: list[int]) -> None:
    """Raise InputError for those of the unreadable images that still are."""
    problems = Problems(f"{dataset.name} {dataset.split}", skip_bad=False)
    for i in unreadable:
        try:
            read_image(dataset.images[i], size)
        except InputError as error:
            problems.add("unreadable image", str(error))
    problems.settle()


@contextlib.contextmanager
def _locked(dataset: CaptionDataset, folder: Path) -> Iterator[None]:
    """Hold the lock of the split, which ends with the process, however that ends."""
    make_folder(folder)
    split = f"{dataset.name}-{dataset.split}"
    # No fallback to the mere existence of a file, which would outlive a killed process.
    lock = FileLock(folder / f".{split}.lock", fallback_to_soft=False)
    try:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            print(f"waiting for another process that prepares the images of {split}", file=sys.stderr)
            lock.acquire()
    except PermissionError as error:
        raise InputError(f"{folder}: no permission to write there: set SINGLE_NET_CACHE to another folder") from error
    except OSError as error:
        if error.filename is not None:  # of opening the file, e.g. a read-only file system; flock names no file
            raise
        raise InputError(f"{folder}: no file locks there: set SINGLE_NET_CACHE to another folder") from error
    try:
        for left_over in folder.glob(f".{glob.escape(split)}-*.part.json"):  # half-written by killed processes
            left_over.unlink()
        yield
    finally:
        lock.release()
