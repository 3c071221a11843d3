"""Fast estimates of squared distances, with a proven error bound.

Exact distances are slow, and most comparisons are clear-cut. An estimate by one matrix product (`Points.estimate`)
settles those; its error bound (`Points.brackets`) tells which pairs need the exact distance.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from single_net.retrieval.neighbors_numpy import SMALLEST, UNIT

# Rows and columns of a block of estimates.
BLOCK = (512, 2048)  # 4 MiB, which stays in the CPU's cache
GPU_BLOCK = (4096, 8192)  # 256 MiB in float64: a GPU waits between blocks

LARGEST_SQUARE = 2.0**120  # squared length up to which no step of the estimate or the distance overflows
LARGEST_DIMENSION = 1 << 20


@dataclass(frozen=True)
class Points:
    """Vectors, with what their estimates need.

    Attributes:
        vectors: float32 (n, d).
        squares: float64 (n,), squared lengths; not finite where the vector is not.
        dtype: of the matrix product: float32, or float64 where float32 products are shortened (TF32, bfloat16).
    """

    vectors: torch.Tensor
    squares: torch.Tensor
    dtype: torch.dtype

    @classmethod
    def of(cls, vectors: torch.Tensor, dtype: torch.dtype | None = None) -> Points:
        """Compute what the estimates need.

        Args:
            vectors: float32 (n, d).
            dtype: of the matrix product, if it is known already.
        """
        squares = torch.linalg.vector_norm(vectors, dim=1, dtype=torch.float64).square()
        return cls(vectors, squares, dtype or _product_dtype(vectors.device))

    def __len__(self) -> int:
        return len(self.vectors)

    def __getitem__(self, which: slice) -> Points:
        return Points(self.vectors[which], self.squares[which], self.dtype)

    def estimate(self, other: Points) -> torch.Tensor | None:
        """Estimate the squared distances as |a|^2 + |b|^2 - 2ab.

        Args:
            other: m vectors of the same dimension.

        Returns:
            (n, m) in `dtype`, with the error bound of `brackets`. None if there is no bound, because a step might
            overflow or there are more than LARGEST_DIMENSION dimensions.
        """
        longest = max(self.squares.max(), other.squares.max())
        if longest > LARGEST_SQUARE or self.vectors.shape[1] > LARGEST_DIMENSION:
            return None
        a, b = self.vectors.to(self.dtype), other.vectors.to(self.dtype)
        squares = torch.addmm(other.squares.to(self.dtype), a, b.T, alpha=-2)
        return squares.add_(self.squares.to(self.dtype)[:, None])

    def brackets(self, limits: torch.Tensor, other: Points) -> tuple[torch.Tensor, torch.Tensor]:
        """What an estimate proves about the exact distance.

        For every vector a of these, with its limit, low and high, and every vector b of `other`::

            estimate <= low   implies   distances(a, b) < limit
            estimate >  high  implies   distances(a, b) > limit

        Proof. Let u = 2^-24 and g(n) = n u / (1 - n u). Two rules hold for any order of the operations, with or without
        fused multiply-add (N. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., 2002, lemma 3.1 and
        section 3.1), and for every matrix product except Strassen's kind: a sum of n products is off by at most g(n)
        times the sum of their absolute values; n roundings multiply a number by a factor between 1 - g(n) and 1 + g(n).
        Underflow adds at most 2^-126 per operation. Let A = |a|^2, B = |b|^2 and D = |a - b|^2, without rounding.

        1. The estimate sums A, B (each rounded once) and the d products -2 a_k b_k. As 2 |a| |b| <= A + B, the absolute
           values sum to at most 2 (A + B), so |estimate - D| <= 2 g(d + 3) (A + B). The bound is relative to A + B and
           not to D (cancellation): this is why pairs at nearly the same distance stay undecided.
        2. The distance r rounds each difference (in r^2: twice), each square, d - 1 sums, and the root (in r^2: at most
           4 times, for a root that is off by one whole unit), so D (1 - g(d + 6)) <= r^2 <= D (1 + g(d + 6)).

        Hence r < limit if estimate + error <= limit^2 / (1 + g); r > limit if estimate - error > limit^2 / (1 - g).
        Both are evaluated in float64, where limit^2 is exact. Using g(d + 8) in both places leaves 2 u of every term
        for the rounding of float64 and for numbers below 2^-126 read as 0; 16 (d + 8) underflows are more than happen.
        The last step rounds outwards. Where `dtype` is float64, the errors of step 1 are smaller.

        Args:
            limits: float32 (n,), one per vector: 0 or more, infinite, or NaN (which makes low and high NaN).
            other: the vectors on the other side.

        Returns:
            low and high, each (n,) in `dtype`.
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
    """The type in which matrix products keep all 24 bits of float32.

    On CUDA float32 products may run in TF32. On a CPU, PyTorch's precision settings and environment variables may allow
    TF32 or bfloat16 as well; which of them count depends on the CPU and the version, so a small product is tried.
    """
    if device.type != "cpu":
        return torch.float64
    last_bit = torch.full((256, 256), 1 + 2.0**-23)
    return torch.float32 if torch.equal(last_bit @ torch.eye(256), last_bit) else torch.float64
