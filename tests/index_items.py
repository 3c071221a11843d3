"""Items, vectors and headers for tests of indexes."""

from __future__ import annotations

import numpy as np

from single_net.search.indexes import Header, Item, Source

DIMENSION = 16


def header(**changes) -> Header:
    return Header(**({"model": "m" * 64, "dimension": DIMENSION, "source": Source("folder", "/photos")} | changes))


def unit_vectors(count: int, seed: int = 0, dimension: int = DIMENSION) -> np.ndarray:
    vectors = np.random.default_rng(seed).standard_normal((count, dimension))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def items(count: int, start: int = 0) -> list[Item]:
    return [Item(f"{i}.jpg", f"{i:064x}", f"caption of {i}") for i in range(start, start + count)]
