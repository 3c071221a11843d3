"""The README's figure: synthetic scenes that a trained run finds for encoded captions."""

from __future__ import annotations

import textwrap
from pathlib import Path

import numpy as np

from encoded_text.common.errors import InputError
from encoded_text.common.files import replacing
from experiments.figures.framed import show_framed
from single_net.data.image_cache import prepare_images
from single_net.data.load import load_dataset
from single_net.inference.model import Model
from single_net.retrieval.embeddings import normalize
from single_net.retrieval.neighbors import nearest

QUERIES, NEIGHBORS = 3, 4
OWN = "#2a9d4a"  # frame of the image that the caption belongs to


def draw(run: Path, path: Path) -> None:
    """Three captions of the scenes' test split, their encoded images, true images and the four nearest, as a PNG.

    The captions are the longest of the images in the middle of each third: chosen by position, not by result.

    Args:
        run: folder of a run trained on the synthetic scenes.
        path: the PNG file.

    Raises:
        InputError: the run was trained on other data, whose images may not be published here.
    """
    from matplotlib import pyplot as plt

    model = Model.load(run)
    if model.config.data.name != "scenes":
        raise InputError(f"{run} was trained on {model.config.data.name}: only images of the scenes may be published")
    data = load_dataset("scenes", split="test")
    shown = [len(data) * (2 * i + 1) // (2 * QUERIES) for i in range(QUERIES)]
    captions = [max(data.captions[i], key=len) for i in shown]
    _, images = prepare_images(data, model.image_size)
    gallery = normalize(model.embed_images(images))
    distance, found = nearest(normalize(model.embed_captions(captions)), gallery, len(data))
    as_encoded = model.encoder.transform(captions)

    plt.rcParams["font.family"] = "DejaVu Sans"
    figure, axes = plt.subplots(QUERIES, 3 + NEIGHBORS, figsize=(11.4, 1.94 * QUERIES), layout="constrained")
    for line, caption in enumerate(captions):
        sentence, encoded, own, *results = axes[line]
        order, far = found[line].numpy(), distance[line].numpy()
        sentence.text(0.98, 0.5, textwrap.fill(caption, 15), ha="right", va="center", fontsize=11.5)
        sentence.set(xticks=[], yticks=[], box_aspect=1)
        sentence.spines[:].set_visible(False)
        show_framed(encoded, as_encoded[line], interpolation="nearest")
        show_framed(own, data.images[shown[line]], OWN, 3)
        own.set_xlabel(f"rank {rank_of(shown[line], order, far):,} of {len(data):,}", fontsize=10.5)
        for axis, i, d in zip(results, order[:NEIGHBORS], far, strict=False):
            show_framed(axis, data.images[int(i)], *((OWN, 3) if i == shown[line] else ("#dddddd", 0.8)))
            axis.set_xlabel(f"distance {d:.2f}", fontsize=10.5)
    titles = ("caption", "encoded caption", "true image", "nearest image", "2nd", "3rd", "4th")
    for axis, title in zip(axes[0], titles, strict=True):
        axis.set_title(title, fontsize=11.5, color="#444444")
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=110)
    plt.close(figure)


def rank_of(own: int, found: np.ndarray, distances: np.ndarray) -> int:
    """The rank of an item, from 1; as in the tables, every other item at exactly its distance counts as nearer.

    Args:
        own: the item.
        found: int64 (n,), all items, nearest first.
        distances: float32 (n,), ascending.
    """
    return int((distances <= distances[found == own]).sum())
