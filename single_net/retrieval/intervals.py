"""Confidence intervals of Recall@K, and of the difference between two models, by a bootstrap over images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from single_net.retrieval.ranks import I2T, T2I, Ranks


def bootstrap_intervals(
    ranks: Ranks, ks: Sequence[int], seed: int, draws: int, group: np.ndarray | None = None
) -> dict[str, dict[int, list[float]]]:
    """95 % percentile bootstrap intervals of Recall@K.

    Images are drawn with replacement together with their captions, because the captions of one image succeed and fail
    together; the gallery stays the same.

    Args:
        ranks: of all queries.
        ks: the values of K.
        seed: of the draws.
        draws: number of bootstrap samples.
        group: int (images,), what is drawn together, from 0; by default each image with its captions.

    Returns:
        [low, high] in percent, by direction and K.
    """
    of_image = np.arange(ranks.image_of_caption.max() + 1) if group is None else group
    of_caption = of_image[ranks.image_of_caption]
    count = int(of_image.max()) + 1
    times = _times(count, seed, draws)
    hits = {  # (groups, ks): how many queries of a group succeed
        I2T: np.stack([np.bincount(of_image, ranks.of_images <= k) for k in ks], axis=1),
        T2I: np.stack([np.bincount(of_caption, ranks.of_captions <= k) for k in ks], axis=1),
    }
    queries = {I2T: np.bincount(of_image), T2I: np.bincount(of_caption)}
    result = {}
    for direction in (I2T, T2I):
        recalls = 100 * (times @ hits[direction]) / (times @ queries[direction])[:, None]
        low, high = np.percentile(recalls, [2.5, 97.5], axis=0)
        result[direction] = {k: [float(low[i]), float(high[i])] for i, k in enumerate(ks)}
    return result


def difference_intervals(
    first: np.ndarray, second: np.ndarray, queries: np.ndarray, seed: int = 0, draws: int = 1000
) -> np.ndarray:
    """95 % percentile intervals of the difference in recall between two models, by a paired bootstrap: each draw of
    images is scored for both.

    Args:
        first, second: int (images, ks), how many queries of an image succeed with each model.
        queries: int (images,), how many there are.
        seed: of the draws.
        draws: number of bootstrap samples.

    Returns:
        float64 (ks, 3): second - first in percentage points, and the ends of its interval.
    """
    # Every image once, then the draws.
    times = np.concatenate([np.ones((1, len(queries))), _times(len(queries), seed, draws)])
    difference = 100 * (times @ (second - first)) / (times @ queries)[:, None]  # (1 + draws, ks)
    return np.stack([difference[0], *np.percentile(difference[1:], [2.5, 97.5], axis=0)], axis=1)


def _times(count: int, seed: int, draws: int) -> np.ndarray:
    """How often each of `count` groups is drawn with replacement: float64 (draws, count)."""
    drawn = np.random.default_rng(seed).integers(0, count, size=(draws, count), dtype=np.int32)
    return np.stack([np.bincount(sample, minlength=count) for sample in drawn]).astype(np.float64)
