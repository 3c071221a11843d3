"""The whole check on a CPU, with the packages of a machine on which nothing can be installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from blocked_packages import THERE, WHEELS, hook
from shapes import write_shapes

from encoded_text import InputError
from experiments.gpu_check.__main__ import CheckRecord, check, parser
from experiments.gpu_check.plan import TRAININGS, encoder_file
from experiments.gpu_check.weights import join
from single_net.common import provenance
from single_net.config import EncoderConfig
from single_net.data.dataset import SPLITS, Packing
from single_net.data.load import load_dataset
from single_net.data.pack import pack
from single_net.inference.model import Model
from single_net.models.build import encoder_layout
from single_net.training.targets import fit_encoder

ROOT = Path(__file__).resolve().parents[3]
STANDARD, SECOND = TRAININGS[:2]


@pytest.fixture
def files(tmp_path):
    """Packed data called Flickr8k, and the encoder of config-standard."""
    folder = tmp_path / "files"
    shapes = write_shapes(tmp_path / "shapes", {"train": 8, "val": 4, "test": 4})
    data = {split: replace(load_dataset("table", shapes, split), name="flickr8k") for split in SPLITS}
    pack(list(data.values()), folder / "flickr8k.zip", Packing(90, "WebP", 80))
    settings = EncoderConfig()
    encoder = fit_encoder(data["train"].flat_captions, settings, encoder_layout(settings, 96), seed=0)
    encoder.save(encoder_file(STANDARD, folder))
    return folder


@pytest.mark.parametrize("seconds", ["nan", "-5", "0", "inf"])
def test_a_time_that_is_none_is_refused(tmp_path, seconds):
    args = parser().parse_args(
        ["--seconds", seconds, "--to", str(tmp_path / "a"), "--runs-folder", str(tmp_path / "b")]
    )
    with pytest.raises(InputError, match=rf"--seconds is {float(seconds)}: give a number above 0"):
        check(args, torch.device("cpu"))
    assert not (tmp_path / "a").exists()


@pytest.mark.slow
def test_without_a_gpu_everything_runs_small_and_leaves_its_results(files, tmp_path):
    (tmp_path / "hook").mkdir()
    hidden = hook(tmp_path / "hook", [*THERE, *WHEELS])
    to, runs = tmp_path / "found", tmp_path / "runs"
    words = [sys.executable, "-m", "experiments.gpu_check", "--seconds", "600", "--to", to, "--files", files]
    words += ["--runs-folder", runs, "--runs", STANDARD.name, SECOND.name]
    variables = {name: value for name, value in os.environ.items() if not name.endswith("_ROOT")}
    variables |= hidden | {"CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(list(map(str, words)), cwd=ROOT, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    record = json.loads((to / "check.json").read_text())
    assert record["small"] and record["tests"]["failed"] == 0 and record["tests"]["skipped"] > 0
    assert set(record["speed"]["lines"]) == {"training-96-45", "embedding-160", "evaluation"}
    assert record["trainings"][STANDARD.name]["outcome"] == "done", done.stdout + done.stderr
    assert "no gensim to fit an encoder" in record["trainings"][SECOND.name]["outcome"]
    kept = to / STANDARD.name
    assert {"log.csv", "curves.png"} <= {path.name for path in kept.iterdir()}
    of_run = json.loads((kept / f"{STANDARD.name}.json").read_text())
    assert of_run["training_data"]["packing"] == {"size": 90, "format": "WebP", "quality": 80}
    assert "gensim" not in of_run["versions"] and of_run["encoder"]["captions"] == 40
    join(kept, tmp_path / "again" / "model.safetensors")
    assert Model.load(tmp_path / "again", torch.device("cpu")).config.variant == "config-standard"
    assert "the numbers mean nothing" in (to / "check.md").read_text()


def test_a_second_call_keeps_the_parts_that_it_does_not_repeat(tmp_path, monkeypatch):
    cpu = torch.device("cpu")
    states = iter([{"commit": "first"}, {"commit": "second"}, {"commit": "third"}])
    monkeypatch.setattr(provenance, "git_state", lambda: next(states))
    first = CheckRecord(tmp_path, cpu)
    first.note("tests", {"passed": 3, "failed": 0, "skipped": 0, "failures": []})
    numbers = dict.fromkeys(("samples", "samples_per_second", "seconds", "memory_gib"), 1.0)
    done = {"outcome": "done", "result": numbers | {"recall": {"one": {"1": 1.0}, "other": {"1": 1.0}}}, "seconds": 3}
    first.note_training("a", done)
    second = CheckRecord(tmp_path, cpu)
    second.note_training("a", {"outcome": "not begun"})
    second.note_training("b", {"outcome": "not begun"})
    record = json.loads((tmp_path / "check.json").read_text())
    assert record["tests"]["passed"] == 3 and set(record["trainings"]) == {"a", "b"}
    assert record["trainings"]["a"] == done | {"git": {"commit": "first"}}
    assert record["trainings"]["b"]["git"] == {"commit": "second"}
    record["device"] = "another"
    (tmp_path / "check.json").write_text(json.dumps(record))
    assert "tests" not in CheckRecord(tmp_path, cpu).data
