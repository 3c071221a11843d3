"""R@10 during training, over its samples, on the validation set and on training images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from encoded_text.common.files import replacing
from experiments.records import DIRECTIONS, SHORT, Record
from experiments.tables import csv_text
from single_net.retrieval.recall import KS

SPLITS = {"validation": "validation", "training": "training images"}
TEXT = """R@10 in percent on the validation set and on equally many training images; the two rows have different axes. A
growing gap between the two is overfitting. Runs that were scored once are left out."""
JOINED = "A run that continues another one starts at the end of that run's curve."


def with_curves(named: dict[Record, str]) -> dict[Record, str]:
    """The runs that were scored more than once during training.

    Args:
        named: {run: its name in the tables}.
    """
    return {record: name for record, name in named.items() if len(record.get("history") or []) > 1}


def curves_parts(named: dict[Record, str], plot: str) -> list[str]:
    """Heading, explanation and plot; nothing if no run was scored more than once during training.

    Args:
        named: {run: its name in the tables}.
        plot: path of the plot from the page; its numbers are beside it, as CSV.
    """
    shown = with_curves(named)
    if not shown:
        return []
    text = f"{TEXT} {JOINED}" if any(_origin(record, shown) for record in shown) else TEXT
    numbers = Path(plot).with_suffix(".csv")
    image = f"![R@10 on the validation set and on training images over the samples]({plot})"
    return ["## R@10 during training", f"{text.replace(chr(10), ' ')} All numbers: `{numbers}`.", image]


def curves_csv(named: dict[Record, str]) -> str:
    """One line for each score during training, all six recalls of both splits, unrounded."""
    places = {
        f"{split}_{short}_r{k}": (split, direction, str(k))
        for split in SPLITS
        for short, direction in SHORT.items()
        for k in KS
    }
    lines = [
        {"method": name, "seed": record["seed"], "record": record.path.name}
        | {"step": entry["step"], "samples": _samples(record, entry), "gallery": entry["gallery"]}
        | {key: entry["recall"][split][direction][k] for key, (split, direction, k) in places.items()}
        for record, name in with_curves(named).items()
        for entry in record["history"]
    ]
    return csv_text(["method", "seed", "step", "samples", "gallery", *places, "record"], lines)


def draw_curves(named: dict[Record, str], path: Path) -> None:
    """R@10 as PNG: on the validation set above, on training images below, a column for each direction.

    Args:
        named: {run: name of its line}; one of them at least with scores during training. Runs of a line have one color.
        path: the file.
    """
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    shown = with_curves(named)
    colors = {name: f"C{number}" for number, name in enumerate(dict.fromkeys(shown.values()))}
    seeds = Counter(shown.values())
    figure = Figure(figsize=(9, 6), layout="constrained")
    panels = figure.subplots(2, 2, sharex=True, sharey="row")
    for row, (split, words) in zip(panels, SPLITS.items(), strict=True):
        for axes, direction in zip(row, DIRECTIONS, strict=True):
            for record, name in shown.items():
                points = _points(record, split, direction)
                origin = _origin(record, shown)
                start = _points(origin, split, direction)[-1:] if origin else []
                axes.plot(*zip(*start, *points, strict=True), color=colors[name])
                axes.plot(*zip(*points, strict=True), "o", color=colors[name], markersize=3)
            axes.set_title(f"{words}, {direction.replace('_', '-')}", fontsize=10)
            axes.grid(alpha=0.3)
            axes.spines[["top", "right"]].set_visible(False)
        row[0].set_ylabel("R@10 (%)")
        row[0].set_ylim(bottom=0)  # both panels' limit: when both are drawn
    for axes in panels[-1]:
        axes.set_xlabel("samples")
        axes.locator_params("x", nbins=4)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    lines = [Line2D([], [], color=color) for color in colors.values()]
    labels = [name + (f", {seeds[name]} seeds" if seeds[name] > 1 else "") for name in colors]
    figure.legend(lines, labels, frameon=False, fontsize=8, loc="outside lower center", ncols=2)
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=120)


def _origin(record: Record, shown: Iterable[Record]) -> Record | None:
    """Of the runs that are shown, the one that this one goes on from."""
    run = Path(record.get("init_from.run") or "")
    return next((other for other in shown if other.path.stem == run.parent.name), None)


def _points(record: Record, split: str, direction: str) -> list[tuple[int, float]]:
    """Samples and R@10 of each score."""
    return [(_samples(record, entry), float(entry["recall"][split][direction]["10"])) for entry in record["history"]]


def _samples(record: Record, entry: dict[str, Any]) -> int:
    """Samples until then, with those of the runs that it goes on from."""
    return int(entry["samples"]) + record.samples - int(record["training.samples"])
