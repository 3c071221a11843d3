"""The t-SNE map as a plot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from encoded_text.common.files import replacing

if TYPE_CHECKING:
    pass
from single_net.tsne.projection import CAPTION, PICTURE, TsneMap


def draw_map(
    axes, tsne: TsneMap, *, pairs: bool = False, groups: tuple[np.ndarray, list[str]] | None = None, label: str = ""
) -> None:
    """Onto matplotlib axes: pictures blue and captions red, or, with `groups`, a colour a group and pictures outlined.

    pairs: thin lines from each picture to its captions. label: a line above the title.
    """
    from matplotlib.collections import LineCollection
    from matplotlib.lines import Line2D

    owner, count = tsne.data.image_of_caption, len(tsne.data)
    pictures, captions = tsne.places[:count], tsne.places[count:]
    if pairs:
        lines = np.stack([pictures[owner], captions], axis=1)
        axes.add_collection(LineCollection(lines, colors="#55555f", linewidths=0.25, alpha=0.25, zorder=1))
    if groups is None:
        axes.scatter(*captions.T, s=5, c=CAPTION, alpha=0.55, linewidths=0, zorder=2)
        axes.scatter(*pictures.T, s=9, c=PICTURE, alpha=0.8, linewidths=0, zorder=3)
        marks = [_mark(PICTURE, f"pictures ({count:,})"), _mark(CAPTION, f"captions ({len(captions):,})")]
    else:
        labels, names = groups
        colours = np.array(group_colours(len(names)))
        axes.scatter(*captions.T, s=5, c=colours[labels[owner]], alpha=0.6, linewidths=0, zorder=2)
        axes.scatter(*pictures.T, s=16, c=colours[labels], linewidths=0.5, edgecolors="#1c1c22", zorder=3)
        marks = [_mark(colours[i], name) for i, name in enumerate(names)]
        marks.append(
            Line2D([], [], ls="", marker="o", ms=5, mfc="none", mec="#1c1c22", mew=0.8, label="outlined: picture")
        )
    axes.legend(handles=marks, loc="upper left", bbox_to_anchor=(0, -0.01), ncols=2, frameon=False, fontsize=9)
    axes.set_title("\n".join(filter(None, (label, tsne.title))), fontsize=10, loc="left")
    low, high = tsne.places.min(axis=0), tsne.places.max(axis=0)
    middle, reach = (low + high) / 2, 0.53 * float((high - low).max())  # a square, whatever the map's shape
    axes.set(xlim=(middle[0] - reach, middle[0] + reach), ylim=(middle[1] - reach, middle[1] + reach))
    axes.set(xticks=[], yticks=[], box_aspect=1)
    for spine in axes.spines.values():
        spine.set_edgecolor("#d9d9e0")


def group_colours(number: int) -> list[str]:
    """A colour a group, "#rrggbb"; beyond twenty they come again."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    palette = colormaps["tab20" if number > 10 else "tab10"].colors
    return [to_hex(palette[i % len(palette)]) for i in range(number)]


def _mark(colour, label: str):
    from matplotlib.lines import Line2D

    return Line2D([], [], ls="", marker="o", ms=6, color=colour, label=label)


def save_figure(figure, *paths: Path) -> None:
    """Write a matplotlib figure as PNG or SVG, by the endings of the paths; the same figure gives the same file."""
    from matplotlib import rc_context

    for path in paths:
        undated = {"Date": None} if path.suffix == ".svg" else None
        with replacing(path) as temporary, rc_context({"svg.hashsalt": "single-net"}):
            figure.savefig(
                temporary, dpi=160, format=path.suffix[1:], metadata=undated, bbox_inches="tight", pad_inches=0.12
            )
