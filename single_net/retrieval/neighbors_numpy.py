"""Exact Euclidean nearest neighbors without torch, whose import takes longer than a search."""

from __future__ import annotations

import numpy as np

from encoded_text.common.errors import InputError

BLOCK = 1 << 20  # products at once: 4 MiB, which stay in the CPU's cache
QUERIES = 512  # at once
ROWS = 8192  # of the gallery at once, however few queries there are
TILE = 64  # rows that are skipped together when the nearest of them is too far away
PAIRS = 1 << 14  # exact distances at once
LARGEST = 1e6  # length of a vector up to which nothing overflows

UNIT = 2.0**-24  # unit roundoff of float32
SMALLEST = 2.0**-126  # smallest normal float32: the most that one operation loses by underflow, flushed to 0 or not
NOTHING = 0x7F800000_FFFFFFFF  # the key of an infinite distance: after the key of every row


def nearest_numpy(queries: np.ndarray, gallery: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Find the k rows of a gallery nearest to each query, as `neighbors.nearest` does.

    The gallery is read once, in pieces, and may be memory-mapped. Distances are computed in float64 and rounded once;
    those of `nearest` are summed in float32 and differ by a few units in the last place, so that rows at nearly equal
    distances may change places. One matrix product settles most pairs, see `_least`.

    Args:
        queries: float32 (q, d).
        gallery: float32 (g, d), up to 2^32 rows.
        k: number of neighbors per query, 1 to g.

    Returns:
        Distances, float32 (q, k), ascending, and rows, int64 (q, k); equal distances are ordered by the lower row.

    Raises:
        InputError: NaN, infinite or huge values.
    """
    lengths = np.linalg.norm(queries.astype(np.float64), axis=1)
    if not np.all(lengths < LARGEST):  # also for NaN
        raise InputError("the queries hold NaN, infinite or huge values")
    best = np.full((len(queries), k), NOTHING, np.int64)
    step = max(k, min(ROWS, BLOCK // min(QUERIES, max(1, len(queries)))))
    for first in range(0, len(gallery), step):
        piece = np.asarray(gallery[first : first + step], np.float32)
        halves = np.einsum("ij,ij->i", piece, piece) / np.float32(2)
        if not np.all(halves < LARGEST**2 / 2):
            raise InputError("the gallery holds NaN, infinite or huge values")
        for start in range(0, len(queries), QUERIES):
            part = slice(start, start + QUERIES)
            _closer(best[part], queries[part], lengths[part], piece, halves, first)
    return _distance(best), best & 0xFFFFFFFF


def _closer(
    best: np.ndarray, queries: np.ndarray, lengths: np.ndarray, piece: np.ndarray, halves: np.ndarray, first: int
) -> None:
    """Update the best keys with a piece of the gallery.

    Args:
        best: int64 (q, k), ascending, changed in place.
        queries: float32 (q, d).
        lengths: float64 (q,), of the queries.
        piece: float32 (n, d).
        halves: float32 (n,), half the squared lengths of its rows.
        first: gallery row of its first row.
    """
    k = best.shape[1]
    products = piece @ queries.T
    if first == 0:  # any k rows give a first limit; those with the largest scores give a good one
        scores = (products - halves[:, None]).T
        likely = np.argpartition(scores, len(piece) - k, axis=1)[:, len(piece) - k :]
        _merge(best, queries, piece, np.repeat(np.arange(len(queries)), k), likely.ravel(), 0)
    least = _least(_distance(best[:, -1]), lengths, halves, piece.shape[1])
    whole = len(piece) // TILE * TILE
    tiles = products[:whole].reshape(-1, TILE, len(queries)).max(axis=1)
    tiles -= halves[:whole].reshape(-1, TILE).min(axis=1)[:, None]
    tile, query = np.nonzero(tiles >= least)
    step = max(1, (BLOCK >> 2) // TILE)
    for start in range(0, len(tile), step):
        part = slice(start, start + step)
        rows = tile[part, None] * TILE + np.arange(TILE)
        pair, column = np.nonzero(products[rows, query[part, None]] - halves[rows] >= least[query[part], None])
        _merge(best, queries, piece, query[part][pair], rows[pair, column], first)
    row, query = np.nonzero(products[whole:] - halves[whole:, None] >= least)
    _merge(best, queries, piece, query, whole + row, first)


def _least(limits: np.ndarray, lengths: np.ndarray, halves: np.ndarray, dimension: int) -> np.ndarray:
    """The score below which a row is proven to be farther from a query than its limit.

    The score of query a and row b is a.b - |b|^2 / 2, so that without rounding |a - b|^2 = D = |a|^2 - 2 score.

    Proof. Let u = 2^-24, g(n) = n u / (1 - n u), A = |a|^2, B = |b|^2. Computed in float32 in any order, a.b is off by
    at most g(d) |a| |b| <= g(d) (A + B) / 2, |b|^2 / 2 by g(d) B / 2, and their difference by another rounding of at
    most u (A / 2 + B) (see `estimates.Points.brackets`): together by less than g(d + 4) (A + B). The distance r is
    rounded once from float64, so r <= limit implies D <= limit^2 (1 + 4 u). Hence r > limit where

        score < (A - limit^2 (1 + 4 u)) / 2 - g(d + 4) (A + B).

    g(d + 8), with the largest B as it was computed, leaves 4 u of every term for what happens in float64 and to B; 16
    (d + 8) underflows are more than happen. The last step rounds downwards. A tile is compared by its largest product
    and smallest |b|^2 / 2, whose rounded difference is not below that of any of its rows.

    Args:
        limits: float32 (q,), 0 or more.
        lengths: float64 (q,), |a|.
        halves: float32 (n,), |b|^2 / 2.
        dimension: d.

    Returns:
        float32 (q,).
    """
    g = (dimension + 8) * UNIT / (1 - (dimension + 8) * UNIT)
    squares = lengths**2
    error = g * (squares + 2 * float(halves.max())) + 16 * (dimension + 8) * SMALLEST
    least = (squares - limits.astype(np.float64) ** 2 * (1 + 4 * UNIT)) / 2 - error
    return np.nextafter(least.astype(np.float32), np.float32(-np.inf))


def _merge(
    best: np.ndarray, queries: np.ndarray, piece: np.ndarray, query: np.ndarray, rows: np.ndarray, first: int
) -> None:
    """Update the best keys with some pairs: numbers of queries, and rows of a piece."""
    for start in range(0, len(query), PAIRS):
        i, row = query[start : start + PAIRS], rows[start : start + PAIRS]
        apart = queries[i].astype(np.float64) - piece[row]
        distance = np.sqrt(np.einsum("ij,ij->i", apart, apart)).astype(np.float32)
        order = np.argsort(i, kind="stable")
        asked, begin, count = np.unique(i[order], return_index=True, return_counts=True)
        keys = np.full((len(asked), best.shape[1] + int(count.max())), NOTHING, np.int64)
        keys[:, : best.shape[1]] = best[asked]
        line = np.repeat(np.arange(len(asked)), count)
        column = best.shape[1] + np.arange(len(i)) - np.repeat(begin, count)
        keys[line, column] = _keys(distance[order], first + row[order])
        keys.sort(axis=1)
        if first == 0:  # a row of the first limit comes again
            keys[:, 1:][keys[:, 1:] == keys[:, :-1]] = NOTHING
            keys.sort(axis=1)
        best[asked] = keys[:, : best.shape[1]]


def _keys(distance: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Distance and row as one int64 that sorts by both: the bits of a float of 0 or more grow with its value."""
    return distance.view(np.int32).astype(np.int64) << 32 | row


def _distance(keys: np.ndarray) -> np.ndarray:
    return (keys >> 32).astype(np.int32).view(np.float32)
