"""Order and contents of batches, from (configuration, seed, epoch) alone."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
import torch

from encoded_sound import SoundImageEncoder
from encoded_text import InputError, Layout, TextImageEncoder
from encoded_text.renderer import Renderer
from single_net.data.third import ThirdItems
from single_net.training import batches
from single_net.training.batch_plan import BatchPlan
from single_net.training.batches import BatchLoader
from single_net.training.image_source import HostImages
from single_net.training.samples import Samples


def plan(kind="config-standard", images=20, seed=0, **batch) -> BatchPlan:
    settings = {"size": 45, "counts": "samples", "order": "grouped"} | batch
    return BatchPlan(np.full(images, 5), kind, **settings, seed=seed)


def numbers(batches) -> list[list[tuple]]:
    return [list(zip(*(column.tolist() for column in batch), strict=True)) for batch, _ in batches]


def test_45_samples_are_seven_whole_images_and_45_images_are_45():
    batches = list(plan(size=45).epoch(0))
    assert len(batches) == 20 // 7 == plan(size=45).steps_per_epoch
    for batch, _ in batches:
        assert len(batch.image_index) == 42
        assert sorted(np.bincount(batch.image_index)[np.unique(batch.image_index)].tolist()) == [6] * 7
    [(batch, _)] = plan(images=50, size=45, counts="images").epoch(0)
    assert len(batch.image_index) == 45 * 6


def test_an_epoch_shows_no_image_twice():
    shown = [g for batch, _ in plan(size=12).epoch(3) for g in np.unique(batch.image_index)]
    assert sorted(shown) == list(range(20))


def test_mixed_batches_hold_exactly_45_samples_each_once_an_epoch():
    seen = []
    for batch, _ in plan(size=45, order="mixed").epoch(1):
        assert len(batch.image_index) == 45
        assert len(np.unique(batch.image_index)) > 10
        seen += list(zip(batch.image_index.tolist(), batch.caption.tolist(), strict=True))
    assert len(seen) == len(set(seen)) == 90


@pytest.mark.parametrize("kind", ["config-standard", "config-2", "pair"])
@pytest.mark.parametrize("order", ["grouped", "mixed"])
def test_same_seed_same_batches_and_another_epoch_or_seed_another_order(kind, order):
    make = dict(kind=kind, size=24, order=order)
    first = numbers(plan(**make).epoch(2))
    assert first == numbers(plan(**make).epoch(2))
    assert first != numbers(plan(**make).epoch(3))
    assert first != numbers(plan(**make, seed=1).epoch(2))
    # Going on in the middle of an epoch gives the rest of it, its crops included.
    assert numbers(plan(**make).epoch(2, start=1)) == first[1:]
    crops = [rng.integers(1000) for _, rng in plan(**make).epoch(2)]
    assert [rng.integers(1000) for _, rng in plan(**make).epoch(2, start=1)] == crops[1:]


def test_from_a_step_on_the_batches_are_those_of_all_epochs_in_order():
    whole = plan(size=24)
    batches = numbers(whole.epoch(0)) + numbers(whole.epoch(1)) + numbers(whole.epoch(2))
    found = numbers(itertools.islice(whole.from_step(3), len(batches) - 3))
    assert whole.steps_per_epoch == 5 and found == batches[3:]


def test_images_come_first():
    for batch, _ in plan("config-2", size=36).epoch(0):
        assert not (np.diff(batch.is_caption.astype(int)) < 0).any()


@pytest.mark.parametrize("kind", ["config-standard", "config-2", "pair", "views"])
@pytest.mark.parametrize("order", ["grouped", "mixed"])
def test_items_of_a_third_modality_come_with_their_captions_and_last(kind, order):
    present = np.ones(100, bool)
    present[[3, 50]] = False
    third = BatchPlan(np.full(20, 5), kind, size=6, counts="images", order=order, seed=0, views=2, third=present)
    shown, sizes = [], []
    for batch, _ in third.epoch(0):
        place = np.where(batch.third, 2, batch.is_caption)
        assert not (np.diff(place) < 0).any() and not batch.crop[batch.third].any()
        shown += batch.caption[batch.third].tolist()
        if order == "grouped":
            captions = batch.caption[batch.is_caption]
            assert sorted(batch.caption[batch.third]) == sorted(captions[present[captions]])
            assert (batch.image_index[batch.third] == batch.caption[batch.third] // 5).all()
        sizes.append(len(batch.image_index))
    assert shown and not {3, 50} & set(shown)
    assert len(sizes) == third.steps_per_epoch
    if order == "grouped":  # two of 20 images lack an item: one of the three batches at least is whole
        assert len(sizes) == 3 and max(sizes) == third.samples_per_batch
    else:
        assert set(sizes) == {third.samples_per_batch}


@pytest.mark.parametrize("size", [7, 8, 10])
def test_batches_are_whole_however_many_items_an_epoch_draws(size):
    present = np.random.default_rng(0).random(200) < 0.7
    plan = BatchPlan(np.full(40, 5), "pair", size=size, counts="samples", order="mixed", seed=0, third=present)
    for epoch in range(20):
        sizes = [len(batch.image_index) for batch, _ in plan.epoch(epoch)]
        assert sizes == [size] * plan.steps_per_epoch, epoch


def test_without_a_third_modality_the_batches_are_as_before():
    one, other = plan(), BatchPlan(np.full(20, 5), "pair", size=8, counts="images", order="grouped", seed=0)
    assert not any(batch.third.any() for of in (one, other) for batch, _ in of.epoch(0))


def test_too_few_images_for_a_batch():
    with pytest.raises(InputError, match="too few"):
        plan(images=3, size=45)


@pytest.fixture(scope="module")
def drawer() -> BatchLoader:
    captions = ["red dog runs", "blue boat", "green tree stands still"]
    encoder = TextImageEncoder.fit(captions, layout=Layout.paper().scaled_to(96), epochs=1)
    images = np.random.default_rng(0).integers(0, 256, size=(2, 96, 96, 3), dtype=np.uint8)
    images.setflags(write=False)  # as a memory-mapped array
    drawer = BatchLoader(
        HostImages(images, torch.device("cpu")), encoder.ids(captions), Renderer(encoder), torch.device("cpu")
    )
    drawer.expected = torch.from_numpy(encoder.transform(captions)).permute(0, 3, 1, 2)
    drawer.images = torch.from_numpy(images.copy()).permute(0, 3, 1, 2)
    return drawer


def test_drawn_batches_hold_images_mirrors_and_captions(drawer):
    samples = Samples(
        np.array([1, 0, 1, 0, 1]),
        np.array([-1, -1, -1, 2, 0]),
        np.array([False, False, True, False, False]),
        np.zeros(5, bool),
        np.zeros(5, bool),
    )
    batch = drawer(samples, np.random.default_rng(0))
    a, b = drawer.images
    expected = torch.stack([b, a, b.flip(2), drawer.expected[2], drawer.expected[0]])
    assert torch.equal(batch.inputs, expected)
    assert batch.image_index.tolist() == [1, 0, 1, 0, 1]
    assert batch.own_images == batch.num_images == 3


def test_only_samples_marked_so_are_cropped(drawer):
    none = np.zeros(3, bool)
    samples = Samples(np.array([0, 0, 0]), np.array([-1, 1, 1]), none, np.array([False, False, True]), none)
    images = drawer(samples, np.random.default_rng(1)).inputs
    assert torch.equal(images[0], drawer.images[0])
    assert torch.equal(images[1], drawer.expected[1])
    assert not torch.equal(images[2], drawer.expected[1])


def test_every_share_is_a_part_of_the_whole_batch_however_it_is_varied(drawer, monkeypatch):
    """Whatever is drawn at random is alike in every process."""
    varied = BatchLoader(
        HostImages(drawer.images.permute(0, 2, 3, 1).contiguous().numpy(), torch.device("cpu")),
        drawer._caption_ids,
        drawer._renderer,
        torch.device("cpu"),
        min_crop=0.5,
        color=0.3,
        word_dropout=0.5,
    )
    group, caption = np.array([0, 1, 0, 1, 1, 0]), np.array([-1, -1, -1, 2, 0, 1])
    samples = Samples(group, caption, np.zeros(6, bool), caption < 0, np.zeros(6, bool))
    whole = varied(samples, np.random.default_rng(4)).inputs
    assert not torch.equal(whole[0], whole[2])  # the same image, seen in two ways
    assert any(not torch.equal(whole[row], drawer.expected[caption[row]]) for row in (3, 4, 5))  # words are left out
    for share in range(2):
        monkeypatch.setattr("single_net.common.distributed.shard", lambda total, share=share: slice(share, total, 2))
        assert torch.equal(varied(samples, np.random.default_rng(4)).inputs, whole[share::2])


@pytest.fixture
def with_third(drawer) -> BatchLoader:
    images = np.random.default_rng(5).integers(0, 256, size=(3, 96, 96), dtype=np.uint8)
    loader = BatchLoader(
        HostImages(drawer.images.permute(0, 2, 3, 1).contiguous().numpy(), torch.device("cpu")),
        drawer._caption_ids,
        drawer._renderer,
        torch.device("cpu"),
        third=ThirdItems(images, np.ones(3, bool), SoundImageEncoder(96), {}),
    )
    loader.third_images = images
    return loader


def three_modalities() -> Samples:
    none = np.zeros(7, bool)
    third = np.array([0, 0, 0, 0, 0, 1, 1], bool)
    # Two images, two captions, a caption without an image, and two items.
    return Samples(np.array([0, 1, 0, 1, -1, 0, 1]), np.array([-1, -1, 1, 2, 0, 1, 2]), none, none, third)


def test_items_are_drawn_after_captions_and_those_without_an_image(with_third, drawer):
    batch = with_third(three_modalities(), np.random.default_rng(0))
    assert (batch.num_images, batch.own_images, batch.num_third) == (2, 2, 2)
    assert torch.equal(batch.inputs[[0, 1]], drawer.images)
    assert torch.equal(batch.inputs[[2, 3, 4]], drawer.expected[[1, 2, 0]])
    for place, caption in ((5, 1), (6, 2)):
        item = batch.inputs[place].numpy()
        assert (item[0] == item[1]).all() and (item[0] == item[2]).all()
        kept = item[0] == with_third.third_images[caption]
        assert 0.5 < kept.mean() < 1 and (item[0][~kept] == 0).all()  # masked: the image is full, it cannot move


def test_every_share_varies_its_items_as_the_whole_batch_does(with_third, monkeypatch):
    whole = with_third(three_modalities(), np.random.default_rng(4)).inputs
    again = with_third(three_modalities(), np.random.default_rng(5)).inputs
    assert torch.equal(whole[:5], again[:5]) and not torch.equal(whole[5], again[5])
    for share in range(3):
        monkeypatch.setattr("single_net.common.distributed.shard", lambda total, share=share: slice(share, total, 3))
        assert torch.equal(with_third(three_modalities(), np.random.default_rng(4)).inputs, whole[share::3])


@pytest.mark.parametrize("kind", ["config-standard", "config-2", "pair", "views"])
def test_a_plan_says_how_many_images_and_samples_its_batches_hold(kind):
    plan = BatchPlan(
        np.full(20, 5), kind, size=4, counts="images", order="grouped", seed=0, views=3, extra=2, extra_captions=9
    )
    for batch, _ in plan.epoch(0):
        assert len(batch.image_index) == plan.samples_per_batch and batch.is_image.sum() == plan.images_per_batch


def test_the_usual_shape_is_that_of_real_batches_whatever_the_number_of_captions():
    def usual(counts, kind="config-standard", order="grouped", count_images=True):
        plan = BatchPlan(np.array(counts), kind, size=45, counts="samples", order=order, seed=0)
        return plan.usual_shape(count_images=count_images)

    assert usual([5] * 100) == (42, 7, True) and usual([1] * 100) == (14, 7, True)
    assert usual([1] * 100, "config-2") == (12, 6, True)
    assert usual([5] * 95 + [4] * 5)[0] == 42
    assert usual([5] * 100, order="mixed", count_images=False) == (45, 0, True)


def test_all_extra_captions_are_shown():
    plan = BatchPlan(
        np.full(20, 5), "views", size=4, counts="images", order="grouped", seed=0, extra=2, extra_captions=9
    )
    shown = {int(c) for epoch in range(20) for batch, _ in plan.epoch(epoch) for c in batch.caption[-2:]}
    assert shown == set(range(100, 109))


def test_the_crops_of_an_epoch_are_its_own():
    plan = BatchPlan(np.full(20, 5), "config-2", size=24, counts="samples", order="grouped", seed=0)
    assert [rng.integers(1000) for _, rng in plan.epoch(2)] != [rng.integers(1000) for _, rng in plan.epoch(3)]


CAPTIONS = ["red dog runs", "blue boat", "green tree stands still"]


PIXELS = np.random.default_rng(0).integers(0, 256, size=(2, 96, 96, 3), dtype=np.uint8)


def made(fill: str = "blank", background=(0, 0, 0), **settings) -> tuple[BatchLoader, TextImageEncoder]:
    layout = dataclasses.replace(Layout.paper().scaled_to(96), fill=fill, background=background)
    encoder = TextImageEncoder.fit(CAPTIONS, layout=layout, epochs=1)
    return BatchLoader(
        HostImages(PIXELS, torch.device("cpu")),
        encoder.ids(CAPTIONS),
        Renderer(encoder),
        torch.device("cpu"),
        **settings,
    ), encoder


def cropped() -> Samples:
    none = np.zeros(6, bool)
    return Samples(
        np.array([0, 1, 0, 1, 0, 1]), np.array([-1, -1, 0, 1, 2, 0]), none, np.array([1, 0, 0, 1, 1, 1], bool), none
    )


def test_every_share_is_cropped_as_the_whole_batch(monkeypatch):
    draw, _ = made()
    whole = draw(cropped(), np.random.default_rng(4)).inputs
    for share in range(2):
        monkeypatch.setattr("single_net.common.distributed.shard", lambda total, share=share: slice(share, total, 2))
        assert torch.equal(draw(cropped(), np.random.default_rng(4)).inputs, whole[share::2])


def test_an_image_with_a_box_is_not_cropped_once_more(monkeypatch):
    def never(*_):
        raise AssertionError("cropped twice")

    monkeypatch.setattr(batches, "crop", never)
    draw, _ = made(min_crop=0.5)
    draw(cropped(), np.random.default_rng(0))


def test_left_out_words_close_up_in_every_copy_of_the_caption():
    draw, encoder = made("repeat", word_dropout=0.5)
    none = np.zeros(3, bool)
    samples = Samples(np.array([0, 0, 0]), np.array([0, 1, 2]), none, none, none)
    drawn = draw(samples, np.random.default_rng(0)).inputs.permute(0, 2, 3, 1).numpy()
    said = encoder.inverse_transform(drawn)
    assert said != CAPTIONS and np.array_equal(encoder.transform(said), drawn)


def test_padded_crops_are_surrounded_by_the_background():
    draw, _ = made(background=(7, 8, 9), crop_handling="pad")
    edge = draw(cropped(), np.random.default_rng(0)).inputs[0, :, 0]
    assert torch.equal(edge, torch.tensor([7, 8, 9], dtype=torch.uint8)[:, None].expand(3, 96))
