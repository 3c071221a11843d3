"""A record beside its published row."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path

from experiments.compare import comparison
from experiments.records import read_record

ROOT = Path(__file__).resolve().parents[2]


def lines_of(path: Path) -> tuple[str, list[list[str]]]:
    text = comparison(read_record(path))
    head, table = text.split("\n\n")
    return head, [line.replace("[", " ").replace("]", " ").replace(",", " ").split() for line in table.splitlines()[1:]]


def with_recalls(path: Path, value: float, interval: list[float]) -> Path:
    record = json.loads(path.read_text())
    metrics = copy.deepcopy(record["metrics"])
    for direction in ("image_to_sentence", "sentence_to_image"):
        for k in ("1", "5", "10"):
            metrics[direction]["recall"][k] = value
            metrics[direction]["interval_95"][k] = interval
    path.write_text(json.dumps(record | {"metrics": metrics}))
    return path


def test_difference_and_interval_against_the_papers_row(write_record):
    head, rows = lines_of(with_recalls(write_record("coco", "config-2"), 32.0, [30.1, 40.0]))
    assert "Our Work (config-2) on COCO-1k (paper, Table 1)" in head
    assert "sets differ" not in head
    assert rows[0] == ["Image-to-Sentence", "R@1", "32.0", "30.1", "40.0", "12.50", "+19.5", "no"]
    assert rows[1] == ["Image-to-Sentence", "R@5", "32.0", "30.1", "40.0", "30.10", "+1.9", "yes"]
    assert rows[2] == ["Image-to-Sentence", "R@10", "32.0", "30.1", "40.0", "40.0", "-8.0", "yes"]
    assert rows[4] == ["Sentence-to-Image", "R@5", "32.00", "30.10", "40.00", "32.22", "-0.22", "yes"]
    assert rows[5] == ["Sentence-to-Image", "R@10", "32.00", "30.10", "40.00", "45.76", "-13.76", "no"]


def test_the_later_row_where_the_paper_is_empty(write_record):
    head, rows = lines_of(write_record("coco", "config-standard"))
    assert "Our Work (config-standard) on COCO-1k (authors' follow-up)" in head
    assert [row[5] for row in rows] == ["13.2", "30.4", "41.9", "12.2", "33.0", "46.7"]


def test_another_data_set_is_said_plainly(write_record):
    head, rows = lines_of(write_record("scenes", "config-2", table="table2"))
    assert "The data sets differ: figures on embedded scenes test, 1,000 × 5,000 cannot be compared" in head
    assert [row[5] for row in rows] == ["14.5", "33.0", "42.6", "10.5", "26.74", "37.2"]


def test_other_pictures_of_the_same_data_set_are_said_plainly(write_record):
    data = {"name": "coco", "split": "test", "pictures": 500, "captions": 2500}
    head, _ = lines_of(write_record("coco", "config-2", dataset=data))
    assert "The test sets differ" in head


def test_rows_without_a_published_counterpart(write_record):
    for path, why in (
        (write_record("scenes", "nested"), "the authors have no row 'nested' on COCO-1k"),
        (write_record("flickr8k", "config-2", table="flickr8k"), "the authors have no row 'config-2' on Flickr8k"),
        (write_record("mine", "config-2", table=""), "the data set 'mine' is in no table of this project"),
    ):
        head, rows = lines_of(path)
        assert why in head
        assert all(row[5:] == ["–", "–", "–"] for row in rows)


def test_a_record_without_a_table_goes_by_its_data_set(write_record):
    assert "on Flickr30K (paper, Table 2)" in lines_of(write_record("flickr30k", "config-2", table=""))[0]


def test_the_command(write_record, tmp_path):
    def run(path: Path) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "experiments.compare", str(path)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    done = run(write_record("coco", "config-2"))
    assert done.returncode == 0 and "published:" in done.stdout
    done = run(tmp_path / "none.json")
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {tmp_path}/none.json: no such run record")
    assert done.stderr.count("\n") == 1
