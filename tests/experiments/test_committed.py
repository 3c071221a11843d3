"""What is committed under results/ is there, is complete, and keeps the documentation's promises."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from experiments.publish import check_recipe
from experiments.records import DIRECTIONS, Record, read_record, read_records
from experiments.study import NAMES, read_study

RESULTS = Path(__file__).parents[2] / "results"
VARIANTS = ("config-standard", "config-2", "nested")


def record(study: str, data: str, variant: str) -> Record:
    return read_record(RESULTS / "records" / study / f"{data}-{variant}.json")


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("study, data", [("table1", "scenes"), ("flickr8k", "flickr8k")])
def test_every_promised_run_is_there_with_its_protocol_and_origin(study, data, variant):
    one = record(study, data, variant)
    assert (one["dataset.name"], one["dataset.split"], one["variant"]) == (data, "test", variant)
    assert (one["dataset.images"], one["dataset.captions"]) == (1000, 5000)
    assert one["validation.dataset.split"] == "val"
    assert one["training.samples"] > 0 and one["configuration.data.name"] == data
    for direction in DIRECTIONS:
        for k, value in one[f"metrics.{direction}.recall"].items():
            low, high = one[f"metrics.{direction}.interval_95.{k}"]
            assert low <= value <= high


@pytest.mark.parametrize("name", ["two_tower", "ambiguities", "ambiguities_flickr8k", "flickr8k", "sound"])
def test_every_line_of_a_study_has_its_runs(name):
    study = read_study(name)
    measured = {(one["variant"], one["seed"]) for one in study.records(RESULTS / "records")}
    assert measured >= {(line.variant, seed) for line in study.lines for seed in line.seeds}


def test_every_run_has_one_record_in_the_folder_of_a_study():
    folders = {path.name for path in (RESULTS / "records").iterdir()}
    assert folders <= set(NAMES)
    records = [one for name in folders for one in read_records(RESULTS / "records" / name)]
    names = Counter(one.path.name for one in records)
    assert set(names.values()) == {1}
    for one in records:
        seed = f"-seed{one['seed']}" if one["seed"] else ""
        assert one.path.name == f"{one['dataset.name']}-{one['variant']}{seed}.json"
        assert one.config.variant == one["variant"] and one.config.data.name == one["dataset.name"]


def test_every_record_is_of_a_run_that_its_study_would_train():
    for name in NAMES:
        for one in read_records(RESULTS / "records" / name):
            check_recipe(read_study(name), one)


def test_nested_on_the_scenes_reaches_five_times_chance():
    one = record("table1", "scenes", "nested")
    for direction in DIRECTIONS:
        assert one[f"metrics.{direction}.recall.10"] >= 5 * one[f"metrics.{direction}.chance.10"]


def test_the_readmes_figure_is_there():
    assert (RESULTS / "overview.png").read_bytes().startswith(b"\x89PNG")


def test_the_server_answered_all_its_clients():
    measured = json.loads((RESULTS / "bench_answers.json").read_text(encoding="utf-8"))
    assert measured["load"]["many"]["errors"] == 0


def test_the_sizes_of_an_index_are_those_of_all_places():
    measured = json.loads((RESULTS / "bench_index.json").read_text(encoding="utf-8"))
    assert max(of["vectors"] for of in measured["results"]) == 1_000_000
    assert all("missing" not in of for of in measured["results"])
