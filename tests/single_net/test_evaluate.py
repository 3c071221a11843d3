"""python -m single_net.evaluate: where the record goes, and in which order things happen."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from commands import outcome, refusal
from finished_runs import finished_model
from shapes import write_shapes

from single_net import evaluate
from single_net.evaluation import record
from single_net.inference.model import Model


@pytest.fixture(scope="module")
def run(untrained_run, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "small"
    finished_model(untrained_run).save(folder / "model.safetensors")
    return folder


def test_scores_are_printed_and_recorded_with_what_is_to_be_known_about_them(run):
    status, out, err = outcome(evaluate.main, run)
    assert status == 0, err
    found = json.loads((run / "test.json").read_text())
    assert found["format"] == record.FORMAT
    lines = out.splitlines()
    # Shapes come in four colors: most captions of the 12 test images stand at several of them.
    assert "the first 12" not in lines[0] and lines[0].endswith(
        "12 images, 60 of their 61 captions (the first five of each)"
    )
    assert f"{found['shared_captions']['captions']} of 60 captions are encoded like one of another image" in out
    assert "random order" in out and f"{found['coverage']['test']['unknown_words']} of " in out
    assert lines[-1] == f"record: {run / 'test.json'}"
    assert outcome(evaluate.main, run).status == 0  # over a record a record is written


def test_the_record_replaces_nothing_else_and_its_place_is_checked_before_the_work(run, tmp_path, monkeypatch):
    monkeypatch.setattr(Model, "embed_images", None)  # the work is not begun
    model = (run / "model.safetensors").read_bytes()
    (tmp_path / "notes.json").write_text("{}")
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "null.json").symlink_to("/dev/null")
    for path, why in (
        (run / "model.safetensors", "name a file that ends in .json"),
        (tmp_path / "scores.csv", "name a file that ends in .json"),
        (tmp_path / "notes.json", "no run record and is not replaced"),
        (tmp_path / "folder.json", "no ordinary file"),
        (tmp_path / "notes.json" / "x.json", "is a file"),
        (tmp_path / "null.json", "no ordinary file"),
    ):
        assert why in refusal(evaluate.main, run, "--record", path)
    assert (run / "model.safetensors").read_bytes() == model


def test_the_record_of_other_data_in_the_same_place_is_not_replaced(run, tmp_path, monkeypatch):
    if not (run / "test.json").exists():  # of the first test
        assert outcome(evaluate.main, run).status == 0
    own = json.loads((run / "test.json").read_text())
    other = write_shapes(tmp_path / "other", {"train": 4, "val": 3, "test": 9})
    with monkeypatch.context() as patch:
        patch.setattr(Model, "embed_images", None)  # the work is not begun
        assert "record of other data and is not replaced" in refusal(evaluate.main, run, "--root", other)
    assert json.loads((run / "test.json").read_text()) == own
    assert outcome(evaluate.main, run, "--root", other, "--record", tmp_path / "other.json").status == 0
    assert outcome(evaluate.main, run, "--root", own_root(run)).status == 0  # the same data


def own_root(run: Path) -> str:
    return Model.load(run).config.data.root


def test_a_record_that_cannot_be_written_leaves_the_scores_on_the_terminal(run, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device", "x.json")

    monkeypatch.setattr(record, "write_record", full)
    status, out, err = outcome(evaluate.main, run)
    assert status == 2 and err.count("\n") == 1 and "the disk is full: x.json" in err
    assert "image-to-sentence: R@1" in out and "record:" not in out


def test_a_run_whose_training_is_not_finished_is_refused_before_the_work(untrained_run, monkeypatch):
    monkeypatch.setattr(Model, "embed_images", None)
    assert "does not say its training_data" in refusal(evaluate.main, untrained_run)


def test_a_model_that_was_changed_after_its_training_is_refused_before_the_work(run, tmp_path, monkeypatch):
    model = Model.load(run)
    next(model.network.parameters()).data += 1
    model.save(path := tmp_path / "model.safetensors")
    monkeypatch.setattr(Model, "embed_images", None)
    assert "its weights were changed after its training" in refusal(evaluate.main, path)


@pytest.mark.skipif(os.name != "posix", reason="no such names elsewhere")
def test_folders_whose_names_are_not_utf_8(run, tmp_path):
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    folder.mkdir()
    (folder / "model.safetensors").symlink_to(run / "model.safetensors")
    assert r"caf\udce9/model.safetensors: a path that is not UTF-8" in refusal(evaluate.main, folder)
    path = folder / "record.json"
    assert outcome(evaluate.main, run, "--record", path).status == 0
    assert json.loads(path.read_text(encoding="utf-8"))["command"].count("\udce9") == 1
