"""The report: published, committed and your own results."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from markdown_cells import cells

from experiments import report as module
from experiments.records import read_record
from experiments.report import report
from experiments.study import read_study

ROOT = Path(__file__).resolve().parents[2]


def with_recalls(path: Path, value: float, interval: list[float]) -> Path:
    record = json.loads(path.read_text())
    for direction in ("image_to_sentence", "sentence_to_image"):
        for k in ("1", "5", "10"):
            record["metrics"][direction]["recall"][k] = value
            record["metrics"][direction]["interval_95"][k] = interval
    path.write_text(json.dumps(record))
    return path


def made(study: str, committed: list[Path], yours: list[Path]) -> tuple[str, list[list[str]]]:
    text = report(read_study(study), [read_record(path) for path in committed], [read_record(path) for path in yours])
    below = text.partition("## Yours")[2]
    return text, cells(below)[1:] if below else []


def test_published_committed_and_yours(write_record):
    committed = with_recalls(write_record("coco", "config-2"), 32.0, [30.1, 40.0])
    yours = with_recalls(write_record("coco", "config-2", root="runs/records"), 30.05, [0.0, 99.0])
    text, rows = made("table1", [committed], [yours])
    # The interval is that of what each query reached, the same in both.
    assert rows[0] == ["i2t R@1", "12.50", "32.0 [30.1, 40.0]", "30.1", "+0.00 [+0.00, +0.00]"]
    assert rows[5] == ["t2i R@10", "45.76", "32.00 [30.10, 40.00]", "30.05", "+0.00 [+0.00, +0.00]"]
    assert "They do not cover the variation between trainings" in text
    assert "cannot be compared" not in text and "differs in its settings" not in text
    assert [row[-1] for row in cells(text)[-2:]] == ["committed", "yours"]
    older = json.loads(yours.read_text())  # its record does not say what each query reached
    del older["metrics"]["reached"]
    yours.write_text(json.dumps(older))
    assert [row[4] for row in made("table1", [committed], [yours])[1]] == 3 * ["-1.9"] + 3 * ["-1.95"]


@pytest.mark.parametrize("name", ["two_tower", "ambiguities"])
def test_your_lines_are_told_from_committed_ones_in_every_study(name, write_record):
    study = read_study(name)
    variant = study.lines[0].variant
    committed = write_record(study.data, variant, name)
    yours = write_record("scenes", variant, name, "runs/records")
    text, _ = made(name, [committed], [yours])
    header, *rows = cells(text.partition("## Yours")[0])
    data, source = header.index("Data"), header.index("Source")
    assert {(row[data].split()[0], row[source]) for row in rows} == {
        ({"flickr8k": "Flickr8k", "scenes": "synthetic"}[study.data], "committed"),
        ("synthetic", "yours"),
    }


def test_the_later_result_where_the_paper_is_empty(write_record):
    _, rows = made("table1", [], [write_record("coco", "config-standard")])
    assert [row[1] for row in rows] == ["13.2", "30.4", "41.9", "12.2", "33.0", "46.7"]
    assert all(row[2] == row[4] == "–" for row in rows)


def test_another_data_set_is_not_compared_with_the_published_results(write_record):
    text, rows = made("table1", [], [write_record("scenes", "config-2")])
    assert "The published results are on COCO-1k: they cannot be compared with these." in text
    assert "No record of this variant on this data is committed in this study." in text
    assert all(row[1] == "–" for row in rows)


def test_the_committed_run_of_the_same_seed_and_other_settings(write_record):
    committed = [write_record("flickr8k", "nested", "flickr8k", seed=seed) for seed in (0, 1)]
    settings = {"variant": "nested", "training": {"seed": 1, "epochs": 3.0}, "data": {"root": "/elsewhere"}}
    yours = write_record("flickr8k", "nested", "mine", seed=1, configuration=settings)
    text, rows = made("flickr8k", committed, [yours])
    value = read_record(committed[1])["metrics.image_to_sentence.recall.1"]
    assert rows[0][2].startswith(f"{value:.1f} [") and rows[0][4] == "+0.00 [+0.00, +0.00]"
    assert "Your run differs in its settings: training.epochs=3.0 (committed: 20.0)." in text


def test_without_runs_it_says_how_to_make_them(write_record):
    assert (
        "`make reproduce-table1` trains and evaluates them" in made("table1", [write_record("scenes", "nested")], [])[0]
    )


def test_the_command_writes_below_runs(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    command = [sys.executable, "-m", "experiments.report", "table1"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / module.REPORTS / "table1.md").read_text(encoding="utf-8")
    assert text in done.stdout and "committed" in text
    done = subprocess.run([*command[:-1], "table9"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
