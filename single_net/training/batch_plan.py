"""Which samples make a batch, in which order: decided by the settings, the seed and the epoch alone."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator

import numpy as np

from encoded_text.common.errors import InputError
from single_net.training.samples import Samples, samples_of_images, samples_per_image


class BatchPlan:
    """The batches of every epoch.

    With order "grouped" an image and all its samples stay together: a batch holds as many whole images as fit into
    `size` samples, at least one, or with counts "images" `size` images. With order "mixed" all samples of the epoch
    are shuffled, as in facenet's train_softmax.py: a batch holds `size` samples, or with counts "images" as many as
    `size` images have. An incomplete last batch is left out. Every epoch has another order. Within a batch images come
    before captions, the last of which have no image, and these before items of a third modality.

    Args:
        captions_per_image: int (images,), of the training split.
        kind: "config-standard", "config-2", "pair" or "views", see training.samples.
        size: of a batch.
        counts: what `size` counts, "samples" or "images".
        order: "grouped" or "mixed".
        seed: of the order and of all random choices.
        views: of an image in a batch, with "views".
        extra: captions of another data set in each batch, drawn at random.
        extra_captions: how many of these there are.
        third: bool (captions,), which captions have an item of a third modality; it comes wherever the caption comes.
            None: there is no third modality.

    Raises:
        InputError: the data set is too small for one batch.
    """

    def __init__(
        self,
        captions_per_image: np.ndarray,
        kind: str,
        *,
        size: int,
        counts: str,
        order: str,
        seed: int,
        views: int = 1,
        extra: int = 0,
        extra_captions: int = 0,
        third: np.ndarray | None = None,
    ):
        self._first_caption = np.concatenate([[0], np.cumsum(captions_per_image)])
        self._kind, self._grouped, self._seed = kind, order == "grouped", seed
        self._views, self._extra, self._extra_captions = views, extra if extra_captions else 0, extra_captions
        self._third = third
        images, of_image = len(captions_per_image), samples_per_image(kind, views, third is not None)
        if self._grouped:
            self._per_batch = size if counts == "images" else max(1, size // of_image)
            available = images
        else:
            self._per_batch = size * (of_image if counts == "images" else 1)
            available = len(self._all_samples(np.random.default_rng(0)).image_index)
        self.steps_per_epoch = available // self._per_batch
        if not self.steps_per_epoch:
            raise InputError(
                f"the training split has {images} images, too few for one batch of {size} {counts}: lower batch.size"
            )
        # For images with five captions; in mixed order up to all samples of a batch may be images.
        self.samples_per_batch = (self._per_batch * of_image if self._grouped else self._per_batch) + self._extra
        image_samples = {"config-2": 2, "views": views}.get(kind, 1)
        self.images_per_batch = self._per_batch * image_samples if self._grouped else self._per_batch
        poorest = np.array([captions_per_image.argmin()])  # the image that contributes the fewest samples
        fewest = samples_of_images(kind, self._first_caption, np.random.default_rng(0), poorest, views)
        if third is not None and third.all():  # otherwise the captions of some image may have no items
            fewest = fewest.with_third(third)
        self.fewest_samples = self._per_batch * (len(fewest.image_index) if self._grouped else 1)

    def epoch(self, epoch: int, start: int = 0) -> Iterator[tuple[Samples, np.random.Generator]]:
        """The batches of an epoch from number `start` on, each with the random generator of its augmentation."""
        rng = np.random.default_rng([self._seed, epoch])
        if self._grouped:
            order = rng.permutation(len(self._first_caption) - 1)
        else:
            samples = self._all_samples(rng)
            # Which captions are drawn decides how many items of a third modality there are: if there are too few for
            # the last batch, some samples come twice.
            order = np.resize(rng.permutation(len(samples.image_index)), self.steps_per_epoch * self._per_batch)
        for number in range(start, self.steps_per_epoch):
            of_batch = np.random.default_rng([self._seed, epoch, number])
            rows = order[number * self._per_batch : (number + 1) * self._per_batch]
            batch = self._samples(of_batch, rows) if self._grouped else samples.take(rows)
            if self._extra:
                others = of_batch.integers(self._extra_captions, size=self._extra)
                batch = batch.followed_by(Samples.without_image(self._first_caption[-1] + others))
            yield batch.take(np.argsort(batch.is_caption + 2 * batch.third, kind="stable")), of_batch

    def from_step(self, step: int) -> Iterator[tuple[Samples, np.random.Generator]]:
        """The batches from a step of training on, without end."""
        epoch, start = divmod(step, self.steps_per_epoch)
        while True:
            yield from self.epoch(epoch, start)
            epoch, start = epoch + 1, 0

    def usual_shape(self, *, count_images: bool) -> tuple[int, int, bool]:
        """Samples of the most frequent kind of batch among the first ten.

        Args:
            count_images: whether batches with as many samples but other numbers of images are of another kind.

        Returns:
            Samples, images among them (0 if they are not counted), and whether it comes more than once.
        """
        shapes = Counter(
            (len(batch.image_index), int(batch.is_image.sum()) if count_images else 0)
            for batch, _ in itertools.islice(self.from_step(0), 10)
        )
        [((samples, images), often)] = shapes.most_common(1)
        return samples, images, often > 1

    def _all_samples(self, rng: np.random.Generator) -> Samples:
        return self._samples(rng, np.arange(len(self._first_caption) - 1))

    def _samples(self, rng: np.random.Generator, images: np.ndarray) -> Samples:
        samples = samples_of_images(self._kind, self._first_caption, rng, images, self._views)
        return samples if self._third is None else samples.with_third(self._third)
