"""A run with an untrained network, its export, and an index of synthetic vectors that it may search."""

from __future__ import annotations

from pathlib import Path

import torch

from experiments.bench import synthetic
from experiments.bench.index import STEP, items, vectors
from single_net.inference.load import export_file
from single_net.inference.model import Model
from single_net.inference.onnx_export import export_onnx
from single_net.inference.run_files import MODEL
from single_net.search.indexes import Header, Source, open_or_create

SIZE = 96  # px
CPU = torch.device("cpu")


def make_run(folder: Path) -> Model:
    """Write a model, and beside it its export. Raises InputError if the export's packages are missing."""
    torch.manual_seed(0)
    folder.mkdir()
    synthetic.model(SIZE, CPU).save(folder / MODEL)
    model = Model.load(folder, CPU)
    assert model.file is not None
    export_onnx(model, export_file(model.file))
    return model


def make_index(place: Path, model: Model, count: int) -> None:
    """Write an index of synthetic images in a folder that is there, and empty."""
    root = place.with_suffix(".images")
    root.mkdir()
    header = Header(model.identity, model.embedding_dim, Source("folder", str(root)), str(model.file))
    with open_or_create(place, lambda: header) as index:
        for start in range(0, count, STEP):
            stop = min(start + STEP, count)
            index.add("images", items(start, stop), vectors(start, stop))


def sentences(count: int) -> list[str]:
    """Made-up queries."""
    return synthetic.sentences(synthetic.word_ids(count, synthetic.LONGEST))
