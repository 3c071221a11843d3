"""Exact Euclidean distances in float32. Every result rests on these."""

from __future__ import annotations

from collections.abc import Iterator

import torch

CHUNK_ELEMENTS = 1 << 23  # values held at once: 32 MiB of float32


def distances(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Euclidean distances.

    They are summed from squared differences and not computed by a matrix product: small distances keep their digits,
    and the value of a pair does not depend on which other pairs are computed with it.

    Args:
        a: float32 (n, d), or (n, 1, d) for pairs.
        b: float32 (m, d), or (n, 1, d) for pairs.

    Returns:
        float32 (n, m), or (n, 1, 1) for pairs.
    """
    return torch.cdist(a, b, compute_mode="donot_use_mm_for_euclid_dist")


def pair_distances(a: torch.Tensor, i: torch.Tensor, b: torch.Tensor, j: torch.Tensor) -> torch.Tensor:
    """`distances` of chosen pairs only.

    Args:
        a: float32 (n, d).
        i: int64 (pairs,), rows of `a`.
        b: float32 (m, d).
        j: int64 (pairs,), rows of `b`.

    Returns:
        float32 (pairs,), the distances of (a[i[0]], b[j[0]]), (a[i[1]], b[j[1]]) and so on.
    """
    result = torch.empty(len(i), device=a.device)
    for c in chunks(len(i), a.shape[1]):
        result[c] = distances(a[i[c], None], b[j[c], None]).flatten()
    return result


def chunks(rows: int, columns: int, elements: int = CHUNK_ELEMENTS) -> Iterator[slice]:
    """Split rows so that a chunk x `columns` holds at most `elements` values, but at least one row.

    Args:
        rows: to be covered, once each and in order.
        columns: values in a row.
        elements: values in a chunk.
    """
    step = max(1, elements // columns)
    return (slice(start, min(start + step, rows)) for start in range(0, rows, step))
