"""The order in which speeds are measured."""

from __future__ import annotations

import json

import pytest
import torch

from experiments.gpu_check import speed


@pytest.mark.parametrize("device", ["cuda", "cpu"])
def test_steps_are_profiled_when_all_lines_are_timed(tmp_path, monkeypatch, device):
    """The profiler stays attached and slows what follows."""
    done = []

    def timed(line, *_):
        done.append(("timed", line.kind))
        return {"kernels": None}

    def profiled(line, *_):
        done.append(("profiled", line.kind))
        return {"kernels": 3}

    monkeypatch.setattr(speed, "choose_device", lambda: torch.device(device))
    monkeypatch.setattr(speed.machine, "measure", lambda device, quick: {})
    monkeypatch.setattr(speed, "measure", timed)
    monkeypatch.setattr(speed, "profile_training", profiled)
    lines = ["training-96-45", "embedding-160", "training-160-96"]
    monkeypatch.setattr("sys.argv", ["speed", "-o", str(tmp_path / "speed.json"), "--lines", *lines])
    speed._main()
    kinds = ["training", "embedding", "training"]
    on_gpu = device == "cuda"
    assert done == [("timed", kind) for kind in kinds] + on_gpu * [("profiled", "training")] * 2
    found = json.loads((tmp_path / "speed.json").read_text())["lines"]
    assert [line["kernels"] for line in found.values()] == ([3, None, 3] if on_gpu else [None] * 3)
