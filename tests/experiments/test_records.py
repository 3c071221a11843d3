"""Run records: only complete ones are read, and runs of one variant are put together by their settings."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from encoded_text import InputError
from experiments.records import DIRECTIONS, read_record, read_records, same_but_seed, time_text


def broken(text: str):
    return lambda path: path.write_text(text, encoding="utf-8")


def changed(*keys: str, value: object):
    def change(path: Path) -> None:
        record = json.loads(path.read_text())
        place = record
        for key in keys[:-1]:
            place = place[key]
        if value is KeyError:
            del place[keys[-1]]
        else:
            place[keys[-1]] = value
        path.write_text(json.dumps(record))

    return change


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (broken('{"format": "single'), "not JSON"),
        (broken(""), "not JSON"),
        (lambda path: path.write_bytes(b"\xff\xfe\x00"), "not JSON"),
        (broken("[1, 2]"), "not a run record"),
        (broken('{"scores": 3}'), "not a run record"),
        (broken("[" * 100_000), "not JSON"),
        (broken('{"format": ' + "9" * 5000 + "}"), "not JSON"),
        (changed("format", value="single-net run record 1"), "not a run record"),
        (changed("device", value=7), "device should be text"),
        (changed("training", value=[1]), "training.samples should be a number"),
        (changed("title", value=None), "title should be text"),
        (changed("dataset", value=[]), "dataset.name should be text"),
        (changed("dataset", "sha256", value=None), "dataset.sha256 should be the checksums"),
        (changed("configuration", value=KeyError), "configuration should be that of its run"),
        (changed("training", "samples", value=KeyError), "training.samples should be a number"),
        (changed("metrics", "rsum", value=float("nan")), "metrics.rsum should be a number"),
        (changed("seed", value=10**400), "seed should be"),
        (changed("metrics", "sentence_to_image", "recall", "5", value=KeyError), "recall.5 should be a number"),
        (
            changed("metrics", "image_to_sentence", "interval_95", "10", value=[1]),
            "interval_95.10.1 should be a number",
        ),
        (changed("full_split", value={"images": 5000}), "full_split.metrics"),
    ],
)
def test_a_broken_or_foreign_record_is_named(write_record, spoil, why):
    path = write_record("scenes", "nested")
    read_record(path)
    spoil(path)
    with pytest.raises(InputError, match=why) as error:
        read_records(path.parent)
    assert str(path) in str(error.value) and "\n" not in str(error.value)


def test_a_missing_record_and_a_missing_folder(tmp_path):
    os.mkfifo(tmp_path / "pipe.json")
    for name in ("none.json", "pipe.json", "."):
        with pytest.raises(InputError, match="no such run record"):
            read_record(tmp_path / name)
    assert read_records(tmp_path / "none") == []


def test_values_by_path_and_what_is_missing(write_record):
    record = read_record(write_record("scenes", "nested", wall_seconds=7500))
    assert record["metrics.image_to_sentence.interval_95.10.1"] == record["metrics.image_to_sentence.interval_95.10"][1]
    assert record.get("full_split.metrics") is None and record.get("metrics.image_to_sentence.interval_95.10.7") is None
    assert record["where"] == "synthetic scenes test, 1,000 × 5,000" and time_text(record["total_seconds"]) == "2.1 h"
    assert time_text(record["total_training_seconds"]) == "3.3 min"
    assert record["link"] == "[scenes-nested](records/table1/scenes-nested.json)"


def test_runs_that_differ_in_their_seeds_alone_are_one_group(write_record):
    for seed in (10, 2, 0):
        write_record("flickr8k", "nested", seed=seed)
    configuration = {"variant": "nested", "training": {"seed": 3, "epochs": 2.0}}
    write_record("flickr8k", "nested", seed=3, configuration=configuration)
    for seed, data in ((4, {"train_images": 600}), (5, {"root": "/elsewhere"})):
        configuration = {"variant": "nested", "training": {"seed": seed}, "data": data}
        folder = write_record("flickr8k", "nested", seed=seed, configuration=configuration).parent
    groups = same_but_seed(read_records(folder))
    assert sorted([record["seed"] for record in group] for group in groups) == [[0, 2, 5, 10], [3], [4]]


def goes_on_from(run: str, samples: int, start: object = None) -> dict[str, object]:
    """What a record says of the run that its own went on from."""
    training = {"samples": samples, "seconds": 400.0, "wall_seconds": 500.0}
    return {"run": f"{run}/model.safetensors", "training": training, "init_from": start}


def test_samples_and_times_are_those_of_all_trainings(write_record):
    start = goes_on_from("second", 1000, goes_on_from("first", 500))
    record = read_record(write_record("scenes", "nested", init_from=start))
    assert record["samples"] == 144000 + 1500
    assert record["total_seconds"] == pytest.approx(261 + 2 * 500, abs=1)
    assert record["total_training_seconds"] == 200 + 2 * 400
    anew = read_record(write_record("scenes", "config-2"))
    assert (anew["samples"], anew["total_training_seconds"]) == (144000, 200)
    assert time_text(anew["total_seconds"]) == "4.3 min"


def test_seeds_that_go_on_from_a_run_of_their_own_are_one_group(write_record):
    for seed, start in ((0, "first"), (1, "first-seed1"), (2, "")):
        configuration = {"variant": "nested", "training": {"seed": seed, "init_from": start}}
        folder = write_record("flickr8k", "nested", seed=seed, configuration=configuration).parent
    assert sorted([r["seed"] for r in group] for group in same_but_seed(read_records(folder))) == [[0, 1], [2]]


def test_the_device_is_that_of_the_training(write_record):
    training = {"steps": 10, "epochs": 1.0, "samples": 144000, "seconds": 200.0, "device": "a GPU"}
    assert read_record(write_record("scenes", "nested", training=training))["device"] == "a GPU"
    assert read_record(write_record("scenes", "nested"))["device"] == "cpu: made up, 2 threads"  # of an older record


def test_shared_captions_and_ties_are_told_and_older_records_say_nothing(write_record):
    path = write_record("scenes", "nested")
    record = json.loads(path.read_text())
    assert read_record(path)["ties"] == ""  # without shared captions, and with equal numbers
    for direction in ("image_to_sentence", "sentence_to_image"):
        del record["metrics"][direction]["expected_recall"]
    path.write_text(json.dumps(record))
    assert read_record(path)["ties"] == ""
    by_k = {"1": 26.0, "5": 40.0, "10": 50.0}
    for direction in ("image_to_sentence", "sentence_to_image"):
        record["metrics"][direction]["expected_recall"] = by_k
    record["shared_captions"] = {"captions": 868, "images": 777, "ceiling": {d: by_k for d in DIRECTIONS}}
    path.write_text(json.dumps(record))
    told = read_record(path)["ties"]
    assert told.startswith("868 of 5,000 captions are encoded like one of another image, so that no model reaches more")
    assert told.count("i2t R@1/5/10 26.0/40.0/50.0; t2i R@1/5/10 26.0/40.0/50.0") == 2 and "random order" in told


def test_a_compiled_run_is_in_the_group_of_the_others(write_record):
    for seed, compiled in ((0, False), (1, True)):
        configuration = {"variant": "nested", "training": {"seed": seed, "compile": compiled}}
        folder = write_record("flickr8k", "nested", seed=seed, configuration=configuration).parent
    assert len(same_but_seed(read_records(folder))) == 1
