"""Order and contents of batches, from (configuration, seed, epoch) alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from encoded_text import InputError, Layout, TextImageEncoder
from encoded_text.renderer import Renderer
from single_net.config import AugmentationConfig, BatchConfig
from single_net.training.batch_plan import BatchPlan
from single_net.training.batches import BatchDrawer
from single_net.training.samples import Inputs


def plan(kind="config-standard", pictures=20, seed=0, **batch) -> BatchPlan:
    return BatchPlan(np.full(pictures, 5), kind, BatchConfig(**batch), seed)


def numbers(batches) -> list[list[tuple]]:
    return [list(zip(*(column.tolist() for column in batch), strict=True)) for batch, _ in batches]


def test_45_inputs_are_seven_whole_groups_and_45_groups_are_45():
    batches = list(plan(size=45).epoch(0))
    assert len(batches) == 20 // 7 == plan(size=45).steps_per_epoch
    for batch, _ in batches:
        assert len(batch.group) == 42
        assert sorted(np.bincount(batch.group)[np.unique(batch.group)].tolist()) == [6] * 7
    [(batch, _)] = plan(pictures=50, size=45, counts="groups").epoch(0)
    assert len(batch.group) == 45 * 6


def test_an_epoch_shows_no_group_twice():
    shown = [g for batch, _ in plan(size=12).epoch(3) for g in np.unique(batch.group)]
    assert sorted(shown) == list(range(20))


def test_mixed_batches_hold_exactly_45_inputs_each_once_an_epoch():
    seen = []
    for batch, _ in plan(size=45, order="mixed").epoch(1):
        assert len(batch.group) == 45
        assert len(np.unique(batch.group)) > 10
        seen += list(zip(batch.group.tolist(), batch.caption.tolist(), strict=True))
    assert len(seen) == len(set(seen)) == 90


def test_photographs_and_captions_are_of_other_pictures_as_long_as_they_are_kept_apart():
    settings = BatchConfig(size=4, counts="groups")
    apart = BatchPlan(np.full(11, 5), "pair", settings, seed=0, apart=1.5)
    together = BatchPlan(np.full(11, 5), "pair", settings, seed=0)
    for epoch in (0, 1):
        shown = []
        for batch, _ in apart.epoch(epoch):
            photographs, captions = batch.group[:4], batch.group[4:]
            assert not np.isin(captions, photographs).any()
            assert (batch.caption[:4] == -1).all() and (batch.caption[4:] // 5 == captions).all()
            assert batch.crop[:4].all() and not batch.crop[4:].any()
            shown += captions.tolist()
        assert len(shown) == len(set(shown)) == 8
    assert numbers(apart.epoch(2)) == numbers(together.epoch(2)) != numbers(apart.epoch(1))


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


def test_photographs_come_first():
    for batch, _ in plan("config-2", size=36).epoch(0):
        assert not (np.diff(batch.is_caption.astype(int)) < 0).any()


def test_too_few_pictures_for_a_batch():
    with pytest.raises(InputError, match="too few"):
        plan(pictures=3, size=45)


@pytest.fixture(scope="module")
def drawer() -> BatchDrawer:
    captions = ["red dog runs", "blue boat", "green tree stands still"]
    encoder = TextImageEncoder.fit(captions, layout=Layout.paper().scaled_to(96), epochs=1)
    photographs = np.random.default_rng(0).integers(0, 256, size=(2, 96, 96, 3), dtype=np.uint8)
    photographs.setflags(write=False)  # as a memory-mapped array
    drawer = BatchDrawer(photographs, encoder.ids(captions), Renderer(encoder), "resize", torch.device("cpu"))
    drawer.expected = torch.from_numpy(encoder.transform(captions)).permute(0, 3, 1, 2)
    drawer.photographs = torch.from_numpy(photographs.copy()).permute(0, 3, 1, 2)
    return drawer


def test_drawn_batches_hold_photographs_mirrors_and_captions(drawer):
    inputs = Inputs(
        np.array([1, 0, 1, 0, 1]),
        np.array([-1, -1, -1, 2, 0]),
        np.array([False, False, True, False, False]),
        np.zeros(5, bool),
    )
    batch = drawer(inputs, np.random.default_rng(0))
    a, b = drawer.photographs
    expected = torch.stack([b, a, b.flip(2), drawer.expected[2], drawer.expected[0]])
    assert torch.equal(batch.pictures, expected)
    assert batch.group.tolist() == [1, 0, 1, 0, 1]
    assert batch.photographs == batch.whole_photographs == 3


def test_only_inputs_marked_so_are_cropped(drawer):
    inputs = Inputs(np.array([0, 0, 0]), np.array([-1, 1, 1]), np.zeros(3, bool), np.array([False, False, True]))
    pictures = drawer(inputs, np.random.default_rng(1)).pictures
    assert torch.equal(pictures[0], drawer.photographs[0])
    assert torch.equal(pictures[1], drawer.expected[1])
    assert not torch.equal(pictures[2], drawer.expected[1])


def test_every_share_is_a_part_of_the_whole_batch_however_it_is_varied(drawer, monkeypatch):
    """Whatever is drawn by lot is alike in every process."""
    options = AugmentationConfig("pair", smallest_crop=0.5, colour=0.3, erase=0.5, word_dropout=0.5)
    varied = BatchDrawer(
        drawer.photographs.permute(0, 2, 3, 1).contiguous().numpy(),
        drawer._caption_ids,
        drawer._renderer,
        "resize",
        torch.device("cpu"),
        options,
    )
    group, caption = np.array([0, 1, 0, 1, 1, 0]), np.array([-1, -1, -1, 2, 0, 1])
    inputs = Inputs(group, caption, np.zeros(6, bool), caption < 0)
    whole = varied(inputs, np.random.default_rng(4)).pictures
    assert not torch.equal(whole[0], whole[2])  # the same photograph, seen in two ways
    for share in range(2):
        monkeypatch.setattr("single_net.common.distributed.own_rows", lambda total, share=share: slice(share, total, 2))
        assert torch.equal(varied(inputs, np.random.default_rng(4)).pictures, whole[share::2])
