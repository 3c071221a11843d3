"""Euclidean nearest neighbours: exact, float32, chunked over the queries."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from encoded_text.errors import InputError

CHUNK_ELEMENTS = 1 << 23  # distances held at once: 32 MiB of float32, and a few times that while they are ranked


def embeddings_tensor(embeddings: np.ndarray | torch.Tensor, what: str = "the embeddings") -> torch.Tensor:
    """Any floating array (n, d) as a detached float32 tensor on its own device.

    Raises InputError if it is not (n, d) with n and d at least 1, or if a value is NaN or infinite in float32: a
    comparison with NaN is always false, and a network that diverged would look perfect.
    """
    if isinstance(embeddings, np.ndarray):
        embeddings = np.require(embeddings, requirements=["C", "W"])  # torch takes no read-only or reversed arrays
    tensor = torch.as_tensor(embeddings).detach().to(torch.float32)
    if tensor.ndim != 2 or 0 in tensor.shape:
        raise InputError(f"{what} must have the shape (items, dimensions), not {tuple(tensor.shape)}")
    bad = (~torch.isfinite(tensor).all(dim=1)).nonzero().flatten()
    if len(bad):
        raise InputError(
            f"{what}: {len(bad)} of {len(tensor)} hold NaN or infinite values (the first is number {int(bad[0])}, "
            "counted from 0): the network has diverged; train it with a smaller learning rate"
        )
    return tensor.contiguous()


def normalise(embeddings: np.ndarray | torch.Tensor) -> torch.Tensor:
    """L2-normalised rows, float32 (n, d), on the input's device. A zero vector stays zero.

    The norm is taken in float64: each row's result is independent of the other rows, and nothing over- or underflows.
    """
    exact = embeddings_tensor(embeddings).to(torch.float64)
    norms = torch.linalg.vector_norm(exact, dim=1, keepdim=True)
    return (exact / torch.where(norms > 0, norms, 1)).to(torch.float32)


def distances(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Euclidean distances, float32: (n, d) and (m, d) -> (n, m), or pairwise (n, 1, d) and (n, 1, d) -> (n, 1, 1).

    Summed from the squared differences, not by way of a matrix product: small distances keep their digits, and the
    value of a pair does not depend on which other pairs are computed beside it.
    """
    return torch.cdist(a, b, compute_mode="donot_use_mm_for_euclid_dist")


def chunks(rows: int, columns: int, elements: int = CHUNK_ELEMENTS) -> Iterator[slice]:
    """Slices of `rows` such that slice x columns holds at most `elements` values (at least one row each)."""
    step = max(1, elements // columns)
    return (slice(start, min(start + step, rows)) for start in range(0, rows, step))


def nearest(
    queries: np.ndarray | torch.Tensor, gallery: np.ndarray | torch.Tensor, k: int
) -> tuple[np.ndarray, np.ndarray] | tuple[torch.Tensor, torch.Tensor]:
    """The k gallery items nearest to each query.

    queries (q, d) and gallery (g, d), any floating type; the work is done where the queries are. Neither is
    normalised here: see `normalise`.

    Returns distances (q, k) float32, ascending, and gallery indices (q, k) int64, as NumPy arrays if the queries are
    one, else as tensors. Equal distances are ordered by the lower index.
    Raises InputError for NaN or infinite values, for differing d and for k outside 1..g.
    """
    q = embeddings_tensor(queries, "the queries")
    g = embeddings_tensor(gallery, "the gallery").to(q.device)
    if q.shape[1] != g.shape[1]:
        raise InputError(f"the queries have {q.shape[1]} dimensions and the gallery {g.shape[1]}: they must agree")
    if not 1 <= k <= len(g):
        raise InputError(f"k is {k}: choose 1 to {len(g)}, the number of items in the gallery")
    index = torch.arange(len(g), device=q.device)
    found = torch.empty((len(q), k), dtype=torch.int64, device=q.device)
    for chunk in chunks(len(q), len(g)):
        # The bits of a float >= 0 grow with it: above the index they make one key, and no two keys are equal.
        bits = distances(q[chunk], g).view(torch.int32).to(torch.int64)
        found[chunk] = torch.topk(bits << 32 | index, k, largest=False, sorted=True).values
    result = (found >> 32).to(torch.int32).view(torch.float32), found & 0xFFFFFFFF
    return result if isinstance(queries, torch.Tensor) else (result[0].numpy(), result[1].numpy())
