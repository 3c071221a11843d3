"""The experiment log."""

from __future__ import annotations

import csv
import os
import threading

import pytest
import torch

from encoded_text import InputError
from experiments import log as module
from experiments.log import LOG, add, log_table, read_log
from experiments.records import read_record
from experiments.settings import flat
from single_net.common import tensor_file
from single_net.config import RunConfig, load_config


def scored_run(folder, seed=0, i2t=10.0, **sections):
    """A run's folder with the scores that training would have left; a line needs no weights."""
    config = load_config("experiments/configs/flickr8k_nested.toml", [f"training.seed={seed}"])
    changed = {name: getattr(config, name).model_copy(update=values) for name, values in sections.items()}
    config = config.model_copy(update=changed)
    scores = {"recall": {"1": 1.0, "5": 5.0, "10": i2t}, "interval_95": {"10": [i2t - 2, i2t + 2]}}
    recall = {d: scores for d in ("image_to_sentence", "sentence_to_image")}
    metrics = recall | {"rsum": 12.0 + 2 * i2t, "extra": {"modality_gap": 0.5}}
    meta = {
        "validation": {"dataset": {"split": "val"}, "metrics": metrics},
        "training": {
            **{"samples": 100, "wall_seconds": 90.0, "device": "cpu"},
            "git": {"commit": "abcdef0123456789", "dirty": True},
        },
    }
    meta["config"] = config.to_dict()
    tensor_file.save(folder / "model.safetensors", "model", {"a": torch.full((1,), i2t)}, meta)
    return folder


def test_a_line_a_run_with_what_was_changed(tmp_path):
    runs = [
        scored_run(tmp_path / "a"),
        scored_run(tmp_path / "b", 1, 12.5, loss={"contrastive_temperature": 0.1}),
    ]
    path = tmp_path / "experiments.csv"
    assert add(runs[:1], path, "first") == 1
    assert add(runs, path) == 2  # the first again: its line is replaced and keeps its note
    first, second = csv.DictReader(path.open())
    assert first["note"] == "first" and first["seed"] == "0" and second["seed"] == "1"
    assert "loss.classes=clusters" in first["configuration"] and "seed" not in first["configuration"]
    more = set(second["configuration"].split("; ")) - set(first["configuration"].split("; "))
    assert more == {"loss.contrastive_temperature=0.1"}
    assert (second["i2t_r10"], second["rsum"], second["split"]) == ("12.50", "37.00", "val")
    assert second["commit"] == "abcdef012345-dirty" and first["id"] != second["id"]


def test_two_at_once_lose_no_line(tmp_path, monkeypatch):
    path, others = tmp_path / "experiments.csv", []

    def text(fields, lines):
        if not others:  # after the first has read the log, another call adds a run
            others.append(threading.Thread(target=add, args=([tmp_path / "b"], path)))
            others[0].start()
            others[0].join(0.5)
        return csv_text(fields, lines)

    csv_text = module.csv_text
    monkeypatch.setattr(module, "csv_text", text)
    add([scored_run(tmp_path / "a"), scored_run(tmp_path / "b", 1)][:1], path)
    others[0].join()
    assert [line["seed"] for line in read_log(path)] == ["0", "1"]


def test_a_refused_call_leaves_nothing_behind(tmp_path):
    run = scored_run(tmp_path / "a")
    (tmp_path / "text.txt").write_text("no log\n")
    before = sorted(tmp_path.rglob("*"))
    for runs, path in (([run, tmp_path / "none.json"], tmp_path / "new" / "log.csv"), ([run], tmp_path / "text.txt")):
        with pytest.raises(InputError):
            add(runs, path)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_note_is_one_line_of_utf_8(tmp_path):
    """The second is of a terminal in Latin-1."""
    run = scored_run(tmp_path / "a")
    for note, kept in (("is it\n  better?", "is it better?"), ("caf\udce9", "caf\\udce9")):
        add([run], tmp_path / "log.csv", note)
        assert read_log(tmp_path / "log.csv")[0]["note"] == kept


def test_without_validation_scores_there_is_no_line(untrained_run, tmp_path):
    with pytest.raises(InputError, match="validation"):
        add([untrained_run], tmp_path / "experiments.csv")
    assert not (tmp_path / "experiments.csv").exists()


@pytest.mark.slow
def test_a_run_record_will_do_and_the_table_shows_what_differs(untrained_run, tmp_path, write_record):
    metrics = read_record(write_record("scenes", "nested"))["metrics"]
    scores = {"dataset": {"split": "val"}, "metrics": metrics}
    origin = {
        "git": {"commit": "0123456789abcdef", "dirty": False},
        "wall_seconds": 60.0,
        "device": "cpu",
        "samples": 7,
    }
    record = write_record("scenes", "nested", validation=scores, training=origin, configuration={"batch": {"size": 9}})
    path = tmp_path / "experiments.csv"
    add([record], path, "from a record")
    add([scored_run(tmp_path / "a", batch={"size": 9})], path, "from a run")
    first, second = log_table(path).splitlines()[2:]
    assert "from a run" in first and "Flickr8k" in first
    assert "from a record" in second and "synthetic scenes" in second and "0123456" in second
    assert "size=9" not in first + second  # nothing to tell the runs of one data set apart by
    add([scored_run(tmp_path / "b", seed=1, batch={"size": 10})], path, "another")
    first, second, _ = log_table(path).splitlines()[2:]
    assert "| size=9 " in first and "| size=10 " in second and "classes" not in first + second
    assert "10.0 [8.0, 12.0]" in first
    assert "logged yet" in log_table(tmp_path / "none.csv")


def test_the_committed_log_keeps_what_was_tried_before_and_its_removed_settings():
    lines = read_log(LOG)
    assert len(lines) >= 27 and len({line["id"] for line in lines}) == len(lines)
    removed = {
        part.split("=")[0] for line in lines for part in line["configuration"].split("; ") if "(removed)" in part
    }
    assert removed == {"network.dropout", "network.batchnorm", "batch.apart", "augmentation.erase"}
    known = {key for key in flat(RunConfig().to_dict())} | removed
    assert {part.split("=")[0] for line in lines for part in line["configuration"].split("; ")} <= known


@pytest.mark.parametrize(
    "content",
    [
        b"image,caption\na.jpg,a dog\n",
        b"",
        b"{}",
        b'"',
        b"data,variant\n1,2,3\n",
        "cut in a line",
        "cut in its last field",
        "many samples",
    ],
)
def test_a_file_that_is_no_log_is_neither_read_nor_replaced(untrained_run, tmp_path, content):
    path = tmp_path / "captions.csv"
    log = LOG.read_bytes()
    samples = next(csv.DictReader(LOG.open(newline="")))["samples"].encode()
    made = {
        "cut in a line": log[: log.rindex(b"\n", 0, -1) + 30],
        "cut in its last field": log[:-9],
        "many samples": log.replace(b"," + samples + b",", b",many,", 1),
    }
    content = made.get(content, content)
    path.write_bytes(content)
    for call in (lambda: read_log(path), lambda: add([untrained_run], path), lambda: log_table(path)):
        with pytest.raises(InputError, match=r"captions\.csv: not an experiment log"):
            call()
    assert path.read_bytes() == content


def test_pipes_folders_and_the_runs_themselves_are_no_place_for_the_log(untrained_run, tmp_path, write_record):
    os.mkfifo(tmp_path / "pipe.csv")
    for path in (tmp_path / "pipe.csv", tmp_path):
        with pytest.raises(InputError, match="ordinary file"):
            add([untrained_run], path)
    record = write_record("scenes", "nested")
    with pytest.raises(InputError, match="this command reads it"):
        add([record], record)


@pytest.fixture(scope="module")
def scored_meta(tmp_path_factory):
    run = scored_run(tmp_path_factory.mktemp("scored"))
    return tensor_file.load(run / "model.safetensors", "model")[1]


@pytest.mark.parametrize(
    "spoilt", [{"validation": {}}, {"training": {}}, {"validation": [1]}, {"training": {"git": 3}}]
)
@pytest.mark.slow
def test_a_run_that_does_not_say_enough_is_one_line(scored_meta, tmp_path, spoilt):
    for name, meta in (("whole", scored_meta), ("spoilt", scored_meta | spoilt)):  # a line needs the meta alone
        tensor_file.save(tmp_path / name / "model.safetensors", "model", {"a": torch.zeros(1)}, meta)
    assert add([tmp_path / "whole"], tmp_path / "log.csv") == 1
    with pytest.raises(InputError, match=r"model\.safetensors: does not hold what a finished training writes"):
        add([tmp_path / "spoilt"], tmp_path / "experiments.csv")


def test_a_log_that_a_spreadsheet_saved_is_read_or_named(tmp_path):
    content = LOG.read_text(encoding="utf-8")
    (tmp_path / "marked.csv").write_text("\ufeff" + content, encoding="utf-8")
    assert read_log(tmp_path / "marked.csv") == read_log(LOG)
    (tmp_path / "wide.csv").write_text(content, encoding="utf-16")
    with pytest.raises(InputError, match="UTF-16, not UTF-8: save the file as UTF-8"):
        read_log(tmp_path / "wide.csv")
