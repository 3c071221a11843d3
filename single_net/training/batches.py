"""From planned samples to batches of network inputs on the training device."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from functools import partial
from typing import NamedTuple

import numpy as np
import torch

from encoded_text.renderer import Renderer
from single_net.common import distributed
from single_net.common.prefetch import pinned, prefetch
from single_net.data.augmentation import Views, crop, crop_offsets, drop_words, random_views, view
from single_net.data.third import ThirdItems
from single_net.training.image_source import ImageSource
from single_net.training.samples import Samples
from single_net.training.taught_views import TaughtViews, mix


class Batch(NamedTuple):
    """A batch on the training device: images, encoded captions, items of a third modality.

    With several processes `inputs` is the share of this one (distributed.shard), the rest describes the whole batch.
    """

    inputs: torch.Tensor  # uint8 (share, 3, size, size)
    own_images: int  # images among `inputs`
    image_index: torch.Tensor  # int64 (n,), the training image each sample belongs to; -1: none, see RetrievalLoss
    num_images: int  # images of the whole batch
    teacher_vectors: torch.Tensor | None = None  # float32 (share, dim), of `inputs`
    num_third: int = 0  # items of a third modality in the whole batch, the last


class _Taught(NamedTuple):
    """Arguments of TaughtViews.teacher_vectors."""

    image: torch.Tensor
    view: torch.Tensor
    mixed: torch.Tensor
    share: torch.Tensor
    captions: torch.Tensor


class _HostBatch(NamedTuple):
    """What is read and decided on the CPU; pinned memory if a GPU will copy it."""

    images: torch.Tensor  # what the image source read
    mirror: torch.Tensor  # bool (images,)
    captions: torch.Tensor  # int32 (captions, capacity), word ids
    third: torch.Tensor  # uint8 (items, size, size, 3)
    box: torch.Tensor | None  # views of the images, see Views
    color: torch.Tensor | None
    cropped: torch.Tensor  # int64, rows of the share that are cropped to 227/256
    offsets: torch.Tensor  # int64 (2, cropped)
    image_index: torch.Tensor  # int64 (n,), of the whole batch
    taught: _Taught | None


class BatchLoader:
    """Reads images, draws captions and augments both; images and captions are only touched for this process's share.

    Args:
        images: where the pixels come from, see training.image_source.
        caption_ids: int32 (captions, capacity), the word ids of all captions, those without an image last.
        renderer: draws captions.
        device: where batches are made.
        crop_handling: how a 227/256 crop is brought to full size, see data.augmentation.crop.
        min_crop, color, word_dropout: strength of the augmentation, see data.augmentation.
        taught: shows the views of a taught network instead of crops of its own; None for others.
        third: items of a third modality, or None.
    """

    def __init__(
        self,
        images: ImageSource,
        caption_ids: np.ndarray,
        renderer: Renderer,
        device: torch.device,
        *,
        crop_handling: str = "resize",
        min_crop: float = 1.0,
        color: float = 0.0,
        word_dropout: float = 0.0,
        taught: TaughtViews | None = None,
        third: ThirdItems | None = None,
    ):
        self._images, self._caption_ids, self._device = images, caption_ids, device
        self._renderer = renderer.to(device)
        self._crop_handling, self._word_dropout = crop_handling, word_dropout
        self._min_crop, self._color = min_crop, color
        self._taught, self._third = taught, third

    def batches(self, plan: Iterable[tuple[Samples, np.random.Generator]]) -> Generator[Batch]:
        """The batches of a plan, each made while its predecessor is worked on.

        A thread reads the images; on a GPU copying and drawing run on a stream of their own.
        """
        stream = torch.cuda.Stream(self._device) if self._device.type == "cuda" else None
        ready: Batch | None = None
        for read in prefetch(self._read(samples, rng) for samples, rng in plan):
            if stream is not None:
                # Wait for the renderer's tables, and for the step whose batch this memory held. Not record_stream:
                # after a failed capture it keeps all memory (torch 2.11).
                stream.wait_stream(torch.cuda.current_stream(self._device))
            with torch.cuda.stream(stream):
                following = self._draw(*read)
            if ready is not None:
                yield ready
            if stream is not None:
                torch.cuda.current_stream(self._device).wait_stream(stream)
            ready = following
        if ready is not None:
            yield ready

    def __call__(self, samples: Samples, rng: np.random.Generator) -> Batch:
        """One batch, at once."""
        return self._draw(*self._read(samples, rng))

    def _read(self, samples: Samples, rng: np.random.Generator) -> tuple[_HostBatch, Samples]:
        # Random choices are made for the whole batch, alike in every process, which then takes its own rows.
        n, host = len(samples.image_index), partial(pinned, device=self._device)
        offsets = np.zeros((2, n), np.int64)
        cropped_rows = np.flatnonzero(samples.crop)
        offsets[:, cropped_rows] = crop_offsets(len(cropped_rows), self._renderer.layout.image_size, rng)
        rows = np.arange(n)[distributed.shard(n)]
        own = samples.take(rows)
        is_image, cropped = own.is_image, np.flatnonzero(own.crop)
        num_images = int(samples.is_image.sum())
        captions = self._caption_ids[samples.caption[samples.is_caption]]
        if self._word_dropout:
            captions = drop_words(captions, self._renderer.layout.fill, self._word_dropout, rng)
        box = color = None
        if self._min_crop < 1 or self._color:
            box, color = random_views(num_images, min_crop=self._min_crop, color=self._color, rng=rng)
            if box is not None:  # instead of the paper's crop
                cropped = cropped[:0]
        shown, mirror = rows[is_image], own.mirror[is_image]
        taught, image_index = None, samples.image_index
        if self._taught is not None:
            views = self._taught.choose(samples.image_index[:num_images], shown, rng)
            taught = _Taught(*map(host, (views.image, views.view, views.mixed, views.share, own.caption[~is_image])))
            image_index = image_index.copy()
            image_index[:num_images][views.is_mixed] = -1
            shown, mirror, box = views.row, self._taught.mirrored(views), self._taught.boxes(views)
        elif box is not None:
            box = box[shown]
        place_among_captions = samples.is_caption.cumsum() - 1
        read = _HostBatch(
            images=self._images.read(samples.image_index[shown]),
            mirror=host(mirror),
            captions=host(captions[place_among_captions[rows[own.is_caption]]]),
            third=host(self._augmented(samples, rows, rng)),
            box=None if box is None else host(box),
            color=None if color is None else host(color[shown]),
            cropped=host(cropped),
            offsets=host(offsets[:, rows][:, cropped]),
            image_index=host(image_index),
            taught=taught,
        )
        return read, samples

    def _augmented(self, samples: Samples, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """This process's items of the third modality as training shows them, uint8 (items, size, size, 3)."""
        size = self._renderer.layout.image_size
        if self._third is None:
            return np.empty((0, size, size, 3), np.uint8)
        seeds = rng.integers(2**63, size=len(samples.third))[rows[samples.third[rows]]]
        images = self._third.rgb(samples.caption[rows][samples.third[rows]])
        augment = self._third.encoder.augment
        augmented = [augment(image, np.random.default_rng(seed)) for image, seed in zip(images, seeds, strict=True)]
        return np.stack(augmented) if augmented else images

    def _draw(self, read: _HostBatch, samples: Samples) -> Batch:
        there = partial(torch.Tensor.to, device=self._device, non_blocking=True)
        taught = None if read.taught is None else _Taught(*map(there, read.taught))
        read = _HostBatch._make([*(x if x is None else there(x) for x in read[:-1]), taught])
        images = self._images.load(read.images).permute(0, 3, 1, 2)
        images = torch.where(read.mirror[:, None, None, None], images.flip(3), images)
        if read.box is not None or read.color is not None:
            images = view(images, Views(read.box, read.color))
        teacher_vectors = None
        if taught is not None and self._taught is not None:
            images = mix(images.float(), taught.mixed, taught.share).round_().to(torch.uint8)
            teacher_vectors = self._taught.teacher_vectors(*taught)
        third = [read.third.permute(0, 3, 1, 2)] if len(read.third) else []
        inputs = torch.cat([images, self._renderer(read.captions), *third])
        if len(read.cropped):
            cropped = inputs[read.cropped]
            inputs[read.cropped] = crop(cropped, read.offsets, self._crop_handling, self._renderer.background)
        num_images, num_third = int(samples.is_image.sum()), int(samples.third.sum())
        return Batch(inputs, len(images), read.image_index, num_images, teacher_vectors, num_third)
