"""Random choices that are the same on every machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


class Dice:
    """Choices from NumPy's PCG64; the same seed gives the same choices on every machine.

    Args:
        seed: any number of non-negative integers.
    """

    def __init__(self, seed: tuple[int, ...]):
        self._rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))

    def chance(self, probability: float) -> bool:
        """True with the given probability."""
        return self._rng.random() < probability

    def between(self, low: float, high: float) -> float:
        """A number in [low, high), uniform."""
        return low + (high - low) * self._rng.random()

    def number(self, below: int) -> int:
        """An integer from 0 to below - 1, uniform."""
        return int(self._rng.integers(below))

    def one(self, items: Sequence[T]) -> T:
        """One of the items, uniform."""
        return items[self.number(len(items))]

    def pick(self, options: Mapping[str, float]) -> str:
        """A key, with a probability in proportion to its weight."""
        left = self._rng.random() * sum(options.values())
        for key, weight in options.items():
            left -= weight
            if left < 0:
                return key
        return key

    def shuffle(self, items: list[T]) -> None:
        """Put the items in an order at random, in place."""
        for i in range(len(items) - 1, 0, -1):
            j = self.number(i + 1)
            items[i], items[j] = items[j], items[i]
