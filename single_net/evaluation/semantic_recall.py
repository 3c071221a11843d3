"""Semantic recall: how similar the words of retrieved items are to those of the query.

Recall@K counts a result as an error even where its captions say the same as the query's (paper, section 5.3). Here
every result counts by the similarity of its words, measured by CIDEr-D.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from single_net.evaluation.cider import CaptionSimilarity
from single_net.retrieval.neighbors import nearest
from single_net.retrieval.ranks import I2T, T2I
from single_net.retrieval.recall import KS


def semantic_recall(
    images: np.ndarray, captions: np.ndarray, similarity: CaptionSimilarity, *, seed: int = 0
) -> dict[str, Any]:
    """Mean similarity between a query and its first K results.

    The words of an image query are its captions: a retrieved caption is compared with them (if it is one of them, with
    the others). A sentence is compared with the captions of a retrieved image, itself left out.

    Args:
        images: float32 (n, d), L2-normalized.
        captions: float32 (m, d), L2-normalized, in the order of `similarity`.
        similarity: CIDEr-D between the captions.
        seed: of the random results.

    Returns:
        For "image_to_sentence" and "sentence_to_image", CIDEr-D from 0 to 10; None if there is no result.

        * "all": by K as a string, the mean over queries and their first K results (fewer in a smaller gallery);
        * "others": the same without a query's own items, so over results that Recall@K counts as errors;
        * "random": the mean over items drawn at random, without a query's own;
        * "true": the mean over a query's own items, which perfect retrieval reaches.
    """
    rng = np.random.default_rng(seed)
    return {
        I2T: _one_direction(images, captions, similarity, rng, from_images=True),
        T2I: _one_direction(captions, images, similarity, rng, from_images=False),
    }


def _one_direction(
    queries: np.ndarray,
    gallery: np.ndarray,
    similarity: CaptionSimilarity,
    rng: np.random.Generator,
    *,
    from_images: bool,
) -> dict[str, Any]:
    image_of_caption = similarity.image_of_caption

    def scores(query: np.ndarray, item: np.ndarray) -> np.ndarray:
        return similarity.to_images(item, query) if from_images else similarity.to_images(query, item)

    def is_own(query: np.ndarray, item: np.ndarray) -> np.ndarray:
        return np.asarray(image_of_caption[item] == query if from_images else item == image_of_caption[query])

    own_items = int(np.bincount(image_of_caption).max()) if from_images else 1
    _, found = nearest(queries, gallery, min(KS[-1] + own_items, len(gallery)))
    every = np.arange(len(queries))
    score = scores(np.repeat(every, found.shape[1]), found.ravel()).reshape(found.shape)
    own = is_own(every[:, None], found)
    drawn = rng.integers(len(gallery), size=len(queries) * KS[-1])
    asked = np.repeat(every, KS[-1])
    others = ~is_own(asked, drawn)
    pairs = np.arange(len(image_of_caption))
    return {
        "all": {str(k): _mean(score[:, :k]) for k in KS},
        "others": {str(k): _mean(score[~own & (np.cumsum(~own, axis=1) <= k)]) for k in KS},
        "random": _mean(scores(asked[others], drawn[others])),
        "true": _mean(scores(image_of_caption, pairs) if from_images else scores(pairs, image_of_caption)),
    }


def _mean(values: np.ndarray) -> float | None:
    values = values[~np.isnan(values)]
    return float(values.mean()) if len(values) else None
