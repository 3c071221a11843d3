"""Taught training on a small data set with tiny teachers: repeatable, resumable, comparable with its teachers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from commands import outcome
from fake_teachers import taught_values, write_teaching
from shapes import write_shapes
from stopping import StopAfter

from encoded_text import InputError
from single_net import evaluate
from single_net.config import RunConfig
from single_net.evaluation.teacher_comparison import TeacherComparison
from single_net.inference.model import Model
from single_net.training import checkpoints, loop, validation
from single_net.training.components import build_components
from single_net.training.loop import train

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("shallow_backbone")]
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def file(root, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("teaching") / "teaching.safetensors"
    write_teaching(root, path)
    return path


@pytest.fixture(scope="module")
def finished(root, file, tmp_path_factory) -> tuple[Path, Model]:
    run = tmp_path_factory.mktemp("runs") / "taught"
    return run, train(RunConfig.from_dict(taught_values(root, file)), run, device=CPU)


def test_interrupted_and_resumed_with_the_same_teaching_file_it_ends_with_the_same_bits(
    root, file, finished, tmp_path, monkeypatch
):
    run, other, moved = tmp_path / "run", tmp_path / "other" / file.name, tmp_path / file.name
    with monkeypatch.context() as patch:
        patch.setattr(loop, "StopSignal", StopAfter)
        with pytest.raises(KeyboardInterrupt, match="--resume"):
            train(RunConfig.from_dict(taught_values(root, file)), run, device=CPU)
    write_teaching(root, other, views=3)
    with pytest.raises(InputError, match="was taught by another"):
        train(RunConfig.from_dict(taught_values(root, other)), run, device=CPU, resume=True)
    shutil.copyfile(file, moved)
    resumed = train(RunConfig.from_dict(taught_values(root, moved)), run, device=CPU, resume=True)
    assert [call["steps"] for call in resumed.meta["training"]["earlier"]] == [2]  # it did not begin anew
    for (name, a), b in zip(
        finished[1].network.state_dict().items(), resumed.network.state_dict().values(), strict=True
    ):
        assert torch.equal(a, b), name
    assert finished[1].meta["history"] == resumed.meta["history"]


def test_a_teaching_file_without_the_captions_of_another_data_set_is_told(root, file, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TABLE_ROOT", str(root))
    values = taught_values(root, file, teaching={"extra": 2}, encoder={"extra_captions": "table"})
    build_components(RunConfig.from_dict(values), tmp_path, CPU, None)
    assert f"{file} has no captions of table: batches hold none" in capsys.readouterr().err


def test_the_model_needs_no_teacher_and_its_record_compares_both_branches(root, file, finished, tmp_path):
    run, model = finished
    assert not [name for name in model.network.state_dict() if "head" in name or "teach" in name]
    record = tmp_path / "test.json"
    assert outcome(evaluate.main, run, "--record", record, "--device", "cpu").status == 0
    found = json.loads(record.read_text())
    assert set(found["teacher"]) == {"teachers", "captions", "images", "student"}
    assert found["teaching"]["teachers"] == {"images": "coarse pixels", "captions": "words"}
    assert found["teacher"]["teachers"] == found["teaching"]["splits"]["test"]["recall"]
    assert set(model.meta["history"][-1]["teacher"]) == {"teachers", "captions", "images", "student"}
    (run / "model.teacher.safetensors").rename(tmp_path / "aside.safetensors")
    assert outcome(evaluate.main, run, "--record", record, "--device", "cpu").status == 0
    (tmp_path / "aside.safetensors").rename(run / "model.teacher.safetensors")
    without = json.loads(record.read_text())
    assert without["teacher"] is None and without["metrics"] == found["metrics"]


def test_it_is_taught(tmp_path, monkeypatch):
    """After some seconds the divergence from the teachers is well below that at the start."""
    monkeypatch.setattr(validation, "NORM_BATCHES", 1)  # only the losses are looked at
    root = write_shapes(tmp_path / "shapes", {"train": 8, "val": 4})
    file = tmp_path / "teaching.safetensors"
    write_teaching(root, file)
    values = taught_values(root, file, training={"epochs": 15, "schedule": "one_cycle", "learning_rate": 2e-3})
    train(RunConfig.from_dict(values), tmp_path / "run", device=CPU)
    rows = (tmp_path / "run" / "log.csv").read_text().splitlines()
    place = rows[0].split(",").index("teaching")
    losses = [float(row.split(",")[place]) for row in rows[1:] if row.split(",")[place]]
    print(losses)
    assert losses[-1] < 0.6 * losses[0]


def test_a_taught_run_goes_on_with_larger_images(root, file, finished, tmp_path):
    config = RunConfig.from_dict(
        taught_values(
            root,
            file,
            network={"image_size": 80},
            training={"epochs": 0.34, "init_from": str(finished[0]), "learning_rate": 1e-4, "seed": 1},
            loss={"contrastive_weight": 0.0},  # the teachers alone
        )
    )
    train(config, tmp_path / "run", device=CPU)
    before, after = (TeacherComparison.load(run / "model.safetensors") for run in (finished[0], tmp_path / "run"))
    assert before and after and 0 < (before.head - after.head).abs().max() < 0.01


def test_what_does_not_fit_is_one_line(root, file, tmp_path):
    with pytest.raises(InputError, match=r"single_net\.teach"):
        train(RunConfig.from_dict(taught_values(root, tmp_path / "none.safetensors")), tmp_path / "run", device=CPU)
    other = write_shapes(tmp_path / "other", {"train": 12, "val": 4, "test": 6}, seed=1)
    table = other / "captions.csv"
    table.write_text(table.read_text().replace("a red square", "a scarlet square"))
    with pytest.raises(InputError, match=r"other captions of train0\.png"):
        train(RunConfig.from_dict(taught_values(other, file)), tmp_path / "run", device=CPU)


def test_going_on_from_a_run_that_was_not_taught_is_one_line(root, file, tmp_path):
    values, run = taught_values(root, file), tmp_path / "run"
    plain = {key: of for key, of in values.items() if key not in ("teaching", "augmentation", "loss")}
    done = {"steps": 1, "samples": 42, "seconds": 1.0, "wall_seconds": 1.0}
    meta = {"config": RunConfig.from_dict(plain).to_dict(), "training": done, "history": [], "teaching": None}
    checkpoints.save_checkpoint(run, 1, {"step": torch.tensor(1)}, meta | {"training_data": {"sha256": {}}})
    with pytest.raises(InputError, match="was made with another configuration"):
        train(RunConfig.from_dict(values), run, device=CPU, resume=True)


def test_a_teaching_file_that_was_fitted_on_what_is_tested_now_is_refused(tmp_path):
    root = write_shapes(tmp_path / "shapes", {"train": 12, "val": 4, "test": 6})
    file, table = tmp_path / "teaching.safetensors", root / "captions.csv"
    write_teaching(root, file)
    rows = table.read_text().splitlines()
    moved = [row.replace(",train", ",test") if row.startswith("train0.png") else row for row in rows]
    assert moved != rows
    table.write_text("\n".join(moved) + "\n")
    with pytest.raises(InputError, match=r"made when train0\.png was a training image"):
        train(RunConfig.from_dict(taught_values(root, file)), tmp_path / "run", device=CPU)


def test_a_second_tower_needs_two_captions_in_a_batch(root, file, tmp_path):
    values = taught_values(root, file, network={"captions": "inception"}, batch={"counts": "samples"})
    with pytest.raises(InputError, match="two captions"):
        train(RunConfig.from_dict(values), tmp_path / "run", device=CPU)
