"""Retrieval in both directions, measured: Recall@K, ranks, mean average precision (mAP), intervals, chance level.

The protocol (paper, sections 4.3 and 5.2): Euclidean distance in float32 between L2-normalised embeddings. A picture
finds its sentences if any of its captions is among the first K; a sentence has one picture. Every wrong item at
exactly the distance of the true one counts as nearer, so embeddings that have collapsed score 0 and not 100.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from encoded_text.common.errors import InputError
from encoded_text.common.progress import progress
from single_net.retrieval.distances import BLOCK, Points, chunks, distances, pair_distances
from single_net.retrieval.neighbors import embeddings_tensor, normalise

KS = (1, 5, 10)
FOLDS, FOLD_PICTURES = 5, 1000
I2T, T2I = "image_to_sentence", "sentence_to_image"

Array = np.ndarray | torch.Tensor


def recall_at_k(
    image_embeddings: Array, caption_embeddings: Array, image_of_caption: Array, ks: Sequence[int] = KS
) -> dict[str, dict[int, float]]:
    """Recall@K in percent: {"image_to_sentence": {1: .., 5: .., 10: ..}, "sentence_to_image": {...}}.

    image_embeddings (pictures, d) and caption_embeddings (captions, d), any floating type, not normalised (that
    happens here); image_of_caption (captions,) int: the picture of each caption, any number of captions a picture.
    Raises InputError for NaN or infinite values, shapes that do not fit and pictures without a caption.
    """
    images, captions, owner = _checked(image_embeddings, caption_embeddings, image_of_caption)
    return _rank(normalise(images), normalise(captions), owner).recall(ks)


def evaluate_retrieval(
    image_embeddings: Array, caption_embeddings: Array, image_of_caption: Array, *, seed: int = 0, bootstrap: int = 1000
) -> dict:
    """Everything a run record says about retrieval, as a dictionary for JSON; arguments and errors as `recall_at_k`.

    For "image_to_sentence" and "sentence_to_image": "recall" (percent, by "1", "5", "10"), "interval_95" of each
    (percentile bootstrap: pictures drawn with replacement together with their captions, the gallery unchanged;
    `bootstrap` draws from `seed`), "median_rank" and "mean_rank" (from 1, of the first true item), "mAP" (percent),
    "chance" (percent expected of a random ranking, exact), "queries" and "gallery" (numbers of items).
    "rsum" is the sum of the six recalls. "extra" holds "raw_euclidean" (recalls without normalisation), "one_caption"
    (recalls when only each picture's first caption exists), "five_fold" (mean and sample standard deviation over five
    consecutive folds of 1,000 pictures; null below 5,000 pictures) and "modality_gap" (Euclidean distance between the
    mean normalised picture and the mean normalised caption, 0 to 2).
    """
    if bootstrap < 1:
        raise InputError(f"bootstrap is {bootstrap}: an interval needs at least one draw")
    images, captions, owner = _checked(image_embeddings, caption_embeddings, image_of_caption)
    unit_images, unit_captions = normalise(images), normalise(captions)
    ranks = _rank(unit_images, unit_captions, owner)
    result = ranks.summary(seed, bootstrap)
    first = np.unique(owner, return_index=True)[1]
    gap = unit_images.double().mean(dim=0) - unit_captions.double().mean(dim=0)
    raw = _rank(images, captions, owner)
    result["extra"] = {
        "raw_euclidean": _json_keys(raw.recall(KS)),
        "raw_euclidean_interval_95": _json_keys(raw.intervals(seed, bootstrap)),
        "one_caption": _json_keys(_rank(unit_images, unit_captions[first], np.arange(len(first))).recall(KS)),
        "five_fold": _five_fold(unit_images, unit_captions, owner),
        "modality_gap": float(torch.linalg.vector_norm(gap)),
    }
    return result


@dataclass(frozen=True)
class _Ranks:
    """How far down the true items are.

    owner           int64 (captions,): the picture of each caption
    captions_ahead  int64 (captions,): from its picture, wrong captions at most as far as this one
    pictures_ahead  int64 (captions,): from this caption, wrong pictures at most as far as its own
    """

    owner: np.ndarray
    captions_ahead: np.ndarray
    pictures_ahead: np.ndarray

    @property
    def of_pictures(self) -> np.ndarray:
        """int64 (pictures,): the place, from 1, of a picture's first true caption."""
        best = np.full(self.owner.max() + 1, np.iinfo(np.int64).max)
        np.minimum.at(best, self.owner, self.captions_ahead)
        return best + 1

    @property
    def of_captions(self) -> np.ndarray:
        """int64 (captions,): the place, from 1, of a caption's picture."""
        return self.pictures_ahead + 1

    def recall(self, ks: Sequence[int]) -> dict[str, dict[int, float]]:
        places = {I2T: self.of_pictures, T2I: self.of_captions}
        return {direction: {k: 100 * int((p <= k).sum()) / len(p) for k in ks} for direction, p in places.items()}

    def picture_precision(self) -> np.ndarray:
        """float64 (pictures,): average precision over all of a picture's captions, in 0..1."""
        # Of a picture's captions, nearest first, the j-th has j - 1 true and `captions_ahead` wrong ones before it.
        order = np.lexsort((self.captions_ahead, self.owner))
        captions = np.bincount(self.owner)
        j = 1 + np.arange(len(order)) - np.repeat(np.cumsum(captions) - captions, captions)
        return np.bincount(self.owner[order], j / (j + self.captions_ahead[order])) / captions

    def summary(self, seed: int, bootstrap: int) -> dict:
        per_picture = np.bincount(self.owner)
        pictures, captions = len(per_picture), len(self.owner)
        recall = self.recall(KS)
        interval = self.intervals(seed, bootstrap)
        expected = {
            I2T: {k: _chance(per_picture, captions, k) for k in KS},
            T2I: {k: _chance(np.ones(1), pictures, k) for k in KS},
        }
        places = {I2T: self.of_pictures, T2I: self.of_captions}
        precision = {I2T: self.picture_precision(), T2I: 1 / self.of_captions}
        sizes = {I2T: (pictures, captions), T2I: (captions, pictures)}
        result: dict = {
            direction: {
                "recall": {str(k): recall[direction][k] for k in KS},
                "interval_95": {str(k): interval[direction][k] for k in KS},
                "median_rank": float(np.median(places[direction])),
                "mean_rank": float(places[direction].mean()),
                "mAP": 100 * float(precision[direction].mean()),
                "chance": {str(k): expected[direction][k] for k in KS},
                "queries": sizes[direction][0],
                "gallery": sizes[direction][1],
            }
            for direction in (I2T, T2I)
        }
        result["rsum"] = sum(recall[direction][k] for direction in (I2T, T2I) for k in KS)
        return result

    def intervals(self, seed: int, draws: int) -> dict[str, dict[int, list[float]]]:
        per_picture = np.bincount(self.owner)
        pictures = len(per_picture)
        drawn = np.random.default_rng(seed).integers(0, pictures, size=(draws, pictures), dtype=np.int32)
        times = np.stack([np.bincount(row, minlength=pictures) for row in drawn]).astype(np.float64)
        hits = {  # (pictures, ks): a picture's queries that succeed
            I2T: np.stack([self.of_pictures <= k for k in KS], axis=1).astype(np.float64),
            T2I: np.stack([np.bincount(self.owner, self.of_captions <= k) for k in KS], axis=1),
        }
        queries = {I2T: np.ones(pictures), T2I: per_picture}
        result = {}
        for direction in (I2T, T2I):
            recalls = 100 * (times @ hits[direction]) / (times @ queries[direction])[:, None]
            low, high = np.percentile(recalls, [2.5, 97.5], axis=0)
            result[direction] = {k: [float(low[i]), float(high[i])] for i, k in enumerate(KS)}
        return result


def _checked(images: Array, captions: Array, image_of_caption: Array) -> tuple[torch.Tensor, torch.Tensor, np.ndarray]:
    images = embeddings_tensor(images, "the picture embeddings")
    captions = embeddings_tensor(captions, "the caption embeddings").to(images.device)
    owner = torch.as_tensor(image_of_caption).cpu().numpy()
    if images.shape[1] != captions.shape[1]:
        raise InputError(
            f"pictures have {images.shape[1]} dimensions and captions {captions.shape[1]}: they must agree"
        )
    if owner.shape != (len(captions),) or owner.dtype.kind not in "iu":
        raise InputError(
            f"image_of_caption must hold one whole number for each of the {len(captions)} captions, "
            f"not {owner.dtype} {owner.shape}"
        )
    if owner.min() < 0 or owner.max() >= len(images):
        raise InputError(f"image_of_caption must lie in 0..{len(images) - 1}, not {owner.min()}..{owner.max()}")
    without = np.flatnonzero(np.bincount(owner, minlength=len(images)) == 0)
    if len(without):
        raise InputError(f"{len(without)} pictures have no caption (the first is number {without[0]}): leave them out")
    return images, captions, owner.astype(np.int64)


def _rank(images: torch.Tensor, captions: torch.Tensor, owner: np.ndarray) -> _Ranks:
    """Both directions from one pass over the distances; every picture has a caption, shapes as in `_checked`."""
    device = images.device
    # slot: which of its picture's captions a caption is; the thresholds of picture i stand in row i, padded with NaN.
    order = np.argsort(owner, kind="stable")
    per_picture = np.bincount(owner)
    slot = np.empty_like(owner)
    slot[order] = np.arange(len(owner)) - np.repeat(np.cumsum(per_picture) - per_picture, per_picture)
    row, column = torch.as_tensor(owner, device=device), torch.as_tensor(slot, device=device)
    true = pair_distances(images, row, captions, torch.arange(len(row), device=device))
    thresholds = torch.full((len(images), int(per_picture.max())), torch.nan, device=device)
    thresholds[row, column] = true

    captions_ahead = torch.zeros_like(thresholds, dtype=torch.int64)
    pictures_ahead = torch.zeros(len(captions), dtype=torch.int64, device=device)
    image_points, caption_points = Points.of(images), Points.of(captions)
    for rows in progress(list(chunks(len(images), 1, BLOCK[0])), what="ranking", unit="chunk"):
        for columns in chunks(len(captions), 1, BLOCK[1]):
            own = ((row[columns] >= rows.start) & (row[columns] < rows.stop)).nonzero().flatten()
            own = row[columns][own] - rows.start, own
            block = image_points[rows], caption_points[columns], thresholds[rows], true[columns], own
            counts = _estimated_counts(*block) or _exact_counts(*block)
            captions_ahead[rows] += torch.stack(counts[:-1], dim=1)
            pictures_ahead[columns] += counts[-1]
    return _Ranks(owner, captions_ahead[row, column].cpu().numpy(), pictures_ahead.cpu().numpy())


# The two ways to count in one block of pictures x captions. thresholds float32 (pictures, slots) and true (captions,):
# distances of the true pairs; own: where in the block those pairs are. Each returns a list of int64 counts: for every
# slot (pictures,), how many wrong captions are at most that far, and last (captions,), how many wrong pictures.


def _exact_counts(images: Points, captions: Points, thresholds: torch.Tensor, true: torch.Tensor, own: tuple) -> list:
    block = distances(images.vectors, captions.vectors)
    block[own] = torch.nan  # never counted: no comparison with NaN holds
    return [_at_most(block, limits) for limits in thresholds.T] + [_at_most(block.T, true)]


def _estimated_counts(
    images: Points, captions: Points, thresholds: torch.Tensor, true: torch.Tensor, own: tuple
) -> list | None:
    """The same numbers, faster; None where the estimate leaves so much open that the exact way is the faster one."""
    block = images.estimate(captions)
    if block is None:
        return None
    block[own] = torch.nan
    comparisons = [(block, images, captions, limits) for limits in thresholds.T]
    comparisons += [(block.T, captions, images, true)]
    counts = []
    for estimate, a, b, limits in comparisons:
        low, high = a.brackets(limits, b)
        count, possible = _at_most(estimate, low), _at_most(estimate, high)
        if int((possible - count).sum()) > block.numel() // 64:
            return None
        which = (possible > count).nonzero().flatten()
        part = estimate[which]
        i, j = ((part > low[which, None]) & (part <= high[which, None])).nonzero(as_tuple=True)
        i = which[i]
        within = pair_distances(a.vectors, i, b.vectors, j) <= limits[i]
        counts.append(count + torch.bincount(i[within], minlength=len(count)))
    return counts


def _at_most(block: torch.Tensor, limits: torch.Tensor) -> torch.Tensor:
    """int64 (n,): how many values in each row of (n, m) are at most the row's limit."""
    # Summing zeros and ones in float32 (exact below 2^24) is several times faster than summing truth values.
    return torch.le(block, limits[:, None], out=torch.empty_like(block)).sum(dim=1).to(torch.int64)


def _chance(true_items: np.ndarray, gallery: int, k: int) -> float:
    """Percent of queries with at least one of their `true_items` among the first k of a random ranking.

    One minus the hypergeometric chance of drawing k of the gallery without a true item, averaged over the queries.
    """
    drawn = np.arange(min(k, gallery))
    wrong = np.maximum(gallery - true_items[:, None] - drawn, 0) / (gallery - drawn)
    return round(100 * float((1 - wrong.prod(axis=1)).mean()), 9)  # 0.1, not 0.10000000000000009


def _five_fold(images: torch.Tensor, captions: torch.Tensor, owner: np.ndarray) -> dict | None:
    if len(images) < FOLDS * FOLD_PICTURES:
        return None
    folds = []
    for start in range(0, FOLDS * FOLD_PICTURES, FOLD_PICTURES):
        inside = np.flatnonzero((owner >= start) & (owner < start + FOLD_PICTURES))
        ranks = _rank(images[start : start + FOLD_PICTURES], captions[inside], owner[inside] - start)
        folds.append(ranks.recall(KS))
    table = {d: np.array([[fold[d][k] for k in KS] for fold in folds]) for d in (I2T, T2I)}
    return {
        "mean": {d: dict(zip(map(str, KS), t.mean(axis=0).tolist(), strict=True)) for d, t in table.items()},
        "standard_deviation": {
            d: dict(zip(map(str, KS), t.std(axis=0, ddof=1).tolist(), strict=True)) for d, t in table.items()
        },
    }


def _json_keys(recalls: dict[str, dict[int, Any]]) -> dict[str, dict[str, Any]]:
    return {direction: {str(k): value for k, value in by_k.items()} for direction, by_k in recalls.items()}
