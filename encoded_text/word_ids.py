"""Captions -> word ids, one for each word slot of an image, and a count of what is lost on the way."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np

from encoded_text.common.errors import InputError
from encoded_text.common.progress import progress
from encoded_text.layout import Layout
from encoded_text.tokenizer import Tokenizer

_CHUNK = 65_536  # captions laid out at once, to bound the memory
_FEW = 1000  # captions that need no progress bar


class CaptionWarning(UserWarning):
    """Captions came out blank or truncated."""


@dataclass(frozen=True)
class Coverage:
    """How much of some captions an encoder can draw.

    Attributes:
        captions: number of captions.
        words: number of words in them.
        unknown_words: words outside the vocabulary; they are skipped.
        truncated_captions: captions with more known words than the image has slots.
        blank_captions: captions without a known word; their image is blank.
    """

    captions: int
    words: int
    unknown_words: int
    truncated_captions: int
    blank_captions: int

    @classmethod
    def count(cls, captions: list[str], vocabulary: Mapping[str, int], tokenize: Tokenizer, capacity: int) -> Coverage:
        """Count.

        Args:
            captions: any texts.
            vocabulary: word -> word id.
            tokenize: splits a caption into words.
            capacity: slots of an image.
        """
        words = 0

        def counted(caption: str) -> list[str]:
            nonlocal words
            own = tokenize(caption)
            words += len(own)
            return own

        known = WordIds.look_up(captions, vocabulary, counted)
        return cls(
            captions=len(known.lengths),
            words=words,
            unknown_words=words - int(known.lengths.sum()),
            truncated_captions=int((known.lengths > capacity).sum()),
            blank_captions=int((known.lengths == 0).sum()),
        )


@dataclass(frozen=True)
class WordIds:
    """The ids of the known words of some captions, one caption after the other.

    Attributes:
        ids: int32 (words,), from 1.
        lengths: int64 (captions,), the number of words of each caption.
    """

    ids: np.ndarray
    lengths: np.ndarray

    @classmethod
    def look_up(cls, captions: list[str], vocabulary: Mapping[str, int], tokenize: Tokenizer) -> WordIds:
        """Look up the words of captions; unknown words are skipped.

        Args:
            captions: any texts.
            vocabulary: word -> word id.
            tokenize: splits a caption into words.

        Returns:
            The ids of the known words.
        """
        bar = progress(captions, what="captions to words", unit="caption") if len(captions) > _FEW else captions
        ids = [[vocabulary[word] for word in tokenize(caption) if word in vocabulary] for caption in bar]
        lengths = np.fromiter(map(len, ids), np.int64, len(ids))
        return cls(np.fromiter(chain.from_iterable(ids), np.int32, int(lengths.sum())), lengths)

    def lay_out(self, capacity: int, fill: str) -> np.ndarray:
        """Put the words into the slots of one image a caption; words beyond the last slot are left out.

        Args:
            capacity: slots of an image.
            fill: "blank" or "repeat", see `Layout.fill`.

        Returns:
            int32 (captions, capacity), 0 = blank.
        """
        slots = np.zeros((len(self.lengths), capacity), np.int32)
        starts = np.cumsum(self.lengths) - self.lengths
        with_blank = np.append(self.ids, np.int32(0))
        for first in range(0, len(self.lengths), _CHUNK):
            part = slice(first, first + _CHUNK)
            length = np.minimum(self.lengths[part, None], capacity)
            position = np.arange(capacity)[None]
            if fill == "repeat":
                position = position % (length + 1)  # a copy of the caption, then one blank slot
            slots[part] = with_blank[np.where(position < length, starts[part, None] + position, len(self.ids))]
        return slots


def renumber(ids: np.ndarray, words: int) -> tuple[np.ndarray, np.ndarray]:
    """Number the words in use from 1.

    Args:
        ids: int (n, capacity), 0 = blank.
        words: size of the vocabulary.

    Returns:
        The indices of the words in use, int64 ascending, one or more; and the new ids, int32 (n, capacity).

    Raises:
        InputError: an id is beyond the vocabulary.
    """
    if ids.size and not 0 <= ids.min() <= ids.max() <= words:
        raise InputError(f"word ids from {ids.min()} to {ids.max()}: this encoder has 0 to {words}")
    used = np.flatnonzero(np.bincount(ids.ravel(), minlength=2)[1:])
    used = used if len(used) else np.zeros(1, np.int64)
    new = np.zeros(words + 1, np.int32)
    new[used + 1] = np.arange(1, len(used) + 1)
    return used, new[ids]


def check_captions(captions: Iterable[str]) -> list[str]:
    """Check that captions are texts.

    Args:
        captions: an iterable of str.

    Returns:
        The captions as a list.

    Raises:
        InputError: it is a single text or no list, or a caption is not text.
    """
    if isinstance(captions, str | bytes):
        raise InputError("captions are one piece of text: give a list of captions")
    try:
        iter(captions)
    except TypeError:
        raise InputError(f"captions are {type(captions).__name__}: give a list of captions") from None
    captions = list(captions)
    for number, caption in enumerate(captions):
        if not isinstance(caption, str):
            raise InputError(f"caption {number} is {type(caption).__name__}, not text")
    return captions


def check_words(words: list[str]) -> None:
    """Check that a vocabulary can be read back: one word an entry, none twice.

    Args:
        words: the words of an encoder.

    Raises:
        InputError: the list is empty, or an entry is empty, holds a space, is not text, or is listed twice.
    """
    if not words or not all(isinstance(word, str) and word.split() == [word] for word in words):
        raise InputError("an encoder needs a list of words, none of them empty or with a space inside")
    if len(set(words)) != len(words):
        raise InputError("an encoder's words must differ: one is listed twice")


def report_losses(captions: list[str], known: WordIds, layout: Layout) -> None:
    """Warn with counts where captions will be blank or truncated.

    The warning points at the caller of the function that called this one.

    Args:
        captions: the captions, for the message.
        known: their known words.
        layout: gives the number of slots.
    """
    capacity = layout.capacity
    cut, blank = np.flatnonzero(known.lengths > capacity), np.flatnonzero(known.lengths == 0)
    messages = []
    if len(blank):
        messages.append(f"{len(blank)} hold no known word and are blank, first {_shortened(captions[blank[0]])}")
    if len(cut):
        messages.append(f"{len(cut)} are cut after {capacity} words, first {_shortened(captions[cut[0]])}")
    if messages:
        warnings.warn(f"of {len(captions)} captions {'; '.join(messages)}", CaptionWarning, stacklevel=3)


def _shortened(caption: str) -> str:
    return repr(caption if len(caption) <= 60 else caption[:57] + "...")
