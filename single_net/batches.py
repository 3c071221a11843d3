"""Which inputs make a batch, in which order: decided by (configuration, seed, epoch) alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from encoded_text.errors import InputError
from encoded_text.renderer import Renderer

from .augmentation import Inputs, inputs_of_groups, inputs_per_group, random_crops
from .configuration import AugmentationConfig, BatchConfig


class BatchPlan:
    """Batches of an epoch, as rows of numbers.

    order "grouped": whole groups (a picture and all its inputs) stay together; with counts "inputs" a batch holds as
    many whole groups as fit into `size` inputs, at least one; with counts "groups" it holds `size` groups.
    order "mixed": all inputs of the epoch are shuffled, as in facenet's train_softmax.py; a batch holds `size` inputs,
    or with counts "groups" as many as `size` groups have.
    A last batch that is not full is left out; every epoch has another order. Within a batch photographs come first.

    Raises InputError where the data set is too small for one batch.
    """

    def __init__(self, captions_per_picture: np.ndarray, kind: str, batch: BatchConfig, seed: int):
        self._first_caption = np.concatenate([[0], np.cumsum(captions_per_picture)])
        self._kind, self._batch, self._seed = kind, batch, seed
        pictures, of_group = len(captions_per_picture), inputs_per_group(kind)
        if batch.order == "grouped":
            self._per_batch = batch.size if batch.counts == "groups" else max(1, batch.size // of_group)
            available = pictures
        else:
            self._per_batch = batch.size * (of_group if batch.counts == "groups" else 1)
            available = len(self._all_inputs(np.random.default_rng(0)).group)
        self.steps_per_epoch = available // self._per_batch
        whole = batch.order == "grouped"
        self.photographs_per_batch = self._per_batch * (2 if kind == "config-2" else 1) if whole else self._per_batch
        if not self.steps_per_epoch:
            raise InputError(
                f"the training split has {pictures} pictures, too few for one batch of {batch.size} {batch.counts}: "
                "lower batch.size"
            )

    def _all_inputs(self, rng: np.random.Generator) -> Inputs:
        return inputs_of_groups(self._kind, self._first_caption, rng, np.arange(len(self._first_caption) - 1))

    def epoch(self, epoch: int, start: int = 0) -> Iterator[tuple[Inputs, np.random.Generator]]:
        """The batches of an epoch from number `start` on, each with the random generator of its crops."""
        rng = np.random.default_rng([self._seed, epoch])
        if self._batch.order == "grouped":
            order = rng.permutation(len(self._first_caption) - 1)
        else:
            inputs = self._all_inputs(rng)
            order = rng.permutation(len(inputs.group))
        for number in range(start, self.steps_per_epoch):
            own = np.random.default_rng([self._seed, epoch, number])
            rows = order[number * self._per_batch : (number + 1) * self._per_batch]
            if self._batch.order == "grouped":
                batch = inputs_of_groups(self._kind, self._first_caption, own, rows)
            else:
                batch = inputs.take(rows)
            yield batch.take(np.argsort(batch.is_caption, kind="stable")), own


class BatchDrawer:
    """Turns rows of numbers into network inputs on the training device.

    photographs  uint8 (pictures, size, size, 3), a memory-mapped array will do
    caption_ids  int32 (captions, capacity), the word numbers of all captions
    """

    def __init__(
        self,
        photographs: np.ndarray,
        caption_ids: np.ndarray,
        renderer: Renderer,
        augmentation: AugmentationConfig,
        background: tuple[int, int, int],
        device: torch.device,
    ):
        self._photographs, self._device = photographs, device
        self._renderer = renderer.to(device)
        self._caption_ids = torch.from_numpy(caption_ids).to(device)
        self._augmentation, self._background = augmentation, background

    def __call__(self, batch: Inputs, rng: np.random.Generator) -> dict[str, torch.Tensor]:
        """pictures uint8 (n, 3, size, size), group int64 (n,), is_caption bool (n,): photographs first."""
        shown = batch.take(np.flatnonzero(~batch.is_caption))
        told = batch.take(np.flatnonzero(batch.is_caption))
        # One read a photograph, in the order of the file.
        places, inverse = np.unique(shown.group, return_inverse=True)
        photographs = torch.from_numpy(np.ascontiguousarray(self._photographs[places])[inverse])
        photographs = photographs.to(self._device).permute(0, 3, 1, 2)
        mirrored = self._to_device(shown.mirror)[:, None, None, None]
        photographs = torch.where(mirrored, photographs.flip(3), photographs)
        captions = self._renderer(self._caption_ids[self._to_device(told.caption)])
        pictures = torch.cat([photographs, captions])
        cropped = self._to_device(np.flatnonzero(np.concatenate([shown.crop, told.crop])))
        if len(cropped):
            pictures[cropped] = random_crops(pictures[cropped], rng, self._augmentation.crop_handling, self._background)
        return {
            "pictures": pictures,
            "group": self._to_device(np.concatenate([shown.group, told.group])),
            "is_caption": torch.arange(len(pictures), device=self._device) >= len(shown.group),
        }

    def _to_device(self, values: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(self._device)
