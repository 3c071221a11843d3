"""What is committed under results/ is there, is complete, and keeps the README's promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.bench import report
from experiments.bench.__main__ import markdown
from experiments.records import DIRECTIONS, Record, read_record

RESULTS = Path(__file__).parents[2] / "results"
ROWS = ("config-standard", "config-2", "nested")


def record(table: str, data: str, row: str) -> Record:
    return read_record(RESULTS / "records" / table / f"{data}-{row}.json")


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("table, data", [("table1", "scenes"), ("flickr8k", "flickr8k")])
def test_every_promised_row_is_there_with_its_protocol_and_origin(table, data, row):
    one = record(table, data, row)
    assert (one["dataset.name"], one["dataset.split"], one["row"]) == (data, "test", row)
    assert (one["dataset.pictures"], one["dataset.captions"]) == (1000, 5000)
    assert one["development.dataset.split"] == "val"
    assert one["training.inputs"] > 0 and one["configuration.data.name"] == data
    for direction in DIRECTIONS:
        for k, value in one[f"metrics.{direction}.recall"].items():
            low, high = one[f"metrics.{direction}.interval_95.{k}"]
            assert low <= value <= high


def test_the_nested_row_of_the_scenes_reaches_five_times_chance():
    one = record("table1", "scenes", "nested")
    for direction in DIRECTIONS:
        assert one[f"metrics.{direction}.recall.10"] >= 5 * one[f"metrics.{direction}.chance.10"]


def test_the_readmes_picture_is_there():
    assert (RESULTS / "overview.png").read_bytes().startswith(b"\x89PNG")


def test_the_bench_table_is_what_its_record_says():
    bench = report.read(RESULTS / "bench.json")
    assert (RESULTS / "bench.md").read_text(encoding="utf-8") == markdown(bench)
