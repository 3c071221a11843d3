"""Euclidean distances: the exact ones, and a fast estimate with a proven error that tells which pairs need them.

`distances` is the only distance that any result rests on, and it is slow. Most comparisons are clear-cut: an estimate
by one matrix product (`Points.estimate`) settles them, and its error bound (`Points.brackets`) says which it can't.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch

CHUNK_ELEMENTS = 1 << 23  # values held at once: 32 MiB of float32
# Estimates are made in blocks of so many rows and columns: 4 MiB, so that the passes over a block find it in the cache.
BLOCK = (512, 2048)

UNIT = 2.0**-24  # unit roundoff of float32
SMALLEST = 2.0**-126  # of a normal float32: what one operation loses at most when it underflows, flushed to 0 or not
LARGEST_SQUARE = 2.0**120  # of a vector's length: up to here, no step of the estimate or the distance overflows


def distances(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Euclidean distances, float32: (n, d) and (m, d) -> (n, m), or pairwise (n, 1, d) and (n, 1, d) -> (n, 1, 1).

    Summed from the squared differences, not by way of a matrix product: small distances keep their digits, and the
    value of a pair does not depend on which other pairs are computed beside it.
    """
    return torch.cdist(a, b, compute_mode="donot_use_mm_for_euclid_dist")


def pair_distances(a: torch.Tensor, i: torch.Tensor, b: torch.Tensor, j: torch.Tensor) -> torch.Tensor:
    """`distances` of the pairs (a[i[0]], b[j[0]]), (a[i[1]], b[j[1]]), ..: float32 (pairs,)."""
    result = torch.empty(len(i), device=a.device)
    for c in chunks(len(i), a.shape[1]):
        result[c] = distances(a[i[c], None], b[j[c], None]).flatten()
    return result


def chunks(rows: int, columns: int, elements: int = CHUNK_ELEMENTS) -> Iterator[slice]:
    """Slices of `rows` such that slice x columns holds at most `elements` values (at least one row each)."""
    step = max(1, elements // columns)
    return (slice(start, min(start + step, rows)) for start in range(0, rows, step))


@dataclass(frozen=True)
class Points:
    """Vectors and what the estimate needs beside them.

    vectors   float32 (n, d)
    squares   float64 (n,): squared lengths; not finite where the vector is not
    dtype     of the matrix product, see `_product_dtype`
    """

    vectors: torch.Tensor
    squares: torch.Tensor
    dtype: torch.dtype

    @classmethod
    def of(cls, vectors: torch.Tensor, dtype: torch.dtype | None = None) -> Points:
        """vectors float32 (n, d). `dtype` spares finding it out again."""
        squares = torch.linalg.vector_norm(vectors, dim=1, dtype=torch.float64).square()
        return cls(vectors, squares, dtype or _product_dtype(vectors.device))

    def __len__(self) -> int:
        return len(self.vectors)

    def __getitem__(self, which: slice) -> Points:
        return Points(self.vectors[which], self.squares[which], self.dtype)

    def estimate(self, other: Points) -> torch.Tensor | None:
        """About the squared distances |a|^2 + |b|^2 - 2ab, (n, m) in `dtype`; how far off, see `brackets`.

        None where there is no bound: a vector so long that something might overflow, or d beyond a million.
        """
        if max(self.squares.max(), other.squares.max()) > LARGEST_SQUARE or self.vectors.shape[1] > 1 << 20:
            return None
        a, b = self.vectors.to(self.dtype), other.vectors.to(self.dtype)
        squares = torch.addmm(other.squares.to(self.dtype), a, b.T, alpha=-2)
        return squares.add_(self.squares.to(self.dtype)[:, None])

    def brackets(self, limits: torch.Tensor, other: Points) -> tuple[torch.Tensor, torch.Tensor]:
        """What estimates say about distances: (low, high), each (n,) in `dtype`, such that for all a here, b in `other`

            estimate <= low   implies   distances(a, b) <= limit
            estimate >  high  implies   distances(a, b) >  limit

        limits float32 (n,), one for each vector here: 0 or more, infinite, or NaN (then low and high are NaN).

        Proof. u = 2^-24 and g(n) = n u / (1 - n u). Two rules (N. Higham, Accuracy and Stability of Numerical
        Algorithms, 2nd ed., 2002, lemma 3.1 and section 3.1), both for any order and with or without fused
        multiply-add: a sum of n products is off by at most g(n) times the sum of their absolute values; n roundings of
        one number multiply it by between 1 - g(n) and 1 + g(n). They hold for every matrix product except Strassen's
        kind. Underflow adds at most 2^-126 an operation. Let A = |a|^2, B = |b|^2, D = |a - b|^2, without rounding.

        1. The estimate sums A, B (each rounded once) and the d products -2 a_k b_k. As 2 |a| |b| <= A + B, the absolute
           values sum to at most 2 (A + B), so |estimate - D| <= 2 g(d + 3) (A + B). This is relative to A + B and not
           to D: the cancellation, and the reason why pairs at nearly the same distance stay undecided.
        2. The distance r rounds each difference (in r^2: twice), each square, d - 1 sums, and the root (in r^2: at most
           4 times, a root off by one whole unit included), so D (1 - g(d + 6)) <= r^2 <= D (1 + g(d + 6)).

        Hence r <= limit if estimate + error <= limit^2 / (1 + g); r > limit if estimate - error > limit^2 / (1 - g).
        Both are evaluated in float64, where limit^2 is exact. Taking g(d + 8) in both places leaves 2 u of every term
        for the rounding of float64 and for numbers below 2^-126 read as 0; 16 (d + 8) underflows are more than happen.
        The last step rounds outwards. Where `dtype` is float64, only the errors of step 1 are smaller.
        """
        d = self.vectors.shape[1]
        g = (d + 8) * UNIT / (1 - (d + 8) * UNIT)
        error = 2 * g * (self.squares + other.squares.max()) + 16 * (d + 8) * SMALLEST
        exact = limits.to(torch.float64).square()
        low, high = exact / (1 + g) - error, exact / (1 - g) + error
        low, high = low.to(self.dtype), high.to(self.dtype)
        infinity = torch.full_like(low, torch.inf)
        return torch.nextafter(low, -infinity), torch.nextafter(high, infinity)


def _product_dtype(device: torch.device) -> torch.dtype:
    """float32 if matrix products keep all 24 bits of it, else float64, which nothing shortens.

    On CUDA float32 products may run in TF32. On a CPU, too, PyTorch's precision settings and environment variables may
    allow bfloat16 or TF32; which of them count depends on the processor and the version, so a trial asks the product.
    """
    if device.type != "cpu":
        return torch.float64
    last_bit = torch.full((256, 256), 1 + 2.0**-23)
    return torch.float32 if torch.equal(last_bit @ torch.eye(256), last_bit) else torch.float64
