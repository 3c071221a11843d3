"""What is brought to a machine where nothing can be downloaded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fake_teachers import write_teaching

from encoded_text import InputError
from experiments.gpu_check import prepare
from experiments.gpu_check.plan import SMALL, TRAININGS, encoder_file, teaching_file
from experiments.gpu_check.prepare import VIEWS, bring_teaching
from single_net.data.dataset import SPLITS, Packing
from single_net.data.load import load_dataset
from single_net.data.pack import pack
from single_net.data.teaching_file import TeachingFile

[TAUGHT] = [training for training in TRAININGS if training.name == "flickr8k-taught"]


def test_a_part_of_the_teaching_file_is_brought_where_there_is_one(shapes, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert bring_teaching(TRAININGS[0], tmp_path)
    assert not bring_teaching(TAUGHT, tmp_path) and "will be left out" in capsys.readouterr().out
    write_teaching(shapes, Path("runs/flickr8k-teaching.safetensors"), views=VIEWS + 1)
    assert bring_teaching(TAUGHT, tmp_path)
    assert TeachingFile.load(teaching_file(TAUGHT, tmp_path)).num_views == VIEWS


def test_what_was_brought_stays_until_it_can_be_replaced(shapes, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    source = Path("runs/flickr8k-teaching.safetensors")
    write_teaching(shapes, source, views=VIEWS)
    assert bring_teaching(TAUGHT, tmp_path)
    before = teaching_file(TAUGHT, tmp_path).read_bytes()
    source.write_bytes(b"damaged")
    with pytest.raises(InputError, match="flickr8k-teaching"):
        bring_teaching(TAUGHT, tmp_path)
    source.unlink()
    assert bring_teaching(TAUGHT, tmp_path) and "stays as it is" in capsys.readouterr().out
    assert teaching_file(TAUGHT, tmp_path).read_bytes() == before


def test_a_teaching_file_of_other_captions_is_not_brought_without_a_word(shapes, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FLICKR30K_ROOT", raising=False)
    monkeypatch.setattr(prepare, "TRAININGS", (replace(TAUGHT, changes=(*TAUGHT.changes, *SMALL)),))
    write_teaching(shapes, Path("runs/flickr8k-teaching.safetensors"), views=VIEWS)

    def brought() -> None:
        splits = [replace(load_dataset("table", shapes, split), name="flickr8k") for split in SPLITS]
        pack(splits, tmp_path / "flickr8k.zip", Packing(80, "WebP", 90))
        prepare.fit_encoders(tmp_path)

    brought()
    assert encoder_file(TAUGHT, tmp_path).is_file()
    table = shapes / "captions.csv"
    table.write_text(table.read_text().replace("train0.png,", "train0.png,another ", 1))
    with pytest.raises(InputError, match=r"teaching\.safetensors was made with other captions of train0"):
        brought()
    assert not encoder_file(TAUGHT, tmp_path).exists()
