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
    image_of_caption = np.concatenate([np.arange(30), np.zeros(20, int)])
    result = hubness(images, captions, image_of_caption)["image_to_sentence"]
    assert result["anti_hubs"] == pytest.approx(100 * 40 / 50)
    assert result["skewness"] > 1
    plain = recall_at_k(images, captions, image_of_caption)["image_to_sentence"][1]
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


def test_csls_is_twice_the_cosine_minus_both_means():
    """Conneau et al. 2018, section 2.3, item by item, on queries and items of uneven surroundings."""
    rng = np.random.default_rng(0)
    images = unit(rng.standard_normal((40, 6)) + np.array([2, 0, 0, 0, 0, 0]))
    image_of_caption = np.repeat(np.arange(40), 3)
    captions = unit(images[image_of_caption] + 0.5 * rng.standard_normal((120, 6)))
    result = hubness(images, captions, image_of_caption)
    for direction, queries, items, own in (
        ("image_to_sentence", images, captions, image_of_caption == np.arange(40)[:, None]),
        ("sentence_to_image", captions, images, image_of_caption[:, None] == np.arange(40)),
    ):
        cosine = queries.astype(float) @ items.T.astype(float)
        near_query = [np.sort(row)[-10:].mean() for row in cosine]
        near_item = [np.sort(column)[-10:].mean() for column in cosine.T]
        score = 2 * cosine - np.array(near_query)[:, None] - np.array(near_item)[None]
        for k in (1, 5, 10):
            hit = [own[q, np.argsort(-score[q])[:k]].any() for q in range(len(queries))]
            assert result[direction]["csls_recall"][str(k)] == pytest.approx(100 * np.mean(hit))
        plain = 2 * cosine - np.array(near_query)[:, None]
        assert (np.argsort(-plain)[:, 0] != np.argsort(-score)[:, 0]).any()
