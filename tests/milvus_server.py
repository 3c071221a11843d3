"""A real Milvus server for tests, from the package `milvus`, on a free port of this machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

LOG_LINES = 15


def running_server(folder: Path) -> Iterator[str]:
    """Start a server, yield its address, and stop it. Skips the test where none can run."""
    milvus = pytest.importorskip("milvus", reason="the package milvus, which holds a server, is not installed here")
    server = milvus.default_server
    server.set_base_dir(str(folder / "milvus"))
    try:
        server.start()
    except (OSError, RuntimeError, TimeoutError) as error:
        server.stop()
        logs = [path.read_text(errors="replace") for path in (folder / "milvus" / "logs").glob("milvus-std*.log")]
        last = "\n".join("\n".join(logs).splitlines()[-LOG_LINES:])
        shutil.rmtree(folder / "milvus", ignore_errors=True)
        pytest.skip(f"no Milvus server runs on this machine ({error}): {last}")
    try:
        yield f"http://127.0.0.1:{server.listen_port}"
    finally:
        server.stop()
        server.cleanup()  # 500 MB
