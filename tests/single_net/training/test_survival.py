"""Training processes that are killed: whatever the moment, the run goes on and ends with the same bits."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from commands import outcome, refusal
from in_turn import script
from safetensors.torch import load_file
from shapes import write_shapes

from encoded_text import InputError
from single_net import train
from single_net.common import distributed, tensor_file
from single_net.inference.run_files import checkpoint_files
from single_net.training import checkpoints

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("shallow_backbone")]

CONFIG = """
variant = "small"
[data]
name = "table"
[network]
image_size = 75
[loss]
classes = "clusters"
granularities = [2, 4]
contrastive_weight = 1.0
[augmentation]
kind = "pair"
min_crop = 0.5
color = 0.2
word_dropout = 0.2
[batch]
size = 4
counts = "images"
[training]
epochs = 2.0
schedule = "one_cycle"
checkpoint_minutes = 0.0001
evaluations = 2
"""
STEPS = 6  # twelve images, four images a batch


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("survival")
    write_shapes(folder / "shapes", {"train": 12, "val": 4, "test": 6})
    (folder / "small.toml").write_text(CONFIG)
    return folder


def start(folder: Path, run: str, *more: str) -> subprocess.Popen:
    call = [sys.executable, *script(["single_net.train", "small.toml", "--output", run, *more])]
    # On the CPU also where there is a GPU: there sums have no fixed order.
    environment = os.environ | {"TABLE_ROOT": str(folder / "shapes"), "CUDA_VISIBLE_DEVICES": ""}
    pipe = subprocess.PIPE
    return subprocess.Popen(call, cwd=folder, env=environment, stderr=pipe, stdout=pipe, text=True)


def wait_for(process: subprocess.Popen, seen) -> None:
    deadline = time.monotonic() + 600
    while process.poll() is None and not seen():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def result(run: Path) -> tuple[dict[str, torch.Tensor], dict, list]:
    """Weights, scores, and all scores during training."""
    meta = tensor_file.load(run / "model.safetensors", "model")[1]
    return load_file(run / "model.safetensors"), meta["validation"]["metrics"], meta["history"]


def half_written(run: Path) -> int:
    """Bytes of the checkpoint that is being written."""
    sizes = [0]
    for path in run.glob(".checkpoint-*.part*"):
        with contextlib.suppress(FileNotFoundError):  # whole by now, and renamed
            sizes.append(path.stat().st_size)
    return max(sizes)


def newest_step(run: Path) -> int:
    """0 where there is no checkpoint."""
    return max((int(path.stem.rpartition("-")[2]) for path in checkpoint_files(run)), default=0)


def train_here(folder: Path, run: str, *more: str) -> None:
    """As `start`, in this process and to the end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TABLE_ROOT", str(folder / "shapes"))
        done = outcome(train.main, folder / "small.toml", "--output", folder / run, "--device", "cpu", *more)
    assert done.status == 0, done.err


@pytest.fixture(scope="module")
def uninterrupted(folder, shallow_backbone) -> tuple[dict[str, torch.Tensor], dict, list]:
    train_here(folder, "whole", "--set", "training.checkpoint_minutes=10")  # that changes no result
    return result(folder / "whole")


def test_kill_9_at_any_moment_changes_nothing(folder, uninterrupted):
    """Two kills of one run: at a random moment after a checkpoint, and while a checkpoint is being written."""
    run, seed = folder / "killed", random.randrange(2**32)
    print(f"random moments from seed {seed}")
    moments = random.Random(seed)
    for kill in range(2):
        process = start(folder, "killed", "--resume")  # the first time there is nothing to resume
        try:
            past = newest_step(run) + (moments.randrange(2) if kill == 0 else 0)
            wait_for(process, lambda past=past: newest_step(run) > past)
            if kill == 1:
                wait_for(process, lambda: half_written(run) > 1_000_000)
            else:
                time.sleep(moments.uniform(0, 0.1))
            assert process.poll() is None, f"seed {seed}: done before it could be killed: {process.communicate()}"
        finally:
            process.kill()
            process.communicate()
        assert not (run / "model.safetensors").exists()
        assert 1 <= len(checkpoint_files(run)) <= checkpoints.KEPT + 1  # killed before the oldest was deleted
    train_here(folder, "killed", "--resume")
    tensors, metrics, history = result(run)
    expected, expected_metrics, expected_history = uninterrupted
    assert tensors.keys() == expected.keys()
    for name, value in expected.items():
        assert torch.equal(tensors[name], value), f"seed {seed}: {name}"
    assert metrics == expected_metrics and history == expected_history
    assert [scores["step"] for scores in history] == [3, STEPS]
    best, whole = (folder / name / "best.safetensors" for name in ("killed", "whole"))
    assert best.exists() == whole.exists() == (history[0]["rsum"] > history[1]["rsum"])
    if whole.exists():
        ours, theirs = load_file(best), load_file(whole)
        assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    calls = tensor_file.load(run / "model.safetensors", "model")[1]["training"]["earlier"]
    assert len(calls) == 2 and 0 < calls[0]["steps"] < calls[1]["steps"]  # it went on, and did not begin anew
    assert not list(run.glob(".*.part*")) and not checkpoint_files(run)
    with open(run / "log.csv", newline="") as file:
        rows = [(int(row["step"]), bool(row["val_rsum"])) for row in csv.DictReader(file)]
    assert rows == sorted(set(rows)) and [step for step, scored in rows if scored] == [3, STEPS]
    assert (run / "curves.png").stat().st_size > 5000


def test_without_a_readable_checkpoint_there_is_one_line(folder, monkeypatch):
    run = folder / "foreign"
    run.mkdir()
    (run / "checkpoint-000000003.safetensors").write_bytes(json.dumps({"not": "ours"}).encode())
    monkeypatch.setenv("TABLE_ROOT", str(folder / "shapes"))
    call = (folder / "small.toml", "--output", run, "--resume", "--device", "cpu")
    assert "checkpoint-000000003" in refusal(train.main, *call)


def test_checkpoints_are_rotated_and_the_newest_is_found(tmp_path):
    with pytest.raises(InputError, match="no checkpoint"):
        checkpoints.load_checkpoint(tmp_path)
    for step in (9, 10, 100):
        done = {"steps": step, "samples": 0, "seconds": 0.0, "wall_seconds": 0.0}
        meta = {"config": {}, "training": done, "history": [], "training_data": {"sha256": {}}}
        checkpoints.save_checkpoint(tmp_path, step, {"step": torch.tensor(step)}, meta)
    assert [path.name for path in checkpoint_files(tmp_path)] == [
        "checkpoint-000000010.safetensors",
        "checkpoint-000000100.safetensors",
    ]
    assert checkpoints.load_checkpoint(tmp_path).meta["training"]["steps"] == 100


def test_a_damaged_checkpoint_is_reported_and_not_counted_among_those_kept(tmp_path, capsys):
    def save(step: int) -> None:
        done = {"steps": step, "samples": 0, "seconds": 0.0, "wall_seconds": 0.0}
        meta = {"config": {}, "training": done, "history": [], "training_data": {"sha256": {}}}
        checkpoints.save_checkpoint(tmp_path, step, {"step": torch.tensor(step)}, meta)

    save(9)
    save(10)
    newest = checkpoint_files(tmp_path)[-1]
    newest.write_bytes(newest.read_bytes()[:-9])
    loaded = checkpoints.load_checkpoint(tmp_path)
    said = capsys.readouterr().err
    assert loaded.meta["training"]["steps"] == 9 and newest.name in said and "trying the one before" in said
    checkpoints.set_aside_newer(tmp_path, loaded)
    assert newest.with_suffix(".damaged").exists()
    save(11)
    assert [int(path.stem[-9:]) for path in checkpoint_files(tmp_path)] == [9, 11]
    checkpoints.remove(tmp_path)
    assert not list(tmp_path.iterdir())


def test_of_several_processes_one_tells_of_a_damaged_checkpoint(tmp_path, monkeypatch, capsys):
    for step in (9, 10):
        (tmp_path / f"checkpoint-{step:09d}.safetensors").touch()
    monkeypatch.setattr(distributed, "rank", lambda: 1)
    with pytest.raises(InputError):
        checkpoints.load_checkpoint(tmp_path)
    assert capsys.readouterr().err == ""
