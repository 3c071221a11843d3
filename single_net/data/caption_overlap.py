"""Captions that two data sets share: a sign that they share images too, where the images are not at hand."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from encoded_text.tokenizer import tokenize
from single_net.data.dataset import CaptionDataset

_FLICKR_ID = re.compile(r"(\d{6,})(?:_[0-9a-f]+)?(?:\.jpe?g)?")  # in file names of Flickr8k and Flickr30K


def caption_hashes(captions: Sequence[str]) -> np.ndarray:
    """Hashes that are equal for captions of the same words in the same order, whatever their case and punctuation.

    Args:
        captions: any number of them. Captions without words have no hash.

    Returns:
        int64 (captions with words,), in order.
    """
    words = [" ".join(tokenize(caption)) for caption in captions]
    digests = [hashlib.blake2b(text.encode(), digest_size=8).digest() for text in words if text]
    return np.frombuffer(b"".join(digests), "<i8")


def images_with_captions(data: CaptionDataset, hashes: np.ndarray) -> list[int]:
    """The images that have one of the given captions.

    Args:
        data: the data set to look through.
        hashes: int64, from `caption_hashes`.

    Returns:
        Indices of images in `data`, ascending.
    """
    known = set(hashes.tolist())
    return [i for i, captions in enumerate(data.captions) if not known.isdisjoint(caption_hashes(captions).tolist())]


def without_overlap(data: CaptionDataset, tested: Sequence[CaptionDataset]) -> CaptionDataset:
    """Leave out the images that may also be in a validation or test split.

    These are the images that have a caption, or Flickr's number in the file name, in common with one of `tested`. Of
    the 1,863 images that Flickr8k's validation and test splits share with Flickr30K, captions alone find 1,860.

    Args:
        data: a data set whose images need not exist.
        tested: the splits that must not be trained on.

    Returns:
        The rest of `data`.
    """
    shared = set(images_with_captions(data, np.concatenate([caption_hashes(split.flat_captions) for split in tested])))
    numbers = {_flickr_id(name) for split in tested for name in split.ids} - {None}
    return data.select([i for i, name in enumerate(data.ids) if i not in shared and _flickr_id(name) not in numbers])


def _flickr_id(name: str) -> str | None:
    found = _FLICKR_ID.fullmatch(name)
    return found and found[1]
