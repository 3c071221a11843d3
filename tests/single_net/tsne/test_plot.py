"""The map as PNG and SVG."""

from __future__ import annotations

import json
import re

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from single_net.tsne.clusters import Clusters
from single_net.tsne.page import save_page
from single_net.tsne.plot import draw_map, save_figure
from single_net.tsne.projection import tsne_map


def test_png_and_svg_hold_a_dot_for_every_item_in_the_papers_colors(made):
    with Image.open(made / "map.png") as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    red, blue = pixels[..., 0] - pixels[..., 2], pixels[..., 2] - pixels[..., 0]
    assert (red > 60).sum() > 200 and (blue > 60).sum() > 100
    svg = (made / "map.svg").read_text(encoding="utf-8")
    assert len(re.findall(r"<use [^>]*fill: #d6352f", svg)) == 60 + 1  # and one in the legend
    assert len(re.findall(r"<use [^>]*fill: #1f5fc4", svg)) == 12 + 1


def test_a_third_modality_is_green_and_on_the_page(embedded, tmp_path):
    owners = np.arange(0, 60, 2)
    speech = embedded.captions[owners] + 0.01
    tsne = tsne_map(embedded, perplexity=5, third=("speech", speech, owners))
    assert tsne.places.shape == (12 + 60 + 30, 2)
    for clusters in (None, Clusters(np.arange(12) % 2, ["one", "two"])):
        figure = Figure()
        draw_map(figure.add_subplot(), tsne, clusters=clusters)
        save_figure(figure, tmp_path / "map.svg")
        svg = (tmp_path / "map.svg").read_text(encoding="utf-8")
        if clusters is None:
            assert len(re.findall(r"<use [^>]*fill: #1f9d55", svg)) == 30 + 1 and "speech (30)" in svg
        else:
            assert "#1f9d55" not in svg
    save_page(tsne, np.zeros((12, 8, 8, 3), np.uint8), tmp_path / "map.html")
    found = re.search(r'"places":\s*(\[\[.*?\]\])', (tmp_path / "map.html").read_text(encoding="utf-8"), re.DOTALL)
    assert found and len(json.loads(found[1])) == 12 + 60 + 30
