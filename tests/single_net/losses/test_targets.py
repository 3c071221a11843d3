"""Classes of images: one each, or clusters; and caption prototypes."""

from __future__ import annotations

import numpy as np
import pytest

from encoded_text import InputError
from single_net.losses.targets import caption_prototypes, cluster_classes, image_classes

TOPICS = ("dog runs over grass", "boat sails across water", "chef cooks some food", "skier slides down snow")
EXTRA = ("old", "young", "happy", "small", "tall", "quiet")


def captions() -> list[list[str]]:
    return [[f"a {EXTRA[i % 6]} {TOPICS[i % 4]}", f"the {TOPICS[i % 4]} today"] for i in range(24)]


def test_every_image_is_a_class_of_its_own():
    assert image_classes(3).tolist() == [[0], [1], [2]]


def test_images_with_like_captions_share_a_cluster():
    labels = cluster_classes(captions(), (4, 8), seed=0)
    assert labels.shape == (24, 2) and labels.dtype == np.int64
    assert labels.min() == 0 and labels.max(axis=0).tolist() == [3, 7]
    topic = np.arange(24) % 4
    for number in range(4):
        assert len(set(labels[topic == number, 0])) == 1
    assert len(set(labels[:4, 0])) == 4


def test_clusters_are_the_same_for_the_same_seed():
    assert np.array_equal(cluster_classes(captions(), (4, 8), seed=3), cluster_classes(captions(), (4, 8), seed=3))


@pytest.mark.parametrize("granularities", [(), (1,), (4, 25)])
def test_impossible_granularities_are_refused(granularities):
    with pytest.raises(InputError):
        cluster_classes(captions(), granularities, seed=0)


@pytest.mark.parametrize("caption", ["dog", "the and of", "a b c"])
def test_captions_without_words_to_tell_apart_are_refused(caption):
    with pytest.raises(InputError, match="words"):
        cluster_classes([[caption]] * 3, (2,), seed=0)


def test_prototypes_lie_together_where_captions_do():
    vectors = caption_prototypes(captions(), 4, seed=0)
    assert vectors.shape == (24, 4)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(24))
    alike = vectors @ vectors.T
    same = (np.arange(24) % 4)[:, None] == np.arange(24) % 4
    assert alike[same].min() > alike[~same].max() + 0.5
    assert np.array_equal(vectors, caption_prototypes(captions(), 4, seed=0))


def test_the_prototype_of_an_image_without_words_is_zero():
    vectors = caption_prototypes([["the of and"], ["a dog runs"], ["red boat sails"]], 2, seed=0)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([0, 1, 1])


def test_the_words_of_a_tokenizer_make_the_prototypes():
    """Single letters are words where a tokenizer says so; by default they are dropped."""
    letters = [["狗 跑", "狗 在"], ["猫 坐", "猫 在"], ["狗 坐", "狗 跑"]]
    with pytest.raises(InputError, match="no words"):
        caption_prototypes(letters, 2, seed=0)
    points = caption_prototypes(letters, 2, seed=0, tokenize=str.split)
    similar = points @ points.T
    assert similar[0, 2] > similar[0, 1]


@pytest.mark.parametrize("granularities", [(40,), (1, 8)])
def test_a_wrong_number_of_clusters_names_its_setting(granularities):
    with pytest.raises(InputError, match=r"loss\.granularities"):
        cluster_classes(captions(), granularities, seed=0)


ONE_WORD = [["dog"], ["puppy"], ["boat"], ["ship"]]


MORE = [["dog puppy"], ["boat ship"]] * 5


def test_captions_of_other_images_say_which_words_belong_together():
    points = caption_prototypes(ONE_WORD, 2, 0, MORE)
    alike = points @ points.T
    assert points.shape == (4, 2)
    assert min(alike[0, 1], alike[2, 3]) > 0.9 and np.abs(alike[:2, 2:]).max() < 0.1


def test_clusters_are_made_of_the_words_of_a_tokenizer():
    letters = [["狗 跑", "狗 在"], ["猫 坐", "猫 在"], ["狗 坐", "狗 跑"]]
    a, b, c = cluster_classes(letters, (2,), 0, tokenize=str.split)[:, 0]
    assert a == c != b
