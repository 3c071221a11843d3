"""python -m experiments.overview RUN: the README's picture, scenes that a trained run finds for drawn captions."""

from __future__ import annotations

import dataclasses
import textwrap
from pathlib import Path

import numpy as np

from encoded_text import Layout
from encoded_text.errors import CommandParser, InputError, run_command
from encoded_text.files import replacing
from single_net.datasets import load_dataset
from single_net.embedding import Model
from single_net.images import prepare_images
from single_net.retrieval import nearest, normalise

QUERIES, NEIGHBOURS = 4, 5


def draw(run: Path, path: Path) -> None:
    """Four captions of the scenes' test split, how they are drawn, and the five nearest of its pictures, as a PNG.

    The captions are the longest of the pictures at 0, 1/4, 1/2 and 3/4 of the split: chosen by place, not by result.
    """
    from matplotlib import pyplot as plt

    model = Model.load(run)
    if model.config.data.name != "scenes":
        raise InputError(f"{run} was trained on {model.config.data.name}: only pictures of the scenes may be published")
    data = load_dataset("scenes", split="test")
    shown = [len(data) * i // QUERIES for i in range(QUERIES)]
    captions = [max(data.captions[i], key=len) for i in shown]
    _, pictures = prepare_images(data, model.image_size)
    gallery = normalise(model.embed_pictures(pictures))
    distance, found = nearest(normalise(model.embed_captions(captions)), gallery, NEIGHBOURS)
    large = dataclasses.replace(Layout.paper(), fill=model.encoder.layout.fill)  # the network sees them smaller
    as_drawn = model.encoder.with_layout(large).transform(captions)

    plt.rcParams["font.family"] = "DejaVu Sans"
    figure, axes = plt.subplots(QUERIES, 2 + NEIGHBOURS, figsize=(12.6, 1.95 * QUERIES), layout="constrained")
    for row, caption in enumerate(captions):
        sentence, drawn, *results = axes[row]
        sentence.text(0.98, 0.5, textwrap.fill(caption, 20), ha="right", va="center", fontsize=10)
        sentence.axis("off")
        _show(drawn, as_drawn[row], "#bbbbbb")
        for axis, i, d in zip(results, np.asarray(found[row]), np.asarray(distance[row]), strict=True):
            own = i == shown[row]
            _show(axis, np.asarray(data.images[int(i)]), "#2a9d4a" if own else "#dddddd", 3.5 if own else 0.8)
            axis.set_xlabel(f"{d:.2f}" + (", its own picture" if own else ""), fontsize=8)
    titles = ("caption", "drawn caption", "nearest picture", "2nd", "3rd", "4th", "5th")
    for axis, title in zip(axes[0], titles, strict=True):
        axis.set_title(title, fontsize=10, color="#444444")
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=100)
    plt.close(figure)


def _show(axis, picture: np.ndarray, frame: str, width: float = 0.8) -> None:
    axis.imshow(picture, interpolation="nearest" if len(picture) >= 256 else "antialiased")
    axis.set(xticks=[], yticks=[])
    for spine in axis.spines.values():
        spine.set(edgecolor=frame, linewidth=width)


def main() -> None:
    run_command(_main)


def _main() -> None:
    p = CommandParser(
        prog="python -m experiments.overview",
        description="The README's picture, from a run trained on the scenes.",
        epilog="example: python -m experiments.overview runs/scenes-nested",
    )
    p.add_argument("run", type=Path, help="folder of a run trained on the embedded scenes")
    p.add_argument("-o", "--output", type=Path, default=Path("results/overview.png"), help="default: %(default)s")
    args = p.parse_args()
    draw(args.run, args.output)
    print(f"wrote {args.output}")


if __name__ == "__main__":
    main()
