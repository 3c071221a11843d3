"""The chance level."""

from __future__ import annotations

import math

import numpy as np
import pytest

from single_net.retrieval.chance import chance
from single_net.retrieval.recall import evaluate_retrieval

I2T, T2I = "image_to_sentence", "sentence_to_image"


def test_chance_against_simulation():
    image_of_caption = np.repeat(np.arange(12), np.tile([1, 2, 5, 7], 3))
    rng = np.random.default_rng(3)
    result = evaluate_retrieval(
        rng.standard_normal((12, 4)), rng.standard_normal((len(image_of_caption), 4)), image_of_caption
    )
    hits = {I2T: np.zeros(3), T2I: np.zeros(3)}
    draws = 4000
    for _ in range(draws):
        shuffled = rng.permuted(np.tile(image_of_caption, (12, 1)), axis=1)
        first = np.argmax(shuffled == np.arange(12)[:, None], axis=1)
        hits[I2T] += [(first < k).mean() for k in (1, 5, 10)]
        hits[T2I] += [(rng.integers(12, size=len(image_of_caption)) < k).mean() for k in (1, 5, 10)]
    for direction, total in hits.items():
        assert list(result[direction]["chance"].values()) == pytest.approx(100 * total / draws, abs=0.6)


def test_chance_of_the_paper_protocol():
    image_of_caption = np.repeat(np.arange(1000), 5)
    expected = [100 * (1 - math.comb(4995, k) / math.comb(5000, k)) for k in (1, 5, 10)]
    assert [chance(np.bincount(image_of_caption), 5000, k) for k in (1, 5, 10)] == pytest.approx(expected)
    assert [chance(np.ones(1), 1000, k) for k in (1, 5, 10)] == pytest.approx([0.1, 0.5, 1.0])
