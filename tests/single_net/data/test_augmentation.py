"""Augmentation: crops, random views and word dropout."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image

from single_net.data.augmentation import Views, crop, crop_offsets, drop_words, random_views, view


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
    assert 0.75 < (width / height).min() * 1.01 < 0.78 and 1.3 < (width / height).max() < 1.34
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
    softer = view(image, Views(None, torch.tensor([[1.0, 0.5, 1.0]]))).float()  # contrast keeps the mean
    assert abs(softer.mean() - image.float().mean()) < 1 and softer.std() < 0.6 * image.float().std()
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


def test_each_image_is_seen_in_its_own_box():
    at = 6.0 * torch.arange(40)
    image = torch.stack([at.expand(40, 40), at[:, None].expand(40, 40), torch.zeros(40, 40)]).to(torch.uint8)
    boxes = torch.tensor([[0.5, 0.25, 0.25, 0.625], [0.25, 0.5, 0.5, 0.25], [1.0, 0.6, 0.5, 0.4]])
    for (w, h, x, y), found in zip(boxes.tolist(), view(image.expand(3, -1, -1, -1), Views(boxes, None)), strict=True):
        place = torch.arange(40) + 0.5
        across, down = (6 * ((c - s / 2) * 40 + s * place - 0.5) for c, s in ((x, w), (y, h)))
        assert (found[0] - across.clamp(0, 234)).abs().max() <= 0.6
        assert (found[1] - down.clamp(0, 234)[:, None]).abs().max() <= 0.6


def test_each_image_has_its_own_colors():
    images = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (3, 3, 20, 20), dtype=np.uint8))
    images[1] //= 4
    factors = torch.tensor([[1.2, 0.5, 0.3], [0.8, 1.3, 1.4], [1.0, 0.7, 0.5]])
    for image, (b, c, s), found in zip(images, factors.tolist(), view(images, Views(None, factors)), strict=True):
        x = image.float() * b
        x = x.mean() + (x - x.mean()) * c
        gray = x.mean(0)
        expected = (gray + (x - gray) * s).clamp(0, 255)
        assert (found - expected).abs().max() <= 0.51


def test_as_many_words_are_left_out_as_asked_for():
    ids = np.arange(1, 4001, dtype=np.int32)[None]
    left = (drop_words(ids, "blank", 0.2, np.random.default_rng(0)) > 0).mean()
    assert 0.77 < left < 0.83


def test_brightness_contrast_and_saturation_vary_on_their_own():
    _, color = random_views(4000, min_crop=1.0, color=0.3, rng=np.random.default_rng(0))
    assert (np.abs(np.corrcoef(color.T) - np.eye(3)) < 0.1).all()


def test_a_resized_crop_is_enlarged_bilinearly():
    images = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (2, 3, 96, 96), dtype=np.uint8))
    offsets = torch.tensor([[0, 7], [11, 3]])
    found = crop(images, offsets, "resize", torch.zeros(1, 3, 1, 1, dtype=torch.uint8))
    for image, (top, left), one in zip(images, offsets.T.tolist(), found, strict=True):
        whole = Image.fromarray(image.permute(1, 2, 0).numpy()).crop((left, top, left + 85, top + 85))
        expected = torch.from_numpy(np.asarray(whole.resize((96, 96), Image.Resampling.BILINEAR)).copy())
        assert (one.permute(1, 2, 0).int() - expected.int()).abs().max() <= 2
