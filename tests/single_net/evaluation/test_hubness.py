"""Hubs are seen, and CSLS takes them away."""

from __future__ import annotations

import numpy as np
import pytest

from single_net.evaluation.hubness import hubness
from single_net.retrieval.recall import recall_at_k


def unit(x: np.ndarray) -> np.ndarray:
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


def test_a_caption_near_to_every_image_is_a_hub_and_csls_sees_through_it():
    """30 images in all directions of a plane, tilted towards a pole; each caption lies beside its image but farther
    from it than the pole, where 20 captions of image 0 sit."""
    angles = 2 * np.pi * np.arange(30) / 30
    images = unit(np.stack([np.cos(angles), np.sin(angles), np.full(30, 2.0)], axis=1))
    own = unit(np.stack([np.cos(angles), np.sin(angles), np.full(30, 0.7)], axis=1))
    captions = np.concatenate([own, np.tile(np.float32([0, 0, 1]), (20, 1))])
    owner = np.concatenate([np.arange(30), np.zeros(20, int)])
    result = hubness(images, captions, owner)["image_to_sentence"]
    assert result["anti_hubs"] == pytest.approx(100 * 40 / 50)
    assert result["skewness"] > 1
    plain = recall_at_k(images, captions, owner)["image_to_sentence"][1]
    assert plain == pytest.approx(100 / 30) and result["csls_recall"]["1"] == 100


def test_an_even_gallery_has_no_hubs():
    angles = np.radians(18.0 * np.arange(20))

    def on_circle(angles: np.ndarray) -> np.ndarray:
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)

    result = hubness(on_circle(angles), on_circle(angles + np.radians(1)), np.arange(20))  # no two distances are equal
    for direction in ("image_to_sentence", "sentence_to_image"):
        assert result[direction]["anti_hubs"] == 0 and abs(result[direction]["skewness"]) < 1e-9
        assert result[direction]["csls_recall"]["1"] == 100


def test_few_items():
    points = np.eye(3, dtype=np.float32)
    result = hubness(points, points, np.arange(3))["image_to_sentence"]
    assert result["anti_hubs"] == 0 and result["skewness"] == 0
