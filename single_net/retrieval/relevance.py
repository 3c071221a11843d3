"""Recall@K where a query may have any set of true items."""

from __future__ import annotations

import numpy as np

from single_net.retrieval.recall import KS


def recall_of_matrix(distance: np.ndarray, relevant: np.ndarray) -> dict[str, float]:
    """Recall@K from a whole matrix of distances.

    The nearest true item counts; every wrong item at most as far is ahead of it, as in `recall.recall_at_k`.

    Args:
        distance: (queries, gallery).
        relevant: bool (queries, gallery), which items are true for a query.

    Returns:
        Recall in percent, by K as a string.
    """
    best = np.where(relevant, distance, np.inf).min(axis=1)
    ahead = ((distance <= best[:, None]) & ~relevant).sum(axis=1)
    return {str(k): 100 * int((ahead < k).sum()) / len(ahead) for k in KS}
