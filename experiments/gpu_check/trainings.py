"""Trains and evaluates in the time that is left, and gathers what came out of it."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from encoded_text.common.errors import InputError
from experiments.gpu_check import children, weights
from experiments.gpu_check.children import Deadline
from experiments.gpu_check.plan import MOST, Job, epochs_that_fit
from single_net.inference.run_files import BEST, CURVES, LOG, MODEL
from single_net.retrieval.ranks import I2T, T2I

KEPT = (LOG, CURVES)
MARK = ".gpu-check"  # in folders that a check may delete
SCORING = 30.0  # seconds that are kept for saving and evaluation
NO_TIME = "not begun: too little time was left"


def run_all(
    jobs: Sequence[Job],
    rates: dict[str, float],
    deadline: Deadline,
    runs: Path,
    to: Path,
    note: Callable[[str, dict[str, Any]], None],
    *,
    most: float = MOST,
) -> None:
    """Train one job after the other.

    Args:
        jobs: in this order.
        rates: samples a second by the line of speed.
        deadline: of all of them.
        runs: folder of the runs, with model files and checkpoints.
        to: folder of what is to be kept: for each job record, log, curves, and weights in parts.
        note: called with the name of a training and what became of it.
        most: times the wanted epochs, where the time allows.

    Raises:
        InputError: a folder holds something else than what an earlier check left there.
    """
    for job in jobs:
        for parent in (runs, to):
            _require_own(parent / job.training.name)
    slower = 1.0
    for number, job in enumerate(jobs):
        name, left = job.training.name, deadline.left(SCORING)
        epochs = epochs_that_fit(jobs[number:], rates, left, slower, most)
        if epochs is None:
            note(name, {"outcome": NO_TIME})
            continue
        expected = job.training.setup * slower + epochs * job.epoch_samples / rates[job.training.line] * slower
        began = time.monotonic()
        outcome = _run(job, epochs, deadline, runs / name, to / name)
        taken = time.monotonic() - began
        if outcome["outcome"] == "done":
            slower *= max(0.5, min(3.0, taken / expected))
        note(name, outcome | {"epochs": epochs, "expected_seconds": round(expected), "seconds": round(taken)})


def _run(job: Job, epochs: float, deadline: Deadline, run: Path, to: Path) -> dict[str, Any]:
    """Train, evaluate, and gather: {"outcome", and the "result" if there is one}."""
    for folder in (run, to):  # of another call
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / MARK).touch()
    words = [word for change in (*job.changes, f"training.epochs={epochs}") for word in ("--set", change)]
    words += ["--root", str(job.root)] if job.root else []
    status = children.run(
        "single_net.train",
        job.training.config_file,
        "-o",
        run,
        *words,
        seconds=deadline.left(SCORING),
        variables=job.captions,
    )
    for name in KEPT:
        if (run / name).is_file():
            shutil.copyfile(run / name, to / name)
    outcome, model = "done", run / MODEL
    if status or not model.is_file():
        outcome, model = "the training " + _why(status), run / BEST
        if not model.is_file():
            return {"outcome": outcome}
        outcome += "; earlier weights were evaluated"
    weights.split(model, to)
    record = to / f"{job.training.name}.json"
    status = children.run(
        "single_net.evaluate", model, "--record", record, seconds=deadline.left(), variables=job.captions
    )
    if status:
        return {"outcome": "the evaluation " + _why(status)}
    return {"outcome": outcome, "result": _result(record)}


def _require_own(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise InputError(
            f"{folder} was not made by a check, which would delete it: name another folder, or move it away"
        )


def _why(status: int) -> str:
    return "was stopped: its time was over" if status == children.STOPPED else f"failed (status {status})"


def _result(path: Path) -> dict[str, Any]:
    """What the table shows of a record."""
    record = json.loads(path.read_text(encoding="utf-8"))
    training = record["training"]
    kept = ("samples", "samples_per_second", "seconds", "wall_seconds", "memory_gib", "precision")
    recall = {direction: record["metrics"][direction]["recall"] for direction in (I2T, T2I)}
    return {"device": record["device"], "recall": recall} | {key: training[key] for key in kept}
