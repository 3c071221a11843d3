"""What all tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from shapes import HOSTILE, write_shapes

from encoded_text.common.threads import bound_spinning
from single_net.common.allocator import keep_freed_memory

bound_spinning()  # as the commands do
keep_freed_memory()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first, those of training before all others, so that at the end no process of xdist is
    busy alone for minutes. Tests marked gpu are skipped where there is none."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path not in slow, item.path.parent.name != "training"))
    marked = [item for item in items if item.get_closest_marker("gpu")]
    if marked:
        import torch

        if not torch.cuda.is_available():
            for item in marked:
                item.add_marker(pytest.mark.skip(reason="no GPU"))


@pytest.fixture(scope="session", autouse=True)
def no_waiting_for_the_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Files of tests, and of the processes they start, need not outlive a power failure; that and when files are synced
    is tested in test_files.py."""
    hook = tmp_path_factory.mktemp("hook")
    (hook / "sitecustomize.py").write_text("import os\nos.fsync = lambda handle: None\n")
    path = os.pathsep.join(filter(None, [str(hook), os.environ.get("PYTHONPATH")]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: None)
        patch.setenv("PYTHONPATH", path)
        yield


@pytest.fixture(scope="module")
def shallow_backbone() -> Iterator[None]:
    """For modules about training, in which the depth of the network plays no role: training takes half the time."""
    from shallow import Shallow

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("single_net.models.single_net.InceptionResnetV1", Shallow)
        yield


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prepared images of the tests stay out of the user's cache."""
    monkeypatch.setenv("SINGLE_NET_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture
def shapes(tmp_path: Path) -> Path:
    """12 training, 4 validation and 6 test images."""
    return write_shapes(tmp_path / "shapes", {"train": 12, "val": 4, "test": 6})


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `shapes`, for all tests of a module."""
    return write_shapes(tmp_path_factory.mktemp("shapes"), {"train": 12, "val": 4, "test": 6})


@pytest.fixture(scope="session")
def untrained_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run on shapes whose network still has its first weights: quick to make, and as good as any for
    what is done with a run. One of the test captions, HOSTILE, would be markup if it were not escaped."""
    import csv

    import torch
    from shallow import Shallow

    from single_net.config import RunConfig
    from single_net.data.load import load_dataset
    from single_net.inference.model import Model
    from single_net.models.build import build_network, encoder_layout
    from single_net.training.targets import fit_encoder

    root = write_shapes(tmp_path_factory.mktemp("untrained") / "shapes", {"train": 4, "val": 2, "test": 12})
    with open(root / "captions.csv", "a", newline="", encoding="utf-8") as file:
        csv.writer(file).writerow(("test0.png", HOSTILE, "test"))
    values = {"variant": "small", "data": {"name": "table", "root": str(root)}, "network": {"image_size": 75}}
    config = RunConfig.from_dict(values)
    layout = encoder_layout(config.encoder, config.network.image_size)
    torch.manual_seed(0)
    with pytest.MonkeyPatch.context() as patch:  # the whole network also within shallow_backbone
        patch.setattr("single_net.models.single_net.InceptionResnetV1", Shallow.__base__)
        network = build_network(config.network, layout, pretrained=False).eval()
    encoder = fit_encoder(load_dataset("table", root, "train").flat_captions, config.encoder, layout, seed=0)
    run = root.parent / "run"
    Model(network, encoder, config, {"training": {}, "validation": None}).save(run / "model.safetensors")
    return run
