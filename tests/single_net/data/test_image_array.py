"""Rows of an array of images."""

from __future__ import annotations

import numpy as np

from single_net.data.image_array import ImageRows


def test_rows_of_an_array_are_those_asked_for():
    array = np.arange(10)
    rows = ImageRows(array, np.array([1, 2, 5, 7]))
    assert len(rows) == 4 and rows[1:3].tolist() == [2, 5] and rows[np.array([3, 0])].tolist() == [7, 1]
