"""Exact distances."""

from __future__ import annotations

import numpy as np
import torch
from clouds import cloud

from single_net.retrieval import distances as module
from single_net.retrieval.distances import chunks, distances, pair_distances


def tensors(*arrays: np.ndarray) -> tuple[torch.Tensor, ...]:
    return tuple(torch.from_numpy(array) for array in arrays)


def test_a_distance_does_not_depend_on_its_neighbors_or_direction():
    """Pairs computed alone are compared with the same distances in blocks."""
    a, b = tensors(*cloud("normal", 0, 61, 61, 128))
    block = distances(a, b)
    assert torch.equal(block.diagonal(), distances(a[:, None], b[:, None]).flatten())
    assert torch.equal(block, distances(b, a).T)
    assert torch.equal(block[17:20, 5:9], distances(a[17:20], b[5:9]))


def test_pair_distances(monkeypatch):
    a, b = tensors(*cloud("normal", 1, 9, 7, 16))
    i, j = torch.tensor([8, 0, 3, 3, 1]), torch.tensor([6, 6, 0, 0, 2])
    assert torch.equal(pair_distances(a, i, b, j), distances(a, b)[i, j])
    assert pair_distances(a, i[:0], b, j[:0]).shape == (0,)
    monkeypatch.setattr(module, "chunks", lambda rows, columns: chunks(rows, columns, 32))  # two pairs
    assert torch.equal(pair_distances(a, i, b, j), distances(a, b)[i, j])


def test_chunks_cover_every_row_once_within_the_bound():
    for rows, columns, elements in [(10, 3, 9), (1, 1, 1), (5, 100, 10), (7, 2, 1000)]:
        slices = list(chunks(rows, columns, elements))
        assert [i for s in slices for i in range(s.start, s.stop)] == list(range(rows))
        assert all(s.stop - s.start == 1 or (s.stop - s.start) * columns <= elements for s in slices)
