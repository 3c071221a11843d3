"""Figure 3 of the paper: t-SNE of trained runs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from single_net.inference.embedding_cache import embed_dataset
from single_net.inference.model import Model
from single_net.tsne.plot import draw_map, save_figure
from single_net.tsne.projection import CAPTIONS, IMAGES, tsne_map

COLUMNS = 2


def draw(runs: Sequence[Path], path: Path) -> None:
    """One panel per run: images (blue) and captions (red) of the test split of its data set, as in the protocol.

    Dots only, so that it may be published whatever the terms of the data are.

    Args:
        runs: folders of trained runs.
        path: the PNG file.
    """
    from matplotlib.figure import Figure

    maps = []
    for run in runs:
        model = Model.load(run)
        data = model.config.data
        split = data.load("test").first(IMAGES, CAPTIONS)
        print(f"t-SNE of {run}", flush=True)
        maps.append((model.config.variant, tsne_map(embed_dataset(model, split, skip_bad=data.skip_bad))))
    columns = min(COLUMNS, len(maps))
    lines = -(-len(maps) // columns)
    figure = Figure(figsize=(6.2 * columns, 6.9 * lines), layout="constrained")
    for place, (variant, of_run) in enumerate(maps):
        axes = figure.add_subplot(lines, columns, place + 1)
        draw_map(axes, of_run, label=f"({chr(ord('a') + place)}) {variant}" if len(maps) > 1 else variant)
    save_figure(figure, path)
