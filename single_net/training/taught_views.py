"""What is shown of taught images: stored views, some mixed with each other, and the teachers' vectors of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch.nn import functional as F

from single_net.data.teaching_file import TeachingFile, unpack_vectors


class Shown(NamedTuple):
    """Which views a process shows of a batch: its own images, then those that some of them are mixed with.

    Attributes:
        image: int64 (own + mixed,), numbers of training images.
        view: int64 (own + mixed,), numbers of stored views.
        row: int64 (own + mixed,), places among the images of the whole batch, for what else varies.
        mixed: int64 (mixed,), which of the own images are mixed, in the order of their partners.
        share: float32 (mixed,), of the own image in the mixture; the partner has the rest.
        is_mixed: bool (n,), which images of the whole batch are mixed: they belong to no training image.
    """

    image: np.ndarray
    view: np.ndarray
    row: np.ndarray
    mixed: np.ndarray
    share: np.ndarray
    is_mixed: np.ndarray


class TaughtViews:
    """Chooses views on the CPU and looks the teachers' vectors up on the device.

    Args:
        teaching: of the training data, in their order.
        mixup: share of the images that are mixed (Zhang et al. 2018), with a weight uniform in 0..1 (Beyer et al.
            2022); the vectors are mixed likewise.
        device: of the batches.
    """

    def __init__(self, teaching: TeachingFile, mixup: float, device: torch.device):
        self._boxes, self._mirrored = teaching.boxes.float().numpy(), teaching.mirrored.numpy()
        self._mixup = mixup
        self._views = teaching.views.to(device)
        self._captions = torch.cat([teaching.captions, teaching.extra]).to(device)

    def choose(self, images: np.ndarray, own: np.ndarray, rng: np.random.Generator) -> Shown:
        """Choose for the whole batch, alike in every process, and take what this process shows.

        Args:
            images: int64 (n,), the training images of the whole batch.
            own: int64, places of this process's images among them.
            rng: of the batch.
        """
        view = rng.integers(self._views.shape[1], size=len(images))
        partner = rng.permutation(len(images))
        share = np.where(rng.random(len(images)) < self._mixup, rng.random(len(images)), 1.0)
        mixed = np.flatnonzero(share[own] < 1)
        row = np.concatenate([own, partner[own[mixed]]])
        return Shown(images[row], view[row], row, mixed, share[own[mixed]].astype(np.float32), share < 1)

    def boxes(self, shown: Shown) -> np.ndarray:
        """Where the views are: float32 (own + mixed, 4), see data.augmentation.Views."""
        return self._boxes[shown.image, shown.view]

    def mirrored(self, shown: Shown) -> np.ndarray:
        """Which views are mirrored: bool (own + mixed,)."""
        return self._mirrored[shown.image, shown.view]

    def teacher_vectors(
        self, image: torch.Tensor, view: torch.Tensor, mixed: torch.Tensor, share: torch.Tensor, captions: torch.Tensor
    ) -> torch.Tensor:
        """The teachers' vectors of a process's inputs, all arguments on the device.

        Args:
            image, view, mixed, share: as in `Shown`.
            captions: int64 (m,), numbers of captions.

        Returns:
            float32 (own + m, dim), L2-normalized, images first.
        """
        of_images = mix(unpack_vectors(self._views[image, view]), mixed, share)
        return torch.cat([F.normalize(of_images, dim=1), unpack_vectors(self._captions[captions])])


def mix(values: torch.Tensor, mixed: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
    """Mix some rows with their partners, which are the last rows.

    Args:
        values: float32 (own + mixed, ...).
        mixed: int64 (mixed,), rows that are mixed.
        share: float32 (mixed,), of these rows.

    Returns:
        float32 (own, ...).
    """
    own = len(values) - len(mixed)
    first = values[:own].clone()
    weight = share.view(-1, *[1] * (values.ndim - 1))
    first[mixed] = weight * first[mixed] + (1 - weight) * values[own:]
    return first
