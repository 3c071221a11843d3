"""From rows of numbers to batches of network inputs on the training device."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
import torch

from encoded_text.renderer import Renderer
from single_net.common import distributed
from single_net.common.prefetch import ahead, pinned
from single_net.config import AugmentationConfig
from single_net.data.augmentation import Views, crop, crop_offsets, random_views, vary_words, view
from single_net.training.samples import Inputs


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
        rows = np.arange(len(inputs.group))[distributed.own_rows(len(inputs.group))]
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
