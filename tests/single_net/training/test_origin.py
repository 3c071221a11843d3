"""Training that starts from one's own finished run."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import torch
from shapes import write_shapes
from stopping import StopAfter

from encoded_text import InputError
from single_net.common import tensor_file
from single_net.config import RunConfig
from single_net.data.load import load_dataset
from single_net.evaluation.protocol import evaluate_split
from single_net.evaluation.record import run_record
from single_net.inference.model import Model
from single_net.training import loop
from single_net.training.loop import train

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("shallow_backbone")]

CPU = torch.device("cpu")


def config(root, *, epochs: float = 1.0, size: int = 75, init_from: str = "", seed: int = 0, **network) -> RunConfig:
    return RunConfig.from_dict(
        {
            "variant": "small",
            "data": {"name": "table", "root": str(root)},
            "network": {"image_size": size} | network,
            "batch": {"size": 12},
            "training": {"epochs": epochs, "learning_rate": 1e-4, "init_from": init_from, "seed": seed},
        }
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("origin")
    write_shapes(folder / "first", {"train": 8, "val": 3, "test": 3}, seed=0)
    write_shapes(folder / "second", {"train": 8, "val": 3, "test": 3}, seed=1)
    train(config(folder / "first", epochs=0.25), folder / "run", device=CPU)
    return folder


@pytest.mark.slow
def test_weights_encoder_and_what_it_has_seen_are_taken_over(folder, tmp_path):
    first = Model.load(folder / "run", CPU)
    # With another seed: weights of its own would be far away.
    nearly_the_same = config(folder / "second", epochs=0.3, init_from=str(folder / "run"), size=80, seed=1)
    second = train(nearly_the_same, tmp_path / "next", device=CPU)
    assert second.encoder.words == first.encoder.words
    assert second.encoder.layout.image_size == 80
    name = "backbone.last_linear.weight"
    moved = (second.network.state_dict()[name] - first.network.state_dict()[name]).abs().max()
    assert 0 < moved < 0.01
    assert second.meta["init_from"]["run"] == str(folder / "run" / "model.safetensors")
    assert second.meta["init_from"]["training_data"]["images"] == 8
    loaded = Model.load(tmp_path / "next", CPU)
    assert len(loaded.fingerprints.images) == 16
    record = run_record(loaded, evaluate_split(loaded, load_dataset("table", folder / "second", "test")), 1.0)
    assert record["init_from"]["run"] == "run/model.safetensors" and record["init_from"]["init_from"] is None
    assert record["init_from"]["training"]["samples"] == first.meta["training"]["samples"]
    assert record["configuration"]["training"]["init_from"] == "run"
    train_split = load_dataset("table", folder / "first", "train")
    with pytest.raises(InputError, match=r"was trained on \d of the 8"):
        evaluate_split(loaded, train_split.__class__(**{**vars(train_split), "split": "test"}))


def test_resumed_it_still_knows_what_it_started_from(folder, tmp_path, monkeypatch):
    going_on = config(folder / "second", init_from=str(folder / "run"))
    with monkeypatch.context() as patch:
        patch.setattr(loop, "StopSignal", StopAfter)
        with pytest.raises(KeyboardInterrupt):
            train(going_on, tmp_path / "next", device=CPU)
    resumed = train(going_on, tmp_path / "next", device=CPU, resume=True)
    assert resumed.meta["init_from"]["run"] == str(folder / "run" / "model.safetensors")
    assert len(resumed.fingerprints.images) == 16


@pytest.mark.parametrize(
    "change, named", [({"embedding_dim": 64}, "network.embedding_dim"), ({"captions": "inception"}, "network.captions")]
)
def test_another_network_is_refused(folder, tmp_path, change, named):
    values = config(folder / "second", init_from=str(folder / "run"), **change).to_dict()
    with pytest.raises(InputError, match=named):
        train(RunConfig.from_dict(values), tmp_path / "next", device=CPU)


def test_a_run_that_is_not_there_or_does_not_say_what_it_has_seen_is_refused(folder, tmp_path):
    with pytest.raises(InputError, match="no such model"):
        train(config(folder / "second", init_from=str(tmp_path / "none")), tmp_path / "next", device=CPU)
    tensors, meta = tensor_file.load(folder / "run" / "model.safetensors", "model")
    unknown = {name: value for name, value in tensors.items() if not name.startswith("fingerprints.")}
    tensor_file.save(tmp_path / "unknown.safetensors", "model", unknown, meta)
    with pytest.raises(InputError, match="does not say what it was trained on"):
        train(config(folder / "second", init_from=str(tmp_path / "unknown.safetensors")), tmp_path / "next", device=CPU)


@pytest.mark.parametrize("section, name, value", [("encoder", "file", "x"), ("network", "pretrained", "vggface2")])
def test_what_the_run_gives_is_not_asked_for_twice(folder, tmp_path, section, name, value):
    values = config(folder / "second", init_from=str(folder / "run")).to_dict()
    values[section][name] = value
    with pytest.raises(InputError, match=rf"{section}\.{name}={value}: training.init_from gives"):
        train(RunConfig.from_dict(values), tmp_path / "next", device=CPU)


@pytest.mark.parametrize("split", ["val", "test"])
def test_a_run_that_has_seen_the_validation_or_test_images_is_refused_before_training(folder, tmp_path, split):
    root = write_shapes(tmp_path / "third", {"train": 8, "val": 3, "test": 3}, seed=2)
    shutil.copy(folder / "first" / "train0.png", root / f"{split}1.png")
    why = rf"init_from was trained on 1 of the 3 .* images of table, e\.g\. {split}1\.png"
    with pytest.raises(InputError, match=why):
        train(config(root, init_from=str(folder / "run")), tmp_path / "next", device=CPU)
    assert not (tmp_path / "next" / "log.csv").exists()


def test_a_run_that_began_anew_says_so(folder):
    assert Model.load(folder / "run", CPU).meta["init_from"] is None
    assert np.asarray(Model.load(folder / "run", CPU).fingerprints.images).shape == (8, 288)
