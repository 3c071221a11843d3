"""How much alike the words of what is retrieved and of what was looked for are: semantic recall from captions alone.

Recall@K counts a result as an error even where its captions say the same as the query's (paper, section 5.3). Here
every result counts as much as its words agree, by CIDEr-D, the usual measure of a caption against reference captions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
from scipy import sparse

from encoded_text.tokenizer import tokenize
from single_net.retrieval.neighbors import nearest
from single_net.retrieval.recall import I2T, KS, T2I

LONGEST = 4  # words of an n-gram
SIGMA = 6.0  # of the penalty on a difference in length, in bigrams
PAIRS = 1 << 15  # pairs of captions at once: some ten MB


class CaptionSimilarity:
    """CIDEr-D (Vedantam et al. 2015, section 6.1) between captions of one data set; 0: no word in common, 10: equal.

    The n-grams of 1 to 4 words are weighted by TF-IDF, an image with its captions being one document; two captions are
    compared by the cosine, whose products are clipped to the reference's weight, with a penalty on their difference in
    length; the mean over n, times ten. Numbers as those of pycocoevalcap 1.2 (cider/cider_scorer.py) on the same words,
    to which it is compared in the tests. (That package brings 100 MB of Java along and needs an image's captions to be
    counted anew for each result; aac-metrics brings transformers.)

    captions: one list an image, as CaptionDataset.captions. Below, captions are numbers in all of them in a row.
    """

    def __init__(self, captions: Sequence[list[str]]):
        flat = [_ngrams(tokenize(caption)) for caption in chain.from_iterable(captions)]
        per_image = np.array([len(of_one) for of_one in captions])
        self.owner = np.repeat(np.arange(len(captions)), per_image)
        self.first = np.concatenate([[0], np.cumsum(per_image)])  # of each image's captions, then their number
        number: dict[tuple[str, ...], int] = {}
        columns = [[number.setdefault(ngram, len(number)) for ngram in of_one] for of_one in flat]
        rows = np.repeat(np.arange(len(flat)), [len(of_one) for of_one in columns])
        shape = (len(flat), max(len(number), 1))
        every = np.fromiter(chain.from_iterable(columns), np.int64, len(rows))
        counts = sparse.csr_array((np.ones(len(every)), (rows, every)), shape=shape)  # repeated ones add up
        member = sparse.csr_array((np.ones(len(flat)), (self.owner, np.arange(len(flat)))), (len(captions), len(flat)))
        documents = ((member @ counts) > 0).sum(axis=0)
        weight = np.log(len(captions)) - np.log(np.maximum(documents, 1))
        words = np.fromiter(map(len, number), np.int64, len(number)) if number else np.ones(1, np.int64)
        weighted = sparse.csc_array(counts * weight)
        self._parts = [sparse.csr_array(weighted[:, words == n]) for n in range(1, LONGEST + 1)]
        self._norms = [np.sqrt(part.power(2).sum(axis=1)) for part in self._parts]
        self._length = np.maximum(np.array([len(tokenize(c)) for of_one in captions for c in of_one]) - 1, 0)

    def __call__(self, candidates: np.ndarray, references: np.ndarray) -> np.ndarray:
        """Captions (n,) against one reference caption each (n,): float64 (n,)."""
        result = np.empty(len(candidates))
        for start in range(0, len(candidates), PAIRS):
            c, r = candidates[start : start + PAIRS], references[start : start + PAIRS]
            total = np.zeros(len(c))
            for part, norms in zip(self._parts, self._norms, strict=True):
                candidate, reference = part[c], part[r]
                product = candidate.minimum(reference).multiply(reference).sum(axis=1)
                length = norms[c] * norms[r]
                total += np.divide(product, length, out=np.zeros(len(c)), where=length > 0)
            difference = (self._length[c] - self._length[r]).astype(float)
            result[start : start + PAIRS] = 10 * total / LONGEST * np.exp(-(difference**2) / (2 * SIGMA**2))
        return result

    def to_images(self, candidates: np.ndarray, images: np.ndarray) -> np.ndarray:
        """Captions (n,) against all captions of an image each (n,), themselves left out: the means, float64 (n,).

        NaN where nothing is left: an image's only caption against that image.
        """
        count = np.diff(self.first)[images]
        pair = np.repeat(np.arange(len(candidates)), count)
        place = np.arange(len(pair)) - np.repeat(np.cumsum(count) - count, count)
        reference = self.first[images][pair] + place
        kept = reference != candidates[pair]
        pair, reference = pair[kept], reference[kept]
        total = np.bincount(pair, self(candidates[pair], reference), minlength=len(candidates))
        number = np.bincount(pair, minlength=len(candidates))
        return np.divide(total, number, out=np.full(len(total), np.nan), where=number > 0)


def _ngrams(words: list[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(words[i : i + n]) for n in range(1, LONGEST + 1) for i in range(len(words) - n + 1))


def semantic_recall(images: np.ndarray, captions: np.ndarray, similarity: CaptionSimilarity, *, seed: int = 0) -> dict:
    """How much alike, by CIDEr-D, the words of the first K results are to the query's, for both directions.

    images float32 (n, d) and captions float32 (m, d), L2-normalized, as `similarity` numbers them. An image query has
    the words of its own captions: a found caption is compared to them (if it is one of them, to the others). A
    sentence is compared to the captions of a found image (itself left out).

    Returns for "image_to_sentence" and "sentence_to_image": "all" {"1", "5", "10"}, the mean over queries and results;
    "others", the same with a query's own items passed over, so that only what Recall@K calls errors is left; "random",
    the mean over results drawn at random from `seed` among those; "true", that of a query's own items: what perfect
    retrieval reaches. Fewer results where the gallery is smaller; null where there is none.
    """
    own = similarity.owner
    n, m = len(images), len(captions)
    most = int(np.bincount(own).max())
    lot = np.random.default_rng(seed)
    result = {}
    for direction, (queries, gallery) in {I2T: (images, captions), T2I: (captions, images)}.items():
        from_images = direction == I2T
        _, found = nearest(queries, gallery, min(KS[-1] + (most if from_images else 1), len(gallery)))
        query = np.repeat(np.arange(len(queries)), found.shape[1])

        def scores(queries: np.ndarray, items: np.ndarray, from_images: bool = from_images) -> np.ndarray:
            return similarity.to_images(items, queries) if from_images else similarity.to_images(queries, items)

        score = scores(query, found.ravel()).reshape(found.shape)
        is_own = own[found] == np.arange(n)[:, None] if from_images else found == own[:, None]
        drawn = lot.integers(len(gallery), size=len(queries) * KS[-1])
        asked = np.repeat(np.arange(len(queries)), KS[-1])
        foreign = (own[drawn] != asked) if from_images else (drawn != own[asked])
        true = scores(own, np.arange(m)) if from_images else scores(np.arange(m), own)
        result[direction] = {
            "all": {str(k): _mean(score[:, :k]) for k in KS},
            "others": {str(k): _mean(_first_others(score, is_own, k)) for k in KS},
            "random": _mean(scores(asked[foreign], drawn[foreign])),
            "true": _mean(true),
        }
    return result


def _first_others(score: np.ndarray, is_own: np.ndarray, k: int) -> np.ndarray:
    """In each row the first k scores that are not own ones."""
    return score[~is_own & (np.cumsum(~is_own, axis=1) <= k)]


def _mean(values: np.ndarray) -> float | None:
    values = values[~np.isnan(values)]
    return float(values.mean()) if len(values) else None
