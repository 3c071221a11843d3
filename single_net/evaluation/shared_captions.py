"""Captions of different images that are encoded alike, and how far they cap Recall@K."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from single_net.retrieval.ranks import I2T, T2I
from single_net.retrieval.recall import KS


def shared_captions(ids: np.ndarray, image_of_caption: np.ndarray, ks: Sequence[int] = KS) -> dict[str, Any]:
    """Count the captions that are encoded like a caption of another image, and give the ceiling of Recall@K.

    Such captions have one embedding, so that no model can tell their images apart by them. As equal distances count
    against the system, an image finds at K only a caption that fewer than K captions of other images equal; and of the
    images of one caption only K can be among its first K.

    Args:
        ids: int32 (captions, capacity), the word ids of the encoded captions.
        image_of_caption: int64 (captions,), the image of each caption; every image has one or more.
        ks: the values of K.

    Returns:
        A dictionary for JSON.

        * "captions": how many are encoded like a caption of another image;
        * "images": how many have no other captions;
        * "ceiling": the largest Recall@K in percent that any embedding of these captions reaches, by direction and K as
          a string.
    """
    code = np.unique(ids, axis=0, return_inverse=True)[1].ravel()
    images = int(image_of_caption.max()) + 1
    pairs, pair, number = np.unique(code * images + image_of_caption, return_inverse=True, return_counts=True)
    others = np.bincount(code)[code] - number[pair]  # captions of other images that equal this one
    fewest = np.full(images, len(image_of_caption))
    np.minimum.at(fewest, image_of_caption, others)
    # The images of each encoded caption, those with most copies of it first: a perfect ranking.
    of_pair = pairs // images
    order = np.lexsort((-number, of_pair))
    place = np.arange(len(pairs)) - np.searchsorted(of_pair, of_pair)  # both sorted by caption
    found = {k: int(number[order][place < k].sum()) for k in ks}
    return {
        "captions": int((others > 0).sum()),
        "images": int((fewest > 0).sum()),
        "ceiling": {
            I2T: {str(k): 100 * int((fewest < k).sum()) / images for k in ks},
            T2I: {str(k): 100 * found[k] / len(image_of_caption) for k in ks},
        },
    }
