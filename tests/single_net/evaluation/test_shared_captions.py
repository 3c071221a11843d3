"""Captions that images share: counted by hand, and the ceiling against every ranking there is."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from single_net.evaluation.shared_captions import shared_captions
from single_net.retrieval.ranks import I2T, T2I
from single_net.retrieval.recall import recall_at_k

KS = (1, 2, 3)


def test_counts_and_ceiling_by_hand():
    ids = np.array([[1, 2], [3, 0], [1, 2], [1, 2], [3, 0], [4, 4]])
    image_of_caption = np.array([0, 0, 1, 1, 2, 3])
    found = shared_captions(ids, image_of_caption, KS)
    # "1 2" stands at images 0 and 1 (twice), "3" at images 0 and 2; only image 3 has a caption of its own.
    assert (found["captions"], found["images"]) == (5, 3)
    # Fewest equal captions of other images: image 0: 1 ("3"), image 1: 1, image 2: 1, image 3: 0.
    assert found["ceiling"][I2T] == {"1": 25, "2": 100, "3": 100}
    # First image of "1 2": image 1, for two captions; of "3": image 0 or 2, for one; image 3.
    assert found["ceiling"][T2I] == pytest.approx({"1": 400 / 6, "2": 100, "3": 100})


@pytest.mark.parametrize("seed", range(6))
def test_the_ceiling_is_the_best_of_all_rankings(seed):
    rng = np.random.default_rng(seed)
    image_of_caption = np.repeat(np.arange(4), rng.integers(1, 4, size=4))
    code = rng.integers(0, 4, size=len(image_of_caption))
    found = shared_captions(code[:, None], image_of_caption, KS)["ceiling"]
    rankings = list(itertools.permutations(range(4)))
    for k in KS:
        sentences = sum(max(np.isin(image_of_caption[code == c], r[:k]).sum() for r in rankings) for c in set(code))
        assert found[T2I][str(k)] == pytest.approx(100 * sentences / len(image_of_caption))
        # An image ranks the groups of equal captions; within a group the wrong ones come first.
        images = 0
        for image in range(4):
            best = 0
            for groups in itertools.permutations(sorted(set(code))):
                ranked = [
                    image_of_caption[t] == image
                    for c in groups
                    for t in sorted(np.flatnonzero(code == c), key=lambda t: image_of_caption[t] == image)
                ]
                best = max(best, any(ranked[:k]))
            images += best
        assert found[I2T][str(k)] == pytest.approx(100 * images / 4)


def test_no_embedding_exceeds_it_and_one_reaches_it():
    rng = np.random.default_rng(0)
    image_of_caption = np.repeat(np.arange(20), 5)
    code = rng.integers(0, 40, size=100)
    ceiling = shared_captions(code[:, None], image_of_caption)["ceiling"]
    for _ in range(20):
        vectors, images = rng.normal(size=(40, 3)), rng.normal(size=(20, 3))
        recall = recall_at_k(images, vectors[code], image_of_caption)
        assert all(recall[d][k] <= ceiling[d][str(k)] for d in recall for k in recall[d])
    # Each image on the caption that the fewest captions of other images equal.
    others = np.array(
        [((code == c) & (image_of_caption != i)).sum() for c, i in zip(code, image_of_caption, strict=True)]
    )
    chosen = [min(np.flatnonzero(image_of_caption == i), key=lambda t: others[t]) for i in range(20)]
    recall = recall_at_k(np.eye(40)[code[chosen]], np.eye(40)[code], image_of_caption)
    assert {str(k): value for k, value in recall[I2T].items()} == pytest.approx(ceiling[I2T])


def test_captions_that_all_differ_have_no_ceiling():
    found = shared_captions(np.arange(10)[:, None], np.repeat(np.arange(5), 2), KS)
    assert found["captions"] == found["images"] == 0
    assert found["ceiling"] == {d: {"1": 100, "2": 100, "3": 100} for d in (I2T, T2I)}
