"""Nearest neighbors: values, order, ties, chunking, what is refused."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
import torch
from clouds import clouds
from hypothesis import given, settings
from hypothesis import strategies as st

from encoded_text.common.errors import InputError
from single_net.retrieval import neighbors
from single_net.retrieval.distances import distances, pair_distances
from single_net.retrieval.neighbors import nearest


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


def by_brute_force(queries: np.ndarray, gallery: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """All distances, ordered by distance and then by index."""
    exact = distances(torch.tensor(queries), torch.tensor(gallery)).numpy()
    index = np.argsort(exact, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(exact, index, axis=1), index


def assert_same(found, expected):
    np.testing.assert_array_equal(found[0].view(np.int32), expected[0].view(np.int32))  # every bit
    np.testing.assert_array_equal(found[1], expected[1])


@settings(deadline=None, max_examples=60)
@given(points=clouds(rows=(1, 20), columns=(1, 700)), data=st.data())
def test_agrees_with_brute_force_in_every_bit(points, data):
    """In pieces so small that all ways are taken: items passed over, pairs looked at, whole pieces computed."""
    queries, gallery = points
    k = data.draw(st.one_of(st.integers(1, len(gallery)), st.sampled_from([1, len(gallery)])))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbors, "BLOCK", data.draw(st.sampled_from([(1, 1), (4, 100), (8, 64), (512, 2048)])))
        patch.setattr(neighbors, "TILE", data.draw(st.sampled_from([1, 4, 64])))
        assert_same(nearest(queries, gallery, k), by_brute_force(queries, gallery, k))


def test_most_items_are_passed_over(monkeypatch):
    """And the first piece, of which nothing is known yet, is computed whole."""
    queries, gallery = random(2, 100, 32), random(3, 20_000, 32)
    gallery[7000:7005] = gallery[:5]  # ties across pieces
    pairs, blocks = [], []
    monkeypatch.setattr(neighbors, "BLOCK", (100, 1000))
    monkeypatch.setattr(neighbors, "pair_distances", lambda a, i, *b: pairs.append(len(i)) or pair_distances(a, i, *b))
    monkeypatch.setattr(neighbors, "distances", lambda a, b: blocks.append(len(a) * len(b)) or distances(a, b))
    assert_same(nearest(queries, gallery, 5), by_brute_force(queries, gallery, 5))
    assert 0 < sum(pairs) < 10_000 and 100_000 <= sum(blocks) <= 300_000  # of 2,000,000


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.dtype("f4").newbyteorder("=")])
def test_memory_mapped_galleries_are_read_once_in_pieces(tmp_path, monkeypatch, dtype):
    monkeypatch.setattr(neighbors, "BLOCK", (16, 128))
    queries, gallery = random(4, 16, 24), random(5, 5000, 24).astype(dtype)
    np.save(tmp_path / "gallery.npy", gallery)
    reads = []

    class Counting(np.memmap):
        def __getitem__(self, which):
            reads.append(which)
            return super().__getitem__(which)

    mapped = np.load(tmp_path / "gallery.npy", mmap_mode="r").view(Counting)
    tracemalloc.start()
    found = nearest(queries, mapped, 7)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert_same(found, by_brute_force(queries, gallery.astype(np.float32), 7))
    assert [i for which in reads for i in range(which.start, which.stop)] == list(range(5000))
    assert max(which.stop - which.start for which in reads) == 128
    assert peak < gallery.nbytes / 3


def test_a_long_vector_does_not_make_a_large_piece(monkeypatch):
    pieces = []
    monkeypatch.setattr(neighbors, "CHUNK_ELEMENTS", 1000)
    monkeypatch.setattr(neighbors, "to_float32", lambda x: pieces.append(x.shape) or torch.as_tensor(x))
    nearest(torch.zeros(2, 90), torch.zeros(100, 90), 60)
    assert max(rows for rows, _ in pieces[1:]) == 11


def test_not_finite_in_the_last_piece_is_refused_and_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(neighbors, "BLOCK", (2, 64))
    gallery = random(6, 1000, 4)
    gallery[998, 3], gallery[999, 0] = np.nan, np.inf
    np.save(tmp_path / "gallery.npy", gallery)
    with pytest.raises(InputError, match=r"the gallery hold values that are not finite: 2 of 1000 rows, .* row 998"):
        nearest(gallery[:2], np.load(tmp_path / "gallery.npy", mmap_mode="r"), 3)


@pytest.mark.parametrize("change", [lambda x: x[::2], lambda x: x[:, ::-1], lambda x: np.asfortranarray(x)])
def test_galleries_that_are_not_contiguous(monkeypatch, change):
    monkeypatch.setattr(neighbors, "BLOCK", (8, 64))
    queries, gallery = random(7, 8, 6), random(8, 700, 6)
    expected = by_brute_force(queries, np.ascontiguousarray(change(gallery)), 4)
    assert_same(nearest(queries, change(gallery), 4), expected)
    if change(gallery).strides[1] > 0:
        assert_same(nearest(queries, torch.from_numpy(gallery.copy())[:: 700 // len(change(gallery))], 4), expected)


def test_the_number_of_threads_changes_nothing():
    queries, gallery = random(9, 60, 64), random(10, 9000, 64)
    before, results = torch.get_num_threads(), []
    for threads in (1, before, before + 1):
        torch.set_num_threads(threads)
        results.append(nearest(queries, gallery, 11))
    torch.set_num_threads(before)
    assert_same(results[0], results[1])
    assert_same(results[0], results[2])


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
    why = f"the {where} hold values that are not finite: 1 of .* row 2"
    with pytest.raises(InputError, match=why), np.errstate(over="ignore"):
        nearest(**both, k=1)


@pytest.mark.parametrize("k", [0, -1, 6])
def test_k_outside_the_gallery_is_refused(k):
    with pytest.raises(InputError, match=f"k is {k}: choose 1 to 5"):
        nearest(np.zeros((2, 3)), np.zeros((5, 3)), k)


@pytest.mark.parametrize(("q", "g"), [((2, 3), (4, 5)), ((3,), (4, 3)), ((2, 3), (0, 3))])
def test_shapes_that_do_not_fit_are_refused(q, g):
    with pytest.raises(InputError):
        nearest(np.zeros(q), np.zeros(g), 1)


def test_k_is_a_whole_number():
    with pytest.raises(InputError, match=r"k is 2\.5"):
        nearest(random(0, 2, 3), random(1, 4, 3), 2.5)
    with pytest.raises(InputError, match="k is '2': choose 1 to 5"):
        nearest(np.zeros((1, 2)), np.zeros((5, 2)), "2")


def test_no_queries_have_no_neighbors_but_a_gallery_is_needed():
    for queries in (np.zeros((0, 2)), torch.zeros(0, 2)):
        found, index = nearest(queries, np.zeros((5, 2)), 3)
        assert type(found) is type(index) is type(queries)
        assert found.shape == index.shape == (0, 3)
        assert (str(found.dtype)[-7:], str(index.dtype)[-5:]) == ("float32", "int64")
    with pytest.raises(InputError, match=r"the gallery .* each 1 or more, not \(0, 2\)"):
        nearest(np.zeros((1, 2)), np.zeros((0, 2)), 1)
    with pytest.raises(InputError, match=r"the queries .* not \(0, 0\)"):
        nearest(np.zeros((0, 0)), np.zeros((5, 2)), 1)
