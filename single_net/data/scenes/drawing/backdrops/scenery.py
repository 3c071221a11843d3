"""What several backdrops share: hills and mountains, rows of trees, a skyline, tufts of grass."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from single_net.data.scenes.composition.scene import SIZE
from single_net.data.scenes.drawing.pen import LAMP, Color, Pen, dark, light, mix
from single_net.data.scenes.drawing.sprites import GLASS


def ridge(pen: Pen, base: float, heights: Sequence[float], color: Color, sharp: bool = False) -> None:
    """A line of hills, or of mountains if `sharp`, across the image; `heights` are above `base`."""
    step = SIZE / (len(heights) - 1)
    if sharp:
        points = [(i * step, base + h) for i, h in enumerate(heights)]
        pen.polygon([(-2, base - 4), *points, (SIZE + 2, base - 4)], color)
        return
    for i, h in enumerate(heights):
        pen.ellipse(i * step, base - 2, step * 0.95, h, color)


def trees(pen: Pen, base: float, color: Color, rng: np.random.Generator, count: int = 12) -> None:
    """A row of trees across the image."""
    for i in range(count):
        u, r = (i + 0.5) * SIZE / count + rng.uniform(-5, 5), rng.uniform(10, 15)
        pen.box(u - 1.6, base - 2, u + 1.6, base + 10, (120, 86, 62))
        pen.dot(u, base + 6 + r, r, mix(color, (40, 90, 70), 0.25 * rng.random()))


def skyline(pen: Pen, base: float, rng: np.random.Generator, night: bool, tall: float = 70) -> None:
    """A row of city buildings up to `tall` high, with more lit windows at night."""
    x = -6.0
    while x < SIZE:
        width, height = rng.uniform(20, 32), rng.uniform(0.55, 1.0) * tall
        wall = mix((124, 138, 164), (186, 176, 178), rng.random())
        pen.box(x, base - 2, x + width, base + height, wall)
        for u in np.arange(x + 4, x + width - 5, 7):
            for v in np.arange(base + 8, base + height - 7, 10):
                lit = rng.random() < (0.55 if night else 0.12)
                pen.box(u, v, u + 4, v + 5.4, LAMP if lit else dark(wall, 0.24) if night else light(GLASS, 0.2))
        x += width + rng.uniform(0, 3)


def tufts(pen: Pen, top: float, color: Color, rng: np.random.Generator) -> None:
    """Tufts of grass anywhere below `top`."""
    for u, v in rng.uniform((4, 3), (188, top), (16, 2)):
        for lean in (-2, 0, 2):
            pen.line([(u, v), (u + lean, v + 4)], 0.9, color)
