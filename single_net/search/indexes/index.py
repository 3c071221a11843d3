"""The interface of all indexes: vectors of images and captions, with what they stand for."""

from __future__ import annotations

import abc
from collections.abc import Iterator, Sequence
from numbers import Integral
from types import TracebackType
from typing import Self

import numpy as np

from encoded_text.common.arguments import require_choice, whole_number
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
    def stored_header(self) -> Header:
        """The header as it is stored by now; `header` is what it was when the index was opened."""

    @abc.abstractmethod
    def set_header(self, header: Header) -> None:
        """Replace the header. Model and dimension stay the same."""

    @abc.abstractmethod
    def close(self) -> None:
        """Release what is open. The index is not used afterwards."""

    # As the methods below, whose arguments they are given checked.

    @abc.abstractmethod
    def _items(self, kind: Kind) -> Iterator[Item]: ...

    @abc.abstractmethod
    def _find(self, kind: Kind, number: int) -> Item | None: ...

    @abc.abstractmethod
    def _vectors(self, kind: Kind, items: Sequence[Item]) -> np.ndarray: ...

    @abc.abstractmethod
    def _remove(self, kind: Kind, items: Sequence[Item]) -> None: ...

    @abc.abstractmethod
    def _count(self, kind: Kind) -> int: ...

    @abc.abstractmethod
    def _add(self, kind: Kind, items: Sequence[Item], vectors: np.ndarray) -> None: ...

    @abc.abstractmethod
    def _nearest(self, kind: Kind, queries: np.ndarray, k: int) -> list[list[Hit]]: ...

    def items(self, kind: Kind) -> Iterator[Item]:
        """All items, in any order. Raises InputError for another kind, as all methods."""
        _check_kind(kind)
        return self._items(kind)

    def find(self, kind: Kind, number: int) -> Item | None:
        """The item of this id; None if there is none. Raises InputError for another kind, or what is no id."""
        _check_kind(kind)
        number = whole_number("id", number, 0)
        return self._find(kind, number) if number < 2**63 else None

    def vectors(self, kind: Kind, items: Sequence[Item]) -> np.ndarray:
        """The vectors of items of this index, float32 (items, dimension), in the order of the items."""
        _check_kind(kind)
        return self._vectors(kind, items)

    def remove(self, kind: Kind, items: Sequence[Item]) -> None:
        """Take items out; those that are not there do not matter. When this returns it is done for good."""
        _check_kind(kind)
        self._remove(kind, items)

    def count(self, kind: Kind) -> int:
        """How many items there are."""
        _check_kind(kind)
        return self._count(kind)

    def add(self, kind: Kind, items: Sequence[Item], vectors: np.ndarray) -> None:
        """Add items; those that are there already stay as they are. When this returns they are stored for good.

        Args:
            kind: of the items.
            items: n of them; one that is repeated is added once, with its first vector.
            vectors: float32 (n, dimension), L2-normalized, in the order of the items.

        Raises:
            InputError: another kind, other shapes, or vectors that are not L2-normalized.
        """
        _check_kind(kind)
        vectors = self._as_rows(vectors)
        if len(vectors) != len(items):
            raise InputError(f"{len(items)} items of {self.header.dimension} dimensions, but vectors {vectors.shape}")
        if not items:
            return
        norms = np.linalg.norm(vectors, axis=1)
        if not np.all(np.abs(norms - 1) < _TOLERANCE):  # also for NaN
            raise InputError("an index holds L2-normalized vectors, and some are of another length or not finite")
        first: dict[int, int] = {}
        for number, item in enumerate(items):
            first.setdefault(item.id, number)
        if len(first) < len(items):
            items, vectors = [items[number] for number in first.values()], vectors[list(first.values())]
        self._add(kind, items, vectors)

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
        queries = self._as_rows(queries)
        k = min(int(k), self.count(kind))
        if not k or not len(queries):
            return [[] for _ in queries]
        return self._nearest(kind, queries, k)

    def _as_rows(self, vectors: object) -> np.ndarray:
        try:
            rows = np.asarray(vectors, np.float32, order="C")
        except (TypeError, ValueError) as error:
            raise InputError(f"vectors are no table of numbers: {error}") from None
        if rows.shape[1:] != (self.header.dimension,):
            raise InputError(f"{self.place} holds vectors of {self.header.dimension} dimensions, not {rows.shape}")
        return rows

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _check_kind(kind: object) -> None:
    require_choice("kind", kind, KINDS)
