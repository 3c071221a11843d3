"""Recall@K where equal distances are put in random order, beside the rule of `ranks` that counts them as errors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from single_net.retrieval.ranks import I2T, T2I, Ranks


def expected_recall(ranks: Ranks, ks: Sequence[int]) -> dict[str, dict[int, float]]:
    """Recall@K if every group of equally distant items is put in random order: its expectation, exact.

    Nearer wrong items stay ahead. Of the places that they leave among the first K, items are drawn without replacement
    from the wrong and true items at the distance of the nearest true one; a query fails if no true one is drawn.

    Args:
        ranks: of all queries.
        ks: the values of K.

    Returns:
        Recall in percent, by direction and K; never below `Ranks.recall`, and equal to it without ties.
    """
    nearer = ranks.captions_ahead - ranks.captions_tied
    # The nearest true caption of each image. Captions that are as near have the same two counts. So may a farther one
    # have, if no wrong caption is between or tied: then it changes nothing.
    order = np.lexsort((ranks.captions_tied, nearer, ranks.image_of_caption))
    nearest = order[np.unique(ranks.image_of_caption[order], return_index=True)[1]]
    alike = (nearer == nearer[nearest][ranks.image_of_caption]) & (
        ranks.captions_tied == ranks.captions_tied[nearest][ranks.image_of_caption]
    )
    true = np.bincount(ranks.image_of_caption, alike).astype(np.int64)
    queries = {
        I2T: (nearer[nearest], ranks.captions_tied[nearest], true),
        T2I: (ranks.images_ahead - ranks.images_tied, ranks.images_tied, np.ones_like(ranks.images_tied)),
    }
    return {direction: {k: _mean_success(*counts, k) for k in ks} for direction, counts in queries.items()}


def _mean_success(nearer: np.ndarray, tied: np.ndarray, true: np.ndarray, k: int) -> float:
    """100 times the mean of 1 - C(tied, n) / C(tied + true, n), n the places left among the first k."""
    drawn = np.minimum(np.maximum(k - nearer, 0), tied + true)
    failure = np.ones(len(drawn))
    for j in range(int(drawn.max(initial=0))):
        failure *= np.where(j < drawn, np.maximum(tied - j, 0) / np.maximum(tied + true - j, 1), 1)
    return 100 * float((1 - failure).sum()) / len(failure)
