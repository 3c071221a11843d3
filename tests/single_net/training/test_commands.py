"""python -m single_net.train and .evaluate as real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from commands import outcome, refusal

from single_net import evaluate, train
from single_net.common import tensor_file
from single_net.training import checkpoints

pytestmark = pytest.mark.slow


def test_ctrl_c_saves_and_says_how_to_go_on_then_resume_and_evaluate(root, tmp_path, monkeypatch):
    """The real commands, interrupted by a real signal."""
    path = tmp_path / "small.toml"
    settings = {"data": 'name = "table"', "network": "image_size = 75", "batch": "size = 12", "training": "epochs = 20"}
    path.write_text('variant = "small"\n' + "".join(f"[{name}]\n{line}\n" for name, line in settings.items()))
    environment = os.environ | {"TABLE_ROOT": str(root)}
    call = [sys.executable, "-m", "single_net.train", str(path), "--output", str(tmp_path / "run")]
    process = subprocess.Popen(call, env=environment, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    log = tmp_path / "run" / "log.csv"
    while (
        process.poll() is None
        and time.monotonic() < deadline
        and not (log.exists() and len(log.read_text().splitlines()) > 1)
    ):
        time.sleep(0.1)
    monkeypatch.setenv("TABLE_ROOT", str(root))
    assert process.poll() is None and log.exists(), "it did not begin within two minutes, or ended"
    assert "another process is training" in refusal(train.main, *call[3:], "--device", "cpu")
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130, said
    last = said.strip().splitlines()[-1]
    assert last.startswith("error: stopped at step") and "--resume" in last and "Traceback" not in said

    path, tensors, meta = checkpoints.load_checkpoint(tmp_path / "run")
    meta["config"]["training"]["epochs"] = (meta["training"]["steps"] + 1) / 6  # one more step is enough
    tensor_file.save(path, "checkpoint", tensors, meta)
    changed = ["--set", f"training.epochs={meta['config']['training']['epochs']!r}"]
    done = outcome(train.main, *call[3:], "--resume", *changed)
    assert done.status == 0, done.err
    assert "next: python -m single_net.evaluate" in done.out

    evaluated = outcome(evaluate.main, tmp_path / "run")
    assert evaluated.status == 0, evaluated.err
    record = json.loads((tmp_path / "run" / "test.json").read_text())
    assert record["format"] == "single-net run record 2" and record["variant"] == "small"
    assert record["dataset"]["images"] == 6 and record["dataset"]["captions"] == 30
    assert record["parameters"] == 22_793_728
    assert record["training_data"]["images"] == 12
    assert record["validation"]["dataset"]["images"] == 4
    assert record["metrics"]["sentence_to_image"]["queries"] == 30
    assert set(record["versions"]) >= {"python", "torch", "facenet-pytorch"}
    assert [call["steps"] for call in record["training"]["earlier"]] == [meta["training"]["steps"]]  # it went on
    assert record["configuration"]["network"]["image_size"] == 75


@pytest.mark.parametrize(
    "arguments, named",
    [
        (["none.toml"], "none.toml"),
        (["{config}", "--set", "batch.sise=3"], "sise"),
        (["{config}", "--data", "table", "--root", "/nowhere"], "/nowhere"),
        (["{config}", "--init-from", "/nowhere/🐱"], "/nowhere/🐱"),
    ],
)
def test_mistakes_end_in_one_line_and_status_2(tmp_path, arguments, named):
    path = tmp_path / "c.toml"
    path.write_text("[network]\nimage_size = 75\n")
    call = [argument.format(config=path) for argument in arguments]
    assert named in refusal(train.main, *call, "-o", tmp_path / "run")


def test_evaluate_without_a_run_and_with_a_broken_model(tmp_path, untrained_run):
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "model.safetensors").write_bytes((untrained_run / "model.safetensors").read_bytes()[:1000])
    for run in (tmp_path / "none", broken):
        assert str(run) in refusal(evaluate.main, run)
