"""A run's folder is held by one training at a time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from encoded_text import InputError
from single_net.config import RunConfig
from single_net.training.run_folder import files_read, hold_folder, require_apart

HOLD = "import sys; from pathlib import Path; from single_net.training.run_folder import hold_folder\n"
HOLD += "with hold_folder(Path(sys.argv[1])): print('held')"


def test_a_second_process_is_refused_until_the_first_lets_go(tmp_path):
    call = [sys.executable, "-c", HOLD, str(tmp_path)]
    with hold_folder(tmp_path):
        refused = subprocess.run(call, capture_output=True, text=True)
    assert "another process is training" in refused.stderr and not refused.stdout
    assert subprocess.run(call, capture_output=True, text=True).stdout == "held\n"


def test_what_a_killed_training_left_half_written_is_cleared_away(tmp_path):
    (tmp_path / ".checkpoint-000000007.safetensors.x.part.safetensors").touch()
    (tmp_path / ".model.onnx.x.part.onnx").touch()  # an export that is being written
    with hold_folder(tmp_path):
        assert [path.name for path in tmp_path.glob(".*.part*")] == [".model.onnx.x.part.onnx"]


def test_nothing_that_a_training_reads_is_replaced(tmp_path):
    """An encoder of an earlier run, a table or an image may have the name of a file that training writes."""
    files = {name: tmp_path / name for name in ("encoder.safetensors", "best.safetensors", "log.csv", "curves.png")}
    for path in files.values():
        path.touch()
    encoder, best, log, curves = map(str, files.values())
    readings = {"encoder": {"file": encoder}, "training": {"init_from": best}, "data": {"name": "table", "root": log}}
    for section, values in readings.items():
        with pytest.raises(InputError, match="this command reads it"):
            require_apart(tmp_path, RunConfig.from_dict({section: values}), [])
    with pytest.raises(InputError, match=r"curves\.png: this command reads it"):
        require_apart(tmp_path, RunConfig(), [tmp_path / "a.png", Path(curves)])
    require_apart(tmp_path, RunConfig(), [tmp_path / "a.png"])


def test_a_table_of_the_environment_and_a_teaching_file_are_not_replaced_either(tmp_path, monkeypatch):
    (tmp_path / "log.csv").touch()
    (tmp_path / "best.safetensors").touch()
    monkeypatch.setenv("TABLE_ROOT", str(tmp_path / "log.csv"))
    table = RunConfig.from_dict({"data": {"name": "table"}})
    taught = RunConfig.from_dict(
        {"teaching": {"file": str(tmp_path / "best.safetensors")}, "augmentation": {"kind": "views"}}
    )
    for config in (table, taught):
        with pytest.raises(InputError, match="this command reads it"):
            require_apart(tmp_path, config, [])
    assert files_read(table) == [tmp_path / "log.csv"]


def test_the_home_folder_of_nobody_is_a_name_like_others(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    values = {"teaching": {"file": "~nobody-of-this-name/t"}, "augmentation": {"kind": "views"}}
    assert files_read(RunConfig.from_dict(values)) == [Path("~nobody-of-this-name/t")]


def test_images_that_are_drawn_are_not_drawn_to_be_compared(tmp_path):
    class Drawn(list):
        drawn = 0

        def __getitem__(self, number):
            self.drawn += 1
            return np.zeros((4, 4, 3), np.uint8)

        def __iter__(self):
            return (self[number] for number in range(len(self)))

    (tmp_path / "curves.png").touch()
    images = Drawn(range(50))
    require_apart(tmp_path, RunConfig(), images)
    assert images.drawn <= 1
