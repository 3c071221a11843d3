"""Test-time augmentation: an image is embedded as the mean over several views of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch

from single_net.data.augmentation import Views, view

CORNER = 0.85  # width and height of a corner crop; tried on Flickr8k's validation set

View = Callable[[torch.Tensor], torch.Tensor]  # uint8 (n, size, size, 3) -> uint8 (n, 3, size, size)


def image_views(kind: str) -> list[View]:
    """The views of an image (Krizhevsky et al. 2012 average predictions over corners, center and mirror images).

    Args:
        kind: "none": the image alone; "mirror": and its mirror image; "corners": and four corner crops of CORNER
            times its width and height, and their mirror images.
    """
    near, far = CORNER / 2, 1 - CORNER / 2
    corners = [(CORNER, CORNER, x, y) for x in (near, far) for y in (near, far)] if kind == "corners" else []
    mirrored = (False,) if kind == "none" else (False, True)
    return [partial(_view, box=box, mirrored=mirror) for box in (None, *corners) for mirror in mirrored]


def _view(images: torch.Tensor, box: tuple[float, ...] | None, mirrored: bool) -> torch.Tensor:
    images = images.permute(0, 3, 1, 2)
    if box is not None:
        images = view(images, Views(torch.tensor([box], device=images.device).expand(len(images), 4), None))
    return images.flip(3) if mirrored else images
