"""The map as PNG and SVG."""

from __future__ import annotations

import re

import numpy as np
from PIL import Image


def test_png_and_svg_hold_a_dot_for_every_item_in_the_papers_colors(made):
    with Image.open(made / "map.png") as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    red, blue = pixels[..., 0] - pixels[..., 2], pixels[..., 2] - pixels[..., 0]
    assert (red > 60).sum() > 200 and (blue > 60).sum() > 100
    svg = (made / "map.svg").read_text(encoding="utf-8")
    assert len(re.findall(r"<use [^>]*fill: #d6352f", svg)) == 60 + 1  # and one in the legend
    assert len(re.findall(r"<use [^>]*fill: #1f5fc4", svg)) == 12 + 1
