"""The images of a folder, without captions: a collection to search in."""

from __future__ import annotations

from pathlib import Path

from encoded_text.common.errors import InputError
from single_net.data.dataset import CaptionDataset

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff")


def load_folder(folder: Path) -> CaptionDataset:
    """All images below a folder, recognized by their SUFFIXES, sorted by path. Hidden files and folders are left out.

    Args:
        folder: searched at any depth.

    Returns:
        A data set of the split "own". Its ids are the paths inside the folder; every list of captions is empty.

    Raises:
        InputError: there is no such folder, or no image in it.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder of images")
    inside = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    names = [path for path in inside if not any(part.startswith(".") for part in path.parts)]
    names = [name for name in names if (folder / name).is_file()]
    if not names:
        raise InputError(f"{folder}: no images in it (files that end in {', '.join(SUFFIXES)})")
    return CaptionDataset(
        "folder",
        "own",
        ids=[name.as_posix() for name in names],
        images=[folder / name for name in names],
        captions=[[] for _ in names],
    )
