"""Captions shared between data sets: which images of another set may be among the tested ones."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from encoded_text.tokenizer import tokenise
from single_net.data.dataset import CaptionDataset

_PHOTOGRAPH_NUMBER = re.compile(r"(\d{6,})(?:_[0-9a-f]+)?(?:\.jpe?g)?")  # Flickr's, in the names of its data sets


def caption_numbers(captions: Sequence[str]) -> np.ndarray:
    """int64 (captions without words left out): equal for captions of the same words in the same order, whatever their
    case and punctuation."""
    words = [" ".join(tokenise(caption)) for caption in captions]
    digests = [hashlib.blake2b(of_one.encode(), digest_size=8).digest() for of_one in words if of_one]
    return np.frombuffer(b"".join(digests), "<i8")


def without(data: CaptionDataset, tested: Sequence[CaptionDataset]) -> CaptionDataset:
    """`data`, whose photographs are not at hand, without the pictures that may be among `tested`: those that share a
    caption with one of them, or Flickr's number of the photograph in their names.

    Of the 1,863 photographs that Flickr8k's development and test split share with Flickr30K, captions alone find 1,860.
    """
    heard = set(_sharing(data, np.concatenate([caption_numbers(split.flat_captions) for split in tested])))
    names = {_photograph_number(name) for split in tested for name in split.ids} - {None}
    return data.select(
        [i for i, name in enumerate(data.ids) if i not in heard and _photograph_number(name) not in names]
    )


def _sharing(data: CaptionDataset, numbers: np.ndarray) -> list[int]:
    """The pictures of `data` with a caption among `numbers`."""
    known = set(numbers.tolist())
    return [i for i, captions in enumerate(data.captions) if not known.isdisjoint(caption_numbers(captions).tolist())]


def _photograph_number(name: str) -> str | None:
    found = _PHOTOGRAPH_NUMBER.fullmatch(name)
    return found and found[1]
