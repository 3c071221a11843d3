"""The files of the command, and the embeddings of an untrained run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from single_net.data.load import load_dataset
from single_net.inference.embedding_cache import Embedded, embed_dataset
from single_net.inference.model import Model


@pytest.fixture(scope="session")
def made(untrained_run, tmp_path_factory) -> Path:
    """Folder with map.png, map.svg and map.html of the command."""
    folder = tmp_path_factory.mktemp("maps")
    command = [sys.executable, "-m", "single_net.tsne", str(untrained_run), "-o", str(folder / "map.png")]
    command += ["--perplexity", "5", "--pairs", "--interactive"]
    env = os.environ | {"SINGLE_NET_CACHE": str(tmp_path_factory.getbasetemp() / "cache")}
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in ("map.png", "map.svg", "map.html"))
    return folder


@pytest.fixture
def embedded(untrained_run: Path) -> Embedded:
    """12 images with five captions each."""
    model = Model.load(untrained_run)
    return embed_dataset(model, load_dataset("table", model.config.data.root, "test").first(12, 5))
