"""python -m single_net.tsne: which run is taken."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from commands import refusal

from single_net.inference.model import Model
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


def test_nothing_that_is_read_is_replaced_and_places_are_checked_before_the_work(untrained_run, tmp_path, monkeypatch):
    shutil.copytree(Model.load(untrained_run).config.data.root, tmp_path / "data")
    monkeypatch.setattr(Model, "embed_images", None)  # the work is not begun
    asked = [untrained_run, "--root", tmp_path / "data", "--interactive", "-o"]
    image = tmp_path / "data" / "test1.png"
    before = image.read_bytes()
    assert "test1.png: this command reads it" in refusal(__main__.main, *asked, image)
    assert image.read_bytes() == before
    assert "ends in .png" in refusal(__main__.main, *asked, tmp_path / "map.svg")
    (tmp_path / "map.html").mkdir()
    assert "map.html is no ordinary file" in refusal(__main__.main, *asked, tmp_path / "map.png")
