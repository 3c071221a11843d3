"""The cache of decoded images: one array per split and size, found by the contents of the image files."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from encoded_text.common.errors import InputError
from encoded_text.common.files import clear_abandoned
from single_net.common.lock import locked
from single_net.common.notice import notice
from single_net.data.cache import MEND, cache_folder, cache_key, mark_used, prune
from single_net.data.cached_array import build_array, open_array
from single_net.data.checksums import image_checksums, remembered_checksums
from single_net.data.dataset import CaptionDataset
from single_net.data.image import read_image
from single_net.data.readers.problems import Problems

_FORMAT = "3 bicubic"  # to be changed whenever read_image gives other pixels or the files have another form


def prepare_images(
    dataset: CaptionDataset, size: int, *, cache: str | os.PathLike[str] | None = None, skip_bad: bool = False
) -> tuple[CaptionDataset, np.ndarray]:
    """Decode and resize all images of a split once, into an array that later calls find again.

    The array is found by the SHA-256 of the image files, wherever they are; of arrays, by their pixels; of drawn
    and packed images, by the ids and `CaptionDataset.images_version`. A file is read again for its checksum
    only if its size or one of its times has changed. An interrupted call is resumed by the next one. Of several
    processes that need the same split, one works and the others wait. Arrays of the same name, split and size are
    deleted when they have not been used for a day, except the two used last; all others after a month.

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
    path, images, unreadable = _find(dataset, size, folder)
    faults = _faults(dataset, size, unreadable)
    if len(faults) < len(unreadable):  # the files were not at fault, but memory, a reader that was missing, ...
        with _locked(dataset, folder):
            found = open_array(path, len(dataset), size)
            if found and found[1] == unreadable:  # no other process has built it anew
                path.unlink()
        path, images, unreadable = _find(dataset, size, folder)
        faults = _faults(dataset, size, unreadable)
    if not unreadable:
        return dataset, images
    if not skip_bad:
        problems = Problems(f"{dataset.name} {dataset.split}", skip_bad=False)
        for i in unreadable:
            problems.add(
                "unreadable image",
                faults.get(i, f"{dataset.ids[i]}: could be read now, but not while the cache was built"),
            )
        problems.settle()
    kept = sorted(set(range(len(dataset))).difference(unreadable))
    first = f"the first: {dataset.ids[unreadable[0]]} (run without --skip-bad to see why)"
    notice(f"{dataset.name} {dataset.split}: left out (unreadable image: {len(unreadable)}), {first}")
    skipped = dataset.skipped | {"unreadable image": len(unreadable)}
    return replace(dataset.select(kept), skipped=skipped), images


def _find(dataset: CaptionDataset, size: int, folder: Path) -> tuple[Path, np.ndarray, list[int]]:
    """The array of a split, built if there is none: its path, the images, and the indices of unreadable ones."""
    contents = _version(dataset) or remembered_checksums(dataset, folder)
    path = None if contents is None else _path(dataset, size, folder, contents)
    found = None if path is None else open_array(path, len(dataset), size)
    if path is None or found is None:
        with _locked(dataset, folder):
            path = _path(dataset, size, folder, _contents(dataset, folder))
            found = open_array(path, len(dataset), size) or _build(path, dataset, size)
    mark_used(path)
    return path, *found


def _faults(dataset: CaptionDataset, size: int, unreadable: list[int]) -> dict[int, str]:
    """What is wrong with those of the unreadable images that still are."""
    found = {}
    for i in unreadable:
        try:
            read_image(dataset.images[i], size)
        except InputError as error:
            found[i] = str(error)
    return found


def image_contents(dataset: CaptionDataset) -> dict[str, str | None]:
    """What tells whether an image is still the same, by its id: as in `prepare_images`, whose memory is used.

    Args:
        dataset: one split, as it was given to `prepare_images`.

    Returns:
        SHA-256 of its file, or of an array's pixels; the version of drawn images; None for a file that cannot be read.
    """
    if (version := dataset.images_version) is not None:
        return dict.fromkeys(dataset.ids, version)
    return dict(zip(dataset.ids, image_checksums(dataset, cache_folder()), strict=True))


def _version(dataset: CaptionDataset) -> list[str | None] | None:
    """What tells drawn or packed images apart, or None if the images are files or arrays."""
    version = dataset.images_version
    return None if version is None else [version, *dataset.ids]


def _contents(dataset: CaptionDataset, folder: Path) -> list[str | None]:
    return _version(dataset) or image_checksums(dataset, folder)


def _path(dataset: CaptionDataset, size: int, folder: Path, contents: list[str | None]) -> Path:
    return folder / f"{_family(dataset, size)}{cache_key(_FORMAT, size, contents)}.npy"


def _family(dataset: CaptionDataset, size: int) -> str:
    return f"{dataset.name}-{dataset.split}-{size}-"


def _build(path: Path, dataset: CaptionDataset, size: int) -> tuple[np.ndarray, list[int]]:
    def unchanged() -> bool:
        return _path(dataset, size, path.parent, _contents(dataset, path.parent)) == path

    build_array(path, dataset, size, unchanged)
    built = open_array(path, len(dataset), size)
    if built is None:
        raise RuntimeError(f"{path}: just written, and cannot be read")
    prune(path, _family(dataset, size))
    return built


@contextlib.contextmanager
def _locked(dataset: CaptionDataset, folder: Path) -> Iterator[None]:
    """Hold the lock of the split."""
    split = f"{dataset.name}-{dataset.split}"
    with locked(folder / f".{split}.lock", f"prepares the images of {split}", MEND):
        clear_abandoned(folder, f".{split}-", ".part.json")  # checksums are written there without the lock
        yield
