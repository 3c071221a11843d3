"""Trainings one after the other, in what time is left."""

from __future__ import annotations

from experiments.gpu_check import children, trainings
from experiments.gpu_check.plan import TRAININGS, Job


def test_a_second_call_trains_anew(tmp_path, monkeypatch):
    """What an earlier call left would make the training refuse to begin."""
    run, seen = tmp_path / "run", []
    run.mkdir()
    (run / "model.safetensors").write_bytes(b"of an earlier call")

    def child(module: str, *words: object, **call: object) -> int:
        seen.append((module, run.exists()))
        return 1

    monkeypatch.setattr(children, "run", child)
    job = Job(TRAININGS[0], None, {}, (), epochs=1.0, epoch_samples=36)
    outcome = trainings._run(job, 1.0, trainings.Deadline(600), run, tmp_path / "to", False)
    assert seen == [("single_net.train", False)]
    assert outcome == {"outcome": "the training failed (status 1)"}
