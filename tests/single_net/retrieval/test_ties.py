"""Ties in random order: against the mean over all orders of a small gallery."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from single_net.retrieval.ranks import I2T, T2I, rank
from single_net.retrieval.recall import evaluate_retrieval
from single_net.retrieval.ties import expected_recall

KS = (1, 2, 3, 5)


def over_all_orders(images: np.ndarray, captions: np.ndarray, image_of_caption: np.ndarray) -> dict:
    """The mean recall over every order in which equally distant items may stand."""
    squared = ((images[:, None] - captions[None]) ** 2).sum(axis=2)
    is_true = image_of_caption == np.arange(len(images))[:, None]
    result = {}
    for direction, distance, true in ((I2T, squared, is_true), (T2I, squared.T, is_true.T)):
        orders = np.array(list(itertools.permutations(range(distance.shape[1]))))
        hits = {k: [] for k in KS}
        for row, own in zip(distance, true, strict=True):
            ranked = np.array([order[np.argsort(row[order], kind="stable")] for order in orders])
            for k in KS:
                hits[k].append(own[ranked[:, :k]].any(axis=1).mean())
        result[direction] = {k: 100 * np.mean(hits[k]) for k in KS}
    return result


@pytest.mark.parametrize("seed", range(8))
def test_the_mean_over_all_orders(seed):
    rng = np.random.default_rng(seed)
    image_of_caption = np.sort(rng.integers(0, 3, size=6))
    image_of_caption[:3] = range(3)
    images, captions = rng.integers(0, 2, size=(3, 2)), rng.integers(0, 2, size=(6, 2))
    ranks = rank(torch.tensor(images).float(), torch.tensor(captions).float(), image_of_caption)
    found, pessimistic = expected_recall(ranks, KS), ranks.recall(KS)
    expected = over_all_orders(images, captions, image_of_caption)
    for direction in (I2T, T2I):
        assert found[direction] == pytest.approx(expected[direction])
        assert all(found[direction][k] >= pessimistic[direction][k] for k in KS)


def test_collapsed_embeddings_reach_the_chance_level():
    image_of_caption = np.repeat(np.arange(20), 5)
    result = evaluate_retrieval(np.ones((20, 4)), np.ones((100, 4)), image_of_caption)
    for direction in (I2T, T2I):
        assert result[direction]["recall"] == {"1": 0, "5": 0, "10": 0}
        assert result[direction]["expected_recall"] == pytest.approx(result[direction]["chance"])


def test_without_ties_both_are_the_very_same_number():
    rng = np.random.default_rng(3)
    image_of_caption = np.repeat(np.arange(30), 3)
    result = evaluate_retrieval(rng.normal(size=(30, 16)), rng.normal(size=(90, 16)), image_of_caption)
    for direction in (I2T, T2I):
        assert result[direction]["expected_recall"] == result[direction]["recall"]
