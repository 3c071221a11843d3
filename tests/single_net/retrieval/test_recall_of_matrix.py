"""Recall@K where a query may have any set of true items."""

from __future__ import annotations

import numpy as np

from single_net.retrieval.recall import recall_at_k, recall_of_matrix


def unit(x: np.ndarray) -> np.ndarray:
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


def test_recall_of_a_matrix_is_recall_at_k():
    rng = np.random.default_rng(0)
    images, owner = unit(rng.normal(size=(40, 6))), np.repeat(np.arange(40), 5)
    captions = unit(images[owner] + 0.8 * rng.normal(size=(200, 6)))
    expected = recall_at_k(images, captions, owner)
    distance = np.linalg.norm(images[:, None].astype(float) - captions[None], axis=2)
    relevant = owner == np.arange(40)[:, None]
    for d, true, direction in (
        (distance, relevant, "image_to_sentence"),
        (distance.T, relevant.T, "sentence_to_image"),
    ):
        assert recall_of_matrix(d, true) == {str(k): value for k, value in expected[direction].items()}
    assert recall_of_matrix(np.zeros((40, 200)), relevant) == {"1": 0, "5": 0, "10": 0}
