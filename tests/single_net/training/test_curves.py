"""Curves: the parts of the loss as they add up to it."""

from __future__ import annotations

import csv

import pytest
from PIL import Image

from single_net.training.curves import _part, draw_curves
from single_net.training.log_file import FIELDS, LOSSES, read_log

WEIGHTS = {"softmax": 1.0, "center": 0.01, "prototype": 0.5}
TERMS = {"softmax": 4.0, "center": 90.0, "prototype": 3.0}  # the center loss alone is far above the total
OTHERS = 4.0 + 0.9 + 1.5


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, restval="")
        writer.writeheader()
        common = {"epoch": 1, "learning_rate": 0.001, "seconds": 1, "samples_per_second": 1, "memory_gib": 1}
        for step, contrastive in ((1, None), (2, 0.0), (3, 0.25), (4, 2.0)):
            values = TERMS | ({} if contrastive is None else {"contrastive": 2.0})
            loss = f"{OTHERS + (contrastive or 0):.5g}"  # the contrastive weight is ramped up from 0 to 1
            writer.writerow(common | values | {"step": step, "samples": 10 * step, "loss": loss})
    return path


def test_the_weighted_parts_add_up_to_the_total(log):
    rows = read_log(log)
    for row, contrastive in zip(rows, (0, 0, 0.25, 2), strict=True):
        parts = {name: _part(row, name, WEIGHTS) for name in LOSSES}
        assert parts["center"] == pytest.approx(0.9) and parts["prototype"] == pytest.approx(1.5)
        assert parts["contrastive"] == pytest.approx(contrastive, abs=1e-3)
        assert sum(parts.values()) == pytest.approx(2 * parts["loss"], rel=1e-3)


def test_the_axis_ends_where_the_total_does(log, tmp_path, monkeypatch):
    from matplotlib.figure import Figure

    drawn = []
    save = Figure.savefig
    monkeypatch.setattr(Figure, "savefig", lambda figure, *a, **k: drawn.append(figure) or save(figure, *a, **k))
    draw_curves(log, tmp_path / "curves.png", WEIGHTS)
    lines = {line.get_label(): line.get_ydata() for line in drawn[0].axes[0].get_lines()}
    assert set(lines) == {"total", "softmax", "center", "prototype", "contrastive"}
    assert max(map(max, lines.values())) == max(lines["total"]) and len(lines["contrastive"]) == 2
    with Image.open(tmp_path / "curves.png") as image:
        assert image.width > 500
