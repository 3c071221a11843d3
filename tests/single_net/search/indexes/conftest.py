"""Places for an index: a folder, a Milvus Lite file, a Milvus server."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest
from index_items import header
from milvus_server import running_server

from single_net.search.indexes import Index, open_or_create

_numbers = itertools.count()


@pytest.fixture(scope="session")
def milvus_server(tmp_path_factory) -> Iterator[str]:
    yield from running_server(tmp_path_factory.mktemp("server"))


@pytest.fixture(params=["folder", "lite", pytest.param("server", marks=pytest.mark.slow)])
def place(request, tmp_path) -> str:
    """Where no index is yet."""
    if request.param == "folder":
        return str(tmp_path / "index")
    pytest.importorskip("pymilvus", reason="the extra milvus is not installed")
    if request.param == "lite":
        return str(tmp_path / "photos.db")
    return f"{request.getfixturevalue('milvus_server')}/test_{next(_numbers)}"


@pytest.fixture
def opened(place) -> Iterator[Callable[[], Index]]:
    """Opens the index of the place, making it the first time."""
    indexes: list[Index] = []

    def again() -> Index:
        while indexes:
            indexes.pop().close()
        indexes.append(open_or_create(place, header))
        return indexes[-1]

    yield again
    while indexes:
        indexes.pop().close()
