"""What is said of a run that has no model yet, and of a checkpoint."""

from __future__ import annotations

import shutil

import pytest
import torch

from encoded_text import InputError
from single_net.common import tensor_file
from single_net.inference.lazy_model import LazyModel
from single_net.inference.model import Model
from single_net.training.run_folder import hold_folder

LOADERS = pytest.mark.parametrize("load", [Model.load, LazyModel])


def refusal(load, run) -> str:
    with pytest.raises(InputError) as error:
        load(run)
    assert "\n" not in str(error.value)
    return str(error.value)


@LOADERS
def test_a_run_without_a_model_says_how_far_it_is(load, tmp_path):
    assert "no such model: train one first" in refusal(load, tmp_path)
    (tmp_path / "log.csv").touch()
    assert "no such model: train one first" in refusal(load, tmp_path / "another.safetensors")
    interrupted = f"{tmp_path}: its training was interrupted: continue it with --resume"
    with hold_folder(tmp_path):
        assert refusal(load, tmp_path) == f"{tmp_path} is being trained: wait for its end"
    assert refusal(load, tmp_path) == interrupted
    (tmp_path / "best.safetensors").touch()
    name_best = f", or name the best model so far, {tmp_path / 'best.safetensors'}"
    assert refusal(load, tmp_path) == interrupted + name_best
    with hold_folder(tmp_path):
        assert refusal(load, tmp_path) == f"{tmp_path} is being trained: wait for its end{name_best}"


@LOADERS
@pytest.mark.parametrize("name", ["encoder.safetensors", "checkpoint-000000005.safetensors"])
def test_what_training_writes_shows_that_it_began(load, tmp_path, name):
    (tmp_path / name).touch()
    assert "was interrupted: continue it with --resume" in refusal(load, tmp_path)


@LOADERS
def test_a_checkpoint_is_told_from_a_model(load, tmp_path):
    path = tmp_path / "checkpoint-000000005.safetensors"
    tensor_file.save(path, "checkpoint", {"a": torch.zeros(1)}, {})
    expected = f"{path}: a checkpoint of an unfinished training: continue it with --resume"
    assert refusal(load, path) == expected
    shutil.copy(path, tmp_path / "model.safetensors")
    assert "a checkpoint of an unfinished training" in refusal(load, tmp_path)
