"""The check runs where only some packages are installed and the wheels beside it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from blocked_packages import GPU_CHECK_WHEELS, THERE, WHEELS, closure, hook

ROOT = Path(__file__).resolve().parents[3]
IMPORTED = (
    *("single_net", "single_net.train", "single_net.training.loop", "single_net.training.run_log"),
    *("single_net.evaluate", "single_net.evaluation.protocol", "single_net.evaluation.record"),
    *("single_net.losses.targets", "single_net.data.load", "single_net.data.scenes", "single_net.inference.model"),
    *("experiments.gpu_check.__main__", "experiments.gpu_check.speed", "experiments.gpu_check.weights"),
    *("scipy.stats", "sklearn.cluster", "matplotlib.pyplot"),
)

ASKED = (
    "assert 'gensim' not in sys.modules",
    "from single_net.common.provenance import versions; assert {'torch', 'gensim'} & set(versions()) == {'torch'}",
)


def test_the_wheels_hold_everything_that_they_need():
    names = {name.lower() for name in WHEELS}
    assert closure(WHEELS) - closure(THERE) <= names


def test_their_versions_are_those_that_the_project_needs():
    needed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"])
    asked = {
        line
        for line in GPU_CHECK_WHEELS.read_text().splitlines()
        if re.search("[=>]", line) and not line.startswith("#")
    }
    assert asked - needed == {"tabulate>=0.9"} and len(asked) == 6


@pytest.mark.slow
@pytest.mark.parametrize("missing, without", [("", []), ("pydantic", ["pydantic", "pydantic-core"])])
def test_training_evaluation_and_check_are_imported_without_other_packages(tmp_path, missing, without):
    variables = hook(tmp_path, [name for name in (*THERE, *WHEELS) if name not in without])
    code = "\n".join(["import sys", *(f"import {name}" for name in IMPORTED), *ASKED])
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=os.environ | variables, capture_output=True, text=True
    )
    assert (missing in done.stderr and done.returncode == 1) if missing else done.returncode == 0, done.stderr


def test_what_is_hidden_is_missing(tmp_path):
    variables = hook(tmp_path, [*THERE, *WHEELS])
    for name in ("gensim", "tensorboard", "hypothesis"):
        done = subprocess.run(
            [sys.executable, "-c", f"import {name}"], env=os.environ | variables, capture_output=True, text=True
        )
        assert f"No module named {name!r}" in done.stderr
