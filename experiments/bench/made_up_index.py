"""A run with an untrained network, its export, and an index of made-up vectors that it may search."""

from __future__ import annotations

from pathlib import Path

import torch

from experiments.bench import made_up
from experiments.bench.index import STEP, items, vectors
from single_net.inference.load import export_file
from single_net.inference.model import Model
from single_net.inference.onnx_export import export_onnx
from single_net.models.build import build_network, encoder_layout
from single_net.search.indexes import Header, Source, open_or_create

SIZE = 96  # px


def make_run(folder: Path) -> Model:
    """Write a model, and beside it its export. Raises InputError if the export's packages are missing."""
    config = made_up.config(SIZE, "bfloat16")
    torch.manual_seed(0)
    network = build_network(config.network, encoder_layout(config.encoder, SIZE), pretrained=False).eval()
    folder.mkdir()
    Model(network, made_up.encoder(SIZE), config, {}).save(folder / "model.safetensors")
    model = Model.load(folder, torch.device("cpu"))
    assert model.file is not None
    export_onnx(model, export_file(model.file))
    return model


def make_index(place: Path, model: Model, count: int) -> None:
    """Write an index of made-up images in a folder that is there, and empty."""
    root = place.with_suffix(".images")
    root.mkdir()
    header = Header(model.identity, model.embedding_dim, Source("folder", str(root)), str(model.file))
    with open_or_create(place, lambda: header) as index:
        for start in range(0, count, STEP):
            stop = min(start + STEP, count)
            index.add("images", items(start, stop), vectors(start, stop))


def sentences(count: int) -> list[str]:
    """Made-up queries."""
    return made_up.sentences(made_up.word_ids(count, made_up.LONGEST))
