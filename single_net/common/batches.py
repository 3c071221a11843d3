"""Long sequences in parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol, TypeVar


class _Sliced(Protocol):
    def __len__(self) -> int: ...

    def __getitem__(self, part: slice, /) -> Any: ...


S = TypeVar("S", bound=_Sliced)


def batches(values: S, size: int) -> Iterator[S]:
    """Consecutive slices of a sequence or array, each of `size` values and the last of what is left."""
    return (values[start : start + size] for start in range(0, len(values), size))
