"""Which data and which configuration a make target takes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from encoded_text import InputError
from experiments import reproduce


@pytest.fixture(autouse=True)
def no_roots(monkeypatch):
    for name in ("COCO", "FLICKR30K", "FLICKR8K"):
        monkeypatch.delenv(f"{name}_ROOT", raising=False)


def test_the_tables_own_data_where_there_is_some_else_the_scenes(monkeypatch):
    assert reproduce.choose_data("table1", None) == ("scenes",)
    assert reproduce.choose_data("figure3", None) == ("scenes",)
    monkeypatch.setenv("COCO_ROOT", "/data/coco")
    assert reproduce.choose_data("table1", None) == ("coco",)
    assert reproduce.choose_data("table2", None) == ("scenes",)
    assert reproduce.choose_data("table2", ["flickr8k"]) == ("flickr8k",)
    monkeypatch.setenv("FLICKR30K_ROOT", "/data/flickr30k")
    assert reproduce.choose_data("figure3", None) == ("flickr30k", "coco")
    assert reproduce.choose_data("table3", None) == ("coco",)
    with pytest.raises(InputError, match="one data set"):
        reproduce.choose_data("table3", ["scenes", "flickr8k"])
    with pytest.raises(InputError, match="FLICKR8K_ROOT"):
        reproduce.choose_data("flickr8k", None)


def test_our_row_of_flickr8k_is_trained_with_three_seeds():
    runs = reproduce.runs_of("flickr8k", reproduce.ROWS)
    assert runs == [("config_standard", 0), ("config_2", 0), ("nested", 0), ("nested", 1), ("nested", 2)]
    assert reproduce.runs_of("flickr8k", ["nested"], [4]) == [("nested", 4)]
    assert reproduce.runs_of("twin", ["nested", "twin-lstm"]) == [("nested", 0), ("twin-lstm", 0)]


def test_every_data_set_has_a_configuration():
    assert reproduce.config_file("scenes", "nested").name == "scenes_nested.toml"
    assert reproduce.config_file("karpathy", "config_2").name == "flickr30k_config_2.toml"
    for data in reproduce.DATASETS:
        for row in reproduce.ROWS:
            assert reproduce.config_file(data, row).is_file()


def test_it_trains_evaluates_and_makes_the_table_and_can_be_called_again(shapes, tmp_path, monkeypatch):
    """The real commands, on a tiny data set, in an empty folder."""
    checkout = Path(__file__).parents[2]
    monkeypatch.setenv("TABLE_ROOT", str(shapes))
    monkeypatch.setenv("PYTHONPATH", str(checkout))
    (tmp_path / "README.md").write_text("<!-- begin generated: table2 -->\n<!-- end generated: table2 -->\n")
    call = [sys.executable, "-m", "experiments.reproduce", "table2", "--data", "table", "--rows", "config_standard"]
    small = ["network.image_size=75", "training.epochs=1", "batch.size=12", "encoder.min_count=1"]
    call += [word for change in small for word in ("--set", change)]
    done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    record = json.loads((tmp_path / "results/records/table2/table-config-standard.json").read_text())
    assert record["dataset"]["name"] == "table" and record["table"] == "table2"
    recall = record["metrics"]["image_to_sentence"]["recall"]["10"]
    row = next(line for line in (tmp_path / "results/table2.md").read_text().splitlines() if "Single-Net" in line)
    assert f" {recall:.1f} " in row
    assert row in done.stdout
    assert row in (tmp_path / "README.md").read_text()
    again = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True)
    assert again.returncode == 0 and "is trained already" in again.stdout
    seeded = subprocess.run([*call, "--seeds", "0", "1"], cwd=tmp_path, capture_output=True, text=True)
    assert seeded.returncode == 0, seeded.stderr
    assert json.loads((tmp_path / "results/records/table2/table-config-standard-seed1.json").read_text())["seed"] == 1
    assert "Single-Net (config-standard), 2 runs" in (tmp_path / "results/table2.md").read_text()
    other = subprocess.run([*call, "--set", "batch.size=6"], cwd=tmp_path, capture_output=True, text=True)
    assert other.returncode == 2 and "other settings" in other.stderr and other.stderr.count("\n") == 1


def test_what_would_stop_the_last_row_stops_the_first(shapes, tmp_path, monkeypatch):
    monkeypatch.setenv("TABLE_ROOT", str(shapes))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="12 training pictures"):
        reproduce.reproduce("table2", "table", reproduce.runs_of("table2", reproduce.ROWS), [])
    assert not (tmp_path / "runs").exists()


def test_further_captions_that_are_missing_stop_the_first_row_too(shapes, monkeypatch):
    monkeypatch.setenv("TABLE_ROOT", str(shapes))
    small = ["loss.granularities=[2,4]", "encoder.more_captions=flickr30k"]
    with pytest.raises(InputError, match=r"FLICKR30K_ROOT.*--set encoder\.more_captions="):
        reproduce.check("table", [("nested", 0)], small)
    reproduce.check("table", [("nested", 0)], [*small, "encoder.more_captions="])


def test_a_row_that_fails_stops_with_its_own_line(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    call = [sys.executable, "-m", "experiments.reproduce", "table1", "--data", "coco"]
    done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    [line] = done.stderr.strip().splitlines()
    assert line.startswith("error: ") and "COCO_ROOT" in line
    assert not (tmp_path / "results").exists()
