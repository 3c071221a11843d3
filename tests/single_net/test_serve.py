"""python -m single_net.serve: what it refuses before it serves."""

from __future__ import annotations

import socket

import pytest
from commands import refusal

pytest.importorskip("uvicorn", reason="the extra serve is not installed")

from served import folder_service

from single_net import serve


def test_a_port_in_use_and_other_addresses(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"port {port} is in use" in refusal(serve.main, tmp_path, "--port", port)
    assert "--port 70000" in refusal(serve.main, tmp_path, "--port", 70000)
    assert "--name" in refusal(serve.main, tmp_path, "--host", "0.0.0.0")
    assert "no address" in refusal(serve.main, tmp_path, "--host", "no such host.invalid")


def test_a_place_that_cannot_be_served(tmp_path):
    assert "no index" in refusal(serve.main, tmp_path / "nothing", "--port", 0)
    folder_service(tmp_path)  # of a model that is no run
    assert "no run" in refusal(serve.main, tmp_path / "folder.index", "--port", 0)
