"""Bootstrap intervals."""

from __future__ import annotations

import numpy as np
import pytest

from encoded_text.common.errors import InputError
from single_net.retrieval.intervals import difference_intervals
from single_net.retrieval.recall import evaluate_retrieval

I2T, T2I = "image_to_sentence", "sentence_to_image"


def test_interval_has_the_width_that_statistics_expects():
    """200 of 400 images found with one caption each: 50 +- 1.96 * 100 * sqrt(0.25 / 400) = 50 +- 4.9."""
    vectors = np.eye(400)
    captions = vectors.copy()
    captions[200:] = -vectors[200:]
    result = evaluate_retrieval(vectors, captions, np.arange(400), bootstrap=4000)
    for direction in (I2T, T2I):
        assert result[direction]["recall"]["1"] == 50
        low, high = result[direction]["interval_95"]["1"]
        assert (low, high) == (pytest.approx(45.1, abs=0.5), pytest.approx(54.9, abs=0.5))


def test_interval_draws_images_with_their_captions():
    """All 5 captions of an image succeed or fail together: t2i is as uncertain as i2t, not sqrt(5) times less."""
    vectors = np.eye(400)
    captions = np.repeat(vectors * np.where(np.arange(400) < 200, 1, -1)[:, None], 5, axis=0)
    result = evaluate_retrieval(vectors, captions, np.repeat(np.arange(400), 5))
    assert result[T2I]["interval_95"]["1"] == pytest.approx(result[I2T]["interval_95"]["1"])


def test_interval_follows_the_seed():
    rng = np.random.default_rng(4)
    images = rng.standard_normal((60, 8))
    data = images, images + 1.5 * rng.standard_normal((60, 8)), np.arange(60)
    one, again, other = (evaluate_retrieval(*data, seed=s)[I2T]["interval_95"] for s in (0, 0, 1))
    assert one == again != other
    with pytest.raises(InputError, match="bootstrap"):
        evaluate_retrieval(*data, bootstrap=0)


def test_the_interval_of_a_difference_has_the_width_that_statistics_expects():
    none, half = np.zeros((400, 1), int), (np.arange(400) < 200).astype(int)[:, None]
    [[middle, low, high]] = difference_intervals(none, half, np.ones(400, int), draws=4000)
    assert (middle, low, high) == (50, pytest.approx(45.1, abs=0.5), pytest.approx(54.9, abs=0.5))


def test_R2c_uneven_numbers_of_captions():
    """All queries of the second fail with the first model and succeed with the second: 100 in every draw."""
    queries = np.array([1, 9, 2, 30, 5])
    zeros = np.zeros((5, 1), int)
    [[middle, low, high]] = difference_intervals(zeros, queries[:, None], queries)
    assert (middle, low, high) == (100, 100, 100)


def test_the_interval_without_normalization_is_of_its_own_recall():
    rng = np.random.default_rng(0)
    images = rng.standard_normal((100, 8))
    captions = images * rng.uniform(1, 20, (100, 1))
    extra = evaluate_retrieval(images, captions, np.arange(100))["extra"]
    for direction in ("image_to_sentence", "sentence_to_image"):
        assert extra["raw_euclidean"][direction]["1"] < 100
        for k, (low, high) in extra["raw_euclidean_interval_95"][direction].items():
            assert low <= extra["raw_euclidean"][direction][k] <= high, (direction, k)
