"""CIDEr-D between captions."""

from __future__ import annotations

import numpy as np
import pytest

from single_net.evaluation.cider import CaptionSimilarity

CAPTIONS = [
    ["a dog runs on the sand", "the brown dog runs along a beach", "dog on sand"],
    ["two boats on a calm lake", "a red boat and a blue boat on water"],
    ["a dog sleeps on a red chair", "the dog lies on the chair in the sun today"],
]
# pycocoevalcap 1.2, Cider().compute_score, of captions 0, 3, 5 and 4 against the captions of all three images.
PUBLISHED = {
    0: [4.374432561732545, 0.0, 0.294020514189354],
    3: [0.0, 5.0, 0.04472025797595056],
    5: [0.17577568721714887, 0.11737374331750336, 5.329637669781134],
    4: [0.0, 5.0, 0.07265348534155279],
}


@pytest.mark.parametrize("caption", PUBLISHED)
def test_the_numbers_of_pycocoevalcap(caption):
    similarity = CaptionSimilarity(CAPTIONS)
    for image, expected in enumerate(PUBLISHED[caption]):
        references = np.flatnonzero(similarity.image_of_caption == image)
        found = similarity(np.full(len(references), caption), references)
        assert found.mean() == pytest.approx(expected, abs=1e-12)


def test_a_caption_is_not_compared_to_itself():
    similarity = CaptionSimilarity(CAPTIONS)
    assert similarity.to_images(np.array([3]), np.array([1])) == pytest.approx(similarity(np.array([3]), np.array([4])))
    both = similarity(np.array([0, 0]), np.array([1, 2])).mean()
    assert similarity.to_images(np.array([0]), np.array([0])) == pytest.approx(both)
    alone = CaptionSimilarity([["a dog"], ["a cat", "one cat"]])
    assert np.isnan(alone.to_images(np.array([0]), np.array([0]))).all()


def test_captions_without_words_and_of_one_word_are_like_nothing_or_everything():
    similarity = CaptionSimilarity([["!", "dog"], ["dog cat"], ["cat"]])
    assert similarity(np.array([0, 0]), np.array([0, 1])).tolist() == [0, 0]
    assert similarity(np.array([3]), np.array([3])) == pytest.approx(10 / 4)  # nothing longer than a word to agree in
    assert CaptionSimilarity([["!"], ["?"]])(np.array([0]), np.array([1])).tolist() == [0]


def test_many_pairs_are_taken_in_parts(monkeypatch):
    similarity = CaptionSimilarity(CAPTIONS)
    a, b = (np.arange(49) // 7, np.arange(49) % 7)
    whole = similarity(a, b)
    monkeypatch.setattr("single_net.evaluation.cider.PAIRS", 4)
    assert np.array_equal(similarity(a, b), whole)
