"""Decoded images as an array on disk, or as some of its rows."""

from __future__ import annotations

import numpy as np


class ImageRows:
    """Some rows of an array in another order, read when indexed.

    Args:
        array: uint8 (images, size, size, 3), usually memory-mapped.
        rows: int64 (n,), the indices of the rows.
    """

    def __init__(self, array: np.ndarray, rows: np.ndarray):
        self._array, self._rows = array, rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, which: slice | np.ndarray) -> np.ndarray:
        rows: np.ndarray = self._array[self._rows[which]]
        return rows


ImageArray = np.ndarray | ImageRows  # uint8 (images, size, size, 3)
