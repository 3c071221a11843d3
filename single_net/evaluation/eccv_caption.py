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
    the largest such number, so the results are those of full rankings.

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
        true = {
            "i2t": [metrics.cxc_gts["i2t"], metrics.eccv_gts["i2t"]],
            "t2i": [metrics.cxc_gts["t2i"], metrics.eccv_gts["t2i"]],
        }
        every = set(metrics.coco_gts["i2t"]), set(metrics.coco_gts["t2i"])
        if not (every[0] <= set(image_ids) and every[1] <= set(caption_ids)):
            return None
        ranked = {}
        for way, queries, gallery, asked, items in (
            ("i2t", images, captions, image_ids, caption_ids),
            ("t2i", captions, images, caption_ids, image_ids),
        ):
            longest = max(KS[-1], *(len(found) for of in true[way] for found in of.values()))
            numbers = np.array(items)[nearest(queries, gallery, min(longest, len(gallery)))[1]]
            ranked[way] = dict(zip(asked, numbers.tolist(), strict=True))
        scores = metrics.compute_all_metrics(ranked["i2t"], ranked["t2i"], target_metrics=MEASURES, Ks=KS)
    return {
        direction: {name: 100 * float(score[way]) for name, score in scores.items()}
        for direction, way in ((I2T, "i2t"), (T2I, "t2i"))
    }
