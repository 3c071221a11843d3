"""Which inputs make a batch, in which order: decided by (configuration, seed, epoch) alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
import torch

from encoded_text.errors import InputError
from encoded_text.renderer import Renderer

from . import processes
from .ahead import ahead, pinned
from .augmentation import (
    Inputs,
    Views,
    crop,
    crop_offsets,
    inputs_of_groups,
    inputs_per_group,
    random_views,
    vary_words,
    view,
)
from .configuration import AugmentationConfig, BatchConfig


class BatchPlan:
    """Batches of an epoch, as rows of numbers.

    order "grouped": whole groups (a picture and all its inputs) stay together; with counts "inputs" a batch holds as
    many whole groups as fit into `size` inputs, at least one; with counts "groups" it holds `size` groups.
    order "mixed": all inputs of the epoch are shuffled, as in facenet's train_softmax.py; a batch holds `size` inputs,
    or with counts "groups" as many as `size` groups have.
    apart, for kind "pair": in so many epochs, the first, a batch's captions are of other pictures than its photographs.
    In a batch of pairs batch norm lets the two modalities lie apart; so they might meet first (no gain was measured).
    A last batch that is not full is left out; every epoch has another order. Within a batch photographs come first.

    Raises InputError where the data set is too small for one batch.
    """

    def __init__(self, captions_per_picture: np.ndarray, kind: str, batch: BatchConfig, seed: int, apart: float = 0):
        self._first_caption = np.concatenate([[0], np.cumsum(captions_per_picture)])
        self._kind, self._batch, self._seed, self._apart = kind, batch, seed, apart
        pictures, of_group = len(captions_per_picture), inputs_per_group(kind)
        if batch.order == "grouped":
            self._per_batch = batch.size if batch.counts == "groups" else max(1, batch.size // of_group)
            available = pictures
        else:
            self._per_batch = batch.size * (of_group if batch.counts == "groups" else 1)
            available = len(self._all_inputs(np.random.default_rng(0)).group)
        self.steps_per_epoch = available // self._per_batch
        whole = batch.order == "grouped"
        # For pictures with five captions, and in mixed order for as many photographs as there can be.
        self.inputs_per_batch = self._per_batch * of_group if whole else self._per_batch
        poorest = np.array([captions_per_picture.argmin()])  # the picture that puts the fewest inputs into a batch
        group = inputs_of_groups(kind, self._first_caption, np.random.default_rng(0), poorest).group
        self.fewest_inputs = self._per_batch * (len(group) if whole else 1)
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
                if epoch < self._apart:
                    others = np.roll(order, -self._per_batch)[number * self._per_batch :][: self._per_batch]
                    captions = inputs_of_groups(self._kind, self._first_caption, own, others)
                    batch = Inputs(*(np.where(batch.is_caption, *pair) for pair in zip(captions, batch, strict=True)))
            else:
                batch = inputs.take(rows)
            yield batch.take(np.argsort(batch.is_caption, kind="stable")), own


class Batch(NamedTuple):
    """Network inputs on the training device; photographs come first."""

    pictures: torch.Tensor  # uint8 (n, 3, size, size): this process's share of the batch
    photographs: int  # how many of these are photographs
    group: torch.Tensor  # int64, of the whole batch
    whole_photographs: int  # how many photographs the whole batch has


class _Read(NamedTuple):
    """What is read and decided on the processor, ahead of time; every array is pinned where a GPU waits for it."""

    photographs: torch.Tensor  # uint8 (photographs, size, size, 3)
    mirror: torch.Tensor  # bool (photographs,)
    captions: torch.Tensor  # int32 (captions, capacity), word numbers
    views: Views | None  # of the photographs
    cropped: torch.Tensor  # int64, rows of the share
    offsets: torch.Tensor  # int64 (2, cropped)
    group: torch.Tensor  # int64, of the whole batch


class BatchDrawer:
    """Turns rows of numbers into network inputs on the training device.

    photographs  uint8 (pictures, size, size, 3), a memory-mapped array will do
    caption_ids  int32 (captions, capacity), the word numbers of all captions

    Photographs are read, and captions drawn, only for this process's share of a batch (see processes.own_rows).
    """

    def __init__(
        self,
        photographs: np.ndarray,
        caption_ids: np.ndarray,
        renderer: Renderer,
        crop_handling: str,
        device: torch.device,
        augmentation: AugmentationConfig | None = None,
    ):
        self._photographs, self._device, self._crop_handling = photographs, device, crop_handling
        self._renderer = renderer.to(device)
        self._caption_ids = caption_ids
        self._augmentation = augmentation or AugmentationConfig()

    def batches(self, plan: Iterable[tuple[Inputs, np.random.Generator]]) -> Iterator[Batch]:
        """The drawn batches of a plan, each made ready while its predecessor is worked on.

        A thread reads the photographs; on a GPU copying and drawing run on a stream of their own.
        """
        stream = torch.cuda.Stream(self._device) if self._device.type == "cuda" else None
        if stream is not None:
            stream.wait_stream(torch.cuda.current_stream(self._device))  # the tiles must have arrived
        ready: Batch | None = None
        for read in ahead(self._read(inputs, rng) for inputs, rng in plan):
            with torch.cuda.stream(stream):
                following = self._draw(*read)
            if ready is not None:
                yield ready
            if stream is not None:
                torch.cuda.current_stream(self._device).wait_stream(stream)
                for value in following:
                    if isinstance(value, torch.Tensor):
                        value.record_stream(torch.cuda.current_stream(self._device))
            ready = following
        if ready is not None:
            yield ready

    def __call__(self, inputs: Inputs, rng: np.random.Generator) -> Batch:
        """One batch, at once."""
        return self._draw(*self._read(inputs, rng))

    def _read(self, inputs: Inputs, rng: np.random.Generator) -> tuple[_Read, int]:
        # What is drawn by lot is drawn for the whole batch, alike in every process; each then takes its own rows.
        options, host = self._augmentation, partial(pinned, device=self._device)
        offsets = np.zeros((2, len(inputs.group)), np.int64)
        whole = np.flatnonzero(inputs.crop)
        offsets[:, whole] = crop_offsets(len(whole), self._renderer.layout.image_size, rng)
        rows = np.arange(len(inputs.group))[processes.own_rows(len(inputs.group))]
        own = inputs.take(rows)
        shown, cropped = ~own.is_caption, np.flatnonzero(own.crop)
        whole_photographs = int((~inputs.is_caption).sum())
        own_captions = rows[~shown] - whole_photographs
        captions = self._caption_ids[inputs.caption[inputs.is_caption]]
        if options.word_dropout or options.word_order != "kept":
            fill = self._renderer.layout.fill
            captions = vary_words(captions, fill, options.word_dropout, options.word_order, rng)
        views = None
        if options.smallest_crop < 1 or options.colour or options.erase:
            of_all = random_views(whole_photographs, options, rng)
            views = Views(*(None if of is None else host(of[rows[shown]]) for of in of_all))
            if options.smallest_crop < 1:  # instead of the paper's crop
                cropped = cropped[:0]
        # One read a photograph, in the order of the file.
        places, inverse = np.unique(own.group[shown], return_inverse=True)
        read = _Read(
            host(np.ascontiguousarray(self._photographs[places])[inverse]),
            host(own.mirror[shown]),
            host(captions[own_captions]),
            views,
            host(cropped),
            host(offsets[:, rows][:, cropped]),
            host(inputs.group),
        )
        return read, whole_photographs

    def _draw(self, read: _Read, whole_photographs: int) -> Batch:
        read = _Read(*(self._moved(value) for value in read))
        photographs = read.photographs.permute(0, 3, 1, 2)
        photographs = torch.where(read.mirror[:, None, None, None], photographs.flip(3), photographs)
        if read.views is not None:
            photographs = view(photographs, read.views)
        pictures = torch.cat([photographs, self._renderer(read.captions)])
        if len(read.cropped):
            background = self._renderer.background
            crops = crop(pictures[read.cropped], read.offsets, self._crop_handling, background)
            pictures[read.cropped] = crops
        return Batch(pictures, len(photographs), read.group, whole_photographs)

    def _moved(self, value: torch.Tensor | Views | None) -> torch.Tensor | Views | None:
        if isinstance(value, Views):
            return Views(*(self._moved(of) for of in value))
        return value if value is None else value.to(self._device, non_blocking=True)
