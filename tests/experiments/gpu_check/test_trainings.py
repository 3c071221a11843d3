"""Trainings one after the other, in what time is left."""

from __future__ import annotations

import pytest

from encoded_text import InputError
from experiments.gpu_check import children, trainings
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
    outcome = trainings._run(job, 1.0, trainings.Deadline(600), run, tmp_path / "to", False)
    assert seen == [("single_net.train", False)]
    assert outcome == {"outcome": "the training failed (status 1)"}


def test_a_run_of_the_users_is_not_deleted(tmp_path, monkeypatch):
    monkeypatch.setattr(children, "run", lambda *_, **__: pytest.fail("nothing is to be trained"))
    model = tmp_path / "runs" / TRAININGS[0].name / "model.safetensors"
    model.parent.mkdir(parents=True)
    model.touch()
    job = Job(TRAININGS[0], None, {}, (), epochs=1.0, epoch_samples=36)
    rates = {TRAININGS[0].line: 50.0}
    with pytest.raises(InputError, match="was not made by a check"):
        trainings.run_all([job], rates, trainings.Deadline(600), tmp_path / "runs", tmp_path / "to", print, [])
    assert model.exists()
