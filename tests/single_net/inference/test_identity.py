"""The checksum of weights and encoder, by which an index knows its model."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch

from encoded_text import InputError, TextImageEncoder
from single_net.data.contamination import NUM_VALUES, Fingerprints
from single_net.inference.lazy_model import LazyModel
from single_net.inference.model import Model
from single_net.inference.snapshot import weight_sums


@pytest.fixture
def model(untrained_run) -> Model:
    return Model.load(untrained_run, torch.device("cpu"))


def identity(model: Model, path) -> str:
    model.save(path)
    return LazyModel(path).identity


def test_it_depends_on_weights_and_encoder_and_on_nothing_else(model, tmp_path):
    first = model.identity
    assert len(first) == 64 and LazyModel(model.file).identity == first
    model.meta["training"] = {"seconds": 1}
    assert identity(model, tmp_path / "meta.safetensors") == first
    model.file = None
    assert model.identity == first, "also of a model that is in no file"

    weight = next(model.network.parameters())
    with torch.no_grad():
        weight[0] += 1e-3
    changed = identity(model, tmp_path / "weights.safetensors")
    arrays, meta = model.encoder.state()
    model.encoder = TextImageEncoder.from_state({"colors": arrays["colors"] ^ 1}, meta)
    assert len({first, changed, identity(model, tmp_path / "encoder.safetensors")}) == 3


def test_it_is_that_of_the_weights_as_they_are_now(model, tmp_path):
    first, weight = model.identity, next(model.network.parameters())
    weight.data.mul_(2)  # torch counts no change of this kind
    changed = model.identity
    assert changed != first and changed == identity(model, tmp_path / "model.safetensors")
    weight.data.mul_(0.5)
    assert model.identity == first
    network = model.config.network.model_copy(update={"test_time_augmentation": "mirror"})
    model.config = model.config.model_copy(update={"network": network})
    assert len({first, changed, model.identity}) == 3, "of what happens to an image, too"


def test_a_model_that_was_changed_after_training_says_so_in_its_file(model, tmp_path):
    model.fingerprints = Fingerprints(np.zeros((1, NUM_VALUES), np.int8), np.zeros(1, np.int64))
    model.save(path := tmp_path / "model.safetensors")
    loaded = Model.load(path)
    assert "modified" not in loaded.meta and loaded.fingerprints is not None
    with torch.no_grad():
        next(loaded.network.parameters())[0] += 1
    loaded.save(path)
    loaded.save(path)
    again = Model.load(path)
    assert again.meta["modified"] == {"from": model.identity}
    assert again.fingerprints is None, "what it was trained on since is not known"
    again.save(path)
    assert Model.load(path).meta["modified"] == {"from": model.identity}


def test_asking_for_it_imports_no_torch(untrained_run):
    code = "import sys; from single_net.inference.lazy_model import LazyModel; m = LazyModel(sys.argv[1])"
    code += "; print(m.identity, m.image_size); assert 'torch' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code, str(untrained_run)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [LazyModel(untrained_run).identity, "75"]


@pytest.mark.parametrize("length", [0, 5, 8, 300, -50_000_000, -1])
def test_damaged_files_are_refused(untrained_run, tmp_path, length):
    path = tmp_path / "model.safetensors"
    shutil.copy(untrained_run / "model.safetensors", path)
    os.truncate(path, length % (path.stat().st_size + 1) if length < 0 else length)
    if length == -1:
        path.write_bytes(b"\xff" * 100)
    with pytest.raises(InputError, match="model"):
        _ = LazyModel(path).identity


def test_no_model(tmp_path):
    with pytest.raises(InputError, match="no such model"):
        LazyModel(tmp_path / "nothing")


def test_a_file_that_was_replaced_meanwhile_is_no_longer_that_of_the_model(model, tmp_path):
    model.save(path := tmp_path / "model.safetensors")
    loaded, waiting = Model.load(path), LazyModel(path)
    assert waiting.identity
    with torch.no_grad():
        next(model.network.parameters())[0] += 1
    model.save(path)
    with pytest.raises(InputError, match="changed since it was loaded"):
        _ = loaded.identity
    with pytest.raises(InputError, match="another model meanwhile"):
        waiting.encode_text(["a red square"])


def test_the_same_values_in_another_order_are_other_weights():
    network = torch.nn.Linear(3, 4)
    before = weight_sums(network)
    assert weight_sums(network) == before
    network.weight.data.copy_(network.weight.data.flip(0).clone())
    assert weight_sums(network) != before
