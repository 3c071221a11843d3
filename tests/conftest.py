"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from shapes import write_shapes


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prepared pictures of the tests stay out of the user's cache."""
    monkeypatch.setenv("SINGLE_NET_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture
def shapes(tmp_path: Path) -> Path:
    """12 training, 4 development and 6 test pictures."""
    return write_shapes(tmp_path / "shapes", {"train": 12, "val": 4, "test": 6})
