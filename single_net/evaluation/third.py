"""Retrieval from and to a third modality: four directions beside image-to-sentence and sentence-to-image."""

from __future__ import annotations

from typing import Any

import numpy as np

from single_net.data.third import ThirdItems
from single_net.retrieval.embeddings import Array, normalize
from single_net.retrieval.ranks import I2T, T2I, rank
from single_net.retrieval.recall import summarize

TO_IMAGE, FROM_IMAGE = "third_to_image", "image_to_third"
TO_CAPTION, FROM_CAPTION = "third_to_sentence", "sentence_to_third"
DIRECTIONS = (TO_IMAGE, FROM_IMAGE, TO_CAPTION, FROM_CAPTION)

PROTOCOL = {
    TO_IMAGE: "the one image counts",
    FROM_IMAGE: "the best of an image's items counts",
    TO_CAPTION: "the caption of the item counts, and no other of its image",
    FROM_CAPTION: "the item of the caption counts, and no other of its image",
}
SEED, BOOTSTRAP = 0, 1000


def evaluate_third(
    images: Array, captions: Array, third: Array, items: ThirdItems, image_of_caption: np.ndarray
) -> dict[str, Any]:
    """Recall@K, ranks, chance and intervals of the four directions.

    Distances, ties and intervals are those of the protocol for images and captions: Euclidean between L2-normalized
    embeddings, ties against the system, a bootstrap over images. Captions and images without an item are left out.

    Args:
        images: float32 (images, d).
        captions: float32 (captions, d).
        third: float32 (captions, d), the items of the captions; rows of captions without one count for nothing.
        items: which captions have one.
        image_of_caption: int64 (captions,).

    Returns:
        A dictionary for JSON: "about", what the items are; "protocol", which item counts in which direction; and for
        each direction what retrieval.recall.summarize says.

    Raises:
        InputError: embeddings that are not finite.
    """
    kept = np.flatnonzero(items.present)
    shown, owner = np.unique(image_of_caption[kept], return_inverse=True)
    points = normalize(third[kept])
    with_images = summarize(rank(normalize(images[shown]), points, owner), SEED, BOOTSTRAP)
    # One caption for each item: captions take the part of images, and an image's captions are drawn together.
    pairs = rank(normalize(captions[kept]), points, np.arange(len(kept)))
    with_captions = summarize(pairs, SEED, BOOTSTRAP, group=owner)
    return {
        "about": dict(items.about),
        "protocol": PROTOCOL,
        TO_IMAGE: with_images[T2I],
        FROM_IMAGE: with_images[I2T],
        TO_CAPTION: with_captions[T2I],
        FROM_CAPTION: with_captions[I2T],
    }
