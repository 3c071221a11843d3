"""What is brought to a machine where nothing can be downloaded."""

from __future__ import annotations

from pathlib import Path

from fake_teachers import write_teaching

from experiments.gpu_check.plan import TRAININGS, teaching_file
from experiments.gpu_check.prepare import VIEWS, bring_teaching
from single_net.data.teaching_file import TeachingFile


def test_a_part_of_the_teaching_file_is_brought_where_there_is_one(shapes, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    [taught] = [training for training in TRAININGS if training.name == "flickr8k-taught"]
    assert bring_teaching(TRAININGS[0], tmp_path)
    assert not bring_teaching(taught, tmp_path) and "will be left out" in capsys.readouterr().out
    write_teaching(shapes, Path("runs/flickr8k-teaching.safetensors"), views=VIEWS + 1)
    assert bring_teaching(taught, tmp_path)
    assert TeachingFile.load(teaching_file(taught, tmp_path)).num_views == VIEWS
