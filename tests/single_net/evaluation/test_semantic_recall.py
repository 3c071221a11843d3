"""CIDEr-D between captions, and what it says of retrieved ones."""

from __future__ import annotations

import numpy as np
import pytest

from single_net.evaluation.semantic_recall import CaptionLikeness, semantic_recall

CAPTIONS = [
    ["a dog runs on the sand", "the brown dog runs along a beach", "dog on sand"],
    ["two boats on a calm lake", "a red boat and a blue boat on water"],
    ["a dog sleeps on a red chair", "the dog lies on the chair in the sun today"],
]
# pycocoevalcap 1.2, Cider().compute_score, of captions 0, 3, 5 and 4 against the captions of all three pictures.
PUBLISHED = {
    0: [4.374432561732545, 0.0, 0.294020514189354],
    3: [0.0, 5.0, 0.04472025797595056],
    5: [0.17577568721714887, 0.11737374331750336, 5.329637669781134],
    4: [0.0, 5.0, 0.07265348534155279],
}


@pytest.mark.parametrize("caption", PUBLISHED)
def test_the_numbers_of_pycocoevalcap(caption):
    likeness = CaptionLikeness(CAPTIONS)
    for picture, expected in enumerate(PUBLISHED[caption]):
        references = np.flatnonzero(likeness.owner == picture)
        found = likeness(np.full(len(references), caption), references)
        assert found.mean() == pytest.approx(expected, abs=1e-12)


def test_a_caption_is_not_compared_to_itself():
    likeness = CaptionLikeness(CAPTIONS)
    assert likeness.to_pictures(np.array([3]), np.array([1])) == pytest.approx(likeness(np.array([3]), np.array([4])))
    both = likeness(np.array([0, 0]), np.array([1, 2])).mean()
    assert likeness.to_pictures(np.array([0]), np.array([0])) == pytest.approx(both)
    alone = CaptionLikeness([["a dog"], ["a cat", "one cat"]])
    assert np.isnan(alone.to_pictures(np.array([0]), np.array([0]))).all()


def test_captions_without_words_and_of_one_word_are_like_nothing_or_everything():
    likeness = CaptionLikeness([["!", "dog"], ["dog cat"], ["cat"]])
    assert likeness(np.array([0, 0]), np.array([0, 1])).tolist() == [0, 0]
    assert likeness(np.array([3]), np.array([3])) == pytest.approx(10 / 4)  # nothing longer than a word to agree in
    assert CaptionLikeness([["!"], ["?"]])(np.array([0]), np.array([1])).tolist() == [0]


def test_many_pairs_are_taken_in_parts(monkeypatch):
    likeness = CaptionLikeness(CAPTIONS)
    a, b = (np.arange(49) // 7, np.arange(49) % 7)
    whole = likeness(a, b)
    monkeypatch.setattr("single_net.evaluation.semantic_recall.PAIRS", 4)
    assert np.array_equal(likeness(a, b), whole)


def unit(angles) -> np.ndarray:
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_semantic_recall_by_hand():
    likeness = CaptionLikeness(CAPTIONS)
    pictures = unit([0.0, 1.0, 2.0])
    captions = unit([0.9, 0.1, 0.2, 1.01, 1.2, 0.01, 2.1])  # picture 0 finds caption 5 first, and so on
    result = semantic_recall(pictures, captions, likeness)

    def to(caption: int, picture: int) -> float:
        return float(likeness.to_pictures(np.array([caption]), np.array([picture]))[0])

    i2t, t2i = result["image_to_sentence"], result["sentence_to_image"]
    assert i2t["all"]["1"] == pytest.approx((to(5, 0) + to(3, 1) + to(6, 2)) / 3)
    assert i2t["others"]["1"] == pytest.approx((to(5, 0) + to(0, 1) + to(4, 2)) / 3)
    nearest = [1, 0, 0, 1, 1, 0, 2]
    assert t2i["all"]["1"] == pytest.approx(np.mean([to(c, p) for c, p in enumerate(nearest)]))
    second = [1, 1, 1, 2, 2, 0, 1]  # the nearest that is not a caption's own
    assert t2i["others"]["1"] == pytest.approx(np.mean([to(c, p) for c, p in enumerate(second)]))
    own = np.mean([to(c, p) for c, p in enumerate(likeness.owner)])
    assert i2t["true"] == t2i["true"] == pytest.approx(own)
    every = [to(c, p) for c in range(7) for p in range(3) if p != likeness.owner[c]]
    for one in (i2t, t2i):
        assert min(every) <= one["random"] <= max(every)
        assert one["all"]["10"] is not None and one["others"]["10"] == pytest.approx(np.mean(every))


def test_perfect_and_shuffled_retrieval_lie_where_they_should():
    rng = np.random.default_rng(0)
    words = [[f"w{rng.integers(40)}" for _ in range(4)] for _ in range(60)]
    captions = [[" ".join(rng.permutation(of_one)) for _ in range(5)] for of_one in words]
    likeness = CaptionLikeness(captions)
    points = rng.normal(size=(60, 16)).astype(np.float32)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    perfect = semantic_recall(points, np.repeat(points, 5, axis=0), likeness)
    shuffled = semantic_recall(points, np.repeat(rng.permutation(points), 5, axis=0), likeness)
    for direction in ("image_to_sentence", "sentence_to_image"):
        assert perfect[direction]["all"]["1"] == pytest.approx(perfect[direction]["true"], rel=0.2)
        assert shuffled[direction]["all"]["5"] < 0.4 * perfect[direction]["true"]
        assert shuffled[direction]["all"]["10"] == pytest.approx(shuffled[direction]["random"], rel=0.5)
