"""The map: its places, its title, and options that do not fit."""

from __future__ import annotations

import numpy as np
import pytest

from encoded_text import InputError
from single_net.data.dataset import CaptionDataset
from single_net.inference.embedding_cache import Embedded
from single_net.retrieval.recall import recall_at_k
from single_net.tsne.projection import tsne_map


def test_the_title_says_what_is_shown_and_how_good_it_is(embedded):
    one = tsne_map(embedded, perplexity=5)
    recall = recall_at_k(embedded.images, embedded.captions, embedded.data.image_of_caption)
    assert one.title.splitlines()[0] == "table test: 12 images, 60 captions"
    assert one.recall_10 == (recall["image_to_sentence"][10], recall["sentence_to_image"][10])
    unit = [x / np.linalg.norm(x, axis=1, keepdims=True) for x in (embedded.images, embedded.captions)]
    assert one.modality_gap == pytest.approx(np.linalg.norm(unit[0].mean(0) - unit[1].mean(0)), abs=1e-6)
    assert one.chance_10[1] == pytest.approx(100 * 10 / 12) and one.chance_10[0] > 60  # 5 of 60 captions are own
    assert one.title.splitlines()[2].startswith(
        f"chance {one.chance_10[0]:.1f} | 83.3, modality gap {one.modality_gap:.2f}"
    )


def test_the_same_seed_gives_the_same_map_and_neighbors_stay_neighbors():
    rng = np.random.default_rng(0)
    centers = np.eye(3, 16) * 10
    of = np.arange(30) % 3
    images = centers[of] + rng.normal(size=(30, 16)) * 0.1
    captions = np.repeat(centers[of], 5, axis=0) + rng.normal(size=(150, 16)) * 0.1
    made_up = CaptionDataset("made-up", "test", [str(i) for i in range(30)], [None] * 30, [["x"] * 5] * 30)
    one, again = (tsne_map(Embedded(made_up, images, captions), perplexity=10) for _ in range(2))
    assert np.array_equal(one.places, again.places)
    every = np.concatenate([of, np.repeat(of, 5)])
    distance = np.linalg.norm(one.places[:, None] - one.places[None], axis=2)
    np.fill_diagonal(distance, np.inf)
    assert (every[distance.argmin(axis=1)] == every).all()


@pytest.mark.parametrize("perplexity", [0.5, 72])
def test_a_perplexity_that_does_not_fit_is_one_line(embedded, perplexity):
    with pytest.raises(InputError, match="--perplexity"):
        tsne_map(embedded, perplexity=perplexity)


@pytest.mark.parametrize(("dim", "why"), [(8, "all embeddings are equal"), (1, "one dimension")])
def test_embeddings_that_no_map_can_show(embedded, dim, why):
    """scikit-learn crashes on equal points."""
    images, captions = (np.ones((len(of), dim), np.float32) for of in (embedded.images, embedded.captions))
    with pytest.raises(InputError, match=why):
        tsne_map(embedded._replace(images=images, captions=captions), perplexity=2)


def test_points_are_normalized(embedded):
    plain = tsne_map(embedded, perplexity=2)
    longer = embedded._replace(images=embedded.images * 2.0 ** np.arange(len(embedded.images))[:, None])
    assert np.array_equal(tsne_map(longer, perplexity=2).places, plain.places)
