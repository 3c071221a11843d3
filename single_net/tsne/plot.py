"""The t-SNE map as a matplotlib figure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from encoded_text.common.files import replacing
from single_net.tsne.colors import CAPTION, IMAGE, THIRD, cluster_colors
from single_net.tsne.projection import TsneMap

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    from single_net.tsne.clusters import Clusters

_OUTLINE, _PAIR, _FRAME = "#1c1c22", "#55555f", "#d9d9e0"


def draw_map(
    axes: Axes, tsne: TsneMap, *, pairs: bool = False, clusters: Clusters | None = None, label: str = ""
) -> None:
    """Draw the map: images blue, captions red and a third modality green, or one color per cluster, with images
    outlined.

    Args:
        axes: to draw on.
        tsne: the map.
        pairs: join each image and its captions by thin lines.
        clusters: of the map's images.
        label: a line above the title.
    """
    from matplotlib.collections import LineCollection

    owner, count = tsne.data.image_of_caption, len(tsne.data)
    images, captions, third = np.split(tsne.places, [count, count + len(owner)])
    owner_of_third = owner[tsne.caption_of_third]
    if pairs:
        lines = list(np.stack([images[owner], captions], axis=1))
        axes.add_collection(LineCollection(lines, colors=_PAIR, linewidths=0.25, alpha=0.25, zorder=1))
    if clusters is None:
        _dots(axes, third, 5, THIRD, alpha=0.55, linewidths=0, zorder=2)
        _dots(axes, captions, 5, CAPTION, alpha=0.55, linewidths=0, zorder=2)
        _dots(axes, images, 9, IMAGE, alpha=0.8, linewidths=0, zorder=3)
        handles = [_handle(f"images ({count:,})", IMAGE), _handle(f"captions ({len(captions):,})", CAPTION)]
        handles += [_handle(f"{tsne.third} ({len(third):,})", THIRD)] if tsne.third else []
    else:
        colors = np.array(cluster_colors(len(clusters.names)))
        for points, owners in ((captions, owner), (third, owner_of_third)):
            _dots(axes, points, 5, colors[clusters.labels[owners]], alpha=0.6, linewidths=0, zorder=2)
        _dots(axes, images, 16, colors[clusters.labels], linewidths=0.5, edgecolors=_OUTLINE, zorder=3)
        handles = [_handle(name, color) for name, color in zip(clusters.names, colors, strict=True)]
        handles.append(_handle("outlined: image", "none", outline=_OUTLINE))
    axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(0, -0.01), ncols=2, frameon=False, fontsize=9)
    axes.set_title("\n".join(filter(None, (label, tsne.title))), fontsize=10, loc="left")
    low, high = tsne.places.min(axis=0), tsne.places.max(axis=0)
    middle, reach = (low + high) / 2, 0.53 * float((high - low).max())  # a square, whatever the shape of the map
    axes.set(xlim=(middle[0] - reach, middle[0] + reach), ylim=(middle[1] - reach, middle[1] + reach))
    axes.set(xticks=[], yticks=[], box_aspect=1)
    for spine in axes.spines.values():
        spine.set_edgecolor(_FRAME)


def save_figure(figure: Figure, *paths: Path) -> None:
    """Write a figure as PNG or SVG, by the endings of the paths; the same figure gives the same file.

    Raises:
        InputError: a file cannot be written there.
    """
    from matplotlib import rc_context

    for path in paths:
        undated = {"Date": None} if path.suffix == ".svg" else None
        with replacing(path) as temporary, rc_context({"svg.hashsalt": "single-net"}):
            figure.savefig(
                temporary, dpi=160, format=path.suffix[1:], metadata=undated, bbox_inches="tight", pad_inches=0.12
            )


def _dots(axes: Axes, places: np.ndarray, size: float, color: str | np.ndarray, **style: Any) -> None:
    axes.scatter(places[:, 0], places[:, 1], s=size, c=color, **style)


def _handle(label: str, color: str, outline: str | None = None) -> Line2D:
    """An entry of the legend."""
    from matplotlib.lines import Line2D

    return Line2D([], [], ls="", marker="o", ms=6, mfc=color, mec=outline or color, mew=0.8, label=label)
