"""Recall@K where a query may have any set of true items."""

from __future__ import annotations

import numpy as np
import pytest

from encoded_text.common.errors import InputError
from single_net.retrieval.recall import recall_at_k, recall_of_matrix


def unit(x: np.ndarray) -> np.ndarray:
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


def test_recall_of_a_matrix_is_recall_at_k():
    rng = np.random.default_rng(0)
    images, image_of_caption = unit(rng.normal(size=(40, 6))), np.repeat(np.arange(40), 5)
    captions = unit(images[image_of_caption] + 0.8 * rng.normal(size=(200, 6)))
    expected = recall_at_k(images, captions, image_of_caption)
    distance = np.linalg.norm(images[:, None].astype(float) - captions[None], axis=2)
    relevant = image_of_caption == np.arange(40)[:, None]
    for d, true, direction in (
        (distance, relevant, "image_to_sentence"),
        (distance.T, relevant.T, "sentence_to_image"),
    ):
        assert recall_of_matrix(d, true) == {str(k): value for k, value in expected[direction].items()}
    assert recall_of_matrix(np.zeros((40, 200)), relevant) == {"1": 0, "5": 0, "10": 0}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda d, true: (np.where(d == d[2, 1], np.nan, d), true), r"1 of 3 queries have distances .* row 2"),
        (lambda d, true: (np.where(d == d[1, 1], np.inf, d), true), r"1 of 3 queries have distances .* row 1"),
        (lambda d, true: (d, true & (np.arange(3) != 1)[:, None]), "1 of 3 queries have no true item, .* row 1"),
        (lambda d, true: (d, true.astype(int)), "relevant is bool"),
        (lambda d, true: (d, true[:, :3]), "shape"),
        (lambda d, true: (d, true[0]), "shape"),
        (lambda d, true: ([1, 2], [True, False]), "shape"),
        (lambda d, true: (d[:, :0], true[:, :0]), "shape"),
    ],
)
def test_what_would_count_as_perfect_is_refused(change, why):
    distance, relevant = np.arange(12.0).reshape(3, 4), np.eye(3, 4, dtype=bool)
    with pytest.raises(InputError, match=why):
        recall_of_matrix(*change(distance, relevant))
