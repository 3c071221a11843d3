"""A real Milvus server for tests, on a free port of this machine."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from experiments.bench.milvus_server import milvus_server


def running_server(folder: Path) -> Iterator[str]:
    """Start a server, yield its address, and stop it. Skips the test, and says why, where none can run."""
    with contextlib.ExitStack() as block:
        try:
            server = block.enter_context(milvus_server(folder / "milvus"))
        except RuntimeError as error:
            pytest.skip(str(error))
        yield server.address
