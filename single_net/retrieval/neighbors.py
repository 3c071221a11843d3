"""Euclidean nearest neighbours: exact, float32, in galleries of any size."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch

from encoded_text.common.errors import InputError
from single_net.retrieval.distances import BLOCK, CHUNK_ELEMENTS, Points, chunks, distances, pair_distances

TILE = 64  # gallery items that are passed over together if the nearest of them is too far away
NOTHING = 0x7F800000_FFFFFFFF  # the key of an infinite distance, after every real item's


def embeddings_tensor(embeddings: np.ndarray | torch.Tensor, what: str = "the embeddings") -> torch.Tensor:
    """Any floating array (n, d) as a detached float32 tensor on its own device.

    Raises InputError if it is not (n, d) with n and d at least 1, or if a value is NaN or infinite in float32: a
    comparison with NaN is always false, and a network that diverged would look perfect.
    """
    if not isinstance(embeddings, np.ndarray):
        embeddings = torch.as_tensor(embeddings)
    _check_shape(embeddings, what)
    tensor = _float32(embeddings)
    _check_finite([tensor], what)
    return tensor.contiguous()


def _check_shape(embeddings: np.ndarray | torch.Tensor, what: str) -> None:
    if embeddings.ndim != 2 or 0 in embeddings.shape:
        raise InputError(f"{what} must have the shape (items, dimensions), not {tuple(embeddings.shape)}")


def _float32(embeddings: np.ndarray | torch.Tensor) -> torch.Tensor:
    if isinstance(embeddings, np.ndarray):
        embeddings = np.require(embeddings, requirements=["C", "W"])  # torch takes no read-only or reversed arrays
    return torch.as_tensor(embeddings).detach().to(torch.float32)


def _check_finite(pieces: Iterable[torch.Tensor], what: str) -> None:
    """`pieces`: one array's rows, in order."""
    bad = torch.cat([~torch.isfinite(piece).all(dim=1) for piece in pieces])
    if bad.any():
        raise InputError(
            f"{what}: {int(bad.sum())} of {len(bad)} hold NaN or infinite values (the first is number "
            f"{int(bad.nonzero()[0])}, counted from 0): the network has diverged; train it with a smaller learning rate"
        )


def normalise(embeddings: np.ndarray | torch.Tensor) -> torch.Tensor:
    """L2-normalised rows, float32 (n, d), on the input's device. A zero vector stays zero.

    The norm is taken in float64: each row's result is independent of the other rows, and nothing over- or underflows.
    """
    exact = embeddings_tensor(embeddings).to(torch.float64)
    norms = torch.linalg.vector_norm(exact, dim=1, keepdim=True)
    return (exact / torch.where(norms > 0, norms, 1)).to(torch.float32)


def nearest(
    queries: np.ndarray | torch.Tensor, gallery: np.ndarray | torch.Tensor, k: int
) -> tuple[np.ndarray, np.ndarray] | tuple[torch.Tensor, torch.Tensor]:
    """The k gallery items nearest to each query.

    queries (q, d) and gallery (g, d), any floating type; the work is done where the queries are. The gallery is read
    once, piece by piece, and never copied whole: it may be memory-mapped (`np.load(path, mmap_mode="r")`) and larger
    than memory. Neither is normalised here: see `normalise`.

    Returns distances (q, k) float32, ascending, and gallery indices (q, k) int64, as NumPy arrays if the queries are
    one, else as tensors. Equal distances are ordered by the lower index. Nothing depends on the size of the pieces.
    Raises InputError for NaN or infinite values, for differing d and for k outside 1..g.
    """
    q = Points.of(embeddings_tensor(queries, "the queries"))
    if not isinstance(gallery, np.ndarray):
        gallery = torch.as_tensor(gallery)
    _check_shape(gallery, "the gallery")
    if q.vectors.shape[1] != gallery.shape[1]:
        raise InputError(
            f"the queries have {q.vectors.shape[1]} dimensions and the gallery {gallery.shape[1]}: they must agree"
        )
    if not 1 <= k <= len(gallery):
        raise InputError(f"k is {k}: choose 1 to {len(gallery)}, the number of items in the gallery")
    best = torch.full((len(q), k), NOTHING, device=q.vectors.device)
    block = BLOCK[0] * BLOCK[1]
    # As many items as fill a block, at least k (one ranking should do for them), never more than a chunk of memory.
    step = min(max(block // min(len(q), BLOCK[0]), k), CHUNK_ELEMENTS // gallery.shape[1])
    for piece in chunks(len(gallery), 1, step):
        items = Points.of(_float32(gallery[piece]).to(q.vectors.device), q.dtype)
        if not torch.isfinite(items.squares).all():
            _check_finite((_float32(gallery[p]) for p in chunks(*gallery.shape)), "the gallery")
        for rows in chunks(len(q), len(items), block):
            best[rows] = _closer(best[rows], q[rows], items, piece.start)
    result = _distance(best), best & 0xFFFFFFFF
    return result if isinstance(queries, torch.Tensor) else (result[0].numpy(), result[1].numpy())


def _keys(distance: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
    """int64: the bits of a float >= 0 grow with it; above the index they make one key, and no two keys are equal."""
    return distance.view(torch.int32).to(torch.int64) << 32 | index


def _distance(keys: torch.Tensor) -> torch.Tensor:
    return (keys >> 32).to(torch.int32).view(torch.float32)


def _closer(best: torch.Tensor, queries: Points, items: Points, first: int) -> torch.Tensor:
    """The k smallest keys, ascending, of `best` (n, k) and of the distances to `items`, numbered from `first`."""
    candidates = _candidates(queries, items, _distance(best[:, -1]))
    if candidates is None:
        index = torch.arange(first, first + len(items), device=best.device)
        keys = _keys(distances(queries.vectors, items.vectors), index)
    else:
        i, j = candidates
        if len(i) == 0:
            return best
        # One row a query, filled from the left: `i` ascends, so a pair's place is how far it is from its query's first.
        count = torch.bincount(i, minlength=len(best))
        place = torch.arange(len(i), device=i.device) - (count.cumsum(0) - count)[i]
        keys = torch.full((len(best), int(count.max())), NOTHING, device=best.device)
        keys[i, place] = _keys(pair_distances(queries.vectors, i, items.vectors, j), first + j)
    return torch.topk(torch.cat([best, keys], dim=1), best.shape[1], largest=False, sorted=True).values


def _candidates(queries: Points, items: Points, limits: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor] | None:
    """All pairs (query, item) whose distance may be as small as the query's limit, and a few more; queries ascending.

    An item beyond the limit can't be among the k nearest, since k others are not beyond it; one at the limit can, by
    its index. None if so many may be that all distances at once are faster than those of the pairs.
    """
    estimate = queries.estimate(items)
    if estimate is None:
        return None
    high = queries.brackets(limits, items)[1][:, None]
    high = high.clamp(max=torch.finfo(high.dtype).max)  # below the infinite estimates that fill the last tile
    if len(items) % TILE:
        estimate = torch.nn.functional.pad(estimate, (0, -len(items) % TILE), value=torch.inf)
    tiles = estimate.view(len(queries), -1, TILE)
    # First whole tiles by their smallest estimate: a single look at each of all estimates is what takes the time.
    i, tile = (tiles.amin(dim=2) <= high).nonzero(as_tuple=True)
    if len(i) * TILE > estimate.numel() // 4:
        return None
    pair, offset = (tiles[i, tile] <= high[i]).nonzero(as_tuple=True)
    if len(pair) > estimate.numel() // 32:
        return None
    return i[pair], tile[pair] * TILE + offset
