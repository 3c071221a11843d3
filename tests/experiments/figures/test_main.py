"""Which figure is drawn of which runs, and where it goes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from commands import refusal

from encoded_text import InputError
from encoded_text.common.errors import run_command
from experiments.figures import __main__ as module
from experiments.figures import figure3, overview, search_page, table3
from experiments.publish import FIGURES
from experiments.study import read_study
from experiments.training import choose_runs

pytestmark = pytest.mark.usefixtures("no_roots")


def test_the_figures_own_data_where_there_is_some_else_the_scenes(monkeypatch):
    assert module.choose_data("figure3", []) == ["scenes"]
    monkeypatch.setenv("COCO_ROOT", "/data/coco")
    monkeypatch.setenv("FLICKR30K_ROOT", "/data/flickr30k")
    assert module.choose_data("figure3", []) == ["flickr30k", "coco"]
    assert module.choose_data("table3", []) == ["coco"] and module.choose_data("overview", []) == ["scenes"]
    assert module.choose_data("figure3", ["scenes", "flickr8k"]) == ["scenes", "flickr8k"]
    with pytest.raises(InputError, match="one data set"):
        module.choose_data("table3", ["scenes", "flickr8k"])
    assert module.choose_data("page", ["scenes"]) == ["scenes"]
    for what in ("overview", "page"):  # said before anything is trained
        with pytest.raises(InputError, match="of the scenes alone"):
            module.choose_data(what, ["flickr8k"])


def test_figures_go_to_runs_and_only_those_of_the_scenes_may_be_published(monkeypatch):
    drawn, called = [], []
    monkeypatch.setattr(module, "train", lambda run: None)
    monkeypatch.setattr(module, "call", lambda *words: called.append(words))
    for figure in (figure3, overview, search_page, table3):
        monkeypatch.setattr(figure, "draw", lambda runs, path: drawn.append((runs, path)))
    study = read_study("table1")

    def draw(what, *data):
        return module.draw(what, [run for name in data for run in choose_runs(study, name, ["nested"])])

    assert draw("figure3", "scenes", "flickr8k") == Path("runs/figures/figure3-flickr8k.png")
    assert draw("table3", "flickr8k") == Path("runs/figures/table3-flickr8k.png")
    assert draw("table3", "scenes").name in FIGURES and "table3-flickr8k.png" not in FIGURES
    assert draw("page", "scenes").name in FIGURES
    assert draw("overview", "scenes").name in FIGURES and called[0][-1] == Path("runs/figures/search.png")
    assert drawn[0][0] == [Path("runs/scenes-nested"), Path("runs/flickr8k-nested")]
    assert drawn[1][0] == Path("runs/flickr8k-nested")


def test_the_overview_is_of_the_scenes_alone(untrained_run, tmp_path):
    with pytest.raises(InputError, match="was trained on table"):
        overview.draw(untrained_run, tmp_path / "o.png")


@pytest.mark.slow
def test_the_rank_of_an_image_counts_ties_against_it():
    found, distances = np.array([3, 0, 2, 1]), np.array([0.1, 0.5, 0.5, 0.7])
    assert [overview.rank_of(own, found, distances) for own in range(4)] == [3, 4, 3, 1]


@pytest.mark.slow
def test_several_variants_and_missing_data_are_one_line():
    for words, why in ((["--variants", "nested", "config-2"], "one variant"), (["--data", "coco"], "COCO_ROOT")):
        assert why in refusal(lambda: run_command(module._main), "table3", *words)


def test_the_index_of_the_screenshots_is_in_its_runs_folder(tmp_path, monkeypatch):
    """As that of `make search`, so that it goes with the run."""
    places = []

    def indexed(place: Path, *_: object) -> None:
        places.append(place)
        raise InputError("no further")

    monkeypatch.setattr(search_page, "update_index", indexed)
    monkeypatch.setattr(search_page, "LazyModel", lambda run: run)
    with pytest.raises(InputError, match="no further"):
        search_page.draw(tmp_path / "run", tmp_path / "page.png")
    assert places == [tmp_path / "run" / "scenes.index"]
