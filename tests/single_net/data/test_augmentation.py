"""What one image and its captions put into a batch."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from single_net.data.augmentation import Views, crop, crop_offsets, drop_words, random_views, view
from single_net.training.samples import samples_of_images, samples_per_image

FIRST = np.array([0, 5, 12, 15])  # three images with five, seven and three captions


def rows(kind: str, images: list[int], seed: int = 0):
    return samples_of_images(kind, FIRST, np.random.default_rng(seed), np.array(images))


def test_config_standard_is_an_image_and_its_first_five_captions():
    inputs = rows("config-standard", [1, 0, 2])
    assert inputs.image_index.tolist() == [1] * 6 + [0] * 6 + [2] * 4
    assert inputs.caption.tolist() == [-1, 5, 6, 7, 8, 9, -1, 0, 1, 2, 3, 4, -1, 12, 13, 14]
    assert not inputs.mirror.any() and not inputs.crop.any()


def test_config_2_adds_the_mirror_image_and_a_crop_of_each_caption():
    inputs = rows("config-2", [0])
    assert inputs.caption.tolist() == [-1, -1, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4]
    assert inputs.mirror.tolist() == [False, True] + [False] * 10
    assert inputs.crop.tolist() == [False] * 7 + [True] * 5
    assert len(rows("config-2", [2]).image_index) == 2 + 3 + 3


def test_pair_is_the_image_and_one_of_all_its_captions_at_random():
    seen = set()
    for seed in range(200):
        inputs = rows("pair", [1, 2], seed)
        assert inputs.image_index.tolist() == [1, 1, 2, 2]
        assert inputs.caption[0] == inputs.caption[2] == -1
        seen |= {int(inputs.caption[1]), int(inputs.caption[3])}
    assert seen == set(range(5, 15))


@pytest.mark.parametrize("kind", ["config-standard", "config-2", "pair"])
def test_captions_are_never_mirrored_and_counts_are_as_stated(kind):
    for seed in range(20):
        inputs = rows(kind, [0], seed)
        assert not (inputs.mirror & inputs.is_caption).any()
        assert len(inputs.image_index) == samples_per_image(kind)


def numbered(n: int, size: int) -> torch.Tensor:
    """Images whose pixels say where they are: channel 0 the row, channel 1 the column, channel 2 which image."""
    images = torch.zeros(n, 3, size, size, dtype=torch.uint8)
    images[:, 0] = torch.arange(size)[:, None]
    images[:, 1] = torch.arange(size)
    images[:, 2] = torch.arange(1, n + 1)[:, None, None]
    return images


def random_crops(images: torch.Tensor, handling: str, background: tuple[int, int, int] = (0, 0, 0)) -> torch.Tensor:
    offsets = torch.from_numpy(crop_offsets(len(images), images.shape[-1], np.random.default_rng(0)))
    return crop(images, offsets, handling, torch.tensor(background, dtype=torch.uint8).view(1, 3, 1, 1))


def test_padded_crops_keep_their_pixels_in_the_middle_of_the_background():
    crops = random_crops(numbered(64, 96), "pad", (7, 8, 9))
    side, start = round(96 * 227 / 256), (96 - round(96 * 227 / 256)) // 2
    assert side == 85
    offsets = set()
    for i, one in enumerate(crops):
        inside = one[:, start : start + side, start : start + side].int()
        top, left = int(inside[0, 0, 0]), int(inside[1, 0, 0])
        offsets.add((top, left))
        assert torch.equal(inside[0], torch.arange(top, top + side)[:, None].expand(side, side).int())
        assert torch.equal(inside[1], torch.arange(left, left + side).expand(side, side).int())
        assert (inside[2] == i + 1).all()
        border = one.clone().int()
        border[:, start : start + side, start : start + side] = torch.tensor([7, 8, 9]).view(3, 1, 1)
        assert torch.equal(border, torch.tensor([7, 8, 9]).view(3, 1, 1).expand(3, 96, 96).int())
    assert {top for top, _ in offsets} | {left for _, left in offsets} == set(range(12))  # every offset, both ends


def test_resized_crops_fill_the_image_again():
    crops = random_crops(numbered(8, 96), "resize")
    assert crops.shape == (8, 3, 96, 96) and crops.dtype == torch.uint8
    rows_shown = crops[:, 0, :, 0].int()
    assert (rows_shown.diff(dim=1) >= 0).all()
    assert ((rows_shown[:, -1] - rows_shown[:, 0]) == 84).all()
    assert torch.equal(crops[:, 2, 0, 0], torch.arange(1, 9, dtype=torch.uint8))


def test_crops_of_the_paper_are_227_of_256_pixels():
    one = random_crops(numbered(1, 256), "pad")[0]
    assert (one[2] == 1).sum() == 227 * 227


def test_random_views_keep_to_their_ranges_and_are_none_where_not_asked_for():
    box, color = random_views(4000, min_crop=0.4, color=0.3, rng=np.random.default_rng(0))
    width, height, across, down = box.T
    area = width * height
    assert 0.37 < area.min() < 0.45 and area.max() > 0.95 and abs(np.median(width / height) - 1) < 0.05
    assert (across - width / 2 > -1e-6).all() and (down + height / 2 < 1 + 1e-6).all()
    assert 0.7 <= color.min() < 0.72 and 1.28 < color.max() <= 1.3
    assert random_views(3, min_crop=1.0, color=0.0, rng=np.random.default_rng(0)) == (None, None)


def test_a_view_is_the_crop_with_its_colors():
    ramp = torch.arange(40, dtype=torch.uint8) * 5
    image = torch.stack([ramp.expand(40, 40), ramp[:, None].expand(40, 40), torch.full((40, 40), 100)])[None]
    whole = view(image, Views(torch.tensor([[1.0, 1.0, 0.5, 0.5]]), None))
    assert torch.equal(whole, image)
    quarter = view(image, Views(torch.tensor([[0.5, 0.5, 0.75, 0.25]]), None))[0]
    assert quarter[0, 0, 0] >= 97 and quarter[0, 0, -1] >= 190  # the right half of what grows to the right
    assert quarter[1, 0, 0] <= 5 and 90 <= quarter[1, -1, 0] <= 102  # the upper half of what grows downwards
    darker = view(image, Views(None, torch.tensor([[0.5, 1.0, 1.0]])))
    assert (darker.int() - (image.float() / 2).round().int()).abs().max() <= 1
    gray = view(image, Views(None, torch.tensor([[1.0, 1.0, 0.0]])))[0].int()
    assert (gray[0] == gray[1]).all() and (gray[0] == gray[2]).all()
    flat = view(image, Views(None, torch.tensor([[1.0, 0.0, 1.0]])))
    assert flat.unique().numel() == 1


def test_words_are_left_out_but_never_all():
    rng = np.random.default_rng(0)
    ids = np.array([[1, 2, 3, 4, 0, 0], [5, 0, 0, 0, 0, 0]], np.int32)
    assert np.array_equal(drop_words(ids, "blank", 0.0, rng), ids)
    for _ in range(20):
        fewer = drop_words(ids, "blank", 0.7, rng)
        kept = fewer[0][fewer[0] > 0]
        assert len(kept) and (np.diff(kept) > 0).all() and set(kept) <= {1, 2, 3, 4}
        assert fewer[1].tolist() == ids[1].tolist()
    repeated = np.array([[1, 2, 0, 1, 2, 0, 1]], np.int32)
    seen = {tuple(drop_words(repeated, "repeat", 0.5, rng)[0]) for _ in range(40)}
    assert seen == {(1, 2, 0, 1, 2, 0, 1), (1, 0, 1, 0, 1, 0, 1), (2, 0, 2, 0, 2, 0, 2)}
