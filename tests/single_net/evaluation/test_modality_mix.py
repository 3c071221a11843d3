"""Whether the modalities mix: known answers for clouds apart, together, and paired."""

from __future__ import annotations

import numpy as np
import pytest

from single_net.evaluation.modality_mix import modality_mix


def cloud(n: int, center: float, seed: int) -> np.ndarray:
    return (np.random.default_rng(seed).normal(size=(n, 6)) + center).astype(np.float32)


def test_two_clouds_apart():
    mix = modality_mix(cloud(60, 0, 0), cloud(60, 20, 1))
    assert mix == {"other_modality_of_images": 0, "other_modality_of_captions": 0, "probe_accuracy": 100}


def test_one_cloud():
    mix = modality_mix(cloud(400, 0, 0), cloud(400, 0, 1))
    assert mix["other_modality_of_images"] == pytest.approx(50, abs=4)
    assert mix["other_modality_of_captions"] == pytest.approx(50, abs=4)
    assert mix["probe_accuracy"] == pytest.approx(50, abs=6)


def test_neighbors_by_hand():
    """On a line: images at 0, 1, .., captions beside all but the first one."""
    images = np.zeros((12, 2), np.float32)
    images[:, 0] = 100 * np.arange(12)
    mix = modality_mix(images, images + np.array([0.5, 0], np.float32))
    # The nearest is the own caption, then image and caption of the places around: 5 of 10 at one end (three places),
    # else 6.
    assert mix["other_modality_of_images"] == pytest.approx(57.5)
    assert mix["other_modality_of_captions"] == pytest.approx(57.5)


def test_the_classifier_never_sees_a_pair_from_both_sides():
    """Image and caption of a pair lie beside each other, pairs far apart, and the modality is a coin's toss."""
    rng = np.random.default_rng(0)
    places = rng.normal(size=(300, 3)) * 10
    side = rng.choice([-1, 1], size=(300, 1)) * np.array([[1.0, 0, 0]])
    mix = modality_mix((places + side).astype(np.float32), (places - side).astype(np.float32))
    assert mix["probe_accuracy"] < 58


def test_equal_points_and_few_points():
    same = np.ones((20, 4), np.float32)
    mix = modality_mix(same, same)
    assert mix["other_modality_of_images"] == mix["other_modality_of_captions"] == 0  # collapsed is not mixed
    assert mix["probe_accuracy"] <= 50
    assert modality_mix(same[:2], same[:2])["probe_accuracy"] is None


def test_the_probe_never_sees_the_other_half_of_a_pair():
    """Each pair has a dimension of its own: a probe that has seen one half takes the other for the same modality."""
    rng = np.random.default_rng(0)
    images, captions = ((10 * np.eye(100) + 0.1 * rng.normal(size=(100, 100))).astype(np.float32) for _ in range(2))
    found = modality_mix(images, captions)["probe_accuracy"]
    assert 40 < found < 60
