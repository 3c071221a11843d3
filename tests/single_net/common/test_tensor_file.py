"""Checkpoint files: whole or not there, and never believed blindly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from encoded_text import InputError
from single_net.common import tensor_file


def test_round_trip_keeps_values_types_and_meta(tmp_path):
    tensors = {
        "a.weight": torch.randn(3, 2),
        "b": torch.arange(4),
        "c": torch.zeros(2, 3, 4, 4).to(memory_format=torch.channels_last),
    }
    tensor_file.save(tmp_path / "deep" / "x.safetensors", "model", tensors, {"steps": 3, "rate": 0.1})
    loaded, meta = tensor_file.load(tmp_path / "deep" / "x.safetensors", "model")
    assert meta == {"steps": 3, "rate": 0.1}
    assert set(loaded) == set(tensors)
    for name, value in tensors.items():
        assert torch.equal(loaded[name], value) and loaded[name].dtype == value.dtype


def test_prefixes():
    tensors = tensor_file.with_prefix("network", {"w": torch.ones(1)}) | {"loss.w": torch.zeros(1)}
    assert list(tensor_file.without_prefix("network", tensors)) == ["w"]


@pytest.mark.parametrize("size", [0, 5, 40, -7])
def test_truncated_files_are_one_clear_line(tmp_path, size):
    path = tmp_path / "x.safetensors"
    tensor_file.save(path, "model", {"a": torch.randn(100)}, {})
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(InputError, match=r"x\.safetensors") as error:
        tensor_file.load(path, "model")
    assert "\n" not in str(error.value)


def test_foreign_files_are_refused(tmp_path):
    path = tmp_path / "x.safetensors"
    path.write_bytes(b"\x80\x04\x95 a pickle, not a model" * 10)
    with pytest.raises(InputError):
        tensor_file.load(path, "model")
    save_file({"a": torch.ones(1)}, path)
    with pytest.raises(InputError, match="not a model"):
        tensor_file.load(path, "model")
    for meta in ("{", "[]", "9" * 5000, "[" * 100_000, '{"a": ' * 50_000):
        save_file({"a": torch.ones(1)}, path, metadata={"format": tensor_file.FORMATS["model"], "meta": meta})
        with pytest.raises(InputError, match=r"x\.safetensors is damaged"):
            tensor_file.load(path, "model")
    tensor_file.save(path, "model", {"a": torch.ones(1)}, {})
    with pytest.raises(InputError, match="not a checkpoint"):
        tensor_file.load(path, "checkpoint")
    with pytest.raises(InputError, match="no such"):
        tensor_file.load(tmp_path / "none", "model")


def test_a_file_of_another_kind_is_not_replaced_but_a_damaged_one_is(tmp_path):
    path = tmp_path / "x.safetensors"
    tensor_file.check_replaced(path, "model")
    tensor_file.save(path, "model", {"a": torch.ones(1)}, {})
    tensor_file.check_replaced(path, "model")
    with pytest.raises(InputError, match="is no checkpoint and is not replaced"):
        tensor_file.check_replaced(path, "checkpoint")
    whole = path.read_bytes()
    for damaged in (whole[:-3], whole[: len(whole) // 2], b""):
        path.write_bytes(damaged)
        tensor_file.check_replaced(path, "model")
    save_file({"a": torch.ones(1)}, path)
    for foreign in (path.read_bytes(), b"my notes\n", bytes(5000)):
        path.write_bytes(foreign)
        with pytest.raises(InputError, match="is no model and is not replaced"):
            tensor_file.check_replaced(path, "model")


def test_a_write_that_fails_leaves_the_older_file(tmp_path, monkeypatch):
    path = tmp_path / "x.safetensors"
    tensor_file.save(path, "model", {"a": torch.ones(1)}, {"number": 1})

    def full(file, content):
        with open(file, "wb") as half:
            half.write(content[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError) as error:
        tensor_file.save(path, "model", {"a": torch.zeros(1)}, {"number": 2})
    assert error.value.filename == str(path)
    assert tensor_file.load(path, "model")[1] == {"number": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["x.safetensors"]


def test_meta_is_json(tmp_path):
    with pytest.raises(TypeError):
        tensor_file.save(tmp_path / "x.safetensors", "model", {}, {"a": object()})
    assert not list(tmp_path.iterdir())


WRITES = """
import sys
from pathlib import Path
import torch
from single_net.common import tensor_file
while True:
    tensor_file.save(Path(sys.argv[1]) / "x.safetensors", "model", {"a": torch.ones(1 << 22)}, {})
"""


@pytest.mark.skipif(os.name != "posix", reason="no such signal elsewhere")
@pytest.mark.slow
def test_a_killed_process_leaves_no_file_that_the_next_one_does_not_clear(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", WRITES, tmp_path])
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".*")):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()
    left = {path.name for path in tmp_path.iterdir()} - {"x.safetensors"}
    assert all(name.startswith(".x.safetensors.") and name.endswith(".part.safetensors") for name in left), left
    for path in tmp_path.glob(".*"):
        os.utime(path, (1, 1))
    tensor_file.save(tmp_path / "x.safetensors", "model", {"a": torch.ones(1)}, {})
    assert [path.name for path in tmp_path.iterdir()] == ["x.safetensors"]
