"""A model in parts and whole again."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import save as serialize

from encoded_text.common.errors import InputError
from experiments.gpu_check.weights import FORMAT, LIMIT, join, split
from single_net.common import tensor_file
from single_net.inference.model import Model


def test_a_joined_model_is_the_model_to_the_precision_of_float16(untrained_run, tmp_path):
    parts = split(untrained_run / "model.safetensors", tmp_path)
    assert len(parts) == 3 and all(path.stat().st_size < 16 << 20 for path in parts)
    join(tmp_path, tmp_path / "model.safetensors")
    before, after = (Model.load(folder, torch.device("cpu")) for folder in (untrained_run, tmp_path))
    for (name, one), other in zip(
        before.network.state_dict().items(), after.network.state_dict().values(), strict=True
    ):
        if one.ndim > 1:
            assert torch.equal(one.half().float(), other), name
        else:
            assert torch.equal(one, other), name
    assert after.config == before.config and after.meta["weights"] == "float16, stored in parts"


def model(path, **tensors):
    tensor_file.save(path, "model", tensors, {"a": 1})
    return path


def test_parts_hold_at_most_the_limit_and_only_weights_lose_precision(tmp_path):
    values = {f"network.{i}": torch.full((10, 10), 1 / 3) for i in range(5)}
    values |= {"network.var": torch.tensor([1e9]), "other.matrix": torch.full((2, 2), 1 / 3)}
    parts = split(model(tmp_path / "model.safetensors", **values), tmp_path / "parts", limit=450)
    assert [path.name for path in parts] == [f"weights-{i}-of-3.safetensors" for i in (1, 2, 3)]
    join(tmp_path / "parts", tmp_path / "again.safetensors")
    found, meta = tensor_file.load(tmp_path / "again.safetensors", "model")
    assert meta == {"a": 1, "weights": "float16, stored in parts"}
    assert found["network.var"].item() == 1e9 and torch.equal(found["other.matrix"], values["other.matrix"])
    assert torch.equal(found["network.3"], values["network.3"].half().float())
    assert LIMIT < 16 << 20


def test_missing_and_foreign_parts_are_named(tmp_path):
    with pytest.raises(InputError, match="parts of the model are missing: found none"):
        join(tmp_path, tmp_path / "model")
    values = {f"network.{i}": torch.ones(10, 10) for i in range(3)}
    parts = split(model(tmp_path / "model.safetensors", **values), tmp_path / "parts", limit=250)
    parts[1].unlink()
    with pytest.raises(InputError, match="missing: found 1 of 3, 3 of 3"):
        join(tmp_path / "parts", tmp_path / "model")
    parts[1].write_bytes(b"no tensors")
    with pytest.raises(InputError, match=r"weights-2-of-3.safetensors: damaged"):
        join(tmp_path / "parts", tmp_path / "model")
    tensor_file.save(parts[1], "model", values, {})
    with pytest.raises(InputError, match="no part of a model"):
        join(tmp_path / "parts", tmp_path / "model")


def test_a_model_is_not_joined_over_its_parts(tmp_path):
    parts = split(model(tmp_path / "model.safetensors", **{"network.0": torch.ones(4, 4)}), tmp_path / "parts")
    before = parts[0].read_bytes()
    with pytest.raises(InputError, match="this command reads it"):
        join(tmp_path / "parts", parts[0])
    assert parts[0].read_bytes() == before


def test_parts_that_do_not_say_what_they_are_make_no_model(tmp_path):
    path, model_file = tmp_path / "weights-1-of-1.safetensors", tmp_path / "model.safetensors"
    part = {"format": FORMAT, "part": "1 of 1"}
    for header, why in (
        ({"format": FORMAT}, "no part of a model"),
        (part, r"weights-1-of-1\.safetensors: damaged"),
        (part | {"meta": "{"}, r"weights-1-of-1\.safetensors: damaged"),
        (part | {"meta": "3"}, r"weights-1-of-1\.safetensors: damaged"),
    ):
        path.write_bytes(serialize({"a": torch.zeros(1)}, metadata=header))
        with pytest.raises(InputError, match=why):
            join(tmp_path, model_file)
        assert not model_file.exists()
