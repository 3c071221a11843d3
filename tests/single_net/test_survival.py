"""Training processes that are killed: whatever the moment, the run goes on and ends with the same bits."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from shapes import write_shapes

from encoded_text import InputError
from single_net import checkpoint

CONFIG = """
row = "small"
[data]
name = "table"
[network]
image_size = 75
dropout = 0.2
[loss]
classes = "nested"
granularities = [2, 4]
contrastive_weight = 1.0
[augmentation]
kind = "config-2"
[batch]
size = 24
[training]
epochs = 2.0
schedule = "one_cycle"
checkpoint_minutes = 0.0001
"""
STEPS = 12  # two epochs of twelve pictures, two pictures a batch


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("survival")
    write_shapes(folder / "shapes", {"train": 12, "val": 4, "test": 6})
    (folder / "small.toml").write_text(CONFIG)
    return folder


def start(folder: Path, run: str, *more: str) -> subprocess.Popen:
    call = [sys.executable, "-m", "single_net.train", "small.toml", "--output", run, *more]
    environment = os.environ | {"TABLE_ROOT": str(folder / "shapes")}
    pipe = subprocess.PIPE
    return subprocess.Popen(call, cwd=folder, env=environment, stderr=pipe, stdout=pipe, text=True)


def finish(process: subprocess.Popen) -> str:
    said, complained = process.communicate(timeout=300)
    assert process.returncode == 0, complained
    return said + complained


def wait_for(process: subprocess.Popen, seen) -> None:
    deadline = time.monotonic() + 120
    while process.poll() is None and not seen():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def result(run: Path) -> tuple[dict[str, torch.Tensor], dict]:
    tensors = load_file(run / "model.safetensors")
    return tensors, checkpoint.load(run / "model.safetensors", "model")[1]["development"]["metrics"]


@pytest.fixture(scope="module")
def uninterrupted(folder) -> tuple[dict[str, torch.Tensor], dict]:
    finish(start(folder, "whole"))
    return result(folder / "whole")


def test_kill_9_at_any_moment_changes_nothing(folder, uninterrupted):
    """Three kills of one run: twice at a random moment after a checkpoint, once while a checkpoint is being written."""
    run, seed = folder / "killed", random.randrange(2**32)
    print(f"random moments from seed {seed}")
    moments = random.Random(seed)
    for kill in range(3):
        process = start(folder, "killed", *["--resume"] * (kill > 0))
        have = len(checkpoint.steps(run)) and checkpoint.steps(run)[-1]
        wait_for(process, lambda have=have: checkpoint.steps(run) and checkpoint.steps(run)[-1] != have)
        if kill == 1:
            wait_for(process, lambda: [p for p in run.glob(".checkpoint-*.part*") if p.stat().st_size > 1_000_000])
        else:
            time.sleep(moments.uniform(0, 1.5))
        assert process.poll() is None, f"seed {seed}: done before it could be killed: {process.communicate()}"
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert not (run / "model.safetensors").exists()
        assert 1 <= len(checkpoint.steps(run)) <= checkpoint.KEPT + 1  # killed before the oldest was deleted
    finish(start(folder, "killed", "--resume"))
    tensors, metrics = result(run)
    expected, expected_metrics = uninterrupted
    assert tensors.keys() == expected.keys()
    for name, value in expected.items():
        assert torch.equal(tensors[name], value), f"seed {seed}: {name}"
    assert metrics == expected_metrics
    assert not list(run.glob(".*.part*")) and not checkpoint.steps(run)
    steps = [int(line.split(",")[0]) for line in (run / "log.csv").read_text().splitlines()[1:]]
    assert steps == sorted(steps) and steps[-1] == STEPS
    assert (run / "curves.png").stat().st_size > 5000


def test_sigterm_saves_and_has_a_status_of_its_own(folder):
    run = folder / "preempted"
    process = start(folder, "preempted")
    wait_for(process, lambda: checkpoint.steps(run))
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 143, said
    assert said.strip().splitlines()[-1].startswith("error: stopped at step")
    assert "Traceback" not in said and checkpoint.steps(run)

    # The newest checkpoint is damaged: the one before is used, and the user told.
    newest = checkpoint.steps(run)[-1]
    shutil.copy(newest, run / "checkpoint-000000000.safetensors")
    newest.write_bytes(newest.read_bytes()[:100_000])
    kept = checkpoint.steps(run)[-2]
    path, _, meta = checkpoint.load_newest(run)
    assert path == kept and meta["config"]["row"] == "small"


def test_without_a_readable_checkpoint_there_is_one_line(folder):
    run = folder / "foreign"
    run.mkdir()
    (run / "checkpoint-000000003.safetensors").write_bytes(json.dumps({"not": "ours"}).encode())
    process = start(folder, "foreign", "--resume")
    _, said = process.communicate(timeout=120)
    assert process.returncode == 2
    [line] = said.strip().splitlines()
    assert line.startswith("error: ") and "checkpoint-000000003" in line


def test_checkpoints_are_rotated_and_the_newest_is_found(tmp_path):
    with pytest.raises(InputError, match="--resume"):
        checkpoint.load_newest(tmp_path)
    for step in (9, 10, 100):
        checkpoint.save_step(tmp_path, step, {"step": torch.tensor(step)}, {"step": step})
    assert [path.name for path in checkpoint.steps(tmp_path)] == [
        "checkpoint-000000010.safetensors",
        "checkpoint-000000100.safetensors",
    ]
    assert checkpoint.load_newest(tmp_path)[2] == {"step": 100}
