"""Hubs: gallery items that are near to very many queries, while others are found by none.

In high dimensions some points become neighbors of far too many others (Radovanovic et al. 2010). Where one modality is
spread wider than the other, it has the more of them: they crowd out what Recall@K looks for.
"""

from __future__ import annotations

import numpy as np
import torch

from single_net.retrieval.distances import distances
from single_net.retrieval.recall import I2T, KS, T2I

NEAREST = 10


def hubness(images: np.ndarray, captions: np.ndarray, owner: np.ndarray) -> dict:
    """How unevenly the gallery is found, and Recall@K once that is evened out, for both directions.

    images float32 (n, d) and captions float32 (m, d), L2-normalized; owner int64 (m,): the image of each caption.

    "anti_hubs": percentage of the gallery that is among the 10 nearest of no query; "skewness" of how often items are
    (0 for an even spread, large where there are hubs); "csls_recall": Recall@K, in percent, by cross-domain similarity
    local scaling instead of the distance (Conneau et al. 2018, section 2.3, 10 neighbors), which takes from every
    similarity how near an item is to all queries. It looks at all queries of the test at once: it explains, and is not
    a result to be compared.
    """
    from scipy.stats import skew

    distance = distances(torch.as_tensor(images), torch.as_tensor(captions)).numpy()
    right = owner == np.arange(len(images))[:, None]
    cosine = 1 - distance.astype(np.float64) ** 2 / 2
    csls = 2 * cosine - _nearest_mean(cosine)[:, None] - _nearest_mean(cosine.T)
    result = {}
    for direction, d, score, true in ((I2T, distance, csls, right), (T2I, distance.T, csls.T, right.T)):
        k = min(NEAREST, d.shape[1])
        found = np.bincount(np.argsort(d, axis=1, kind="stable")[:, :k].ravel(), minlength=d.shape[1])
        result[direction] = {
            "anti_hubs": 100 * float((found == 0).mean()),
            "skewness": float(skew(found)) if found.std() else 0.0,
            "csls_recall": recall_of_matrix(-score, true),
        }
    return result


def _nearest_mean(cosine: np.ndarray) -> np.ndarray:
    """Mean of the largest ten of each row."""
    k = min(NEAREST, cosine.shape[1])
    return np.partition(cosine, -k, axis=1)[:, -k:].mean(axis=1)


def recall_of_matrix(distance: np.ndarray, right: np.ndarray) -> dict[str, float]:
    """Recall@K in percent from distances (queries, gallery) and which items are right for a query, bool of that shape.

    The nearest right item counts; every wrong one at most as far is ahead of it, as in metrics.recall_at_k.
    """
    best = np.where(right, distance, np.inf).min(axis=1)
    ahead = ((distance <= best[:, None]) & ~right).sum(axis=1)
    return {str(k): 100 * int((ahead < k).sum()) / len(ahead) for k in KS}
