"""The lines of a run: for people, for spreadsheets, for TensorBoard."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import torch
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from single_net.training import log_file, run_log
from single_net.training.log_file import read_log
from single_net.training.run_log import RunLog
from single_net.training.state import Progress

CPU = torch.device("cpu")
SCORES = {
    "step": 1,
    "samples": 48,
    "rsum": 42.0,
    "gallery": 1000,
    "training_gallery": 600,
    "recall": {
        "validation": {
            "image_to_sentence": {"1": 1.0, "5": 5.0, "10": 10.0},
            "sentence_to_image": {"1": 2.0, "5": 8.0, "10": 16.0},
        },
        "training": {
            "image_to_sentence": {"1": 3.0, "5": 6.0, "10": 11.0},
            "sentence_to_image": {"1": 4.0, "5": 9.0, "10": 17.0},
        },
    },
}


def begun(run: Path, step: int, steps: int) -> RunLog:
    """The log of a run that is at a step; a step took a second."""
    return RunLog(run, Progress(step, 48 * step, float(step)), steps, CPU, {"center": 0.01})


def write(log: RunLog, step: int, loss: float) -> None:
    log.write(
        step,
        epoch=step / 10,
        rate=1e-3,
        samples=48 * step,
        seconds=float(step),
        losses={"loss": loss, "center": 2 * loss},
    )


def steps(run: Path) -> list[int]:
    return [int(row["step"]) for row in read_log(run / "log.csv")]


def scalars(run: Path, tag: str) -> list[tuple[int, float]]:
    events = EventAccumulator(str(run / "tensorboard"))
    events.Reload()
    return [(event.step, event.value) for event in events.Scalars(tag)]


def test_a_line_says_what_a_person_asks(tmp_path, capsys):
    log = begun(tmp_path, 0, 100)
    write(log, 1, 3.25)
    log.scores(SCORES)
    log.close()
    line, scores, training = capsys.readouterr().err.strip().splitlines()
    for said in ("step 1/100", "loss 3.25", "center 6.5", "samples/s", "left", "GiB"):
        assert said in line
    assert "1,000 validation images, R@1/5/10: 1.00/5.00/10.00 image-to-sentence | 2.00/8.00/16.00 sentence" in scores
    assert "600 training images, R@1/5/10: 3.00/6.00/11.00 image" in training
    with open(tmp_path / "log.csv", newline="") as file:
        first, second = csv.DictReader(file)
    assert first["loss"] == "3.25" and first["softmax"] == "" and float(first["memory_gib"]) > 0
    assert second["val_rsum"] == "42" and second["train_rsum"] == "50" and second["samples"] == "48"
    assert scalars(tmp_path, "loss/total") == [(1, 3.25)]
    assert scalars(tmp_path, "training/rsum") == [(1, 50.0)]
    assert scalars(tmp_path, "validation/sentence_to_image_recall_at_10") == [(1, 16.0)]
    with Image.open(tmp_path / "curves.png") as image:
        assert image.width > 800


def test_a_run_that_goes_on_drops_what_lies_ahead_of_it_and_a_line_cut_off(tmp_path):
    log = begun(tmp_path, 0, 100)
    for step in (1, 5, 9):
        write(log, step, 1.0)
    log.close()
    with open(tmp_path / "log.csv", "a") as file:
        file.write("12,0.1")
    log = begun(tmp_path, 5, 100)
    assert steps(tmp_path) == [1, 5]
    write(log, 7, 0.5)
    log.close()
    assert steps(tmp_path) == [1, 5, 7]
    assert scalars(tmp_path, "loss/total") == [(1, 1.0), (5, 1.0), (7, 0.5)]
    assert begun(tmp_path, 0, 100) and steps(tmp_path) == []


def test_lines_become_rarer_in_a_long_run(tmp_path, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(run_log.time, "monotonic", lambda: clock[0])
    log = begun(tmp_path, 0, 10)
    assert log.due(clock[0])
    write(log, 1, 1.0)
    assert not log.due(1009.9) and log.due(1010.0)
    clock[0] = 1000 + 36_000  # after ten hours
    write(log, 2, 1.0)
    assert not log.due(clock[0] + 300) and log.due(clock[0] + 400)
    log.close()


HEADER = ",".join(log_file.FIELDS)


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"step,loss\n", b"a,b\n1,2\n", b"\xff\xfes\0t\0e\0p\0", b"step\n3\n"),
        *(f"{HEADER}\n{line}".encode() for line in ("3,0.1,abc", "3" + ",x" * HEADER.count(","))),
        (HEADER.replace(",", ";") + "\n3" + ";1" * HEADER.count(",")).encode(),
    ],
)
def test_what_training_does_not_write_is_no_line(tmp_path, content):
    """As after a spreadsheet has saved the file."""
    (tmp_path / "log.csv").write_bytes(content)
    assert read_log(tmp_path / "log.csv") == []
    log = begun(tmp_path, 3, 10)
    write(log, 4, 0.0)
    log.close()
    assert steps(tmp_path) == [4]


def test_curves_of_parts_that_reach_zero(tmp_path):
    """A batch without a pair has a contrastive part of 0, which a logarithmic axis cannot show."""
    log = begun(tmp_path, 0, 10)
    for step in (1, 2):
        write(log, step, 0.0)
    log.close()
    assert (tmp_path / "curves.png").stat().st_size > 5000


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_names_the_log(tmp_path):
    log = begun(tmp_path, 0, 10)
    (tmp_path / "log.csv").unlink()
    (tmp_path / "log.csv").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left") as error:
        log.write(1, epoch=0.1, rate=1e-3, samples=4, seconds=1.0, losses={"loss": 1.0})
    assert error.value.filename == str(tmp_path / "log.csv")


def test_validation_is_not_a_part_of_speed_and_time_left(tmp_path, monkeypatch, capsys):
    clock = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    log = begun(tmp_path, 0, 100)
    for step, now in ((10, 10.0), (20, 20.0), (30, 90.0)):  # 60 s of validation before the last
        clock[0] = now
        seconds = now if now < 90 else 30.0
        log.write(step, epoch=0.1, rate=1e-3, samples=100 * step, seconds=seconds, losses={"loss": 1.0})
    lines = capsys.readouterr().err.splitlines()
    assert all("100.0 samples/s" in line and "2 min left" in line for line in lines)


def test_a_run_that_goes_on_with_a_validation_counts_its_own_steps_alone(tmp_path, monkeypatch, capsys):
    clock = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    log = begun(tmp_path, 50, 170)
    clock[0] = 601.0  # ten minutes of validation, and a step
    assert log.due(clock[0])
    write(log, 51, 1.0)
    assert "  48.0 samples/s  2 min left  " in capsys.readouterr().err


def test_a_run_that_goes_on_keeps_the_scores_it_does_not_measure_again(tmp_path):
    log = begun(tmp_path, 0, 100)
    log.scores(SCORES)
    log.scores(SCORES | {"step": 2})
    log.close()
    RunLog(tmp_path, Progress(2, 96, 2.0, history=[SCORES]), 100, CPU, {}).close()
    assert steps(tmp_path) == [1]
