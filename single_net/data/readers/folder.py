"""A folder of one's own pictures, without captions: something to search in."""

from __future__ import annotations

from pathlib import Path

from encoded_text.common.errors import InputError
from single_net.data.dataset import CaptionDataset

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff")


def load_folder(folder: Path) -> CaptionDataset:
    """All pictures below `folder`, by their file names' endings (SUFFIXES), in the order of their paths; ids are the
    paths inside the folder, every list of captions is empty. Hidden files and folders are passed over.

    Raises InputError where there is no such folder or no picture in it.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder of pictures")
    inside = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    names = [path for path in inside if not any(part.startswith(".") for part in path.parts)]
    names = [name for name in names if (folder / name).is_file()]
    if not names:
        raise InputError(f"{folder}: no pictures in it (files that end in {', '.join(SUFFIXES)})")
    return CaptionDataset(
        "folder", "own", [name.as_posix() for name in names], [folder / name for name in names], [[] for _ in names]
    )
