"""Hubs are seen, and CSLS takes them away."""

from __future__ import annotations

import numpy as np
import pytest

from single_net.evaluation.hubness import hubness, recall_of_matrix
from single_net.retrieval.recall import recall_at_k


def unit(x: np.ndarray) -> np.ndarray:
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


def test_recall_of_a_matrix_is_recall_at_k():
    rng = np.random.default_rng(0)
    pictures, owner = unit(rng.normal(size=(40, 6))), np.repeat(np.arange(40), 5)
    captions = unit(pictures[owner] + 0.8 * rng.normal(size=(200, 6)))
    expected = recall_at_k(pictures, captions, owner)
    distance = np.linalg.norm(pictures[:, None].astype(float) - captions[None], axis=2)
    right = owner == np.arange(40)[:, None]
    for d, r, direction in ((distance, right, "image_to_sentence"), (distance.T, right.T, "sentence_to_image")):
        assert recall_of_matrix(d, r) == {str(k): value for k, value in expected[direction].items()}
    assert recall_of_matrix(np.zeros((40, 200)), right) == {"1": 0, "5": 0, "10": 0}


def test_a_caption_near_to_every_picture_is_a_hub_and_csls_sees_through_it():
    """30 pictures in all directions of a plane, tilted towards a pole; each caption lies beside its picture but farther
    from it than the pole, where 20 captions of picture 0 sit."""
    angles = 2 * np.pi * np.arange(30) / 30
    pictures = unit(np.stack([np.cos(angles), np.sin(angles), np.full(30, 2.0)], axis=1))
    own = unit(np.stack([np.cos(angles), np.sin(angles), np.full(30, 0.7)], axis=1))
    captions = np.concatenate([own, np.tile(np.float32([0, 0, 1]), (20, 1))])
    owner = np.concatenate([np.arange(30), np.zeros(20, int)])
    result = hubness(pictures, captions, owner)["image_to_sentence"]
    assert result["never_found"] == pytest.approx(100 * 40 / 50)
    assert result["skewness"] > 1
    plain = recall_at_k(pictures, captions, owner)["image_to_sentence"][1]
    assert plain == pytest.approx(100 / 30) and result["csls_recall"]["1"] == 100


def test_an_even_gallery_has_no_hubs():
    points = np.eye(20, dtype=np.float32)
    result = hubness(points, points, np.arange(20))
    for direction in ("image_to_sentence", "sentence_to_image"):
        assert result[direction]["csls_recall"]["1"] == 100


def test_few_items():
    points = np.eye(3, dtype=np.float32)
    result = hubness(points, points, np.arange(3))["image_to_sentence"]
    assert result["never_found"] == 0 and result["skewness"] == 0
