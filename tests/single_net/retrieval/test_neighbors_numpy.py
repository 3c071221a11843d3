"""Nearest neighbors without torch: bit for bit those of plain float64, and those of `nearest` but for rounding."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from encoded_text import InputError
from single_net.retrieval import neighbors_numpy
from single_net.retrieval.neighbors import nearest
from single_net.retrieval.neighbors_numpy import nearest_numpy


def plain(queries, gallery, k):
    """All distances in float64, rounded to float32, equal ones by row."""
    apart = queries[:, None].astype(np.float64) - gallery
    distances = np.sqrt((apart**2).sum(axis=2)).astype(np.float32)
    order = np.argsort(distances, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(distances, order, axis=1), order


def unit(count, dimension, seed):
    vectors = np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def hostile(count, dimension, seed):
    """Unit vectors of which some are equal, some nearly so, and some as far away as removed rows of an index."""
    rng = np.random.default_rng(seed)
    vectors = unit(count, dimension, seed)
    copies = rng.integers(0, count, (2, count // 4))
    vectors[copies[0]] = vectors[copies[1]]
    near = rng.integers(0, count, (2, count // 4))
    vectors[near[0]] = np.nextafter(vectors[near[1]], np.float32(1))
    vectors[rng.integers(0, count, count // 5)] = np.eye(1, dimension, dtype=np.float32) * 4
    return vectors


@pytest.mark.parametrize("make", [unit, hostile])
@pytest.mark.parametrize(("rows", "queries", "dimension", "k"), [(1, 1, 3, 1), (63, 5, 1, 63), (700, 30, 16, 9)])
def test_bit_for_bit_that_of_float64(monkeypatch, make, rows, queries, dimension, k):
    gallery = make(rows, dimension, 0)
    asked = np.concatenate([unit(queries, dimension, 1), gallery[: queries // 2]])
    monkeypatch.setattr(neighbors_numpy, "QUERIES", 11)
    monkeypatch.setattr(neighbors_numpy, "PAIRS", 50)
    for piece in (1, 64, 130, 1000):
        monkeypatch.setattr(neighbors_numpy, "ROWS", piece)
        for expected, found in zip(plain(asked, gallery, k), nearest_numpy(asked, gallery, k), strict=True):
            assert found.dtype == (np.int64 if expected.dtype == np.int64 else np.float32)
            assert np.array_equal(found, expected)


def test_neighbors_that_float32_products_cannot_tell_apart():
    """Far from the origin the products' rounding is larger than the distances."""
    rng = np.random.default_rng(0)
    gallery, asked = (1000 + 1e-2 * rng.standard_normal((n, 16)).astype(np.float32) for n in (500, 20))
    for expected, found in zip(plain(asked, gallery, 5), nearest_numpy(asked, gallery, 5), strict=True):
        assert np.array_equal(found, expected)


def test_long_and_short_vectors_too():
    rng = np.random.default_rng(3)
    gallery = unit(500, 8, 0) * rng.choice([1e-20, 1e-3, 1, 30], (500, 1)).astype(np.float32)
    asked = unit(20, 8, 1) * rng.choice([0, 1e-20, 1, 1000], (20, 1)).astype(np.float32)
    for expected, found in zip(plain(asked, gallery, 5), nearest_numpy(asked, gallery, 5), strict=True):
        assert np.array_equal(found, expected)


def test_the_neighbors_of_nearest():
    gallery, asked = unit(20_000, 32, 0), unit(600, 32, 1)
    distances, rows = nearest_numpy(asked, gallery, 10)
    expected, same = nearest(asked, gallery, 10)
    np.testing.assert_allclose(distances, expected, rtol=40 * 2**-24)  # float32 sums of 32 squares
    assert (rows == same).mean() > 0.999


def test_most_pairs_are_never_compared_exactly(monkeypatch):
    compared = 0
    merge = neighbors_numpy._merge

    def counting(best, queries, piece, of, rows, first):
        nonlocal compared
        compared += len(of)
        merge(best, queries, piece, of, rows, first)

    monkeypatch.setattr(neighbors_numpy, "_merge", counting)
    nearest_numpy(unit(50, 32, 1), unit(20_000, 32, 0), 10)
    assert 500 <= compared < 50 * 20_000 / 50


def test_no_queries_and_bad_values():
    gallery = unit(9, 4, 0)
    assert [found.shape for found in nearest_numpy(gallery[:0], gallery, 3)] == [(0, 3), (0, 3)]
    for bad in (np.nan, np.inf, 1e30):
        damaged = gallery.copy()
        damaged[5, 2] = bad
        with pytest.raises(InputError, match="gallery holds"):
            nearest_numpy(gallery, damaged, 2)
        with pytest.raises(InputError, match="queries hold"):
            nearest_numpy(damaged, gallery, 2)


def test_torch_is_not_imported():
    code = "import sys; import single_net.retrieval.neighbors_numpy; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
