"""ECCV Caption and CxC: COCO's test split with the matching pairs that COCO does not list, as people judged them.

Chun et al. 2022 (ECCV Caption) and Parekh et al. 2021 (Crisscrossed Captions). Both come with the package eccv_caption,
which is optional: pip install 'single-net[coco]'.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from single_net.retrieval.neighbors import nearest
from single_net.retrieval.ranks import I2T, T2I
from single_net.retrieval.recall import KS

MEASURES = ("cxc_recalls", "eccv_r1", "eccv_map_at_r", "eccv_rprecision")


def eccv_measures(
    images: np.ndarray, captions: np.ndarray, image_ids: Sequence[int], caption_ids: Sequence[int]
) -> dict[str, Any] | None:
    """CxC recalls, and R@1, mAP@R and R-precision of ECCV Caption.

    The package expects full rankings, but reads only as far down as a query has true items. Rankings are computed to
    the largest such number, so the results are those of full rankings. Every wrong item at exactly the distance of a
    true one comes first, as everywhere in this project.

    Args:
        images: float32 (n, d), L2-normalized.
        captions: float32 (m, d), L2-normalized.
        image_ids: COCO's numbers of the images.
        caption_ids: COCO's numbers of the captions.

    Returns:
        The measures in percent, by direction and the package's names. None if the package is not installed, or if not
        all of its images and captions are given (it covers the 5,000 test images of Karpathy's split only).
    """
    if importlib.util.find_spec("eccv_caption") is None:
        return None
    with warnings.catch_warnings(), open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):
        warnings.simplefilter("ignore")  # that an optional faster JSON reader is missing
        from eccv_caption import Metrics

        metrics = Metrics()
        every = set(metrics.coco_gts["i2t"]), set(metrics.coco_gts["t2i"])
        if not (every[0] <= set(image_ids) and every[1] <= set(caption_ids)):
            return None
        scores: dict[str, dict[str, float]] = {}
        for truth, measures in ((metrics.cxc_gts, MEASURES[:1]), (metrics.eccv_gts, MEASURES[1:])):
            ranked = {
                "i2t": _ranked(images, captions, image_ids, caption_ids, truth["i2t"]),
                "t2i": _ranked(captions, images, caption_ids, image_ids, truth["t2i"]),
            }
            scores |= metrics.compute_all_metrics(ranked["i2t"], ranked["t2i"], target_metrics=measures, Ks=KS)
    return {
        direction: {name: 100 * float(score[way]) for name, score in scores.items()}
        for direction, way in ((I2T, "i2t"), (T2I, "t2i"))
    }


def _ranked(
    queries: np.ndarray, gallery: np.ndarray, asked: Sequence[int], items: Sequence[int], true: dict[int, list[int]]
) -> dict[int, list[int]]:
    """For every query, by COCO's numbers, the nearest items: as many as the package reads."""
    longest = max(KS[-1], *map(len, true.values()))
    rows = [row for row, query in enumerate(asked) if query in true]  # no others are looked at
    # So many that every wrong item as near as a true one among the first `longest` is there.
    distances, found = nearest(queries[rows], gallery, min(2 * longest, len(gallery)))
    result = {}
    for row, distance, numbers in zip(rows, distances, np.array(items)[found], strict=True):
        query = asked[row]
        wrong_first = np.lexsort((np.isin(numbers, true[query]), distance))
        result[query] = numbers[wrong_first][:longest].tolist()
    return result
