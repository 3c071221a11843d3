"""Augmentation of images and captions: random crops, colors and word dropout.

The crop of 227/256 is the paper's (section 4.1). Boxes and colors follow torchvision's RandomResizedCrop (sides clipped
to the image instead of drawn again) and ColorJitter (in one order, without hue, gray as the mean of the channels),
computed for a whole batch on its device.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch.nn import functional as F

CROP_SHARE = 227 / 256  # the paper crops encoded text of 256 x 256 pixels to 227 x 227


def crop_offsets(n: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """Where random 227/256 crops begin.

    Args:
        n: number of images.
        size: their side in pixels.
        rng: random generator.

    Returns:
        int64 (2, n): the first row and the first column of each crop.
    """
    return rng.integers(0, size - round(size * CROP_SHARE) + 1, size=(2, n))


def crop(images: torch.Tensor, offsets: torch.Tensor, handling: str, background: torch.Tensor) -> torch.Tensor:
    """Crop 227/256 of each image and bring the crop to the image's size again.

    Args:
        images: uint8 (n, 3, size, size), images or encoded captions.
        offsets: int64 (2, n), from `crop_offsets`.
        handling: "resize" enlarges the crop (bilinear); "pad" surrounds it with the background color, so that
            superpixels keep their size.
        background: color, uint8 (1, 3, 1, 1).

    Returns:
        uint8 (n, 3, size, size).
    """
    n, _, size, _ = images.shape
    side = round(size * CROP_SHARE)
    steps = torch.arange(side, device=images.device)
    rows = (offsets[0][:, None] + steps)[:, None, :, None]
    columns = (offsets[1][:, None] + steps)[:, None, None, :]
    each = torch.arange(n, device=images.device)[:, None, None, None]
    channel = torch.arange(3, device=images.device)[None, :, None, None]
    crops = images[each, channel, rows, columns]
    if handling == "resize":
        return F.interpolate(crops.float(), (size, size), mode="bilinear").round_().to(torch.uint8)
    if handling == "pad":
        page = background.expand(n, 3, size, size).clone()
        start = (size - side) // 2
        page[:, :, start : start + side, start : start + side] = crops
        return page
    raise ValueError(f"unknown crop handling {handling!r}")


class Views(NamedTuple):
    """Random views of a batch of images.

    Attributes:
        box: float32 (n, 4), width, height, center x and center y of the crop as shares of the image; None: no crop.
        color: float32 (n, 3), factors of brightness, contrast and saturation; None: colors as they are.
    """

    box: torch.Tensor | None
    color: torch.Tensor | None


def random_views(
    n: int, *, min_crop: float, color: float, rng: np.random.Generator
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Draw random views.

    Args:
        n: number of images.
        min_crop: smallest area of a box as a share of the image, at aspect ratios of 3:4 to 4:3, before sides longer
            than the image are cut to it; 1: no boxes.
        color: factors are between 1 - color and 1 + color; 0: no factors.
        rng: random generator.

    Returns:
        Boxes and color factors as in `Views`, as arrays.
    """
    area = rng.uniform(min_crop, 1, n)
    ratio = np.exp(rng.uniform(-1, 1, n) * np.log(4 / 3))
    width, height = np.minimum(1, np.sqrt(area * ratio)), np.minimum(1, np.sqrt(area / ratio))
    x, y = rng.uniform(width / 2, 1 - width / 2), rng.uniform(height / 2, 1 - height / 2)
    factors = rng.uniform(1 - color, 1 + color, (n, 3)).astype(np.float32)
    boxes = np.stack([width, height, x, y], 1).astype(np.float32)
    return boxes if min_crop < 1 else None, factors if color else None


def view(images: torch.Tensor, views: Views) -> torch.Tensor:
    """Crop images to their boxes, enlarge the crops (bilinear) and change the colors.

    Args:
        images: uint8 (n, 3, size, size).
        views: of these images, on the same device.

    Returns:
        uint8 (n, 3, size, size).
    """
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
    """Word dropout: leave words of captions out at random, but never all words of a caption.

    Args:
        ids: int32 (n, capacity), word ids from TextImageEncoder.ids.
        fill: of the layout: after the last word nothing ("blank") or the caption again ("repeat").
        share: probability of each word to be left out.
        rng: random generator.

    Returns:
        int32 (n, capacity).
    """
    varied = np.zeros_like(ids)
    for row, caption in enumerate(ids):
        blank = np.flatnonzero(caption == 0)
        words = caption[: blank[0]] if len(blank) else caption
        kept = words[rng.random(len(words)) >= share]
        words = kept if len(kept) else words
        if fill == "repeat":
            varied[row] = np.resize(np.append(words, 0), ids.shape[1])
        else:
            varied[row, : len(words)] = words
    return varied
