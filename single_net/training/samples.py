"""config-standard, config-2, pair, views: which samples an image and its captions contribute (paper, section 4.1)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

CAPTIONS = 5  # captions of an image that enter config-standard and config-2


class Samples(NamedTuple):
    """Samples before they are drawn; all arrays (n,)."""

    image_index: np.ndarray  # int64, the training image a sample belongs to; -1: none, a caption of another data set
    caption: np.ndarray  # int64, which of all captions (image by image, then the others); -1: the image itself
    mirror: np.ndarray  # bool, flipped left to right; images only
    crop: np.ndarray  # bool, a random 227/256 crop
    third: np.ndarray  # bool, not the caption but its item of a third modality

    @property
    def is_image(self) -> np.ndarray:
        """bool (n,)"""
        return self.caption < 0

    @property
    def is_caption(self) -> np.ndarray:
        """bool (n,)"""
        return (self.caption >= 0) & ~self.third

    def take(self, rows: np.ndarray) -> Samples:
        """The samples `rows`, in that order."""
        return Samples(*(column[rows] for column in self))

    @classmethod
    def without_image(cls, captions: np.ndarray) -> Samples:
        """Captions that belong to no training image, by their numbers."""
        none = np.zeros(len(captions), bool)
        return cls(np.full(len(captions), -1), captions, none, none, none)

    def followed_by(self, other: Samples) -> Samples:
        """These samples, then others."""
        return Samples(*map(np.concatenate, zip(self, other, strict=True)))

    def with_third(self, present: np.ndarray) -> Samples:
        """These samples, then the items of the third modality that belong to their captions.

        Args:
            present: bool (captions,), which captions have one.
        """
        captions = self.take(np.flatnonzero(self.is_caption))
        items = captions.take(np.flatnonzero(present[captions.caption]))
        return self.followed_by(items._replace(crop=np.zeros_like(items.crop), third=np.ones_like(items.third)))


def samples_of_images(
    kind: str, first_caption: np.ndarray, rng: np.random.Generator, images: np.ndarray, views: int = 1
) -> Samples:
    """All samples of some training images, image by image.

    - "config-standard": the image and its first five captions.
    - "config-2": the image, its mirror image, the five captions, and a random 227/256 crop of each of them.
    - "pair": the image, mirrored or not and cropped to 227/256 at random, and one random caption.
    - "views": the image several times, for as many stored views of it, and one random caption.

    An image with fewer captions contributes fewer samples. Captions are never mirrored: that would reverse the words.

    Args:
        kind: one of the above.
        first_caption: int64 (images + 1,), number of the first caption of each image, then the number of captions.
        rng: of the random choices.
        images: int64, numbers of the images.
        views: how many samples the image itself makes with "views".
    """
    first, count = first_caption[images], np.diff(first_caption)[images]
    if kind == "pair":
        chosen = first + rng.integers(count)
        index = np.repeat(images, 2)
        caption = np.stack([np.full(len(images), -1), chosen], axis=1).ravel()
        is_image = caption < 0
        mirror = is_image & (rng.random(len(index)) < 0.5)
        return Samples(index, caption, mirror, is_image, np.zeros(len(index), bool))

    if kind == "views":
        chosen = first + rng.integers(count)
        caption = np.hstack([np.full((len(images), views), -1), chosen[:, None]]).ravel()
        none = np.zeros(len(caption), bool)
        return Samples(np.repeat(images, views + 1), caption, none, none, none)

    place = np.arange(CAPTIONS)
    captions = np.where(place < count[:, None], first[:, None] + place, -2)  # -2: the image has fewer captions
    image = np.full((len(images), 1), -1)
    if kind == "config-standard":
        caption, mirrored, cropped = np.hstack([image, captions]), [0] * 6, [0] * 6
    elif kind == "config-2":
        caption = np.hstack([image, image, captions, captions])
        mirrored, cropped = [0, 1] + [0] * 10, [0] * 7 + [1] * 5
    else:
        raise ValueError(f"unknown augmentation {kind!r}")
    shape = caption.shape
    every = Samples(
        np.broadcast_to(images[:, None], shape).ravel(),
        caption.ravel(),
        np.broadcast_to(np.array(mirrored, bool), shape).ravel(),
        np.broadcast_to(np.array(cropped, bool), shape).ravel(),
        np.zeros(caption.size, bool),
    )
    return every.take(np.flatnonzero(every.caption > -2))


def samples_per_image(kind: str, views: int = 1, third: bool = False) -> int:
    """Samples of an image with five captions: 6, 12, 2, or the views and a caption; with a third modality its items
    beside the captions."""
    captions = {"config-standard": CAPTIONS, "config-2": 2 * CAPTIONS, "pair": 1, "views": 1}[kind]
    images = {"config-standard": 1, "config-2": 2, "pair": 1, "views": views}[kind]
    return images + captions * (1 + third)
