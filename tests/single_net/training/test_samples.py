"""The samples that an image and its captions give."""

from __future__ import annotations

import numpy as np
import pytest

from single_net.training.batch_plan import BatchPlan
from single_net.training.samples import samples_of_images, samples_per_image

FIRST = np.array([0, 5, 12, 15])  # three images with five, seven and three captions


def rows(kind: str, images: list[int], seed: int = 0):
    return samples_of_images(kind, FIRST, np.random.default_rng(seed), np.array(images))


def test_config_standard_is_an_image_and_its_first_five_captions():
    samples = rows("config-standard", [1, 0, 2])
    assert samples.image_index.tolist() == [1] * 6 + [0] * 6 + [2] * 4
    assert samples.caption.tolist() == [-1, 5, 6, 7, 8, 9, -1, 0, 1, 2, 3, 4, -1, 12, 13, 14]
    assert not samples.mirror.any() and not samples.crop.any()


def test_config_2_adds_the_mirror_image_and_a_crop_of_each_caption():
    samples = rows("config-2", [0])
    assert samples.caption.tolist() == [-1, -1, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4]
    assert samples.mirror.tolist() == [False, True] + [False] * 10
    assert samples.crop.tolist() == [False] * 7 + [True] * 5
    assert len(rows("config-2", [2]).image_index) == 2 + 3 + 3


def test_pair_is_the_image_and_one_of_all_its_captions_at_random():
    seen = set()
    for seed in range(200):
        samples = rows("pair", [1, 2], seed)
        assert samples.image_index.tolist() == [1, 1, 2, 2]
        assert samples.caption[0] == samples.caption[2] == -1
        seen |= {int(samples.caption[1]), int(samples.caption[3])}
    assert seen == set(range(5, 15))


def test_views_is_the_image_several_times_and_one_caption():
    samples = samples_of_images("views", FIRST, np.random.default_rng(0), np.array([1, 2]), views=3)
    assert samples.image_index.tolist() == [1] * 4 + [2] * 4
    assert samples.is_caption.tolist() == [False, False, False, True] * 2
    assert 5 <= samples.caption[3] < 12 and 12 <= samples.caption[7] < 15
    assert len(samples.image_index) == 2 * samples_per_image("views", 3)
    more = samples.followed_by(samples.without_image(np.array([15, 17])))
    assert more.image_index[-2:].tolist() == [-1, -1] and more.is_caption[-2:].all() and len(more.crop) == 10


@pytest.mark.parametrize("kind", ["config-standard", "config-2", "pair", "views"])
def test_captions_are_never_mirrored_and_counts_are_as_stated(kind):
    for seed in range(20):
        samples = rows(kind, [0], seed)
        assert not (samples.mirror & samples.is_caption).any()
        assert len(samples.image_index) == samples_per_image(kind)


def test_the_fewest_samples_of_a_batch_count_no_items_that_another_image_may_lack():
    third = np.array([True, True, False, False, False])
    settings = {"size": 1, "counts": "images", "order": "grouped", "seed": 0}
    plan = BatchPlan(np.array([2, 3]), "config-standard", **settings, third=third)
    assert plan.fewest_samples <= min(len(samples.image_index) for samples, _ in plan.epoch(0))
    everywhere = BatchPlan(np.array([2, 3]), "config-standard", **settings, third=np.ones(5, bool))
    assert everywhere.fewest_samples == 1 + 2 + 2


def test_pair_mirrors_half_of_the_images_and_crops_images_alone():
    samples = samples_of_images("pair", FIRST, np.random.default_rng(0), np.zeros(1000, np.int64))
    assert 0.45 < samples.mirror[samples.is_image].mean() < 0.55
    assert np.array_equal(samples.crop, samples.is_image)


def test_views_takes_any_caption():
    seen = set()
    for seed in range(200):
        samples = samples_of_images("views", FIRST, np.random.default_rng(seed), np.array([1, 2]), views=2)
        seen |= set(samples.caption[samples.is_caption].tolist())
    assert seen == set(range(5, 15))
