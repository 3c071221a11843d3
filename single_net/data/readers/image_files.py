"""Finding the image files of a data set, wherever its archives were unpacked."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path, PurePosixPath

from single_net.data.readers.entries import Entry

# Folders in the published archives, looked for in the root and in its folder "images".
IMAGE_FOLDERS = (
    "Images",
    "images",
    "Flicker8k_Dataset",  # sic
    "Flickr8k_Dataset",
    "Flickr8k_Dataset/Flicker8k_Dataset",
    "flickr30k-images",
    "flickr30k_images",
    "flickr30k_images/flickr30k_images",
    "train2017",
    "val2017",
    "train2014",
    "val2014",
)

# The same COCO image is called COCO_val2014_000000000042.jpg in 2014 and 000000000042.jpg in 2017.
_COCO_2014 = re.compile(r"COCO_(?:train|val)2014_(\d{12}\.jpg)")


class ImageFiles:
    """The image files below a folder. Each folder is listed only once.

    A name without a folder is looked for in the root first and then in IMAGE_FOLDERS; with a folder, only in that
    folder, because a file of the same name elsewhere may be another image. COCO's names are unique: they are looked for
    everywhere. A file whose name is spelled with other code points for the same letters (Unicode NFC, NFD) is found
    where there is none of exactly that name.

    Args:
        root: folder of the data set.
    """

    def __init__(self, root: Path):
        self._root = root
        self._names: dict[Path, frozenset[str]] = {}
        self._composed: dict[Path, dict[str, str]] = {}
        folders = [base / name for base in (root, root / "images") for name in IMAGE_FOLDERS]
        self._folders = [root, *filter(Path.is_dir, folders)]

    def find(self, entry: Entry) -> Path | None:
        """The path of an entry's image, or None if it is missing or its name leads out of the root."""
        if entry.path is not None:
            return self._file(entry.path.parent, entry.path.name)
        wanted = PurePosixPath(entry.file)
        if wanted.is_absolute() or ".." in wanted.parts:
            return None
        coco = _COCO_2014.fullmatch(wanted.name)
        folders = [] if len(wanted.parts) > 1 and not coco else self._folders
        bases = (self._root, self._root / "images") if len(wanted.parts) > 1 else ()
        named = [self._folder(base, wanted.parent) for base in bases]
        for name in (wanted.name, coco[1]) if coco else (wanted.name,):
            for folder in (*named, *folders):
                if found := self._file(folder, name):
                    return found
        return None

    def expected(self, entry: Entry) -> Path:
        """The path at which the image of an entry would be found."""
        wanted = PurePosixPath(entry.file)
        usual = self._folders[1] if len(self._folders) > 1 else self._root
        return entry.path or (self._root / wanted if len(wanted.parts) > 1 else usual / wanted)

    def _folder(self, base: Path, inside: PurePosixPath) -> Path:
        """A folder below `base`, by the spelling that its name has on the disk."""
        if str(inside).isascii():
            return base / inside
        for part in inside.parts:
            base = self._file(base, part) or base / part
        return base

    def _file(self, folder: Path, name: str) -> Path | None:
        """The path of a name in a folder, by the spelling that it has on the disk."""
        if folder not in self._names:
            try:  # ValueError: a zero byte in its name
                self._names[folder] = frozenset(os.listdir(folder))
            except (OSError, ValueError):
                self._names[folder] = frozenset()
        if name in self._names[folder]:
            return folder / name
        if name.isascii():
            return None
        if folder not in self._composed:
            self._composed[folder] = {unicodedata.normalize("NFC", own): own for own in sorted(self._names[folder])}
        same = self._composed[folder].get(unicodedata.normalize("NFC", name))
        return folder / same if same else None
