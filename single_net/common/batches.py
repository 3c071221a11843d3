"""Long sequences in parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def batches(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Consecutive slices of a sequence, each of `size` values and the last of what is left."""
    return (values[start : start + size] for start in range(0, len(values), size))
