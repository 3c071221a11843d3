"""CaptionDataset: the images and captions of one split, as every reader returns them."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar, overload

import numpy as np

from encoded_text.common.arguments import whole_number
from encoded_text.common.errors import InputError

SPLITS = ("train", "val", "test")
JUDGEMENTS = ("ExpertAnnotations.txt", "CrowdFlowerAnnotations.txt")  # files that come with Flickr8k
T = TypeVar("T")


class _Selection(Sequence[T]):
    """Some items of a sequence in another order, looked up only when indexed: images may be drawn on demand."""

    def __init__(self, items: Sequence[T], indices: Sequence[int]):
        self._items, self._indices = items, list(indices)
        self.version = getattr(items, "version", None)  # of drawn images, see image_cache.prepare_images

    def __len__(self) -> int:
        return len(self._indices)

    @overload
    def __getitem__(self, index: int) -> T: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...

    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        if isinstance(index, slice):
            return _Selection(self._items, self._indices[index])
        return self._items[self._indices[index]]


@dataclass(frozen=True)
class Packing:
    """How a packed data set stores its images (see readers.packed).

    Attributes:
        size: side of the images in pixels.
        format: "WebP".
        quality: of the format, 1 to 100.
    """

    size: int
    format: str
    quality: int


@dataclass(frozen=True)
class CaptionDataset:
    """The images of one split and their captions, in split order.

    Attributes:
        name: of the data set, e.g. "flickr8k".
        split: "train", "val" or "test"; "own" for the images of a folder.
        ids: one unique name per image: file name or number.
        images: one per image: a Path, or a uint8 array (height, width, 3). Read or drawn when indexed.
        captions: one list per image, of any length; empty only for the images of a folder.
        skipped: what was left out (with --skip-bad; repeated rows of a table always), number of cases by reason.
        numbers: COCO's ids, per image its own and those of its captions; None for other data sets.
        judgements_folder: folder (or packed file) with Flickr8k's human judgements (see evaluation.human_judgements),
            or None.
        packing: how the images are stored, if they come from a packed file; they are not the published ones then.
        images_sha256: checksum of the contents of all images, where somebody needs it; None: not known.

    Raises:
        InputError: the numbers of ids, images and lists of captions differ, or a text is where a list of texts belongs.
    """

    name: str
    split: str
    ids: Sequence[str]
    images: Sequence[Path | np.ndarray]
    captions: Sequence[list[str]]
    skipped: dict[str, int] = field(default_factory=dict)
    numbers: Sequence[tuple[int, list[int]]] | None = None
    judgements_folder: Path | zipfile.Path | None = None
    packing: Packing | None = None
    images_sha256: str | None = None

    def __post_init__(self) -> None:
        where = f"{self.name} {self.split}"
        lengths = {"ids": len(self.ids), "images": len(self.images), "lists of captions": len(self.captions)}
        if self.numbers is not None:
            lengths["numbers"] = len(self.numbers)
        if len(set(lengths.values())) > 1:
            counts = ", ".join(f"{length} {what}" for what, length in lengths.items())
            raise InputError(f"{where}: {counts}: there must be one of each for every image")
        if isinstance(self.ids, str):
            raise InputError(f"{where}: the ids are one text: give a list of names")
        # Of the first image alone: sequences may be lazy.
        if isinstance(self.captions, str) or (len(self.captions) and isinstance(self.captions[0], str | bytes)):
            raise InputError(f"{where}: the captions of an image are one text: give a list of texts for each image")

    def __len__(self) -> int:
        """The number of images."""
        return len(self.ids)

    @property
    def flat_captions(self) -> list[str]:
        """All captions, image by image."""
        return [caption for captions in self.captions for caption in captions]

    @property
    def image_of_caption(self) -> np.ndarray:
        """The index of the image each of `flat_captions` belongs to, int64 (captions,)."""
        return np.repeat(np.arange(len(self)), [len(captions) for captions in self.captions])

    @property
    def images_version(self) -> str | None:
        """What drawn or packed images are made from, which with the ids tells them apart; None for files and arrays."""
        version = getattr(self.images, "version", None)
        return None if version is None else str(version)

    def select(self, indices: Sequence[int]) -> CaptionDataset:
        """The images `indices`, in that order, with all their captions. Raises InputError for one that is not there."""
        missing = [i for i in indices if not -len(self) <= i < len(self)]
        if missing:
            raise InputError(f"{self.name} {self.split}: there is no image {missing[0]}, only {len(self)} images")
        return replace(
            self,
            ids=[self.ids[i] for i in indices],
            images=_Selection(self.images, indices),
            captions=[self.captions[i] for i in indices],
            numbers=None if self.numbers is None else [self.numbers[i] for i in indices],
            images_sha256=None,
        )

    def first(self, num_images: int, captions: int = 5) -> CaptionDataset:
        """The first images of the split, each with its first captions, as the field's protocols have it.

        Args:
            num_images: number of images; all, if the split has fewer.
            captions: number of captions per image; all, if an image has fewer.

        Raises:
            InputError: a number is negative or none.
        """
        num_images = whole_number("the number of images", num_images, at_least=0)
        captions = whole_number("the number of captions", captions, at_least=0)
        chosen = self.select(range(min(num_images, len(self))))
        numbers = chosen.numbers and [(image, of_image[:captions]) for image, of_image in chosen.numbers]
        return replace(chosen, captions=[list(of_image[:captions]) for of_image in chosen.captions], numbers=numbers)

    def checksums(self) -> dict[str, str]:
        """SHA-256 of the list of "ids" and of the "captions". Two results with equal checksums used equal data."""

        def digest(value: object) -> str:
            return hashlib.sha256(json.dumps(value, ensure_ascii=False).encode()).hexdigest()

        return {"ids": digest(list(self.ids)), "captions": digest([list(c) for c in self.captions])}

    def describe(self) -> dict[str, Any]:
        """The data set in a run record: name, split, numbers of images and captions, checksums, what was skipped.
        "packing" is there only if packed images were used, "images_sha256" only where it is known."""
        packing = {"packing": dataclasses.asdict(self.packing)} if self.packing else {}
        contents = {} if self.images_sha256 is None else {"images_sha256": self.images_sha256}
        return {
            "name": self.name,
            "split": self.split,
            "images": len(self),
            "captions": len(self.flat_captions),
            "sha256": self.checksums(),
            "skipped": dict(self.skipped),
            **packing,
            **contents,
        }
