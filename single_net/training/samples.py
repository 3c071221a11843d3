"""config-standard, config-2 and pair: which samples an image and its captions contribute (paper, section 4.1)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

CAPTIONS = 5  # captions of a picture that enter config-standard and config-2


class Inputs(NamedTuple):
    """Network inputs before they are drawn: one row an input, all arrays (n,)."""

    group: np.ndarray  # int64, the training picture the input belongs to
    caption: np.ndarray  # int64, which of all captions (picture by picture); -1: the photograph
    mirror: np.ndarray  # bool, left and right exchanged; photographs only
    crop: np.ndarray  # bool, a random 227/256 crop

    @property
    def is_caption(self) -> np.ndarray:
        return self.caption >= 0

    def take(self, rows: np.ndarray) -> Inputs:
        return Inputs(*(column[rows] for column in self))


def inputs_of_groups(kind: str, first_caption: np.ndarray, rng: np.random.Generator, groups: np.ndarray) -> Inputs:
    """All inputs of the pictures `groups`, group by group.

    config-standard  the photograph and its first five captions (fewer where it has fewer)
    config-2         the photograph, its mirror image, the five captions, and a random 227/256 crop of each of them
    pair             the photograph, mirrored or not and cropped to 227/256 at random, and one caption by lot

    first_caption, int64 (pictures + 1,): number of the first caption of each picture, then the number of captions.
    Captions are never mirrored: that would reverse the order of the words.
    """
    first, count = first_caption[groups], np.diff(first_caption)[groups]
    if kind == "pair":
        chosen = first + rng.integers(count)
        group = np.repeat(groups, 2)
        caption = np.stack([np.full(len(groups), -1), chosen], axis=1).ravel()
        photograph = caption < 0
        return Inputs(group, caption, photograph & (rng.random(len(group)) < 0.5), photograph)

    place = np.arange(CAPTIONS)
    captions = np.where(place < count[:, None], first[:, None] + place, -2)  # -2: the picture has fewer captions
    none = np.full((len(groups), 1), -1)
    if kind == "config-standard":
        caption, mirrored, cropped = np.hstack([none, captions]), [0] * 6, [0] * 6
    elif kind == "config-2":
        caption = np.hstack([none, none, captions, captions])
        mirrored, cropped = [0, 1] + [0] * 10, [0] * 7 + [1] * 5
    else:
        raise ValueError(f"unknown augmentation {kind!r}")
    shape = caption.shape
    every = Inputs(
        np.broadcast_to(groups[:, None], shape).ravel(),
        caption.ravel(),
        np.broadcast_to(np.array(mirrored, bool), shape).ravel(),
        np.broadcast_to(np.array(cropped, bool), shape).ravel(),
    )
    return every.take(np.flatnonzero(every.caption > -2))


def inputs_per_group(kind: str) -> int:
    """Inputs of a picture with five captions: 6, 12 or 2."""
    return {"config-standard": 1 + CAPTIONS, "config-2": 2 + 2 * CAPTIONS, "pair": 2}[kind]
