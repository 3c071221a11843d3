"""The files of the command, and the embeddings of an untrained run."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import outcome

from single_net.data.load import load_dataset
from single_net.inference.embedding_cache import Embedded, embed_dataset
from single_net.inference.model import Model
from single_net.tsne.__main__ import main


@pytest.fixture(scope="session")
def made(untrained_run, tmp_path_factory) -> Path:
    """Folder with map.png, map.svg and map.html of the command."""
    folder = tmp_path_factory.mktemp("maps")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SINGLE_NET_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
        options = ("--perplexity", 5, "--pairs", "--interactive")
        done = outcome(main, untrained_run, "-o", folder / "map.png", *options)
    assert done.status == 0, done.err
    assert all(name in done.out for name in ("map.png", "map.svg", "map.html"))
    return folder


@pytest.fixture
def embedded(untrained_run: Path) -> Embedded:
    """12 images with five captions each."""
    model = Model.load(untrained_run)
    return embed_dataset(model, load_dataset("table", model.config.data.root, "test").first(12, 5))
