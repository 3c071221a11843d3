"""How many threads NumPy's matrix products take."""

from __future__ import annotations

from threadpoolctl import threadpool_info


def blas_threads() -> set[int]:
    """Of every library for them that is loaded."""
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}
