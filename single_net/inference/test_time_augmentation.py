"""Test-time augmentation: an image is embedded as the mean over several views of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch

from single_net.data.augmentation import Views, view
from single_net.inference.views import Box, view_boxes

View = Callable[[torch.Tensor], torch.Tensor]  # uint8 (n, size, size, 3) -> uint8 (n, 3, size, size)


def image_views(kind: str) -> list[View]:
    """The views of an image, see `views.view_boxes`."""
    return [partial(_view, box=box) for box in view_boxes(kind)]


def _view(images: torch.Tensor, box: Box) -> torch.Tensor:
    images = images.permute(0, 3, 1, 2)
    width, *rest = box
    if abs(width) < 1:
        whole = torch.tensor([[abs(width), *rest]], device=images.device)
        images = view(images, Views(whole.expand(len(images), 4), None))
    return images.flip(3) if width < 0 else images
