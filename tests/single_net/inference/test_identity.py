"""The checksum of weights and encoder, by which an index knows its model."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch

from encoded_text import InputError, TextImageEncoder
from single_net.common import tensor_file
from single_net.data.contamination import NUM_VALUES, Fingerprints
from single_net.inference.lazy_model import LazyModel
from single_net.inference.model import Model


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


def test_other_settings_are_no_modified_weights(model, tmp_path):
    """Evaluation would refuse such a file, and no longer know what its weights were trained on."""
    network = model.config.network.model_copy(update={"test_time_augmentation": "mirror"})
    model.config = model.config.model_copy(update={"network": network})
    model.meta = model.meta | {"training": {"seconds": 1}}
    model.save(path := tmp_path / "model.safetensors")
    assert "modified" not in Model.load(path).meta


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


@pytest.mark.parametrize(
    "offsets", [[-100_000, 4], [4, 0], [-8, -4], [0, 1 << 70], [1 << 62, (1 << 62) + 4], ["0", "4"], [0.5, 4]]
)
def test_tensors_outside_of_the_file_are_refused(tmp_path, offsets):
    meta = json.dumps({"config": {"network": {"image_size": 75}}, "encoder": {}})
    header = {"__metadata__": {"meta": meta}, "network.a": {"dtype": "F32", "shape": [1], "data_offsets": offsets}}
    content = json.dumps(header).encode()
    path = tmp_path / "model.safetensors"
    path.write_bytes(len(content).to_bytes(8, "little") + content + bytes(8))
    with pytest.raises(InputError, match=r"model\.safetensors is damaged or not a model"):
        _ = LazyModel(path).identity


def test_a_loaded_model_stays_what_it_is_where_its_file_is_replaced(model, tmp_path):
    model.save(path := tmp_path / "model.safetensors")
    loaded, waiting, first = Model.load(path), LazyModel(path), model.identity
    assert waiting.identity == first
    os.replace(shutil.copy(path, tmp_path / "copy.safetensors"), path)  # the same once more
    assert loaded.identity == first
    with torch.no_grad():
        next(model.network.parameters())[0] += 1
    model.save(path)
    assert loaded.identity == first != model.identity
    with pytest.raises(InputError, match="another model meanwhile"):
        waiting.encode_text(["a red square"])


def test_older_files_keep_their_identity_loaded_and_saved_again(untrained_run, tmp_path):
    tensors, meta = tensor_file.load(untrained_run / "model.safetensors", "model")
    assert meta["encoder"].pop("tokenizer") == "spaces"  # which they do not say
    tensor_file.save(path := tmp_path / "older.safetensors", "model", tensors, meta)
    older, loaded = LazyModel(path).identity, Model.load(path)
    assert loaded.identity == older != LazyModel(untrained_run).identity
    assert identity(loaded, tmp_path / "again.safetensors") == older
    loaded.encoder = loaded.encoder.compact(loaded.encoder.ids(["a red bar"]))[0]
    assert len({older, loaded.identity, identity(loaded, path)}) == 2


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int64", "int8", "uint8", "uint16", "bool"])
def test_it_is_the_same_in_memory_and_in_the_file_for_values_of_every_type(model, tmp_path, dtype):
    fitted = np.arange(6).reshape(3, 2).astype(dtype)
    model.meta["third"] = {"encoder": {"lines": 3}}
    found = set()
    for array in (fitted, fitted.T, fitted[:0], np.array(1, dtype)):  # also not contiguous, empty, a number
        model.third = {"codebook": array}, {"lines": 3}
        assert identity(model, tmp_path / "model.safetensors") == model.identity
        found.add(model.identity)
    assert len(found) == 4


@pytest.mark.parametrize("third", [{"name": "speech"}, "speech", ["speech"], {"encoder": {}}])
def test_a_third_modality_that_cannot_be_read(untrained_run, tmp_path, third):
    tensors, meta = tensor_file.load(untrained_run / "model.safetensors", "model")
    tensors["third.codebook"] = torch.zeros(3, dtype=torch.bfloat16)
    tensor_file.save(path := tmp_path / "model.safetensors", "model", tensors, meta | {"third": third})
    with pytest.raises(InputError, match=r"model\.safetensors: not a model as training writes it: the encoder of its"):
        Model.load(path)


def test_the_same_values_in_another_order_are_other_weights(model):
    before, weight = model.identity, next(model.network.parameters())
    weight.data.copy_(weight.data.flip(0).clone())
    assert model.identity != before
