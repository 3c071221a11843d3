"""Random crops, colors and dropped words (paper, section 4.1, and torchvision's usual ones)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch.nn import functional as F

CROP_SHARE = 227 / 256  # section 4.1 crops encoded text of 256 x 256 to 227 x 227


def crop_offsets(n: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """Top and left of a random 227/256 crop of each of n inputs of `size` pixels: int64 (2, n)."""
    return rng.integers(0, size - round(size * CROP_SHARE) + 1, size=(2, n))


def crop(inputs: torch.Tensor, offsets: torch.Tensor, handling: str, background: torch.Tensor) -> torch.Tensor:
    """A 227/256 crop of each input, brought to the input's size again.

    Args:
        inputs: uint8 (n, 3, size, size).
        offsets: int64 (2, n), from `crop_offsets`.
        handling: "resize" enlarges the crop (bilinear); "pad" puts it into the middle of the background color, so that
            superpixels keep their size.
        background: uint8 (1, 3, 1, 1).

    Returns:
        uint8 (n, 3, size, size).
    """
    n, _, size, _ = inputs.shape
    side = round(size * CROP_SHARE)
    steps = torch.arange(side, device=inputs.device)
    rows = (offsets[0][:, None] + steps)[:, None, :, None]
    columns = (offsets[1][:, None] + steps)[:, None, None, :]
    each = torch.arange(n, device=inputs.device)[:, None, None, None]
    channel = torch.arange(3, device=inputs.device)[None, :, None, None]
    crops = inputs[each, channel, rows, columns]
    if handling == "resize":
        return F.interpolate(crops.float(), (size, size), mode="bilinear").round_().to(torch.uint8)
    if handling == "pad":
        page = background.expand(n, 3, size, size).clone()
        start = (size - side) // 2
        page[:, :, start : start + side, start : start + side] = crops
        return page
    raise ValueError(f"unknown crop handling {handling!r}")


class Views(NamedTuple):
    """How images are varied, one row an image, float32; None: not in this way."""

    box: torch.Tensor | None  # (n, 4): width, height, center x and center y of the crop, shares of the image
    color: torch.Tensor | None  # (n, 3): factors of brightness, contrast and saturation


def random_views(
    n: int, *, min_crop: float, color: float, rng: np.random.Generator
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Random boxes and color factors for n images, as in `Views`.

    Args:
        n: number of images.
        min_crop: smallest area of a box, at aspects 3:4 to 4:3 (torchvision's RandomResizedCrop); 1: no boxes.
        color: factors lie in 1 - color .. 1 + color (torchvision's ColorJitter); 0: no factors.
        rng: of the random choices.
    """
    area = rng.uniform(min_crop, 1, n)
    ratio = np.exp(rng.uniform(-1, 1, n) * np.log(4 / 3))
    width, height = np.minimum(1, np.sqrt(area * ratio)), np.minimum(1, np.sqrt(area / ratio))
    x, y = rng.uniform(width / 2, 1 - width / 2), rng.uniform(height / 2, 1 - height / 2)
    factors = rng.uniform(1 - color, 1 + color, (n, 3)).astype(np.float32)
    boxes = np.stack([width, height, x, y], 1).astype(np.float32)
    return boxes if min_crop < 1 else None, factors if color else None


def view(images: torch.Tensor, views: Views) -> torch.Tensor:
    """Images uint8 (n, 3, size, size) cropped to their boxes, enlarged again (bilinear) and their colors changed."""
    x = images.float()
    if views.box is not None:
        width, height, across, down = views.box.T
        zero = torch.zeros_like(width)
        affine = torch.stack([width, zero, 2 * across - 1, zero, height, 2 * down - 1], 1).view(-1, 2, 3)
        grid = F.affine_grid(affine, list(x.shape), align_corners=False)
        x = F.grid_sample(x, grid, mode="bilinear", padding_mode="border", align_corners=False)
    if views.color is not None:
        brightness, contrast, saturation = views.color.T[:, :, None, None, None]
        x = x * brightness
        mean = x.mean((1, 2, 3), keepdim=True)
        x = mean + (x - mean) * contrast
        gray = x.mean(1, keepdim=True)
        x = gray + (x - gray) * saturation
    return x.clamp_(0, 255).round_().to(torch.uint8)


def drop_words(ids: np.ndarray, fill: str, share: float, rng: np.random.Generator) -> np.ndarray:
    """Leave words out of captions at random, but never all of a caption's.

    Args:
        ids: int32 (n, capacity), word numbers as TextImageEncoder.ids gives them.
        fill: of the layout, "blank" or "repeat".
        share: probability of each word to be left out.
        rng: of the random choices.

    Returns:
        int32 (n, capacity).
    """
    varied = np.zeros_like(ids)
    for row, of_one in enumerate(ids):
        blank = np.flatnonzero(of_one == 0)
        words = of_one[: blank[0]] if len(blank) else of_one
        kept = words[rng.random(len(words)) >= share]
        words = kept if len(kept) else words
        if fill == "repeat":
            varied[row] = np.resize(np.append(words, 0), ids.shape[1])
        else:
            varied[row, : len(words)] = words
    return varied
