"""Hubness: some gallery items are near to very many queries, and others are found by none.

In high dimensions some points are neighbors of far too many others (Radovanovic et al. 2010). Such hubs displace the
items that Recall@K looks for.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from single_net.retrieval.distances import distances
from single_net.retrieval.ranks import I2T, T2I
from single_net.retrieval.recall import recall_of_matrix

NEIGHBORS = 10


def hubness(images: np.ndarray, captions: np.ndarray, image_of_caption: np.ndarray) -> dict[str, Any]:
    """How unevenly the gallery is found, and Recall@K corrected for it.

    The correction is cross-domain similarity local scaling (CSLS; Conneau et al. 2018, section 2.3, 10 neighbors): it
    subtracts from every similarity how near the item is to all queries. It uses all queries of the test set at once, so
    it explains a result and is not one to compare.

    Args:
        images: float32 (n, d), L2-normalized.
        captions: float32 (m, d), L2-normalized.
        image_of_caption: int64 (m,), the image of each caption.

    Returns:
        For "image_to_sentence" and "sentence_to_image" a dictionary.

        * "anti_hubs": percentage of the gallery that is among the 10 nearest of no query;
        * "skewness" of how often items are among them (0: even; large if there are hubs);
        * "csls_recall": Recall@K by CSLS in percent, by K as a string.
    """
    from scipy.stats import skew

    distance = distances(torch.as_tensor(images), torch.as_tensor(captions)).numpy()
    relevant = image_of_caption == np.arange(len(images))[:, None]
    cosine = 1 - distance.astype(np.float64) ** 2 / 2
    csls = 2 * cosine - _mean_similarity(cosine)[:, None] - _mean_similarity(cosine.T)
    result = {}
    for direction, d, score, true in ((I2T, distance, csls, relevant), (T2I, distance.T, csls.T, relevant.T)):
        k = min(NEIGHBORS, d.shape[1])
        found = np.bincount(np.argsort(d, axis=1, kind="stable")[:, :k].ravel(), minlength=d.shape[1])
        result[direction] = {
            "anti_hubs": 100 * float((found == 0).mean()),
            "skewness": float(skew(found)) if found.std() else 0.0,
            "csls_recall": recall_of_matrix(-score, true),
        }
    return result


def _mean_similarity(cosine: np.ndarray) -> np.ndarray:
    """The mean of the ten largest similarities of each row: float64 (rows,)."""
    k = min(NEIGHBORS, cosine.shape[1])
    return np.asarray(np.partition(cosine, -k, axis=1)[:, -k:].mean(axis=1))
