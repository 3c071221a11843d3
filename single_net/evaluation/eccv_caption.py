"""ECCV Caption and CxC: COCO's test split with the pairs that fit though COCO does not list them, as people found them.

Chun et al. 2022 (ECCV Caption) and Parekh et al. 2021 (Crisscrossed Captions); both come with the package eccv_caption,
which is optional: pip install 'single-net[coco]'.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import warnings
from collections.abc import Sequence

import numpy as np

from single_net.retrieval.neighbors import nearest
from single_net.retrieval.recall import I2T, KS, T2I

MEASURES = ("cxc_recalls", "eccv_r1", "eccv_map_at_r", "eccv_rprecision")


def eccv_measures(
    images: np.ndarray, captions: np.ndarray, image_ids: Sequence[int], caption_ids: Sequence[int]
) -> dict | None:
    """eccv_caption's CxC recalls, ECCV Caption's R@1, mAP@R and R-precision, all in percent, for both directions.

    images float32 (n, d) and captions float32 (m, d), L2-normalized; their numbers in COCO. None where the package is
    not installed, or not all of its images and captions are here (it knows Karpathy's 5,000 test images alone).

    The package wants full rankings, for it reads as far down as a query has true items; no query has more than the k
    that are looked up here, so its numbers are those of full rankings.
    """
    if importlib.util.find_spec("eccv_caption") is None:
        return None
    with warnings.catch_warnings(), open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):
        warnings.simplefilter("ignore")  # that an optional faster reader of JSON is missing
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
