"""Trainings one after the other, in what time is left."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from encoded_text import InputError
from experiments.gpu_check import children, trainings, weights
from experiments.gpu_check.plan import TRAININGS, Job


def test_a_second_call_trains_anew(tmp_path, monkeypatch):
    """What an earlier call left would make the training refuse to begin."""
    run, seen = tmp_path / "run", []
    run.mkdir()
    (run / trainings.MARK).touch()
    (run / "model.safetensors").write_bytes(b"of an earlier call")

    def child(module: str, *words: object, **call: object) -> int:
        seen.append((module, (run / "model.safetensors").exists()))
        return 1

    monkeypatch.setattr(children, "run", child)
    job = Job(TRAININGS[0], None, {}, (), epochs=1.0, epoch_samples=36)
    outcome = trainings._run(job, 1.0, trainings.Deadline(600), run, tmp_path / "to")
    assert seen == [("single_net.train", False)]
    assert outcome == {"outcome": "the training failed (status 1)"}


def test_of_a_training_whose_time_was_over_the_best_weights_so_far_are_evaluated(tmp_path, monkeypatch):
    run, seen = tmp_path / "run", []
    recall = {"recall": {"1": 2.0, "5": 8.0, "10": 13.0}}
    training = dict.fromkeys(("samples", "samples_per_second", "seconds", "wall_seconds", "memory_gib"), 7)
    record = {
        "device": "a GPU",
        "training": training | {"precision": "bfloat16"},
        "metrics": {"image_to_sentence": recall, "sentence_to_image": recall},
    }

    def child(module: str, first: object, *words: object, **call: object) -> int:
        if module == "single_net.train":
            (run / "best.safetensors").touch()
            return children.STOPPED
        seen.append(first)
        Path(str(words[1])).write_text(json.dumps(record))
        return 0

    monkeypatch.setattr(children, "run", child)
    monkeypatch.setattr(weights, "split", lambda model, to: seen.append((model, to)))
    job = Job(TRAININGS[0], None, {}, (), epochs=1.0, epoch_samples=36)
    outcome = trainings._run(job, 1.0, trainings.Deadline(600), run, tmp_path / "to")
    best = run / "best.safetensors"
    assert seen == [(best, tmp_path / "to"), best] and outcome["result"]["samples"] == 7
    assert outcome["outcome"] == "the training was stopped: its time was over; earlier weights were evaluated"


def test_a_run_of_the_users_is_not_deleted(tmp_path, monkeypatch):
    monkeypatch.setattr(children, "run", lambda *_, **__: pytest.fail("nothing is to be trained"))
    model = tmp_path / "runs" / TRAININGS[0].name / "model.safetensors"
    model.parent.mkdir(parents=True)
    model.touch()
    job = Job(TRAININGS[0], None, {}, (), epochs=1.0, epoch_samples=36)
    rates = {TRAININGS[0].line: 50.0}
    with pytest.raises(InputError, match="was not made by a check"):
        trainings.run_all([job], rates, trainings.Deadline(600), tmp_path / "runs", tmp_path / "to", print)
    assert model.exists()
