"""Random views of images, crops of encoded captions, and dropped words (paper, section 4.1)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch.nn import functional as F

from single_net.config import AugmentationConfig

CROP_SHARE = 227 / 256  # section 4.1 crops encoded text of 256 x 256 to 227 x 227


def crop_offsets(n: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """First row and first column of a random 227/256 crop of each of n pictures: int64 (2, n), in pixels."""
    return rng.integers(0, size - round(size * CROP_SHARE) + 1, size=(2, n))


def crop(pictures: torch.Tensor, offsets: torch.Tensor, handling: str, background: torch.Tensor) -> torch.Tensor:
    """The 227/256 crop of each picture that begins at `offsets`, uint8 (n, 3, size, size) -> the same shape and dtype.

    offsets     int64 (2, n) on the pictures' device, from `crop_offsets`
    handling    "resize" enlarges the crop to the pictures' size again (bilinear); "pad" leaves its pixels as they are,
                in the middle of a picture of the background colour, so that superpixels keep their size
    background  uint8 (1, 3, 1, 1) on the pictures' device
    """
    n, _, size, _ = pictures.shape
    side = round(size * CROP_SHARE)
    steps = torch.arange(side, device=pictures.device)
    rows = (offsets[0][:, None] + steps)[:, None, :, None]
    columns = (offsets[1][:, None] + steps)[:, None, None, :]
    each = torch.arange(n, device=pictures.device)[:, None, None, None]
    channel = torch.arange(3, device=pictures.device)[None, :, None, None]
    crops = pictures[each, channel, rows, columns]
    if handling == "resize":
        return F.interpolate(crops.float(), (size, size), mode="bilinear").round_().to(torch.uint8)
    if handling == "pad":
        page = background.expand(n, 3, size, size).clone()
        start = (size - side) // 2
        page[:, :, start : start + side, start : start + side] = crops
        return page
    raise ValueError(f"unknown crop handling {handling!r}")


class Views(NamedTuple):
    """How photographs are varied, one row a photograph, float32; None: not in this way."""

    box: torch.Tensor | None  # (n, 4): width and height of the crop, and its centre, as shares of the picture
    colour: torch.Tensor | None  # (n, 3): factors of brightness, contrast and saturation
    blank: torch.Tensor | None  # (n, 4): left, top, right, bottom of a blanked rectangle, as shares; empty: nothing


def random_views(n: int, options: AugmentationConfig, rng: np.random.Generator) -> tuple[np.ndarray | None, ...]:
    """Views of n photographs, by lot, as arrays: boxes of smallest_crop to all of the area and of aspects 3:4 to 4:3
    (torchvision's RandomResizedCrop), factors of 1 - colour to 1 + colour (its ColorJitter), and, in a share `erase` of
    the photographs, a rectangle of up to a quarter of the area (Zhong et al. 2020, random erasing)."""
    area = rng.uniform(options.smallest_crop, 1, n)
    ratio = np.exp(rng.uniform(-1, 1, n) * np.log(4 / 3))
    width, height = np.minimum(1, np.sqrt(area * ratio)), np.minimum(1, np.sqrt(area / ratio))
    x, y = rng.uniform(width / 2, 1 - width / 2), rng.uniform(height / 2, 1 - height / 2)
    colour = rng.uniform(1 - options.colour, 1 + options.colour, (n, 3))
    side = np.sqrt(rng.uniform(0.05, 0.25, (n, 2))) * (rng.random((n, 1)) < options.erase)
    corner = rng.uniform(0, 1 - side)
    boxes = np.stack([width, height, x, y], 1).astype(np.float32) if options.smallest_crop < 1 else None
    blanks = np.hstack([corner, corner + side]).astype(np.float32) if options.erase else None
    return boxes, colour.astype(np.float32) if options.colour else None, blanks


def view(pictures: torch.Tensor, views: Views) -> torch.Tensor:
    """Photographs uint8 (n, 3, size, size), cropped to the views' boxes and enlarged again (bilinear), their colours
    varied and a rectangle set to grey -> the same shape and dtype."""
    x = pictures.float()
    size = x.shape[-1]
    if views.box is not None:
        width, height, across, down = views.box.T
        zero = torch.zeros_like(width)
        affine = torch.stack([width, zero, 2 * across - 1, zero, height, 2 * down - 1], 1).view(-1, 2, 3)
        grid = F.affine_grid(affine, list(x.shape), align_corners=False)
        x = F.grid_sample(x, grid, mode="bilinear", padding_mode="border", align_corners=False)
    if views.colour is not None:
        brightness, contrast, saturation = views.colour.T[:, :, None, None, None]
        x = x * brightness
        mean = x.mean((1, 2, 3), keepdim=True)
        x = mean + (x - mean) * contrast
        grey = x.mean(1, keepdim=True)
        x = grey + (x - grey) * saturation
    if views.blank is not None:
        at = (torch.arange(size, device=x.device) + 0.5) / size
        left, top, right, bottom = views.blank.T[:, :, None]
        inside = ((at > top) & (at < bottom))[:, None, :, None] & ((at > left) & (at < right))[:, None, None, :]
        x = x.masked_fill(inside, 127.5)
    return x.clamp_(0, 255).round_().to(torch.uint8)


def vary_words(ids: np.ndarray, fill: str, dropout: float, order: str, rng: np.random.Generator) -> np.ndarray:
    """Captions, int32 (n, capacity), with words left out (each with probability `dropout`, but never all of them) and
    in another order: "kept"; "shuffled"; or, where the layout's fill is "repeat", "shifted": begun at any word."""
    varied = np.zeros_like(ids)
    capacity = ids.shape[1]
    for row, of_one in enumerate(ids):
        blank = np.flatnonzero(of_one == 0)
        words = of_one[: blank[0]] if len(blank) else of_one
        kept = words[rng.random(len(words)) >= dropout]
        words = kept if len(kept) else words
        if order == "shuffled":
            words = rng.permutation(words)
        if fill == "repeat":
            period = np.append(words, 0)
            start = int(rng.integers(len(period))) if order == "shifted" else 0
            varied[row] = np.resize(np.roll(period, -start), capacity)
        else:
            varied[row, : len(words)] = words
    return varied
