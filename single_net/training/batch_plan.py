"""Which samples make a batch, in which order: decided by configuration, seed and epoch alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from encoded_text.common.errors import InputError
from single_net.config import BatchConfig
from single_net.training.samples import Inputs, inputs_of_groups, inputs_per_group


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
