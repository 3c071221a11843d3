"""The interface of all indexes: vectors of images and captions, with what they stand for."""

from __future__ import annotations

import abc
from collections.abc import Iterator, Sequence
from numbers import Integral
from types import TracebackType
from typing import Self

import numpy as np

from encoded_text.common.arguments import require_choice
from encoded_text.common.errors import InputError
from single_net.search.indexes.header import Header
from single_net.search.indexes.item import KINDS, Hit, Item, Kind

_TOLERANCE = 1e-3  # of a vector's norm


class Index(abc.ABC):
    """An index of images and captions. Several threads may search in it at once.

    Attributes:
        place: its folder or address.
        header: its model and data.
        checked_for: the model that is known to be that of the index.
    """

    place: str
    header: Header
    checked_for: object = None

    @abc.abstractmethod
    def items(self, kind: Kind) -> Iterator[Item]:
        """All items, in any order."""

    @abc.abstractmethod
    def find(self, kind: Kind, number: int) -> Item | None:
        """The item of this id; None if there is none."""

    @abc.abstractmethod
    def vectors(self, kind: Kind, items: Sequence[Item]) -> np.ndarray:
        """The vectors of items of this index, float32 (items, dimension), in the order of the items."""

    @abc.abstractmethod
    def remove(self, kind: Kind, items: Sequence[Item]) -> None:
        """Take items out; those that are not there do not matter. When this returns it is done for good."""

    @abc.abstractmethod
    def stored_header(self) -> Header:
        """The header as it is stored by now; `header` is what it was when the index was opened."""

    @abc.abstractmethod
    def set_header(self, header: Header) -> None:
        """Replace the header. Model and dimension stay the same."""

    @abc.abstractmethod
    def close(self) -> None:
        """Release what is open. The index is not used afterwards."""

    @abc.abstractmethod
    def _count(self, kind: Kind) -> int: ...

    @abc.abstractmethod
    def _add(self, kind: Kind, items: Sequence[Item], vectors: np.ndarray) -> None: ...

    @abc.abstractmethod
    def _nearest(self, kind: Kind, queries: np.ndarray, k: int) -> list[list[Hit]]: ...

    def count(self, kind: Kind) -> int:
        """How many items there are. Raises InputError for another kind."""
        require_choice("kind", kind, KINDS)
        return self._count(kind)

    def add(self, kind: Kind, items: Sequence[Item], vectors: np.ndarray) -> None:
        """Add items; those that are there already stay as they are. When this returns they are stored for good.

        Args:
            kind: of the items.
            items: n different items.
            vectors: float32 (n, dimension), L2-normalized, in the order of the items.

        Raises:
            InputError: another kind, other shapes, or vectors that are not L2-normalized.
        """
        require_choice("kind", kind, KINDS)
        if vectors.shape != (len(items), self.header.dimension):
            raise InputError(f"{len(items)} items of {self.header.dimension} dimensions, but vectors {vectors.shape}")
        if not items:
            return
        norms = np.linalg.norm(vectors, axis=1)
        if not np.all(np.abs(norms - 1) < _TOLERANCE):  # also for NaN
            raise InputError("an index holds L2-normalized vectors, and some are of another length or not finite")
        self._add(kind, items, np.ascontiguousarray(vectors, np.float32))

    def nearest(self, kind: Kind, queries: np.ndarray, k: int) -> list[list[Hit]]:
        """The items nearest to each query, nearest first.

        Args:
            kind: what to look for.
            queries: float32 (q, dimension), L2-normalized.
            k: number of results, 1 or more; fewer where the index holds fewer.

        Raises:
            InputError: another kind or k, or queries of another shape.
        """
        if not isinstance(k, Integral) or k < 1:
            raise InputError(f"k is {k!r}: choose a whole number of results, 1 or more")
        if queries.ndim != 2 or queries.shape[1] != self.header.dimension:
            raise InputError(f"{self.place} holds vectors of {self.header.dimension} dimensions, not {queries.shape}")
        k = min(int(k), self.count(kind))
        if not k or not len(queries):
            return [[] for _ in queries]
        return self._nearest(kind, np.ascontiguousarray(queries, np.float32), k)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
