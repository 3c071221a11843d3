"""How far one network mixes its two modalities: who one's neighbours are, and whether a plane tells them apart.

(The distance between the modalities' means, the "modality gap", is in metrics.evaluate_retrieval.)
"""

from __future__ import annotations

import numpy as np

from single_net.retrieval import nearest

NEIGHBOURS = 10
FOLDS = 5


def modality_mix(pictures: np.ndarray, captions: np.ndarray, *, seed: int = 0) -> dict[str, float | None]:
    """Both measures, on as many captions as pictures, so that chance is one half: each picture and one caption of it.

    pictures and captions: float32 (n, d), at length one, row i of both belonging together.

    "other_modality_of_pictures", "other_modality_of_captions": of the 10 nearest neighbours (Euclidean, without the
    item itself) of every picture or caption among all 2n items, the percentage that is of the other modality; 50 where
    the modalities are mixed at random, 0 where they lie apart.
    "probe_accuracy": percentage of items whose modality a linear classifier tells from the embedding (scikit-learn's
    logistic regression on standardised dimensions, 5-fold cross-validation from `seed`, a picture and its caption in
    the same fold): 50 where it can only guess, 100 where a plane separates the modalities.
    null: too few items.
    """
    n = len(pictures)
    points = np.concatenate([pictures, captions])
    k = min(NEIGHBOURS, 2 * n - 1)
    other = None
    if k >= 1:
        _, found = nearest(points, points, k + 1)
        itself = found == np.arange(2 * n)[:, None]
        # Among equal points the lower number comes first, so an item may not be among its own nearest: drop the last.
        itself[~itself.any(axis=1), -1] = True
        neighbours = found[~itself].reshape(2 * n, k)
        other = 100 * ((neighbours < n) != (np.arange(2 * n) < n)[:, None]).mean(axis=1)
    return {
        "other_modality_of_pictures": None if other is None else float(other[:n].mean()),
        "other_modality_of_captions": None if other is None else float(other[n:].mean()),
        "probe_accuracy": _probe(points, seed) if n >= FOLDS else None,
    }


def _probe(points: np.ndarray, seed: int) -> float:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from threadpoolctl import threadpool_limits

    n = len(points) // 2
    folds = GroupKFold(FOLDS, shuffle=True, random_state=seed)
    probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    is_caption = np.arange(2 * n) >= n
    with threadpool_limits(1):  # sums in one order
        scores = cross_val_score(probe, points.astype(np.float64), is_caption, groups=np.arange(2 * n) % n, cv=folds)
    return 100 * float(scores.mean())
