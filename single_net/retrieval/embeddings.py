"""Embeddings as float32 tensors: checked for shape and finite values, and L2-normalized."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch

from encoded_text.common.errors import InputError

Array = np.ndarray | torch.Tensor


def embeddings_tensor(embeddings: Array, what: str = "the embeddings", *, empty: bool = False) -> torch.Tensor:
    """Convert embeddings to a detached, contiguous float32 tensor.

    NaN is refused because every comparison with it is false: a network that diverged would look perfect.

    Args:
        embeddings: (n, d), real numbers of any dtype, array, tensor or nested list.
        what: how an error message calls them.
        empty: n may be 0.

    Returns:
        float32 (n, d), on the device of the input.

    Raises:
        InputError: another shape, n or d is 0, no real numbers, or a value is NaN or infinite in float32.
    """
    embeddings = real_numbers(embeddings, what)
    check_shape(embeddings, what, empty=empty)
    tensor = to_float32(embeddings)
    check_finite([tensor], what)
    return tensor.contiguous()


def normalize(embeddings: Array) -> torch.Tensor:
    """L2-normalize the rows.

    Norms are computed in float64, so that nothing over- or underflows and a row's result does not depend on the others.

    Args:
        embeddings: (n, d), any numeric dtype.

    Returns:
        float32 (n, d), on the device of the input. A zero row stays zero.

    Raises:
        InputError: as `embeddings_tensor`.
    """
    exact = embeddings_tensor(embeddings).to(torch.float64)
    norms = torch.linalg.vector_norm(exact, dim=1, keepdim=True)
    return (exact / torch.where(norms > 0, norms, 1)).to(torch.float32)


def real_numbers(values: Array | Sequence[Any], what: str) -> Array:
    """An array or tensor as it is, a nested list as an array. Raises InputError unless they are real numbers."""
    if not isinstance(values, torch.Tensor):
        try:
            values = np.asanyarray(values)  # a memory-mapped array stays one
        except ValueError:
            raise InputError(f"{what} are a list of rows of different lengths: they must agree") from None
    numeric = values.dtype.kind in "fiub" if isinstance(values, np.ndarray) else not values.is_complex()
    if not numeric:
        raise InputError(f"{what} are {values.dtype}: real numbers are needed")
    return values


def check_shape(embeddings: Array, what: str, *, empty: bool = False) -> None:
    """Raise InputError unless the shape is (n, d) with d at least 1, and n as well unless it may be empty."""
    if embeddings.ndim != 2 or 0 in embeddings.shape[1 if empty else 0 :]:
        shape = tuple(embeddings.shape)
        raise InputError(f"{what} must have the shape (items, dimensions), each 1 or more, not {shape}")


def check_finite(pieces: Iterable[torch.Tensor], what: str) -> None:
    """Raise InputError if a row holds NaN or an infinite value.

    Args:
        pieces: consecutive rows of one array, each float32 (rows, d).
        what: how the error message calls the array.
    """
    bad = torch.cat([~torch.isfinite(piece).all(dim=1) for piece in pieces])
    if bad.any():
        raise InputError(
            f"{what} hold values that are not finite: {int(bad.sum())} of {len(bad)} rows, the first is row "
            f"{int(bad.nonzero()[0])}, counted from 0. A network that gives NaN has diverged"
        )


def to_float32(embeddings: Array) -> torch.Tensor:
    """The values as a detached float32 tensor on the same device; without a copy where possible."""
    if isinstance(embeddings, np.ndarray):  # torch takes no read-only, reversed or byte-swapped arrays
        with np.errstate(over="ignore"):  # what becomes infinite is refused by check_finite
            embeddings = np.require(embeddings, np.float32, ["C", "W"])
    return torch.as_tensor(embeddings).detach().to(torch.float32)
