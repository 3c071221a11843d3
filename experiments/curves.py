"""Recall during training: R@10 over its samples, on the validation set and on training images."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from encoded_text.common.files import replacing
from experiments.records import DECIMALS, DIRECTIONS, SHORT, Record
from experiments.tables import csv_text, markdown_table

SPLITS = {"validation": "validation", "training": "training images"}
TEXT = """R@10 in percent during training, on the validation set and on equally many training images. A growing gap
between the two is overfitting. Runs that were scored once are left out."""


def with_curves(named: dict[Record, str]) -> dict[Record, str]:
    """The runs that were scored more than once during training.

    Args:
        named: {run: its name in the tables}.
    """
    return {record: name for record, name in named.items() if len(record.get("history") or []) > 1}


def curves_parts(named: dict[Record, str], plot: str) -> list[str]:
    """Heading, explanation, plot and table; nothing if no run was scored more than once during training.

    Args:
        named: {run: its name in the tables}.
        plot: path of the plot from the page.
    """
    shown = with_curves(named)
    if not shown:
        return []
    header = ["Method", "Samples", "Gallery", *(f"{split}, {short}" for split in SPLITS.values() for short in SHORT)]
    rows = [
        [
            *(name, f"{_samples(record, entry):,}", f"{entry['gallery']:,} images"),
            *(f"{_r10(entry, split, way):.{DECIMALS[way]}f}" for split in SPLITS for way in DIRECTIONS),
        ]
        for record, name in shown.items()
        for entry in record["history"]
    ]
    image = f"![Recall on the validation set and on training images over the samples]({plot})"
    return [
        "## Recall during training",
        TEXT.replace("\n", " "),
        image,
        markdown_table(header, rows, "l" + "r" * (len(header) - 1)),
    ]


def curves_csv(named: dict[Record, str]) -> str:
    """One line for each score during training, all six recalls of both splits, unrounded."""
    places = {
        f"{split}_{short}_r{k}": (split, direction, str(k))
        for split in SPLITS
        for short, direction in SHORT.items()
        for k in (1, 5, 10)
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
    """A panel for each direction: R@10 on the validation set (solid) and on training images (dashed), as PNG.

    Args:
        named: {run: name of its line}; one of them at least with scores during training. Runs of a line have one color.
        path: the file.
    """
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    shown = with_curves(named)
    colors = {name: f"C{number}" for number, name in enumerate(dict.fromkeys(shown.values()))}
    seeds = Counter(shown.values())
    figure = Figure(figsize=(9, 3.8), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    for axes, direction in zip(panels, DIRECTIONS, strict=True):
        for record, name in shown.items():
            for split, style in zip(SPLITS, ("-", "--"), strict=True):
                points = [(_samples(record, entry), _r10(entry, split, direction)) for entry in record["history"]]
                axes.plot(*zip(*points, strict=True), style, color=colors[name], marker="o", markersize=3)
        axes.set_title(direction.replace("_", "-"), fontsize=10)
        axes.set_xlabel("samples")
        axes.locator_params("x", nbins=4)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("R@10 (%)")
    panels[0].set_ylim(bottom=0)  # both panels' limit: when both are drawn
    lines = [Line2D([], [], color=color) for color in colors.values()]
    labels = [name + (f", {seeds[name]} seeds" if seeds[name] > 1 else "") for name in colors]
    lines += [Line2D([], [], color="gray", linestyle=style) for style in ("-", "--")]
    figure.legend(lines, [*labels, *SPLITS.values()], frameon=False, fontsize=8, loc="outside lower center", ncols=3)
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=120)


def _samples(record: Record, entry: dict[str, Any]) -> int:
    """Samples until then, with those of the runs that it goes on from."""
    return int(entry["samples"]) + record.samples - int(record["training.samples"])


def _r10(entry: dict[str, Any], split: str, direction: str) -> float:
    return float(entry["recall"][split][direction]["10"])
