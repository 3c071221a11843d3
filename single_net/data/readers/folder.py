"""The images of a folder, without captions: a collection to search in."""

from __future__ import annotations

import os
import stat
from collections import Counter
from pathlib import Path

from encoded_text.common.errors import InputError
from single_net.common.notice import notice
from single_net.data import heif
from single_net.data.dataset import CaptionDataset
from single_net.data.readers.problems import listed

SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".avif", ".gif", ".bmp", ".tif", ".tiff", ".jp2"),
    *heif.SUFFIXES,
)


def load_folder(folder: Path) -> CaptionDataset:
    """All images below a folder, recognized by their SUFFIXES, sorted by path. A notice counts what is passed over.

    Passed over are hidden files and folders, files with other endings, what is no ordinary file, and HEIC images where
    pillow-heif is missing.

    Args:
        folder: searched at any depth; links to folders are not followed.

    Returns:
        A data set of the split "own". Its ids are the paths inside the folder, with \\xNN for bytes that are not UTF-8;
        every list of captions is empty.

    Raises:
        InputError: there is no such folder, or no image in it.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder of images")
    found, passed_over = _search(folder)
    others = f"passed over: {listed(dict(passed_over.most_common()))}" if passed_over else ""
    endings = ", ".join(SUFFIXES)
    if not found:
        raise InputError("; ".join(filter(None, [f"{folder}: no images in it (files that end in {endings})", others])))
    if others:
        notice(f"{folder}: {others}")
    return CaptionDataset(
        "folder",
        "own",
        ids=[as_unicode(name.as_posix()) for name in found],
        images=[folder / name for name in found],
        captions=[[] for _ in found],
    )


def as_unicode(name: str) -> str:
    """The name of a file as text that can be written: \\xNN stands for a byte that is not UTF-8."""
    return os.fsencode(name).decode(errors="backslashreplace")


def _search(folder: Path) -> tuple[list[Path], Counter[str]]:
    """The images below a folder, relative and sorted, and how many other files there are of each kind."""
    images: list[Path] = []
    others: Counter[str] = Counter()

    def unreadable(_: OSError) -> None:
        others["folder without permission to read"] += 1

    for inside, folders, files in os.walk(folder, onerror=unreadable):
        others["hidden"] += sum(name.startswith(".") for name in (*folders, *files))
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            path = Path(inside, name)
            if not name.startswith("."):
                kind = _not_read(path)
                if kind:
                    others[kind] += 1
                else:
                    images.append(path.relative_to(folder))
    return sorted(images), +others


def _not_read(path: Path) -> str | None:
    """Why a file is no image to be read; None if it is one."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        return as_unicode(suffix) or "no ending"
    try:
        ordinary = stat.S_ISREG(os.stat(path).st_mode)
    except PermissionError:  # of a folder on the way
        return "without permission to read"
    except OSError:
        ordinary = False
    if not ordinary:
        return "no ordinary file"
    if suffix in heif.SUFFIXES and not heif.reads_heif():
        return f"{suffix} (read after {heif.INSTALL})"
    return None
