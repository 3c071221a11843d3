"""Backdrops of the town: street and park."""

from __future__ import annotations

import numpy as np

from single_net.data.scenes.composition.scene import SIZE
from single_net.data.scenes.drawing.backdrops.scenery import skyline, trees, tufts
from single_net.data.scenes.drawing.pen import LAMP, Pen, dark
from single_net.data.scenes.drawing.sprites import GLASS


def street(pen: Pen, mood: str, backdrop: str, rng: np.random.Generator) -> None:
    night = mood == "night"
    if backdrop == "skyscrapers":
        skyline(pen, 62, rng, night, 104)
    else:
        hues = [(226, 150, 118), (236, 204, 142), (150, 184, 190), (206, 140, 140), (172, 192, 150)]
        start = int(rng.integers(5))
        for i in range(4):
            u, top, wall = 48 * i, 118 + 5 * ((i + start) % 3), hues[(i + start) % 5]
            pen.box(u, 60, u + 47, top, wall)
            if backdrop == "houses":
                pen.polygon([(u - 1, top), (u + 48, top), (u + 24, top + 20)], dark(wall, 0.42))
            for column in (8, 28):
                for v in (96,) if backdrop == "shops" else (72, 96):
                    lit = night and rng.random() < 0.6
                    pen.box(u + column - 1, v - 1, u + column + 12, v + 15, (250, 246, 238))
                    pen.box(u + column, v, u + column + 11, v + 14, LAMP if lit else GLASS)
            if backdrop == "shops":
                pen.box(u + 5, 62, u + 42, 82, LAMP if night else (206, 228, 234))
                for k in range(6):
                    pen.box(u + 3 + 7 * k, 82, u + 10 + 7 * k, 90, (250, 248, 242) if k % 2 else dark(wall, 0.3))
    pen.box(0, 48, SIZE, 64, (198, 194, 190))
    pen.box(0, 45, SIZE, 49, (166, 162, 160))
    pen.box(0, 0, SIZE, 46, (106, 110, 122))
    for i in range(5):
        pen.box(8 + 40 * i, 5, 30 + 40 * i, 8, (236, 232, 214))


def park(pen: Pen, mood: str, backdrop: str, rng: np.random.Generator) -> None:
    if backdrop == "city":
        skyline(pen, 84, rng, False, 54)
    trees(pen, 84, (104, 168, 92), rng, 14 if backdrop == "trees" else 7)
    pen.box(0, 0, SIZE, 90, (142, 200, 104))
    if backdrop == "pond":
        pen.ellipse(128, 76, 58, 9, (204, 216, 176))
        pen.ellipse(128, 76, 54, 7.4, (110, 188, 220))
    elif backdrop == "path":
        pen.polygon(
            [(60, -2), (120, -2), (112, 40), (140, 70), (128, 88), (122, 88), (126, 70), (84, 40)], (232, 214, 176)
        )
    tufts(pen, 70, (112, 172, 82), rng)
    for u, v in rng.uniform((4, 4), (188, 66), (9, 2)):
        pen.dot(u, v, 1.4, (252, 248, 232))
