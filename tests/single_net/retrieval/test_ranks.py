"""Counting: every count is that of the exact distances, in blocks of any size, in little memory."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
import torch
from clouds import KINDS, cloud

from single_net.retrieval import ranks
from single_net.retrieval.distances import distances, pair_distances
from single_net.retrieval.estimates import Points
from single_net.retrieval.ranks import Ranks, rank
from single_net.retrieval.recall import evaluate_retrieval, summarize


def counted_one_by_one(images: torch.Tensor, captions: torch.Tensor, image_of_caption: np.ndarray) -> tuple:
    """What `rank` counts, from the whole table of exact distances."""
    exact = distances(images, captions).numpy()
    wrong = image_of_caption[None] != np.arange(len(images))[:, None]
    true = exact[image_of_caption, np.arange(len(image_of_caption))]
    captions_ahead = [(exact[p] <= t)[wrong[p]].sum() for p, t in zip(image_of_caption, true, strict=True)]
    captions_tied = [(exact[p] == t)[wrong[p]].sum() for p, t in zip(image_of_caption, true, strict=True)]
    images = [((exact <= true) & wrong).sum(axis=0), ((exact == true) & wrong).sum(axis=0)]
    return np.array(captions_ahead), images[0], np.array(captions_tied), images[1]


@pytest.mark.parametrize("d", [1, 3, 128])
@pytest.mark.parametrize("kind", KINDS)
def test_every_count_agrees_with_exact_distances(monkeypatch, kind, d):
    """In blocks that are settled by the estimate, by some pairs and by all pairs: see the next test."""
    monkeypatch.setattr(ranks, "BLOCK", (32, 64))
    for seed in range(6):
        images, captions = map(torch.from_numpy, cloud(kind, seed, 50, 170, d))
        image_of_caption = np.random.default_rng(seed).permutation(np.arange(170) % 50)
        if seed % 2:  # good embeddings: the true items are among the nearest
            captions = captions / 8 + images[image_of_caption]
        if not torch.isfinite(captions).all():
            continue
        found = rank(images, captions, image_of_caption)
        captions_ahead, images_ahead, captions_tied, images_tied = counted_one_by_one(
            images, captions, image_of_caption
        )
        np.testing.assert_array_equal(found.captions_ahead, captions_ahead)
        np.testing.assert_array_equal(found.images_ahead, images_ahead)
        np.testing.assert_array_equal(found.captions_tied, captions_tied)
        np.testing.assert_array_equal(found.images_tied, images_tied)


@pytest.mark.parametrize(
    ("kind", "looked_at", "exact"), [("normal", (0, 9), 0), ("duplicates", (50, 1000), 0), ("one point", (0, 0), 14400)]
)
def test_only_what_the_estimate_leaves_open_is_computed(monkeypatch, kind, looked_at, exact):
    pairs, blocks = [], []
    images, captions = map(torch.from_numpy, cloud(kind, 0, 60, 240, 16))
    monkeypatch.setattr(ranks, "pair_distances", lambda a, i, *b: pairs.append(len(i)) or pair_distances(a, i, *b))
    monkeypatch.setattr(ranks, "distances", lambda a, b: blocks.append(len(a) * len(b)) or distances(a, b))
    rank(images, captions, np.arange(240) % 60)
    true, *others = pairs
    assert true == 240
    assert looked_at[0] <= sum(others) <= looked_at[1]
    assert sum(blocks) == exact


@pytest.mark.parametrize("block", [(1, 50), (7, 11), (30, 64)])
def test_blocks_give_exactly_the_full_result(monkeypatch, block):
    rng = np.random.default_rng(1)
    image_of_caption = np.repeat(np.arange(30), rng.integers(1, 8, size=30))
    images = rng.standard_normal((30, 128))
    captions = images[image_of_caption] + 2 * rng.standard_normal((len(image_of_caption), 128))
    full = evaluate_retrieval(images, captions, image_of_caption, bootstrap=50)
    monkeypatch.setattr(ranks, "BLOCK", block)
    assert evaluate_retrieval(images, captions, image_of_caption, bootstrap=50) == full


@pytest.mark.parametrize("kind", ["normal", "one point"])
def test_memory_and_the_size_of_the_pieces(monkeypatch, kind):
    """The largest piece of distances or estimates is a block, however many images there are."""
    images, captions = map(torch.from_numpy, cloud(kind, 6, 4000, 8000, 4))
    sizes = []
    exact, estimate = ranks.distances, Points.estimate
    monkeypatch.setattr(ranks, "distances", lambda a, b: sizes.append(len(a) * len(b)) or exact(a, b))
    monkeypatch.setattr(Points, "estimate", lambda a, b: sizes.append(len(a) * len(b)) or estimate(a, b))
    tracemalloc.start()
    summarize(rank(images, captions, np.arange(8000) % 4000), 0, 1000)
    peak = tracemalloc.get_traced_memory()[1]  # NumPy's share: the bootstrap
    tracemalloc.stop()
    assert max(sizes) <= 1 << 20 and sum(sizes) >= 4000 * 8000
    assert peak < 100 << 20


@pytest.mark.slow
def test_coco_5k_stays_under_one_gibibyte():
    """5,000 images x 25,000 captions, both directions, in a process of its own: its peak above the embeddings."""
    program = """
import resource
import numpy as np, torch
from single_net.retrieval import ranks, recall
rng = np.random.default_rng(0)
image_of_caption = np.repeat(np.arange(5000), 5)
images = torch.tensor(rng.standard_normal((5000, 16)), dtype=torch.float32)
captions = images[image_of_caption] + torch.tensor(rng.standard_normal((25000, 16)), dtype=torch.float32)
recall.evaluate_retrieval(images[:100], captions[:500], image_of_caption[:500])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
recall.summarize(ranks.rank(images, captions, image_of_caption), 0, 1000)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 1 << 20  # KiB on Linux


def test_what_every_query_reached_adds_up_to_the_recalls():
    rng = np.random.default_rng(0)
    image_of_caption = rng.permutation(np.repeat(np.arange(40), rng.integers(1, 4, 40)))
    images = rng.normal(size=(40, 4))
    result = evaluate_retrieval(
        images, images[image_of_caption] + rng.normal(size=(len(image_of_caption), 4)), image_of_caption, bootstrap=5
    )
    for direction in ("image_to_sentence", "sentence_to_image"):
        digits = np.array(list(result["reached"][direction].replace(" ", "")), int)
        for needed, k in ((3, "1"), (2, "5"), (1, "10")):
            assert 100 * (digits >= needed).mean() == pytest.approx(result[direction]["recall"][k])
    assert [len(of) for of in result["reached"]["sentence_to_image"].split()] == np.bincount(image_of_caption).tolist()


def test_captions_stand_with_their_own_image():
    image_of_caption, ahead = np.array([2, 0, 1, 0, 2]), np.array([0, 9, 4, 99, 0])
    ranks = Ranks(image_of_caption, np.zeros(5, int), ahead, np.zeros(5, int), np.zeros(5, int))
    assert ranks.reached((1, 5, 10))["sentence_to_image"] == "10 2 33"
