"""Recall@K of a random ranking."""

from __future__ import annotations

import numpy as np


def chance(true_items: np.ndarray, gallery: int, k: int) -> float:
    """Expected Recall@K of a random ranking, exact.

    One minus the hypergeometric probability of drawing k items of the gallery without a true one; mean over queries.

    Args:
        true_items: (queries,), number of true items of each query.
        gallery: number of items in the gallery.
        k: number of items looked at.

    Returns:
        The chance level in percent.
    """
    drawn = np.arange(min(k, gallery))
    wrong = np.maximum(gallery - true_items[:, None] - drawn, 0) / (gallery - drawn)
    return round(100 * float((1 - wrong.prod(axis=1)).mean()), 9)  # 0.1, not 0.10000000000000009
