"""Confidence intervals of Recall@K by a bootstrap over images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from single_net.retrieval.ranks import I2T, T2I, Ranks


def bootstrap_intervals(ranks: Ranks, ks: Sequence[int], seed: int, draws: int) -> dict[str, dict[int, list[float]]]:
    """95 % percentile bootstrap intervals of Recall@K.

    Images are drawn with replacement together with their captions, because the captions of one image succeed and fail
    together; the gallery stays the same.

    Args:
        ranks: of all queries.
        ks: the values of K.
        seed: of the draws.
        draws: number of bootstrap samples.

    Returns:
        [low, high] in percent, by direction and K.
    """
    per_image = np.bincount(ranks.owner)
    num_images = len(per_image)
    drawn = np.random.default_rng(seed).integers(0, num_images, size=(draws, num_images), dtype=np.int32)
    times = np.stack([np.bincount(sample, minlength=num_images) for sample in drawn]).astype(np.float64)
    hits = {  # (images, ks): how many queries of an image succeed
        I2T: np.stack([ranks.of_images <= k for k in ks], axis=1).astype(np.float64),
        T2I: np.stack([np.bincount(ranks.owner, ranks.of_captions <= k) for k in ks], axis=1),
    }
    queries = {I2T: np.ones(num_images), T2I: per_image}
    result = {}
    for direction in (I2T, T2I):
        recalls = 100 * (times @ hits[direction]) / (times @ queries[direction])[:, None]
        low, high = np.percentile(recalls, [2.5, 97.5], axis=0)
        result[direction] = {k: [float(low[i]), float(high[i])] for i, k in enumerate(ks)}
    return result
