"""The images of an index: loaded to be indexed, found by name to be shown."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from encoded_text.common.errors import InputError
from encoded_text.common.text import as_utf8
from single_net.common.paths import absolute_path
from single_net.data.checksums import file_checksum
from single_net.data.dataset import CaptionDataset
from single_net.data.load import load_dataset, root_variable
from single_net.data_options import Chosen
from single_net.search.indexes import Item, Source

_AGAIN = 10.0  # seconds until a data set is loaded once more
_ESCAPED = re.compile(rb"\\x([89a-f][0-9a-f])")  # of bytes that are not UTF-8; never of "." or "/"


def folder_source(folder: str | os.PathLike[str]) -> Source:
    """The images of a folder."""
    return Source("folder", absolute_path(folder))


def dataset_source(chosen: Chosen) -> Source:
    """A split of a data set that options name."""
    root = chosen.root or os.environ.get(root_variable(chosen.name), "")
    images = absolute_path(chosen.image_folder) if chosen.image_folder else ""
    return Source(chosen.name, absolute_path(root) if root else "", chosen.split, images, chosen.columns or None)


def load_source(source: Source, *, skip_bad: bool = False) -> CaptionDataset:
    """The data set that a source names. Raises InputError as `load_dataset`."""
    return load_dataset(
        source.name,
        source.root or None,
        source.split,
        skip_bad=skip_bad,
        image_folder=source.image_folder or None,
        columns=source.columns,
    )


class SourceImages:
    """The images of a source by name. A data set is loaded when the first image is asked for.

    Args:
        source: of an index.
        data: its data set, where it is already loaded.
    """

    def __init__(self, source: Source, data: CaptionDataset | None = None) -> None:
        self._source, self._data = source, data
        self._numbers = _numbered(data) if data else {}
        self._tried: float | None = None
        self._error = ""

    def __getitem__(self, name: str) -> Path | np.ndarray:
        """An image.

        Raises:
            InputError: the source has no such image any more.
        """
        if self._source.name == "folder":
            return path_inside(Path(self._source.root), name)
        data = self._loaded()
        if name not in self._numbers:
            data = self._loaded(again=True)  # it may have come since
        if name not in self._numbers:
            raise InputError(f"{self._source}: no image {name} any more")
        return data.images[self._numbers[name]]

    def as_indexed(self, item: Item) -> Path | np.ndarray:
        """The image of an item, if it is still what was indexed.

        Raises:
            InputError: there is none any more, or another one is in its place.
        """
        image = self[item.name]
        self.check_indexed(item, image)
        return image

    def check_indexed(self, item: Item, image: Path | np.ndarray) -> None:
        """Raise InputError if what has the name of an item now is not what was indexed."""
        if isinstance(image, Path):
            content = file_checksum(image)
        else:
            data = self._loaded()
            content = drawn_content(data, data.ids[self._numbers[item.name]])
        if content != item.content:
            raise InputError(f"{item.name}: another image, which nobody has indexed")

    def files(self, names: Iterable[str]) -> list[Path]:
        """The files of images; none for images that are drawn or packed, and for those that are there no more."""
        if self._source.name == "folder":
            return [path_inside(Path(self._source.root), name) for name in names]
        try:
            data = self._loaded()
        except InputError:  # it is not here at present
            return []
        if not len(data) or not isinstance(data.images[0], Path):
            return []
        found = [data.images[self._numbers[name]] for name in names if name in self._numbers]
        return [image for image in found if isinstance(image, Path)]

    def _loaded(self, again: bool = False) -> CaptionDataset:
        """The data set, loaded by the first call; again: by this one, unless it was tried a moment ago."""
        now = time.monotonic()
        if (again or self._data is None) and (self._tried is None or now - self._tried > _AGAIN):
            self._tried = now
            try:
                self._data = load_source(self._source, skip_bad=True)
                self._numbers = _numbered(self._data)
            except InputError as error:
                self._error = str(error)
        if self._data is None:
            raise InputError(self._error)
        return self._data


def _numbered(data: CaptionDataset) -> dict[str, int]:
    return {as_utf8(id): number for number, id in enumerate(data.ids)}  # as their items are named


def drawn_content(data: CaptionDataset, id: str) -> str | None:
    """What tells a drawn or packed image from others: SHA-256 of how it is made; None if images are files."""
    version = data.images_version
    return None if version is None else hashlib.sha256(f"{version} {id}".encode(errors="surrogatepass")).hexdigest()


def path_inside(root: Path, name: str) -> Path:
    """The file of a folder's image.

    Args:
        root: the folder.
        name: path inside it, with \\xNN for bytes that are not UTF-8 (see `readers.folder`).

    Raises:
        InputError: the name leads out of the folder.
    """
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or "\0" in name:
        raise InputError(f"{root}: {name!r} is no name of an image in it")
    path = root / name
    if "\\x" in name and not os.path.lexists(path):
        raw = _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), os.fsencode(name))
        path = root / os.fsdecode(raw)
    return path
