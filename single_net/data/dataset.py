"""CaptionDataset: what every reader returns."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

SPLITS = ("train", "val", "test")


class _Chosen(Sequence):
    """Some items of a sequence in a new order, looked up only when indexed (pictures may be drawn on demand)."""

    def __init__(self, items: Sequence, indices: Sequence[int]):
        self._items, self._indices = items, list(indices)
        self.version = getattr(items, "version", None)  # of drawn pictures, see picture_cache.prepare_images

    def __len__(self) -> int:
        return len(self._indices)

    def __getitem__(self, i):
        return self._items[self._indices[i]]


@dataclass(frozen=True)
class CaptionDataset:
    """Pictures of one split and their captions, in split order.

    name      data set, e.g. "flickr8k"
    split     "train", "val" or "test"
    ids       one stable name a picture (file name or number), unique
    images    one a picture: a Path, or a uint8 array (height, width, 3); any Sequence, drawn or read when indexed
    captions  one list of at least one caption a picture; the lists may differ in length
    skipped   what --skip-bad left out: {reason: how many}, empty otherwise
    numbers   COCO's: of every picture its own and those of its captions; None elsewhere
    judged_in folder with people's judgements (Flickr8k's, see judgements.read_judgements), or None
    """

    name: str
    split: str
    ids: Sequence[str]
    images: Sequence[Path | np.ndarray]
    captions: Sequence[list[str]]
    skipped: dict[str, int] = field(default_factory=dict)
    numbers: Sequence[tuple[int, list[int]]] | None = None
    judged_in: Path | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def flat_captions(self) -> list[str]:
        """All captions, picture by picture."""
        return [caption for captions in self.captions for caption in captions]

    @property
    def image_of_caption(self) -> np.ndarray:
        """int64 (captions,): the picture each of `flat_captions` belongs to."""
        return np.repeat(np.arange(len(self)), [len(captions) for captions in self.captions])

    def select(self, indices: Sequence[int]) -> CaptionDataset:
        """The pictures `indices`, in that order, with all their captions."""
        return replace(
            self,
            ids=[self.ids[i] for i in indices],
            images=_Chosen(self.images, indices),
            captions=[self.captions[i] for i in indices],
            numbers=None if self.numbers is None else [self.numbers[i] for i in indices],
        )

    def first(self, pictures: int, captions: int = 5) -> CaptionDataset:
        """The field's protocol: the first `pictures` of the split, each with its first `captions` captions."""
        chosen = self.select(range(min(pictures, len(self))))
        numbers = chosen.numbers and [(picture, of_one[:captions]) for picture, of_one in chosen.numbers]
        return replace(chosen, captions=[list(of_one[:captions]) for of_one in chosen.captions], numbers=numbers)

    def checksums(self) -> dict[str, str]:
        """SHA-256 of the list of picture names and of the captions: two records with equal sums used equal data."""

        def digest(value: object) -> str:
            return hashlib.sha256(json.dumps(value, ensure_ascii=False).encode()).hexdigest()

        return {"ids": digest(list(self.ids)), "captions": digest([list(c) for c in self.captions])}
