"""Two sets of vectors of the same dimension, of every kind that is hard for an estimate of distances."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

KINDS = ("normal", "grid", "one point", "last bits", "duplicates", "all lengths", "huge", "tiny", "below normal")


def cloud(kind: str, seed: int, rows: int, columns: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """float32 (rows, d) and (columns, d)."""
    rng = np.random.default_rng(seed)
    both = rng.standard_normal((rows + columns, d)).astype(np.float32)
    if kind == "grid":
        both = rng.integers(-1, 2, size=both.shape).astype(np.float32)  # many ties
    elif kind == "one point":
        both[:] = both[0]
    elif kind == "last bits":  # of one another: the estimate sees nothing of the differences
        steps = rng.integers(-2, 3, size=both.shape).astype(np.int32)
        both = (np.repeat(both[:1], len(both), axis=0).view(np.int32) + steps).view(np.float32)
    elif kind == "duplicates":  # ties between few of them, far from the others
        both = both[rng.integers(0, 1 + len(both) // 2, size=len(both))]
    elif kind == "all lengths":
        both *= 2.0 ** rng.integers(-20, 20, size=(len(both), 1)).astype(np.float32)
    elif kind == "huge":  # some squares overflow, some distances too
        both = np.clip(both, -3, 3) * np.float32(2.0) ** rng.integers(57, 127, size=(len(both), 1))
    elif kind == "tiny":  # squares underflow, partly
        both *= np.float32(2.0) ** rng.integers(-80, -55)
    elif kind == "below normal":
        both *= np.float32(2.0**-135)
    return both[:rows].astype(np.float32), both[rows:].astype(np.float32)


@st.composite
def clouds(draw, rows: tuple[int, int], columns: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """`rows` and `columns`: the least and greatest number of vectors in the first and in the second set."""
    return cloud(
        draw(st.sampled_from(KINDS)),
        draw(st.integers(0, 2**32 - 1)),
        draw(st.integers(*rows)),
        draw(st.integers(*columns)),
        draw(st.sampled_from([1, 2, 3, 17, 128])),
    )
