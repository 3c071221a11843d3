"""R@10 during training: CSV and plot from made-up records."""

from __future__ import annotations

import csv
import io

import pytest
from matplotlib.figure import Figure
from PIL import Image

from experiments.curves import curves_csv, curves_parts, draw_curves, with_curves
from experiments.pages import study_files
from experiments.records import DIRECTIONS, read_record
from experiments.study import read_study


@pytest.fixture
def drawn(monkeypatch) -> list[Figure]:
    """The figures that would be written."""
    figures: list[Figure] = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: figures.append(figure))
    return figures


def history(*points: tuple[int, float, float]) -> list[dict]:
    """Of each point: samples, recall on the validation set, recall on training images."""

    def recall(value: float) -> dict:
        return {
            direction: {"1": value / 10, "5": value / 2, "10": value + shift}
            for shift, direction in enumerate(DIRECTIONS)
        }

    return [
        {
            **{"step": samples // 45, "samples": samples, "rsum": 1.0, "gallery": 1000},
            "recall": {"validation": recall(validation), "training": recall(training)},
        }
        for samples, validation, training in points
    ]


def test_every_score_on_the_way_is_a_line(write_record):
    record = read_record(write_record("flickr8k", "config-2", history=history((900, 2.5, 3.25), (1800, 4.0, 30.0))))
    heading, text, image = curves_parts({record: "Single-Net (config-2)"}, "flickr8k_curves.png")
    assert heading == "## R@10 during training" and "overfitting" in text and "(flickr8k_curves.png)" in image
    assert "`flickr8k_curves.csv`" in text and "continues" not in text
    first, _ = csv.DictReader(io.StringIO(curves_csv({record: "Single-Net (config-2)"})))
    assert first["samples"] == "900" and first["training_t2i_r10"] == "4.25" and first["validation_i2t_r5"] == "1.25"
    assert first["record"] == "flickr8k-config-2.json" and first["step"] == "20"


def goes_on_from(run: str) -> dict[str, object]:
    return {"run": f"{run}/model.safetensors", "training": {"samples": 500, "seconds": 1.0, "wall_seconds": 1.0}}


def test_samples_count_from_the_beginning_of_the_run_that_it_goes_on_from(write_record):
    scores = history((900, 2.5, 3.25), (1800, 4.0, 30.0))
    record = read_record(write_record("flickr8k", "nested", history=scores, init_from=goes_on_from("first")))
    assert [line["samples"] for line in csv.DictReader(io.StringIO(curves_csv({record: "a"})))] == ["1400", "2300"]


def test_a_run_that_goes_on_starts_at_the_end_of_the_other_ones_curve(write_record, tmp_path, drawn):
    scores = history((250, 2.5, 3.25), (500, 4.0, 30.0))
    first = read_record(write_record("flickr8k", "taught", history=scores))
    start = goes_on_from("flickr8k-taught")
    then = read_record(write_record("flickr8k", "taught-160", history=scores, init_from=start))
    draw_curves({first: "a", then: "b"}, tmp_path / "curves.png")
    lines = [line for line in drawn[0].axes[0].lines if line.get_linestyle() == "-"]
    assert [list(line.get_xdata()) for line in lines] == [[250, 500], [500, 750, 1000]]
    assert list(lines[1].get_ydata()) == [4.0, 2.5, 4.0]
    assert "starts at the end of that run's curve" in curves_parts({first: "a", then: "b"}, "x.png")[1]
    assert "starts at the end" not in curves_parts({then: "b"}, "x.png")[1]  # the other one is not shown


def test_runs_scored_once_or_never_have_no_curve(write_record):
    once = read_record(write_record("flickr8k", "nested", history=history((900, 2.5, 3.25))))
    never = read_record(write_record("flickr8k", "config-standard"))
    assert with_curves({once: "a", never: "b"}) == {}
    assert curves_parts({once: "a", never: "b"}, "x.png") == []


@pytest.mark.parametrize(("name", "shown"), [("flickr8k", True), ("two_tower", False)])
def test_only_a_study_with_curves_has_them(write_record, name, shown):
    for seed in (0, 1):
        write_record("flickr8k", "nested", study="flickr8k", seed=seed, history=history((900, 2, 3), (1800, 4, 9)))
    study = read_study(name)
    records = [read_record(path) for path in sorted(write_record("x", "y").parents[1].glob("flickr8k/*.json"))]
    files = {path.name: text for path, text in study_files(study, records).items()}
    assert ("## R@10 during training" in files[f"{name}.md"]) == shown
    assert {of: len(text.splitlines()) for of, text in files.items() if "curves" in of} == (
        {"flickr8k_curves.csv": 5} if shown else {}
    )


def test_the_plot(write_record, tmp_path):
    record = read_record(write_record("flickr8k", "config-2", history=history((900, 2.5, 3.25), (1800, 4.0, 30.0))))
    draw_curves({record: "Single-Net (config-2)"}, tmp_path / "curves.png")
    with Image.open(tmp_path / "curves.png") as image:
        assert image.width > 900


def test_seeds_of_a_line_have_one_color_and_one_entry(write_record, tmp_path, drawn):
    scores = history((900, 2.5, 3.25), (1800, 4.0, 30.0))
    runs = [("config-2", 0), ("taught", 0), ("taught", 1)]
    records = [read_record(write_record("flickr8k", of, seed=seed, history=scores)) for of, seed in runs]
    draw_curves({record: record["variant"] for record in records}, tmp_path / "curves.png")
    assert [line.get_color() for line in drawn[0].axes[0].lines[::2]] == ["C0", "C1", "C1"]
    [legend] = drawn[0].legends
    assert [text.get_text() for text in legend.get_texts()] == ["config-2", "taught, 2 seeds"]


def test_a_row_of_panels_for_each_split_with_its_own_scale_and_a_column_for_each_direction(
    write_record, tmp_path, drawn
):
    record = read_record(write_record("flickr8k", "nested", history=history((900, 2.5, 3.25), (1800, 4.0, 30.0))))
    draw_curves({record: "nested"}, tmp_path / "curves.png")
    panels = drawn[0].axes
    shown = [tuple(axes.lines[0].get_ydata()) for axes in panels]
    assert shown == [(2.5, 4.0), (3.5, 5.0), (3.25, 30.0), (4.25, 31.0)]
    assert list(panels[0].lines[0].get_xdata()) == [900, 1800]
    limits = [axes.get_ylim() for axes in panels]
    assert limits[0] == limits[1] and limits[2] == limits[3] and limits[0][1] < 6 < 30 < limits[2][1]
