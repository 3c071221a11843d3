"""Contamination: images that are both trained and tested on, found by their pixels and not by their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from encoded_text.common.errors import InputError
from encoded_text.common.progress import progress
from single_net.data.caption_overlap import images_with_captions
from single_net.data.dataset import CaptionDataset

GRAY_SIDE, COLOR_SIDE = 16, 4  # a fingerprint is a gray image of 16 x 16 values and two color channels of 4 x 4
GRAY_VALUES, NUM_VALUES = GRAY_SIDE**2, GRAY_SIDE**2 + 2 * COLOR_SIDE**2

# Cosine of the gray parts from which two images may be the same. Images of Flickr8k saved again (150 x 112, JPEG
# quality 30) and read at another size: 0.997 or more. The most similar pair of different images in its training and
# test splits: 0.962; in the synthetic scenes, which are simpler: 0.987.
MIN_COSINE = 0.994
MAX_COLOR_DIFFERENCE = 8  # mean over the color parts; beyond it, as with a red and a blue shirt, images are different
MIN_CONTRAST = 2.0  # standard deviation in gray levels; images below it match nothing

_CHUNK = 256  # images


@dataclass(frozen=True)
class Fingerprints:
    """What a run was trained on, saved with its model.

    Attributes:
        images: int8 (images, 288), from `image_fingerprints`.
        captions: int64, sorted, from `caption_hashes`: captions used without their images.
    """

    images: np.ndarray
    captions: np.ndarray

    def require_disjoint(
        self,
        data: CaptionDataset,
        images: np.ndarray,
        what: str,
        mend: str = "test it on other images",
        trained: Sequence[str] | None = None,
    ) -> dict[str, Any]:
        """Check that none of the given images looks like one that was trained on, and no caption was trained on.

        Args:
            data: the split to be tested on.
            images: uint8 (n, size, size, 3), the images of `data`.
            what: begins the message, e.g. "runs/mine was trained on".
            mend: says in the message what to do.
            trained: names of the training images, where they are known, for the message.

        Returns:
            For the run record: numbers of shared "images" and "captions", both 0, and "nearest", the largest cosine
            between a tested and a training image.

        Raises:
            InputError: an image looks like a training image, or one of its captions was trained on without its image.
                The message names the first one and says how many there are.
        """
        where = f"of the {len(data)} {data.split} images of {data.name}"
        same, nearest = find_duplicates(image_fingerprints(images), self.images)
        duplicates = np.flatnonzero(same >= 0)
        if len(duplicates):
            first = int(duplicates[0])
            other = "a training image" if trained is None else f"the training image {trained[same[first]]}"
            raise InputError(
                f"{what} {len(duplicates)} {where}, e.g. {data.ids[first]}, which looks like {other} (if it is another "
                f"one, see docs/contamination.md): {mend}"
            )
        shared = images_with_captions(data, self.captions)
        if shared:
            raise InputError(
                f"{what} captions {where} ({len(shared)}, e.g. of {data.ids[shared[0]]}): test it on other images, or "
                "leave encoder.extra_captions out"
            )
        return {"images": 0, "captions": 0, "nearest": round(nearest, 4)}


def image_fingerprints(images: np.ndarray) -> np.ndarray:
    """Small descriptions of images that hardly change with their size and compression.

    Args:
        images: uint8 (n, size, size, 3).

    Returns:
        int8 (n, 288). 256 values are the gray image, averaged to 16 x 16, minus its mean and scaled to a largest
        absolute value of 127 (all zero for images of hardly any contrast). 32 values are half of red - green and half
        of blue - green, averaged to 4 x 4.
    """
    import torch
    from torch.nn import functional as F

    result = np.zeros((len(images), NUM_VALUES), np.int8)
    chunks = range(0, len(images), _CHUNK)
    for start in progress(chunks, what="fingerprints of images", total=len(chunks), unit=f"x {_CHUNK}"):
        part = torch.from_numpy(np.array(images[start : start + _CHUNK])).permute(0, 3, 1, 2).float()
        gray = F.interpolate(part.mean(1, keepdim=True), (GRAY_SIDE, GRAY_SIDE), mode="area").flatten(1)
        gray -= gray.mean(1, keepdim=True)
        scaled = gray * (127 / gray.abs().amax(1, keepdim=True).clamp(min=1e-6))
        scaled[gray.square().mean(1).sqrt() < MIN_CONTRAST] = 0
        color = F.interpolate((part[:, ::2] - part[:, 1:2]) / 2, (COLOR_SIDE, COLOR_SIDE), mode="area").flatten(1)
        result[start : start + _CHUNK] = torch.cat([scaled, color], 1).round().clamp(-127, 127).to(torch.int8).numpy()
    return result


def find_duplicates(queries: np.ndarray, among: np.ndarray) -> tuple[np.ndarray, float]:
    """Find the images that are also among others.

    Args:
        queries: int8 (n, 288), from `image_fingerprints`.
        among: int8 (m, 288), likewise.

    Returns:
        int64 (n,), the index of the image among the others, the most similar one, or -1; and the largest cosine between
        two gray parts.
    """
    query_gray, among_gray = _unit_gray(queries), _unit_gray(among)
    found, nearest = np.full(len(queries), -1), 0.0
    for start in range(0, len(queries), _CHUNK):
        cosine = query_gray[start : start + _CHUNK] @ among_gray.T
        nearest = max(nearest, float(cosine.max(initial=0)))
        query, other = np.nonzero(cosine >= MIN_COSINE)
        difference = np.abs(queries[start + query, GRAY_VALUES:].astype(np.int16) - among[other, GRAY_VALUES:])
        same = difference.mean(axis=1) <= MAX_COLOR_DIFFERENCE
        query, other = query[same], other[same]
        order = np.argsort(cosine[query, other], kind="stable")  # the most similar one is written last
        found[start + query[order]] = other[order]
    return found, nearest


def _unit_gray(fingerprints: np.ndarray) -> np.ndarray:
    gray: np.ndarray = fingerprints[:, :GRAY_VALUES].astype(np.float32)
    gray /= np.maximum(np.linalg.norm(gray, axis=1, keepdims=True), 1)
    return gray
