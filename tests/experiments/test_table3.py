"""Table 3: which queries stand on the sheet, and that nothing of other people's data lands under results/."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from experiments.table3 import QUERIES, Direction, make_sheet
from single_net.data.dataset import CaptionDataset
from single_net.data.load import load_dataset
from single_net.inference.model import Model
from single_net.tsne import projection

PLAIN = np.zeros((8, 8, 3), np.uint8)
CAPTIONS = [["a red boat", "a boat"], ["a dog runs", "one dog"], ["a red boat", "boats"], ["a cat", "the cat"]]
DATA = CaptionDataset("made-up", "test", list("abcd"), [PLAIN] * 4, CAPTIONS)


def direction(items: list[list[int]], from_pictures: bool) -> Direction:
    items = np.array(items)
    return Direction(DATA, from_pictures, np.linspace(0, 1, items.size).reshape(items.shape), items)


def test_own_captions_found_queries_and_the_nearly_right_ones():
    one = direction([[4, 0], [0, 5], [0, 7], [6, 1]], from_pictures=True)
    assert one.own.tolist() == [[False, True], [False, False], [False, False], [True, False]]
    assert one.first_found() == [0, 3]
    queries, likeness = one.nearly_right()  # picture 2 found the caption of picture 0, word for word its own
    assert queries == [2, 1] and likeness[2] > 1 > likeness[1]
    asked, results = one.lines([0])[0].query, one.lines([0])[0].results
    assert "a red boat" in asked.note and [item.own for item in results] == [False, True]
    assert [item.text for item in results] == ["a red boat", "a red boat"] and "its own caption" in results[1].note


def test_own_pictures_and_at_most_one_query_a_picture():
    one = direction([[0, 1], [0, 2], [0, 2], [1, 0], [0, 1], [3, 1], [2, 3], [3, 2]], from_pictures=False)
    assert one.found.tolist() == [True, True, False, True, False, False, True, True]
    assert one.first_found() == [0, 3]  # captions of pictures 0 and 1
    queries, _ = one.nearly_right()
    assert queries[0] == 4 and len(queries) == 2
    assert one.lines([6])[0].results[1].own and one.lines([6])[0].results[0].picture.shape == (192, 192, 3)
    assert one.by_place() == [2, 6] and len(one.by_place()) == QUERIES


def test_the_sheet_of_a_run_and_where_it_is_written(untrained_run, tmp_path, monkeypatch):
    model = Model.load(untrained_run)
    sheet = make_sheet(model, load_dataset("table", model.config.data.root, "test"))
    headings = [section.heading for section in sheet.sections]
    assert headings[0] == "Image-to-sentence: chosen by place"
    assert any(heading.startswith("Sentence-to-image: chosen") for heading in headings)
    assert all(1 <= len(section.lines) <= QUERIES for section in sheet.sections)
    assert all(len(line.results) == 5 for section in sheet.sections for line in section.lines)

    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    done = subprocess.run(
        [sys.executable, "-m", "experiments.table3", str(untrained_run)], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "results").exists()  # not the embedded scenes: not to be published
    with Image.open(untrained_run / "table3.png") as image:
        assert image.width > 6 * 192
    page = (untrained_run / "table3.html").read_text(encoding="utf-8")
    assert page.count("<figure") == sum(6 for section in sheet.sections for _ in section.lines)


def test_a_run_that_is_not_there_is_one_line(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "experiments.table3", str(tmp_path / "none")], capture_output=True, text=True
    )
    assert done.returncode == 2 and done.stderr.count("\n") == 1


@pytest.mark.parametrize("runs", [1, 3])
def test_figure_3_has_a_panel_for_each_run(untrained_run, tmp_path, runs, monkeypatch):
    from experiments import figure3

    monkeypatch.setattr(figure3, "tsne_map", lambda of: projection.tsne_map(of, perplexity=5))
    figure3.draw([untrained_run] * runs, tmp_path / "f.png")
    with Image.open(tmp_path / "f.png") as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    assert pixels.shape[1] > 900 * min(runs, 2)
    blue = (pixels[..., 2] - pixels[..., 0] > 60).any(axis=0)
    halves = np.array_split(blue, min(runs, 2))
    assert all(half.any() for half in halves)
    assert (pixels.shape[0] > 1500) == (runs > 2)
