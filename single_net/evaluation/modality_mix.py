"""How well the two modalities mix: neighbors of the other modality, and a linear probe.

The distance between the means of the modalities, the "modality gap", is in `retrieval.recall.evaluate_retrieval`.
"""

from __future__ import annotations

import numpy as np

from single_net.retrieval.neighbors import nearest

NEIGHBORS = 10
FOLDS = 5


def modality_mix(images: np.ndarray, captions: np.ndarray, *, seed: int = 0) -> dict[str, float | None]:
    """Both measures, on as many captions as images, so that the chance level is one half.

    Args:
        images: float32 (n, d), L2-normalized.
        captions: float32 (n, d), L2-normalized; row i belongs to image i.
        seed: of the folds of the cross-validation.

    Returns:
        Three numbers.

        * "other_modality_of_images", "other_modality_of_captions": percentage of the 10 nearest neighbors (Euclidean,
          without the item itself) of every image or caption among all 2n items that are of the other modality. 50: the
          modalities are mixed at random; 0: they are separate. At equal distances the own modality counts as nearer,
          so that collapsed embeddings do not look mixed.
        * "probe_accuracy": percentage of items whose modality a linear classifier tells (scikit-learn's logistic
          regression on standardized dimensions, 5-fold cross-validation, an image and its caption in the same fold).
          50: it can only guess; 100: a plane separates the modalities. None below 5 images.
    """
    return {
        "other_modality_of_images": _share_of_other(images, captions),
        "other_modality_of_captions": _share_of_other(captions, images),
        "probe_accuracy": _probe(np.concatenate([images, captions]), seed) if len(images) >= FOLDS else None,
    }


def _share_of_other(own: np.ndarray, other: np.ndarray) -> float:
    n = len(own)
    k = min(NEIGHBORS, 2 * n - 1)
    _, found = nearest(own, np.concatenate([own, other]), k + 1)  # equal distances go to the lower index, so to `own`
    itself = np.equal(found, np.arange(n)[:, None])
    itself[~itself.any(axis=1), -1] = True  # where more than k items lie on one point, the item itself may be missing
    return 100 * float((found[~itself] >= n).mean())


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
    with threadpool_limits(1):  # a fixed order of summation
        scores = cross_val_score(probe, points.astype(np.float64), is_caption, groups=np.arange(2 * n) % n, cv=folds)
    return 100 * float(scores.mean())
