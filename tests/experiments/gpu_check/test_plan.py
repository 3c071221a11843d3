"""What is trained, and how long."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from encoded_text.common.errors import InputError
from experiments.gpu_check.plan import (
    LEAST,
    MOST,
    SCORED,
    SURE,
    TRAININGS,
    Job,
    Training,
    encoder_file,
    epochs_that_fit,
    job,
    root_of,
    teaching_file,
)
from experiments.gpu_check.speed_lines import LINES
from single_net.config import load_config
from single_net.data.dataset import SPLITS, Packing
from single_net.data.load import load_dataset
from single_net.data.pack import pack

RATES = {"a": 100.0, "b": 50.0}


def made(line, samples, setup=0.0):
    return Job(Training("made-up", line, samples, setup), None, {}, (), samples / 1000, 1000)


def test_with_time_to_spare_all_trainings_grow_alike():
    jobs = [made("a", 10_000, 20), made("b", 10_000, 40)]  # 100 and 200 seconds of steps
    assert epochs_that_fit(jobs, RATES, 60 + 300) == 10
    assert epochs_that_fit(jobs, RATES, 60 + 600) == 20
    assert epochs_that_fit(jobs, RATES, 60 + 3000) == 10 * MOST
    assert epochs_that_fit(jobs, RATES, 60 + 3000, most=1) == 10


def test_with_too_little_time_the_first_training_comes_first():
    jobs = [made("a", 10_000, 20), made("b", 10_000, 40)]
    assert epochs_that_fit(jobs, RATES, 200) == 10
    assert epochs_that_fit(jobs, RATES, 70) == 5 * SURE
    assert epochs_that_fit(jobs, RATES, 20 + 100 * LEAST) is None
    assert epochs_that_fit(jobs, RATES, 0) is None


def test_trainings_that_took_longer_than_expected_shorten_those_that_follow():
    jobs = [made("a", 10_000, 20)]
    assert epochs_that_fit(jobs, RATES, 120) == 10
    assert epochs_that_fit(jobs, RATES, 120, slower=2) == 4 * SURE


def test_every_training_has_a_configuration_and_a_line_of_speed():
    for training in TRAININGS:
        config = load_config(training.config_file, training.changes)
        assert config.data.name == training.data and training.name == f"{config.data.name}-{config.variant}"
        assert LINES[training.line].kind == "training"
    assert [training.name for training in TRAININGS][:2] == ["flickr8k-config-standard", "flickr8k-config-2"]
    assert all(training.samples >= 2e6 for training in TRAININGS[:2])


@pytest.fixture
def files(shapes, tmp_path, monkeypatch):
    for name in ("FLICKR8K_ROOT", "FLICKR30K_ROOT"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "files"
    data = [replace(load_dataset("table", shapes, split), name="flickr8k") for split in SPLITS]
    pack(data, folder / "flickr8k.zip", Packing(90, "WebP", 80))
    return folder


def test_a_job_uses_packed_data_and_fitted_encoders(files, tmp_path, monkeypatch):
    standard, _, nested = TRAININGS[:3]
    found = job(standard, files)
    assert (found.root, found.captions, found.changes) == (files / "flickr8k.zip", {}, ())
    assert (found.epoch_samples, found.epochs) == (12 * 6, 2e6 / 72)
    encoder_file(standard, files).touch()
    assert job(standard, files).changes == (f"encoder.file={encoder_file(standard, files)}",)
    assert job(nested, files).changes == ("network.image_size=160", SCORED, "encoder.extra_captions=")
    monkeypatch.setenv("FLICKR30K_ROOT", "/data/flickr30k")
    assert job(nested, files).changes == ("network.image_size=160", SCORED)
    assert job(nested, files).captions == {"FLICKR30K_ROOT": "/data/flickr30k"}
    small = job(standard, files, small=True)
    assert (small.epochs, small.epoch_samples) == (1, 6 * 6)
    load_config(nested.config_file, job(nested, files, small=True).changes)


def test_a_taught_job_uses_the_teaching_file_that_was_brought(files, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    [taught] = [training for training in TRAININGS if training.name == "flickr8k-taught"]
    with pytest.raises(InputError, match=r"flickr8k-taught\.teaching\.safetensors: prepare"):
        job(taught, files)
    teaching_file(taught, files).touch()
    found = job(taught, files)
    assert f"teaching.file={teaching_file(taught, files)}" in found.changes
    assert found.epoch_samples == 12 * (2 + 1)
    assert load_config(taught.config_file, found.changes).teaching.file == str(teaching_file(taught, files))


@pytest.mark.slow
def test_without_data_there_is_no_job(tmp_path, monkeypatch):
    monkeypatch.delenv("FLICKR8K_ROOT", raising=False)
    with pytest.raises(InputError, match="no flickr8k: set FLICKR8K_ROOT, or bring"):
        job(TRAININGS[0], tmp_path)
    monkeypatch.setenv("FLICKR8K_ROOT", "/data/flickr8k")
    assert root_of("flickr8k", tmp_path) == Path("/data/flickr8k")
    scenes = next(training for training in TRAININGS if training.name == "scenes-config-standard")
    assert job(scenes, tmp_path).root is None and job(scenes, tmp_path).epoch_samples == 3000 * 6
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match="no gensim to fit an encoder"):
        job(scenes, tmp_path)
