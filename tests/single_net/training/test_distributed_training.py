"""Two processes (gloo, on the CPU) train and evaluate as one does."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from commands import outcome
from in_turn import MARK, script
from shapes import write_shapes

from encoded_text.common.errors import Interrupted
from single_net import evaluate
from single_net.common import signals
from single_net.config import load_config
from single_net.data.load import load_dataset
from single_net.inference.model import Model
from single_net.training import loop

pytestmark = pytest.mark.slow

CONFIG = """
variant = "small"
[data]
name = "table"
[network]
image_size = 75
captions = "{captions}"
[loss]
classes = "clusters"
granularities = [2, 12]
center_weight = 0.01
contrastive_weight = 1.0
contrastive_start = 0.0
[augmentation]
kind = "{kind}"
[batch]
size = 25
[training]
epochs = 1.34
learning_rate = 1e-5
"""
# Two processes add in another order, and batch norm over few values makes more of that: seen, 1e-3 of the loss.
TOLERANCE = 5e-3
SHORT = "training.epochs=0.4"  # of the two towers: with statistics of so few values differences grow fast


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("processes")
    write_shapes(folder / "shapes", {"train": 13, "val": 5, "test": 7})
    for captions, kind in (("shared", "config-standard"), ("inception", "config-2")):
        (folder / f"{captions}.toml").write_text(CONFIG.format(captions=captions, kind=kind))
    return folder


def train_alone(folder: Path, captions: str, run: str, *more: str) -> None:
    changes = [f"data.root={str(folder / 'shapes')!r}", *more]
    loop.train(load_config(folder / f"{captions}.toml", changes), folder / run, device=torch.device("cpu"))


def in_two_processes(folder: Path, *commands: list[str]) -> tuple[list[str], str]:
    """Call commands one after another in the same two processes, of which only the last fails; what each printed, and
    what was complained."""
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    environment = os.environ | {"TABLE_ROOT": str(folder / "shapes"), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*launcher, *script(*([*command, "--device", "cpu"] for command in commands))],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    said = done.stdout.split(MARK)[1:]
    assert len(said) == len(commands) and done.returncode != 0, done.stderr
    return said, done.stderr


def losses(run: Path) -> list[float]:
    """By part, of the first and of the last step."""
    with open(run / "log.csv", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["loss"]]
    return [float(row[part]) for row in (rows[0], rows[-1]) for part in ("loss", "softmax", "center", "contrastive")]


def embedded(folder: Path, run: str) -> np.ndarray:
    captions = load_dataset("table", folder / "shapes", "test").flat_captions
    return Model.load(folder / run, torch.device("cpu")).embed_captions(captions)


def assert_same_training(folder: Path, run: str, reference: str) -> None:
    assert losses(folder / run) == pytest.approx(losses(folder / reference), rel=TOLERANCE)
    ours, theirs = embedded(folder, run), embedded(folder, reference)
    spread = np.linalg.norm(theirs - theirs.mean(axis=0), axis=1).mean()
    # Seen: 0.02 by rounding alone, 0.3 where each process keeps statistics of its own.
    assert np.linalg.norm(ours - theirs, axis=1).mean() < 0.05 * spread


class StopAtThree(signals.StopSignal):
    looks = 0

    @property
    def received(self) -> int:
        self.looks += 1
        return signal.SIGTERM if self.looks == 3 else 0

    @received.setter
    def received(self, value: int) -> None:
        pass


@pytest.fixture(scope="module")
def said(folder, shallow_backbone) -> dict[str, str]:
    """Trains everything: by one process what is compared with, then by two. What the two printed, by command."""
    train_alone(folder, "shared", "alone")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "StopSignal", StopAtThree)
        with pytest.raises(Interrupted, match="step 3 of 4") as stopped:
            train_alone(folder, "shared", "begun")
    assert stopped.value.number == signal.SIGTERM
    train_alone(folder, "inception", "alone-two-towers", SHORT)
    train = ["single_net.train", "shared.toml", "--output"]
    commands = {
        "train": [*train, "together"],
        "resume": [*train, "begun", "--resume"],
        "two towers": ["single_net.train", "inception.toml", "--output", "together-two-towers", "--set", SHORT],
        "apart": [*train, "apart", "--set", "training.sync_batchnorm=false", "--set", "training.epochs=0.34"],
        "evaluate": ["single_net.evaluate", "together"],  # late: it does not wait for the model to be written
        "mistake": [*train, "none", "--root", "/nowhere"],  # ends both processes
    }
    printed, complained = in_two_processes(folder, *commands.values())
    return dict(zip(commands, printed, strict=True)) | {"complained": complained}


def test_the_same_batches_give_the_same_training_and_one_record(folder, said):
    assert said["train"].count("trained 4 steps") == 1  # one of them speaks
    assert_same_training(folder, "together", "alone")
    meta = Model.load(folder / "together", torch.device("cpu")).meta
    assert meta["training"]["processes"] == 2 and meta["training"]["samples"] == 4 * 24

    assert said["evaluate"].count("record:") == 1
    record = json.loads((folder / "together" / "test.json").read_text())
    assert record["metrics"]["sentence_to_image"]["queries"] == 35
    alone = folder / "alone.json"
    call = (folder / "together", "--record", alone, "--device", "cpu", "--root", folder / "shapes")
    assert outcome(evaluate.main, *call).status == 0
    by_one = json.loads(alone.read_text())
    assert record["metrics"]["rsum"] == pytest.approx(by_one["metrics"]["rsum"], abs=20)
    assert record["metrics"]["extra"]["modality_gap"] == pytest.approx(
        by_one["metrics"]["extra"]["modality_gap"], rel=1e-4
    )


def test_two_processes_go_on_with_what_one_began(folder, said):
    assert "trained 4 steps" in said["resume"]
    [call] = Model.load(folder / "begun", torch.device("cpu")).meta["training"]["earlier"]
    assert (call["steps"], call["processes"]) == (3, 1)  # begun anew it would end alike
    assert_same_training(folder, "begun", "alone")


def test_two_towers_and_another_augmentation(folder, said):
    assert said["two towers"].count("trained 2 steps") == 1
    assert_same_training(folder, "together-two-towers", "alone-two-towers")


def test_without_synchronized_statistics_it_is_another_training(folder, said):
    assert "trained 1 steps" in said["apart"]
    # Of the first step; rounding alone moves it by less than TOLERANCE, see above.
    assert losses(folder / "apart")[:4] != pytest.approx(losses(folder / "alone")[:4], rel=TOLERANCE)


def test_a_mistake_is_told_and_both_processes_end(said):
    assert "/nowhere" in said["complained"] and "exitcode  : 2" in said["complained"]
