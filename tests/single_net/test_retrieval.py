"""Nearest neighbours: values, order, ties, chunking, what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from encoded_text.errors import InputError
from single_net import retrieval
from single_net.retrieval import chunks, distances, nearest, normalise


def random(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def test_values_and_order_by_hand():
    queries = np.array([[0.0, 0.0], [3.0, 4.0]])
    gallery = np.array([[3.0, 4.0], [0.0, 1.0], [-6.0, -8.0]])
    found, index = nearest(queries, gallery, 3)
    np.testing.assert_array_equal(index, [[1, 0, 2], [0, 1, 2]])
    np.testing.assert_array_equal(found[0], [1, 5, 10])
    np.testing.assert_allclose(found[1], [0, 18**0.5, 15], rtol=1e-6)
    assert found.dtype == np.float32 and index.dtype == np.int64


def test_agrees_with_float64_and_is_sorted():
    queries, gallery = random(0, 40, 16), random(1, 70, 16)
    found, index = nearest(queries, gallery, 70)
    exact = np.linalg.norm(queries[:, None].astype(np.float64) - gallery[None], axis=2)
    np.testing.assert_allclose(found, np.sort(exact, axis=1), rtol=1e-6)
    np.testing.assert_allclose(np.take_along_axis(exact, index, axis=1), found, rtol=1e-6)
    assert (np.diff(found, axis=1) >= 0).all()


def test_equal_distances_go_to_the_lower_index():
    gallery = np.array([[2.0], [1.0], [-1.0], [1.0], [0.0], [-1.0]])
    _, index = nearest(np.zeros((1, 1)), gallery, 6)
    np.testing.assert_array_equal(index, [[4, 1, 2, 3, 5, 0]])
    _, index = nearest(np.zeros((3, 8)), np.zeros((50, 8)), 7)
    np.testing.assert_array_equal(index, [range(7)] * 3)


def test_small_distances_keep_their_digits():
    """By way of a matrix product (|a|^2 - 2ab + |b|^2) these would come out as 0 or as noise."""
    gallery = np.full((2, 128), 100.0, dtype=np.float32)
    gallery[1, 0] = np.nextafter(np.float32(100), np.float32(200))
    found, index = nearest(gallery[:1], gallery, 2)
    np.testing.assert_array_equal(found, [[0, gallery[1, 0] - gallery[0, 0]]])
    np.testing.assert_array_equal(index, [[0, 1]])


@pytest.mark.parametrize("elements", [1, 7, 150, 1 << 20])
def test_chunked_is_exactly_the_full_result(monkeypatch, elements):
    queries, gallery = random(2, 33, 128), random(3, 57, 128)
    full = nearest(queries, gallery, 9)
    monkeypatch.setattr(retrieval, "chunks", lambda rows, columns: chunks(rows, columns, elements))
    parts = nearest(queries, gallery, 9)
    np.testing.assert_array_equal(full[0].view(np.int32), parts[0].view(np.int32))
    np.testing.assert_array_equal(full[1], parts[1])


def test_a_distance_does_not_depend_on_its_neighbours_or_direction():
    """metrics.py compares a true pair's distance, computed alone, with the same distances in blocks."""
    a, b = torch.from_numpy(random(4, 61, 128)), torch.from_numpy(random(5, 61, 128))
    block = distances(a, b)
    assert torch.equal(block.diagonal(), distances(a[:, None], b[:, None]).flatten())
    assert torch.equal(block, distances(b, a).T)
    assert torch.equal(block[17:20, 5:9], distances(a[17:20], b[5:9]))


def test_chunks_cover_every_row_once_within_the_bound():
    for rows, columns, elements in [(10, 3, 9), (1, 1, 1), (5, 100, 10), (7, 2, 1000)]:
        slices = list(chunks(rows, columns, elements))
        assert [i for s in slices for i in range(s.start, s.stop)] == list(range(rows))
        assert all(s.stop - s.start == 1 or (s.stop - s.start) * columns <= elements for s in slices)


def test_tensors_in_tensors_out_and_the_same_numbers():
    queries, gallery = random(6, 5, 8), random(7, 12, 8)
    arrays, tensors = nearest(queries, gallery, 4), nearest(torch.from_numpy(queries), torch.from_numpy(gallery), 4)
    assert all(isinstance(a, np.ndarray) and isinstance(t, torch.Tensor) for a, t in zip(arrays, tensors, strict=True))
    for a, t in zip(arrays, tensors, strict=True):
        np.testing.assert_array_equal(a, t.numpy())


def test_read_only_and_reversed_arrays_and_other_dtypes():
    gallery = random(8, 6, 4)
    frozen = gallery[::-1].astype(np.float64)
    frozen.flags.writeable = False
    expected = nearest(gallery[::-1].copy(), gallery, 2)
    for queries in (gallery[::-1], frozen):
        np.testing.assert_array_equal(nearest(queries, gallery, 2)[1], expected[1])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e300])
@pytest.mark.parametrize("where", ["queries", "gallery"])
def test_values_that_are_not_finite_are_refused(bad, where):
    both = {"queries": np.zeros((3, 4)), "gallery": np.zeros((5, 4))}
    both[where][2, 1] = bad
    with pytest.raises(InputError, match=f"the {where}: 1 of .* number 2"), np.errstate(over="ignore"):
        nearest(**both, k=1)


@pytest.mark.parametrize("k", [0, -1, 6])
def test_k_outside_the_gallery_is_refused(k):
    with pytest.raises(InputError, match=f"k is {k}: choose 1 to 5"):
        nearest(np.zeros((2, 3)), np.zeros((5, 3)), k)


@pytest.mark.parametrize(("q", "g"), [((2, 3), (4, 5)), ((3,), (4, 3)), ((0, 3), (4, 3)), ((2, 3), (0, 3))])
def test_shapes_that_do_not_fit_are_refused(q, g):
    with pytest.raises(InputError):
        nearest(np.zeros(q), np.zeros(g), 1)


def test_normalise():
    unit = normalise(np.array([[3.0, 4.0], [0.0, 0.0], [1e-30, 0.0], [2e38, 2e38]]))
    expected = [[0.6, 0.8], [0, 0], [1, 0], [0.5**0.5, 0.5**0.5]]
    np.testing.assert_allclose(unit.numpy(), expected, rtol=1e-6)
    assert unit.dtype == torch.float32
    with pytest.raises(InputError, match="NaN"):
        normalise(np.array([[np.nan, 0.0]]))
