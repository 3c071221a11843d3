"""Exact Euclidean nearest neighbors, in galleries of any size."""

from __future__ import annotations

from numbers import Integral
from typing import overload

import numpy as np
import torch

from encoded_text.common.errors import InputError
from single_net.retrieval.distances import CHUNK_ELEMENTS, chunks, distances, pair_distances
from single_net.retrieval.embeddings import (
    Array,
    check_finite,
    check_shape,
    embeddings_tensor,
    real_numbers,
    to_float32,
)
from single_net.retrieval.estimates import BLOCK, GPU_BLOCK, Points
from single_net.retrieval.neighbors_numpy import NOTHING, TILE


@overload
def nearest(queries: np.ndarray, gallery: Array, k: int) -> tuple[np.ndarray, np.ndarray]: ...


@overload
def nearest(queries: torch.Tensor, gallery: Array, k: int) -> tuple[torch.Tensor, torch.Tensor]: ...


def nearest(
    queries: Array, gallery: Array, k: int
) -> tuple[np.ndarray, np.ndarray] | tuple[torch.Tensor, torch.Tensor]:
    """Find the k gallery items nearest to each query.

    The work is done on the device of the queries. The gallery is read once, in pieces, and never copied whole: it may
    be memory-mapped (`np.load(path, mmap_mode="r")`) and larger than memory. Nothing is normalized here (see
    `embeddings.normalize`), and no result depends on the size of the pieces.

    Args:
        queries: (q, d), real numbers of any dtype. Where squared distances leave float32's range (lengths above 1e18 or
            below 1e-20 or so), distances are infinite or zero, and so equal. q may be 0.
        gallery: (g, d), likewise.
        k: number of neighbors per query, 1 to g.

    Returns:
        Distances, float32 (q, k), ascending, and indices, int64 (q, k), the rows of the gallery; equal distances are
        ordered by the lower index. Both are tensors if the queries are a tensor, else arrays.

    Raises:
        InputError: NaN or infinite values, dimensions that differ, or k outside 1 to g.
    """
    q = Points.of(embeddings_tensor(queries, "the queries", empty=True))
    gallery = real_numbers(gallery, "the gallery")
    check_shape(gallery, "the gallery")
    if q.vectors.shape[1] != gallery.shape[1]:
        raise InputError(
            f"the queries have {q.vectors.shape[1]} dimensions and the gallery {gallery.shape[1]}: they must agree"
        )
    if not isinstance(k, Integral) or not 1 <= k <= len(gallery):
        raise InputError(f"k is {k!r}: choose 1 to {len(gallery)}, the number of items in the gallery")
    best = torch.full((len(q), k), NOTHING, device=q.vectors.device)
    most, columns = BLOCK if q.vectors.device.type == "cpu" else GPU_BLOCK
    block = most * columns
    # As many items as fill a block, at least k (so that one sort serves all of them), never more than a memory chunk.
    step = min(max(block // max(1, min(len(q), most)), k), CHUNK_ELEMENTS // gallery.shape[1])
    for piece in chunks(len(gallery), 1, step):
        items = Points.of(to_float32(gallery[piece]).to(q.vectors.device), q.dtype)
        if not torch.isfinite(items.squares).all():
            check_finite((to_float32(gallery[p]) for p in chunks(*gallery.shape)), "the gallery")
        for rows in chunks(len(q), len(items), block):
            best[rows] = _closer(best[rows], q[rows], items, piece.start)
    found, indices = _distance(best), best & 0xFFFFFFFF
    return (found, indices) if isinstance(queries, torch.Tensor) else (found.numpy(), indices.numpy())


def _keys(distance: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
    """Distance and index as one int64 that sorts by both: the bits of a float of 0 or more grow with its value."""
    return distance.view(torch.int32).to(torch.int64) << 32 | index


def _distance(keys: torch.Tensor) -> torch.Tensor:
    return (keys >> 32).to(torch.int32).view(torch.float32)


def _closer(best: torch.Tensor, queries: Points, items: Points, first: int) -> torch.Tensor:
    """Update the k best keys with a piece of the gallery.

    Args:
        best: int64 (q, k), ascending.
        queries: q vectors.
        items: the piece.
        first: gallery index of its first item.

    Returns:
        int64 (q, k), ascending.
    """
    candidates = _candidates(queries, items, _distance(best[:, -1]))
    if candidates is None:
        index = torch.arange(first, first + len(items), device=best.device)
        keys = _keys(distances(queries.vectors, items.vectors), index)
    else:
        i, j = candidates
        if len(i) == 0:
            return best
        # One row per query, filled from the left: i ascends, so a pair's column is its offset from its query's first.
        count = torch.bincount(i, minlength=len(best))
        column = torch.arange(len(i), device=i.device) - (count.cumsum(0) - count)[i]
        keys = torch.full((len(best), int(count.max())), NOTHING, device=best.device)
        keys[i, column] = _keys(pair_distances(queries.vectors, i, items.vectors, j), first + j)
    return torch.topk(torch.cat([best, keys], dim=1), best.shape[1], largest=False, sorted=True).values


def _candidates(queries: Points, items: Points, limits: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor] | None:
    """Pairs that may be among the k nearest: all whose distance may be within the query's limit, and a few more.

    An item at the limit stays a candidate, because its index may be lower.

    Args:
        queries: q vectors.
        items: a piece of the gallery.
        limits: float32 (q,), the distance of the k-th neighbor found so far.

    Returns:
        int64 query and item numbers of the pairs, by ascending query. None if so many pairs remain that computing
        all distances at once is faster.
    """
    estimate = queries.estimate(items)
    if estimate is None:
        return None
    high = queries.brackets(limits, items)[1][:, None]
    high = high.clamp(max=torch.finfo(high.dtype).max)  # below the infinite estimates that fill the last tile
    if len(items) % TILE:
        estimate = torch.nn.functional.pad(estimate, (0, -len(items) % TILE), value=torch.inf)
    tiles = estimate.view(len(queries), -1, TILE)
    # Whole tiles first, by their smallest estimate: comparing every estimate is what takes the time.
    i, tile = (tiles.amin(dim=2) <= high).nonzero(as_tuple=True)
    if len(i) * TILE > estimate.numel() // 4:
        return None
    pair, offset = (tiles[i, tile] <= high[i]).nonzero(as_tuple=True)
    if len(pair) > estimate.numel() // 32:
        return None
    return i[pair], tile[pair] * TILE + offset
