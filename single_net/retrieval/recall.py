"""Recall@K in both directions, and everything that a run record says about retrieval.

The protocol (paper, sections 4.3 and 5.2): Euclidean distance in float32 between L2-normalized embeddings. An image
query succeeds if any of its captions is among the first K; a sentence has one image. Every wrong item at exactly the
distance of the true one counts as nearer (see `ranks`); the expectation with ties in random order stands beside (see
`ties`).
"""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np
import torch

from encoded_text.common.arguments import whole_number
from encoded_text.common.errors import InputError
from single_net.retrieval.chance import chance
from single_net.retrieval.embeddings import Array, embeddings_tensor, normalize, real_numbers
from single_net.retrieval.intervals import bootstrap_intervals
from single_net.retrieval.ranks import I2T, T2I, Ranks, rank
from single_net.retrieval.ties import expected_recall

KS = (1, 5, 10)
FOLDS, FOLD_IMAGES = 5, 1000


def recall_at_k(
    image_embeddings: Array,
    caption_embeddings: Array,
    image_of_caption: Array | Sequence[int],
    ks: Sequence[int] = KS,
) -> dict[str, dict[int, float]]:
    """Recall@K of both directions.

    Args:
        image_embeddings: (images, d), any numeric dtype; normalized here.
        caption_embeddings: (captions, d), any numeric dtype; normalized here.
        image_of_caption: int (captions,), the image of each caption; any number of captions per image.
        ks: the values of K.

    Returns:
        Recall in percent, as ``{"image_to_sentence": {1: .., 5: .., 10: ..}, "sentence_to_image": {...}}``.

    Raises:
        InputError: NaN or infinite values, shapes that do not fit, images without a caption, or a K below 1.
    """
    if not all(isinstance(k, Integral) and k >= 1 for k in ks):
        raise InputError(f"ks are {list(ks)}: choose whole numbers of 1 or more")
    images, captions, image_of_caption = _checked(image_embeddings, caption_embeddings, image_of_caption)
    return rank(normalize(images), normalize(captions), image_of_caption).recall(ks)


def evaluate_retrieval(
    image_embeddings: Array,
    caption_embeddings: Array,
    image_of_caption: Array | Sequence[int],
    *,
    seed: int = 0,
    bootstrap: int = 1000,
) -> dict[str, Any]:
    """All retrieval metrics of a run record.

    Args:
        image_embeddings: as in `recall_at_k`.
        caption_embeddings: as in `recall_at_k`.
        image_of_caption: as in `recall_at_k`.
        seed: of the bootstrap.
        bootstrap: number of bootstrap samples.

    Returns:
        A dictionary for JSON, in which K is a string.

        * "image_to_sentence" and "sentence_to_image": see `summarize`;
        * "rsum": the sum of the six recalls;
        * "reached": see `ranks.Ranks.reached`, for paired comparisons;
        * "extra": "raw_euclidean", the recalls without normalization, and "raw_euclidean_interval_95";
          "one_caption", the recalls with each image's first caption only; "five_fold", mean and sample standard
          deviation over five consecutive folds of 1,000 images (None below 5,000 images); "modality_gap", the Euclidean
          distance between the mean normalized image and the mean normalized caption, 0 to 2 (Liang et al. 2022).

    Raises:
        InputError: as `recall_at_k`, for a seed that is no whole number, and for fewer than one bootstrap sample.
    """
    seed, bootstrap = whole_number("seed", seed, 0), whole_number("bootstrap", bootstrap, 1)
    images, captions, image_of_caption = _checked(image_embeddings, caption_embeddings, image_of_caption)
    unit_images, unit_captions = normalize(images), normalize(captions)
    ranks = rank(unit_images, unit_captions, image_of_caption)
    result: dict[str, Any] = summarize(ranks, seed, bootstrap)
    result["reached"] = ranks.reached(KS)
    result["rsum"] = sum(result[direction]["recall"][str(k)] for direction in (I2T, T2I) for k in KS)
    first = np.unique(image_of_caption, return_index=True)[1]
    raw = rank(images, captions, image_of_caption)
    result["extra"] = {
        "raw_euclidean": json_keys(raw.recall(KS)),
        "raw_euclidean_interval_95": json_keys(bootstrap_intervals(raw, KS, seed, bootstrap)),
        "one_caption": json_keys(rank(unit_images, unit_captions[first], np.arange(len(first))).recall(KS)),
        "five_fold": five_fold(unit_images, unit_captions, image_of_caption),
        "modality_gap": modality_gap(unit_images, unit_captions),
    }
    return result


def modality_gap(images: torch.Tensor, captions: torch.Tensor) -> float:
    """Euclidean distance between the mean image and the mean caption embedding, 0 to 2 (Liang et al. 2022).

    Args:
        images: float32 (images, d), L2-normalized.
        captions: float32 (captions, d), L2-normalized.
    """
    return float(torch.linalg.vector_norm(images.double().mean(dim=0) - captions.double().mean(dim=0)))


def summarize(ranks: Ranks, seed: int, bootstrap: int, group: np.ndarray | None = None) -> dict[str, dict[str, Any]]:
    """Metrics of both directions.

    Args:
        ranks: of all queries.
        seed: of the bootstrap.
        bootstrap: number of bootstrap samples.
        group: what the bootstrap draws together, see `intervals`.

    Returns:
        For each direction "recall", "expected_recall", "interval_95" and "chance" (percent, by K as a string; see
        `ties`, `intervals` and `chance`), "median_rank" and "mean_rank" (from 1, of the first true item), "mAP"
        (percent), "queries" and "gallery" (numbers of items).
    """
    per_image = np.bincount(ranks.image_of_caption)
    num_images, num_captions = len(per_image), len(ranks.image_of_caption)
    recall, expected, intervals = (
        ranks.recall(KS),
        expected_recall(ranks, KS),
        bootstrap_intervals(ranks, KS, seed, bootstrap, group),
    )
    places = {I2T: ranks.of_images, T2I: ranks.of_captions}
    precision = ranks.average_precision()
    true_items = {I2T: per_image, T2I: np.ones(1)}
    sizes = {I2T: (num_images, num_captions), T2I: (num_captions, num_images)}
    return {
        direction: {
            "recall": {str(k): recall[direction][k] for k in KS},
            "expected_recall": {str(k): expected[direction][k] for k in KS},
            "interval_95": {str(k): intervals[direction][k] for k in KS},
            "median_rank": float(np.median(places[direction])),
            "mean_rank": float(places[direction].mean()),
            "mAP": 100 * float(precision[direction].mean()),
            "chance": {str(k): chance(true_items[direction], gallery, k) for k in KS},
            "queries": queries,
            "gallery": gallery,
        }
        for direction, (queries, gallery) in sizes.items()
    }


def five_fold(images: torch.Tensor, captions: torch.Tensor, image_of_caption: np.ndarray) -> dict[str, Any] | None:
    """Recall@K over five consecutive folds of 1,000 images, as for COCO-1k.

    Args:
        images: float32 (images, d), L2-normalized.
        captions: float32 (captions, d), L2-normalized.
        image_of_caption: int64 (captions,), the image of each caption.

    Returns:
        "mean" and "standard_deviation" (of the sample) in percent, by direction and K; None below 5,000 images.
    """
    if len(images) < FOLDS * FOLD_IMAGES:
        return None
    folds = []
    for start in range(0, FOLDS * FOLD_IMAGES, FOLD_IMAGES):
        inside = np.flatnonzero((image_of_caption >= start) & (image_of_caption < start + FOLD_IMAGES))
        ranks = rank(images[start : start + FOLD_IMAGES], captions[inside], image_of_caption[inside] - start)
        folds.append(ranks.recall(KS))
    table = {d: np.array([[fold[d][k] for k in KS] for fold in folds]) for d in (I2T, T2I)}

    def by_k(values: np.ndarray) -> dict[str, float]:
        return dict(zip(map(str, KS), values.tolist(), strict=True))

    return {
        "mean": {d: by_k(t.mean(axis=0)) for d, t in table.items()},
        "standard_deviation": {d: by_k(t.std(axis=0, ddof=1)) for d, t in table.items()},
    }


def _checked(
    images: Array, captions: Array, image_of_caption: Array | Sequence[int]
) -> tuple[torch.Tensor, torch.Tensor, np.ndarray]:
    images = embeddings_tensor(images, "the image embeddings")
    captions = embeddings_tensor(captions, "the caption embeddings").to(images.device)
    owners = real_numbers(image_of_caption, "image_of_caption")
    image_of_caption = np.asarray(owners.cpu() if isinstance(owners, torch.Tensor) else owners)
    if images.shape[1] != captions.shape[1]:
        raise InputError(f"images have {images.shape[1]} dimensions and captions {captions.shape[1]}: they must agree")
    if image_of_caption.shape != (len(captions),) or image_of_caption.dtype.kind not in "iu":
        raise InputError(
            f"image_of_caption must hold one whole number for each of the {len(captions)} captions, "
            f"not {image_of_caption.dtype} {image_of_caption.shape}"
        )
    if image_of_caption.min() < 0 or image_of_caption.max() >= len(images):
        raise InputError(
            f"image_of_caption must lie in 0..{len(images) - 1}, not {image_of_caption.min()}..{image_of_caption.max()}"
        )
    without = np.flatnonzero(np.bincount(image_of_caption, minlength=len(images)) == 0)
    if len(without):
        raise InputError(f"{len(without)} images have no caption (the first is number {without[0]}): leave them out")
    return images, captions, image_of_caption.astype(np.int64)


def json_keys(by_direction: dict[str, dict[int, Any]]) -> dict[str, dict[str, Any]]:
    """Values by direction and K, with K as a string."""
    return {direction: {str(k): value for k, value in by_k.items()} for direction, by_k in by_direction.items()}


def recall_of_matrix(distance: np.ndarray, relevant: np.ndarray) -> dict[str, float]:
    """Recall@K where a query may have any set of true items, from a whole matrix of distances.

    The nearest true item counts; every wrong item at most as far is ahead of it, as in `recall_at_k`.

    Args:
        distance: (queries, gallery).
        relevant: bool (queries, gallery), which items are true for a query.

    Returns:
        Recall in percent, by K as a string.

    Raises:
        InputError: other shapes or types, distances that are not finite, or a query without a true item.
    """
    distance, relevant = np.asarray(distance), np.asarray(relevant)
    if distance.ndim != 2 or distance.shape != relevant.shape or 0 in distance.shape or relevant.dtype != bool:
        shapes = f"{distance.shape} and {relevant.dtype} {relevant.shape}"
        raise InputError(
            f"distance and relevant are {shapes}: both have the shape (queries, gallery), relevant is bool"
        )
    for what, bad in (
        ("distances that are not finite", ~np.isfinite(distance).all(axis=1)),
        ("no true item", ~relevant.any(axis=1)),
    ):
        if bad.any():
            raise InputError(f"{bad.sum()} of {len(distance)} queries have {what}, the first is row {bad.argmax()}")
    best = np.where(relevant, distance, np.inf).min(axis=1)
    ahead = ((distance <= best[:, None]) & ~relevant).sum(axis=1)
    return {str(k): 100 * int((ahead < k).sum()) / len(ahead) for k in KS}
