"""What CIDEr-D says about retrieved items."""

from __future__ import annotations

import numpy as np
import pytest

from single_net.evaluation.cider import CaptionSimilarity
from single_net.evaluation.semantic_recall import semantic_recall
from single_net.retrieval.embeddings import normalize

CAPTIONS = [
    ["a dog runs on the sand", "the brown dog runs along a beach", "dog on sand"],
    ["two boats on a calm lake", "a red boat and a blue boat on water"],
    ["a dog sleeps on a red chair", "the dog lies on the chair in the sun today"],
]


def unit(angles) -> np.ndarray:
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_semantic_recall_by_hand():
    similarity = CaptionSimilarity(CAPTIONS)
    images = unit([0.0, 1.0, 2.0])
    captions = unit([0.9, 0.1, 0.2, 1.01, 1.2, 0.01, 2.1])  # image 0 finds caption 5 first, and so on
    result = semantic_recall(images, captions, similarity)

    def to(caption: int, image: int) -> float:
        return float(similarity.to_images(np.array([caption]), np.array([image]))[0])

    i2t, t2i = result["image_to_sentence"], result["sentence_to_image"]
    assert i2t["all"]["1"] == pytest.approx((to(5, 0) + to(3, 1) + to(6, 2)) / 3)
    assert i2t["others"]["1"] == pytest.approx((to(5, 0) + to(0, 1) + to(4, 2)) / 3)
    nearest = [1, 0, 0, 1, 1, 0, 2]
    assert t2i["all"]["1"] == pytest.approx(np.mean([to(c, p) for c, p in enumerate(nearest)]))
    second = [1, 1, 1, 2, 2, 0, 1]  # the nearest that is not a caption's own
    assert t2i["others"]["1"] == pytest.approx(np.mean([to(c, p) for c, p in enumerate(second)]))
    own = np.mean([to(c, p) for c, p in enumerate(similarity.image_of_caption)])
    assert i2t["true"] == t2i["true"] == pytest.approx(own)
    every = [to(c, p) for c in range(7) for p in range(3) if p != similarity.image_of_caption[c]]
    for one in (i2t, t2i):
        assert min(every) <= one["random"] <= max(every)
        assert one["all"]["10"] is not None and one["others"]["10"] == pytest.approx(np.mean(every))


def test_perfect_and_shuffled_retrieval_lie_where_they_should():
    rng = np.random.default_rng(0)
    words = [[f"w{rng.integers(40)}" for _ in range(4)] for _ in range(60)]
    captions = [[" ".join(rng.permutation(of_one)) for _ in range(5)] for of_one in words]
    similarity = CaptionSimilarity(captions)
    points = rng.normal(size=(60, 16)).astype(np.float32)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    perfect = semantic_recall(points, np.repeat(points, 5, axis=0), similarity)
    shuffled = semantic_recall(points, np.repeat(rng.permutation(points), 5, axis=0), similarity)
    for direction in ("image_to_sentence", "sentence_to_image"):
        assert perfect[direction]["all"]["1"] == pytest.approx(perfect[direction]["true"], rel=0.2)
        assert shuffled[direction]["all"]["5"] < 0.4 * perfect[direction]["true"]
        assert shuffled[direction]["all"]["10"] == pytest.approx(shuffled[direction]["random"], rel=0.5)


def test_ten_others_are_looked_at_beyond_the_own_ones():
    rng = np.random.default_rng(0)
    captions = [[" ".join(f"w{w}" for w in rng.integers(30, size=5)) for _ in range(5)] for _ in range(20)]
    similarity = CaptionSimilarity(captions)
    images = normalize(rng.normal(size=(20, 8))).numpy()
    points = normalize(np.repeat(images, 5, axis=0) + 0.01 * rng.normal(size=(100, 8))).numpy()
    found = semantic_recall(images, points, similarity)["image_to_sentence"]["others"]["10"]
    scores = []
    for image, order in enumerate(np.argsort(-(images @ points.T), axis=1)):
        others = order[similarity.image_of_caption[order] != image][:10]
        scores += similarity.to_images(others, np.full(10, image)).tolist()
    assert found == pytest.approx(np.mean(scores))
