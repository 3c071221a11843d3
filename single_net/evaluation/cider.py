"""CIDEr-D, the usual measure of a caption against reference captions, between the captions of one data set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
from scipy import sparse

from encoded_text.tokenizer import Tokenizer, tokenize

LONGEST = 4  # words of an n-gram
SIGMA = 6.0  # of the length penalty, in bigrams
PAIRS = 1 << 15  # pairs of captions at once: about ten MB


class CaptionSimilarity:
    """CIDEr-D (Vedantam et al. 2015, section 6.1) between captions: from 0 (no word in common) to 10 (equal
    captions of four words or more; of fewer words less, as n-grams are missing).

    The n-grams of 1 to 4 words are weighted by TF-IDF, an image with its captions being one document. Two captions are
    compared by the cosine, whose products are clipped to the reference's weight, times a penalty on their difference in
    length; the result is the mean over n, times ten. The numbers are those of pycocoevalcap 1.2
    (cider/cider_scorer.py) on the same words. That package is not used because it brings 100 MB of Java along and
    counts the captions of an image anew for every result.

    A caption is named by its index in the list of all captions, image by image.

    Args:
        captions: one list per image, as CaptionDataset.captions.
        tokenize: splits a caption into words.

    Attributes:
        image_of_caption: int64 (captions,), the image of each caption.
    """

    def __init__(self, captions: Sequence[list[str]], tokenize: Tokenizer = tokenize) -> None:
        flat = [tokenize(caption) for caption in chain.from_iterable(captions)]
        per_image = np.array([len(of_one) for of_one in captions])
        self.image_of_caption = np.repeat(np.arange(len(captions)), per_image)
        self._first = np.concatenate([[0], np.cumsum(per_image)])  # first caption of each image, then their number
        number: dict[tuple[str, ...], int] = {}
        columns = [[number.setdefault(ngram, len(number)) for ngram in _ngrams(words)] for words in flat]
        rows = np.repeat(np.arange(len(flat)), [len(of_one) for of_one in columns])
        shape = (len(flat), max(len(number), 1))
        every = np.fromiter(chain.from_iterable(columns), np.int64, len(rows))
        counts = sparse.csr_array((np.ones(len(every)), (rows, every)), shape=shape)  # repeated n-grams add up
        member = sparse.csr_array(
            (np.ones(len(flat)), (self.image_of_caption, np.arange(len(flat)))), (len(captions), len(flat))
        )
        documents = ((member @ counts) > 0).sum(axis=0)
        weight = np.log(len(captions)) - np.log(np.maximum(documents, 1))
        length = np.fromiter(map(len, number), np.int64, len(number)) if number else np.ones(1, np.int64)
        weighted = sparse.csc_array(counts * weight)
        self._parts = [sparse.csr_array(weighted[:, length == n]) for n in range(1, LONGEST + 1)]
        self._norms = [np.sqrt(part.power(2).sum(axis=1)) for part in self._parts]
        self._bigrams = np.array([max(len(words) - 1, 0) for words in flat])

    def __call__(self, candidates: np.ndarray, references: np.ndarray) -> np.ndarray:
        """Compare pairs of captions.

        Args:
            candidates: int64 (n,), captions.
            references: int64 (n,), one reference caption each.

        Returns:
            float64 (n,).
        """
        result = np.empty(len(candidates))
        for start in range(0, len(candidates), PAIRS):
            c, r = candidates[start : start + PAIRS], references[start : start + PAIRS]
            total = np.zeros(len(c))
            for part, norms in zip(self._parts, self._norms, strict=True):
                candidate, reference = part[c], part[r]
                product = candidate.minimum(reference).multiply(reference).sum(axis=1)
                length = norms[c] * norms[r]
                total += np.divide(product, length, out=np.zeros(len(c)), where=length > 0)
            difference = (self._bigrams[c] - self._bigrams[r]).astype(float)
            result[start : start + PAIRS] = 10 * total / LONGEST * np.exp(-(difference**2) / (2 * SIGMA**2))
        return result

    def to_images(self, candidates: np.ndarray, images: np.ndarray) -> np.ndarray:
        """Compare captions with all captions of an image each, themselves left out.

        Args:
            candidates: int64 (n,), captions.
            images: int64 (n,), images.

        Returns:
            float64 (n,), the mean over the image's captions; NaN where none is left (an image's only caption against
            that image).
        """
        count = np.diff(self._first)[images]
        pair = np.repeat(np.arange(len(candidates)), count)
        place = np.arange(len(pair)) - np.repeat(np.cumsum(count) - count, count)
        reference = self._first[images][pair] + place
        kept = reference != candidates[pair]
        pair, reference = pair[kept], reference[kept]
        total = np.bincount(pair, self(candidates[pair], reference), minlength=len(candidates))
        number = np.bincount(pair, minlength=len(candidates))
        return np.asarray(np.divide(total, number, out=np.full(len(total), np.nan), where=number > 0))


def _ngrams(words: list[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(words[i : i + n]) for n in range(1, LONGEST + 1) for i in range(len(words) - n + 1))
