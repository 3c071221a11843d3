"""Recall during training: table, CSV and plot from made-up records."""

from __future__ import annotations

import csv
import io

from markdown_cells import cells
from matplotlib.figure import Figure
from PIL import Image

from experiments.curves import curves_csv, curves_parts, draw_curves, with_curves
from experiments.pages import study_files
from experiments.records import DIRECTIONS, read_record
from experiments.study import read_study


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
    heading, text, image, table = curves_parts({record: "Single-Net (config-2)"}, "flickr8k_curves.png")
    assert heading == "## Recall during training" and "overfitting" in text and "(flickr8k_curves.png)" in image
    header, *rows = cells(table)
    assert header[-4:] == ["validation, i2t", "validation, t2i", "training images, i2t", "training images, t2i"]
    assert rows[0] == ["Single-Net (config-2)", "900", "1,000 images", "2.5", "3.50", "3.2", "4.25"]
    assert rows[1][1:] == ["1,800", "1,000 images", "4.0", "5.00", "30.0", "31.00"]
    first, _ = csv.DictReader(io.StringIO(curves_csv({record: "Single-Net (config-2)"})))
    assert first["samples"] == "900" and first["training_t2i_r10"] == "4.25" and first["validation_i2t_r5"] == "1.25"
    assert first["record"] == "flickr8k-config-2.json" and first["step"] == "20"


def test_samples_count_from_the_beginning_of_the_run_that_it_goes_on_from(write_record):
    start = {"run": "first/model.safetensors", "training": {"samples": 500, "seconds": 1.0, "wall_seconds": 1.0}}
    scores = history((900, 2.5, 3.25), (1800, 4.0, 30.0))
    record = read_record(write_record("flickr8k", "nested", history=scores, init_from=start))
    _, *rows = cells(curves_parts({record: "a"}, "x.png")[-1])
    assert [row[1] for row in rows] == ["1,400", "2,300"]
    assert [line["samples"] for line in csv.DictReader(io.StringIO(curves_csv({record: "a"})))] == ["1400", "2300"]


def test_runs_scored_once_or_never_have_no_curve(write_record):
    once = read_record(write_record("flickr8k", "nested", history=history((900, 2.5, 3.25))))
    never = read_record(write_record("flickr8k", "config-standard"))
    assert with_curves({once: "a", never: "b"}) == {}
    assert curves_parts({once: "a", never: "b"}, "x.png") == []


def test_the_study_has_the_table_and_the_file(write_record):
    for seed in (0, 1):
        write_record("flickr8k", "nested", study="flickr8k", seed=seed, history=history((900, 2, 3), (1800, 4, 9)))
    study = read_study("flickr8k")
    records = [read_record(path) for path in sorted(write_record("x", "y").parents[1].glob("flickr8k/*.json"))]
    files = {path.name: text for path, text in study_files(study, records).items()}
    assert ", seed 1 | 1,800 " in " ".join(files["flickr8k.md"].split("## Recall during training")[1].split())
    assert len(files["flickr8k_curves.csv"].splitlines()) == 5


def test_the_plot(write_record, tmp_path):
    record = read_record(write_record("flickr8k", "config-2", history=history((900, 2.5, 3.25), (1800, 4.0, 30.0))))
    draw_curves({record: "Single-Net (config-2)"}, tmp_path / "curves.png")
    with Image.open(tmp_path / "curves.png") as image:
        assert image.width > 900


def test_seeds_of_a_line_have_one_color_and_one_entry(write_record, tmp_path, monkeypatch):
    scores = history((900, 2.5, 3.25), (1800, 4.0, 30.0))
    runs = [("config-2", 0), ("taught", 0), ("taught", 1)]
    records = [read_record(write_record("flickr8k", of, seed=seed, history=scores)) for of, seed in runs]
    figures = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: figures.append(figure))
    draw_curves({record: record["variant"] for record in records}, tmp_path / "curves.png")
    [figure] = figures
    assert [line.get_color() for line in figure.axes[0].lines[::2]] == ["C0", "C1", "C1"]
    [legend] = figure.legends
    words = ["config-2", "taught, 2 seeds", "validation", "training images"]
    assert [text.get_text() for text in legend.get_texts()] == words


def test_each_panel_draws_both_splits_of_its_direction(write_record, tmp_path, monkeypatch):
    record = read_record(write_record("flickr8k", "nested", history=history((900, 2.5, 3.25), (1800, 4.0, 30.0))))
    figures = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: figures.append(figure))
    draw_curves({record: "nested"}, tmp_path / "curves.png")
    drawn = [[(line.get_linestyle(), *line.get_ydata()) for line in axes.lines] for axes in figures[0].axes]
    assert drawn == [[("-", 2.5, 4.0), ("--", 3.25, 30.0)], [("-", 3.5, 5.0), ("--", 4.25, 31.0)]]
    assert list(figures[0].axes[0].lines[0].get_xdata()) == [900, 1800]
