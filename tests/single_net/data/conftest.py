"""What the tests of the cache of decoded images share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from single_net.data import cached_array, checksums
from single_net.data.image import read_image


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path | np.ndarray]:
    """The sources that were decoded for an array; those it lacks are tried once more to tell what is wrong."""
    seen = []

    def counting(source: Path | np.ndarray, size: int) -> np.ndarray:
        seen.append(source)
        return read_image(source, size)

    monkeypatch.setattr(cached_array, "read_image", counting)
    return seen


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were read for their checksum. Files the test has just written are remembered, too."""
    seen = []
    original = checksums._hash_file

    def counting(name: str):
        seen.append(name)
        return original(name)

    monkeypatch.setattr(checksums, "_hash_file", counting)
    monkeypatch.setattr(checksums, "_CLOCK_TICK", -(10**10))
    return seen
