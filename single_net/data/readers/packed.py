"""Packed data sets: one ZIP file with the images, captions and ids of all splits, as `single_net.data.pack` writes it.

It holds::

    dataset.json                     FORMAT, name, how images are stored; per split ids, captions, COCO's numbers and
                                     what was left out
    train/0.webp, train/1.webp, ...  the images of each split in its order, already resized; with captions only, none
    ExpertAnnotations.txt, ...       Flickr8k's human judgements, if the data set has them
"""

from __future__ import annotations

import hashlib
import json
import lzma
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, overload

import numpy as np

from encoded_text.common.errors import InputError
from encoded_text.common.text import is_unicode
from single_net.data.dataset import JUDGEMENTS, CaptionDataset, Packing
from single_net.data.image import read_image
from single_net.data.readers.problems import MissingSplit, NoImages

FORMAT = "single-net packed data 1"
DESCRIPTION = "dataset.json"
# RuntimeError is zipfile's word for a password or an unknown compression.
DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError)
MEND = "pack the data set anew with python -m single_net.data.pack"
_LONGEST_NAME = 180  # bytes, 60 letters of three (karpathy.LONGEST_NAME); names of files in the cache begin with it
_MAX_DESCRIPTION = 1 << 30  # bytes; of COCO it has 50 MB
_MAX_IMAGE = 1 << 27  # bytes; the largest that can be packed has 48 MiB before it is compressed


def is_packed(path: Path) -> bool:
    """Whether a root is a packed file and not a folder or another file."""
    return path.is_file() and zipfile.is_zipfile(path)


def image_name(split: str, number: int) -> str:
    """The name of an image inside the file."""
    return f"{split}/{number}.webp"


def load(name: str, path: Path, split: str, captions_only: bool) -> CaptionDataset:
    """Read one split of a packed file.

    Args:
        name: of the data set that is expected in it.
        path: the file.
        split: "train", "val" or "test".
        captions_only: the images are not needed.

    Returns:
        The split. Its images are decoded when they are indexed; the cache of decoded images knows them by their
        contents, wherever the file is.

    Raises:
        MissingSplit: the file lacks the split.
        NoImages: it was packed without images.
        InputError: the file is damaged, no packed data set, or of another data set.
    """
    try:
        archive = zipfile.ZipFile(path)
        described = json.loads(_read(archive, DESCRIPTION, _MAX_DESCRIPTION))
        if described["format"] != FORMAT:
            raise ValueError(f"its format is {described['format']!r}, not {FORMAT!r}")
        found, splits = _checked_name(described["name"]), dict(described["splits"])
        packing = None if described["packing"] is None else _checked_packing(**described["packing"])
        data = None if split not in splits else _split(found, path, split, splits[split])
    except (*DAMAGE, AttributeError, KeyError, TypeError, ValueError) as error:
        why = f"{path}: no packed data set, or a damaged one ({_reason(error)})"
        raise InputError(f"{why}: {MEND}, or unpack another archive and give its folder") from error
    if name not in (found, "karpathy"):  # a split file of Karpathy's form has a name of its own
        raise InputError(f"{path}: holds {found}, not {name}: use --data {found}, or give the file of {name}")
    if data is None:
        raise MissingSplit(f"{path}: has no {split} split, only {', '.join(splits)}: pack it with --splits")
    if captions_only:
        return data
    if packing is None:
        raise NoImages(f"{path}: holds captions alone: to have images, pack {name} without --captions-only")
    return _with_images(data, archive, packing)


def _checked_name(name: object) -> str:
    """A name of which names of files in the cache can be made."""
    printable = isinstance(name, str) and name.isprintable() and len(name.encode()) <= _LONGEST_NAME
    if not isinstance(name, str) or not printable or not name.strip(".") or set(name) & set("/\\"):
        raise ValueError(f"its name is {str(name)[:_LONGEST_NAME]!r}")
    return name


def _checked_packing(size: object, format: object, quality: object) -> Packing:
    if type(size) is not int or type(quality) is not int or not isinstance(format, str) or size < 1:
        raise ValueError(f"its images are {format!r} of {size!r} px and quality {quality!r}")
    return Packing(size, format, quality)


def _split(name: str, path: Path, split: str, part: dict[str, Any]) -> CaptionDataset:
    """The split without its images; in their place are the paths of its ids. What other readers refuse is damage."""
    ids, captions, numbers = part["ids"], part["captions"], part["numbers"]
    if len(ids) != len(captions) or (numbers is not None and len(numbers) != len(ids)):
        raise ValueError(f"{split}: {len(ids)} ids, {len(captions)} lists of captions")
    if not ids:
        raise ValueError(f"{split}: no images")
    if not all(isinstance(id, str) and is_unicode(id) for id in ids) or len(set(ids)) < len(ids):
        raise ValueError(f"{split}: an id that is no text, or there twice")
    for id, of_image in zip(ids, captions, strict=True):
        if not isinstance(of_image, list) or not of_image or not all(map(_is_caption, of_image)):
            raise ValueError(f"{split}: {id} has no captions, or one that is empty or no text")
    return CaptionDataset(
        name,
        split,
        ids=ids,
        images=[path / id for id in ids],
        captions=captions,
        skipped={str(reason): int(count) for reason, count in part["skipped"].items()},
        numbers=None if numbers is None else [(int(image), [int(i) for i in rest]) for image, rest in numbers],
    )


def _is_caption(caption: object) -> bool:
    return isinstance(caption, str) and bool(caption.strip()) and is_unicode(caption)


def _read(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """A part of the file. Raises ValueError if it is missing, or would take more memory than such a part has."""
    if name not in archive.NameToInfo:
        raise ValueError(f"{name} is not in it")
    size = archive.getinfo(name).file_size
    if size > most:
        raise ValueError(f"{name} has {size:,} bytes, more than {most:,}")
    return archive.read(name)


def _with_images(data: CaptionDataset, archive: zipfile.ZipFile, packing: Packing) -> CaptionDataset:
    judged = JUDGEMENTS[0] in archive.NameToInfo
    images = PackedImages(archive, data.split, len(data))
    folder = zipfile.Path(archive) if judged and not data.skipped else None  # they name captions by their place
    return replace(data, images=images, judgements_folder=folder, packing=packing)


class PackedImages(Sequence[np.ndarray]):
    """The images of a split, decoded when they are indexed: uint8 (size, size, 3).

    Args:
        archive: the open file.
        split: whose images they are.
        count: of the images.
    """

    def __init__(self, archive: zipfile.ZipFile, split: str, count: int):
        self._archive, self._split, self._count = archive, split, count

    @cached_property
    def version(self) -> str:
        """Changes with the contents of the images, see image_cache.prepare_images."""
        infos = (self._archive.NameToInfo.get(image_name(self._split, i)) for i in range(self._count))
        known = [None if info is None else (info.CRC, info.file_size) for info in infos]
        return f"packed {hashlib.sha256(json.dumps(known).encode()).hexdigest()}"

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> np.ndarray: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[np.ndarray]: ...

    def __getitem__(self, index: int | slice) -> np.ndarray | Sequence[np.ndarray]:
        """An image, or a list of them. Raises InputError if it is missing or damaged."""
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(self._count))]
        name = image_name(self._split, range(self._count)[index])
        where = f"{self._archive.filename}: {name}"
        try:
            data = _read(self._archive, name, _MAX_IMAGE)
        except (*DAMAGE, KeyError, OSError, ValueError) as error:
            raise InputError(f"{where} is missing or damaged ({_reason(error)}): {MEND}") from error
        try:
            return read_image(data, None, label=where)
        except InputError as error:
            raise InputError(f"{error}: {MEND}") from error


def _reason(error: Exception) -> str:
    return f"no {error.args[0]}" if isinstance(error, KeyError) else " ".join(str(error).split())
