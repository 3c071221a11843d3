"""python -m single_net.tsne: which run is taken."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from single_net.tsne import __main__


def test_without_a_run_the_newest_is_taken_or_one_line_says_how_to_make_one(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    command = [sys.executable, "-m", "single_net.tsne"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "make reproduce-table1" in done.stderr
    for age, name in ((30, "older"), (10, "newest"), (20, "old")):
        model = tmp_path / "runs" / name / "model.safetensors"
        model.parent.mkdir(parents=True)
        model.touch()
        os.utime(model, (1e9 - age, 1e9 - age))
    monkeypatch.chdir(tmp_path)
    assert __main__.newest_run() == Path("runs/newest")
