"""python -m single_net.serve: what it refuses before it serves."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from blas_threads import blas_threads
from commands import outcome, refusal
from index_items import header
from shapes import write_shapes
from threadpoolctl import threadpool_limits

pytest.importorskip("uvicorn", reason="the extra serve is not installed")

from served import folder_service

from single_net import index, serve
from single_net.inference.model import Model
from single_net.search.indexes import writing
from single_net.search.indexes.folder import FolderIndex


def test_a_port_in_use_and_other_addresses(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"port {port} is in use" in refusal(serve.main, tmp_path, "--port", port)
    assert "--port 70000" in refusal(serve.main, tmp_path, "--port", 70000)
    assert "--name" in refusal(serve.main, tmp_path, "--host", "0.0.0.0")
    assert "a name without its port" in refusal(serve.main, tmp_path, "--name", "photos.lan:8443")
    for host in ("no such host.invalid", "a..b", "a" * 64):
        assert "no address" in refusal(serve.main, tmp_path, "--host", host)


def test_a_place_that_cannot_be_served(tmp_path):
    assert "no index" in refusal(serve.main, tmp_path / "nothing", "--port", 0)
    folder_service(tmp_path)  # of a model that is no run
    assert "no run" in refusal(serve.main, tmp_path / "folder.index", "--port", 0)


@pytest.fixture
def indexed(untrained_run, tmp_path) -> tuple[Path, Path, Path]:
    """An index, its run and its folder."""
    run, photos = tmp_path / "run", write_shapes(tmp_path / "photos", {"test": 3})
    shutil.copytree(untrained_run, run)
    (photos / "captions.csv").unlink()
    assert outcome(index.main, run, photos, "--to", tmp_path / "photos.index").status == 0
    return tmp_path / "photos.index", run, photos


@pytest.mark.slow
def test_it_answers_until_sigterm(indexed):
    command = [sys.executable, "-m", "single_net.serve", str(indexed[0]), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            address = process.stdout.readline().split()[0]
            question = json.dumps({"text": "a red square", "k": 2}).encode()
            asked = urllib.request.Request(f"{address}api/search", question, {"Content-Type": "application/json"})
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=60) as answer:
                assert len(json.load(answer)["results"]) == 2
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=60)[0] == "stopped\n" and process.returncode == 0


@pytest.mark.slow
def test_what_is_not_ready_or_gone(indexed, tmp_path, capsys):
    place, run, photos = indexed
    with writing(str(tmp_path / "new.index")):
        assert "just being made" in refusal(serve.main, tmp_path / "new.index", "--port", 0)
    FolderIndex.create(tmp_path / "empty.index", header())
    assert "holds no images" in refusal(serve.main, tmp_path / "empty.index", "--port", 0)
    with writing(str(tmp_path / "empty.index")):  # it is being filled
        serve._open(str(tmp_path / "empty.index")).close()
    assert "0 images so far" in capsys.readouterr().out
    model = Model.load(run)
    model.encoder = model.encoder.compact(model.encoder.ids(["a red bar"]))[0]
    model.save(tmp_path / "other.safetensors")
    with threadpool_limits(2, user_api="blas"):
        assert "another model" in refusal(serve.main, place, "--port", 0, "--run", tmp_path / "other.safetensors")
        assert blas_threads() == {1}
    photos.rename(tmp_path / "away")
    assert "bring it back" in refusal(serve.main, place, "--port", 0)
    (tmp_path / "away").rename(photos)
    run.rename(tmp_path / "moved")
    assert "say where it is now with --run" in refusal(serve.main, place, "--port", 0)
