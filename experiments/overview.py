"""python -m experiments.overview RUN: the README's picture, scenes that a trained run finds for drawn captions."""

from __future__ import annotations

import dataclasses
import textwrap
from pathlib import Path

import numpy as np

from encoded_text import Layout
from encoded_text.common.errors import CommandParser, InputError, run_command
from encoded_text.common.files import replacing
from single_net.data.image_cache import prepare_images
from single_net.data.load import load_dataset
from single_net.inference.model import Model
from single_net.retrieval.neighbors import nearest, normalise

QUERIES, NEIGHBOURS = 4, 5
OWN = "#2a9d4a"  # frame of the picture that the caption belongs to


def draw(run: Path, path: Path) -> None:
    """Four captions of the scenes' test split, how they are drawn, their own picture and the five nearest, as a PNG.

    The captions are the longest of the pictures in the middle of each quarter: chosen by place, not by result.
    """
    from matplotlib import pyplot as plt

    model = Model.load(run)
    if model.config.data.name != "scenes":
        raise InputError(f"{run} was trained on {model.config.data.name}: only pictures of the scenes may be published")
    data = load_dataset("scenes", split="test")
    shown = [len(data) * (2 * i + 1) // (2 * QUERIES) for i in range(QUERIES)]
    captions = [max(data.captions[i], key=len) for i in shown]
    _, pictures = prepare_images(data, model.image_size)
    gallery = normalise(model.embed_pictures(pictures))
    distance, found = nearest(normalise(model.embed_captions(captions)), gallery, len(data))
    large = dataclasses.replace(Layout.paper(), fill=model.encoder.layout.fill)  # the network sees them smaller
    as_drawn = model.encoder.with_layout(large).transform(captions)

    plt.rcParams["font.family"] = "DejaVu Sans"
    figure, axes = plt.subplots(QUERIES, 3 + NEIGHBOURS, figsize=(13.2, 1.86 * QUERIES), layout="constrained")
    for row, caption in enumerate(captions):
        sentence, drawn, own, *results = axes[row]
        order, far = np.asarray(found[row]), np.asarray(distance[row])
        place = int(np.flatnonzero(order == shown[row])[0])
        sentence.text(0.98, 0.5, textwrap.fill(caption, 18), ha="right", va="center", fontsize=9.5)
        sentence.axis("off")
        _show(drawn, as_drawn[row], "#bbbbbb")
        _show(own, data.images[shown[row]], OWN, 3)
        own.set_xlabel(f"found at place {place + 1:,} of {len(data):,}", fontsize=8)
        for axis, i, d in zip(results, order[:NEIGHBOURS], far, strict=False):
            _show(axis, data.images[int(i)], *((OWN, 3) if i == shown[row] else ("#dddddd", 0.8)))
            axis.set_xlabel(f"distance {d:.2f}", fontsize=8)
    titles = ("caption", "drawn caption", "its own picture", "nearest picture", "2nd", "3rd", "4th", "5th")
    for axis, title in zip(axes[0], titles, strict=True):
        axis.set_title(title, fontsize=10, color="#444444")
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=110)
    plt.close(figure)


def _show(axis, picture, frame: str, width: float = 0.8) -> None:
    axis.imshow(picture)
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
