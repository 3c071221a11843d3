"""Where the pixels of training images are kept: on the device if they fit, else on the host."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch

from encoded_text.common.progress import progress
from single_net.common.prefetch import pinned
from single_net.data.image_array import ImageArray

SHARE = 1 / 3  # of a GPU's memory that the images may take
_CHUNK = 1024  # images copied at once


class ImageSource(Protocol):
    """Hands out images in two parts: `read` on the CPU, ahead of time, and `load` on the device."""

    def read(self, places: np.ndarray) -> torch.Tensor:
        """What must travel to the device for the images at `places`, int64 (n,); in pinned memory for a GPU."""
        ...

    def load(self, read: torch.Tensor) -> torch.Tensor:
        """From what `read` gave, once it is on the device: uint8 (n, size, size, 3)."""
        ...


class HostImages:
    """Images stay where they are; their pixels travel with every batch.

    Args:
        images: uint8 (images, size, size, 3), memory-mapped or not.
        device: they travel to.
    """

    def __init__(self, images: ImageArray, device: torch.device):
        self._images, self._device = images, device

    def read(self, places: np.ndarray) -> torch.Tensor:
        """The pixels; each image is read once, in the order of the file."""
        rows, inverse = np.unique(places, return_inverse=True)
        return pinned(np.ascontiguousarray(self._images[rows])[inverse], self._device)

    def load(self, read: torch.Tensor) -> torch.Tensor:
        """The pixels."""
        return read


class DeviceImages:
    """All images are copied to the device once; only their numbers travel.

    Args:
        images: uint8 (images, size, size, 3), memory-mapped or not.
        device: they are copied to.
    """

    def __init__(self, images: ImageArray, device: torch.device):
        self._device = device
        first = np.asarray(images[:1])
        self._images = torch.empty((len(images), *first.shape[1:]), dtype=torch.uint8, device=device)
        starts = range(0, len(images), _CHUNK)
        for start in progress(starts, what="images to the device", unit=f"x {_CHUNK}"):
            chunk = np.array(images[start : start + _CHUNK])
            self._images[start : start + len(chunk)] = torch.from_numpy(chunk).to(device)

    def read(self, places: np.ndarray) -> torch.Tensor:
        """The numbers of the images."""
        return pinned(places, self._device)

    def load(self, read: torch.Tensor) -> torch.Tensor:
        """Gathered on the device."""
        return self._images.index_select(0, read)


def image_source(images: ImageArray, device: torch.device) -> ImageSource:
    """DeviceImages on a GPU if they take at most SHARE of its free memory, else HostImages."""
    if device.type == "cuda":
        needed = len(images) * int(np.prod(np.asarray(images[:1]).shape[1:]))
        free, _ = torch.cuda.mem_get_info(device)
        if needed <= SHARE * free:
            return DeviceImages(images, device)
    return HostImages(images, device)
