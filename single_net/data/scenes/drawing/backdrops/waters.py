"""Backdrops with water: beach, harbour and the sea floor."""

from __future__ import annotations

import numpy as np

from single_net.data.scenes.composition.scene import SIZE
from single_net.data.scenes.drawing.backdrops.scenery import ridge
from single_net.data.scenes.drawing.pen import LAMP, Pen, dark, light
from single_net.data.scenes.drawing.sprites import FOAM


def beach(pen: Pen, mood: str, backdrop: str, rng: np.random.Generator) -> None:
    if backdrop == "cliffs":
        pen.polygon([(120, 100), (132, 126), (158, 138), (194, 142), (194, 100)], (158, 138, 122))
        pen.polygon([(132, 126), (158, 138), (194, 142), (194, 134), (160, 130)], (116, 158, 104))
    elif backdrop == "island":
        pen.ellipse(54, 106, 30, 10, (104, 160, 118))
        pen.ellipse(78, 106, 18, 6, (120, 172, 124))
    pen.box(0, 40, SIZE, 106, (64, 158, 204))
    pen.box(0, 96, SIZE, 106, (50, 138, 190))
    for v in (92, 84, 76, 68):
        for u in rng.uniform(0, SIZE, 5):
            pen.line([(u, v), (u + 13, v)], 1.2, (140, 204, 228))
    pen.ellipse(96, 34, 150, 26, FOAM)
    pen.ellipse(96, 31, 152, 26, (226, 198, 146))
    pen.box(0, 0, SIZE, 40, (240, 216, 168))
    pen.ellipse(96, 36, 150, 17, (240, 216, 168))
    for u, v in rng.uniform((2, 2), (190, 42), (26, 2)):
        pen.dot(u, v, 0.8, (220, 190, 138))


def harbour(pen: Pen, mood: str, backdrop: str, rng: np.random.Generator) -> None:
    if backdrop == "mountains":
        ridge(pen, 100, [16, 40, 24, 46, 22, 34, 12], (122, 144, 170), sharp=True)
    elif backdrop == "town":
        hues = [(232, 150, 112), (242, 212, 140), (236, 236, 226), (150, 190, 196), (214, 120, 112)]
        for i in range(12):
            u, h, wall = 16 * i, 14 + 12 * rng.random(), hues[int(rng.integers(5))]
            pen.box(u, 100, u + 15.4, 104 + h, wall)
            pen.polygon([(u - 1, 104 + h), (u + 16.4, 104 + h), (u + 8, 113 + h)], (170, 84, 68))
            pen.box(u + 5, 106, u + 10, 113, LAMP if mood == "night" else dark(wall, 0.35))
    else:
        for u in (48, 144):
            pen.box(u - 3, 100, u + 3, 146, (176, 84, 70))
            for k in range(1, 5):
                for side in (-1, 1):
                    pen.line([(u, 145), (u + side * 11 * k, 116)], 0.8, (176, 84, 70))
        pen.box(0, 112, SIZE, 117, (150, 70, 62))
    storm = mood == "stormy"
    water = (88, 116, 136) if storm else (58, 140, 184)
    pen.box(0, 0, SIZE, 104, water)
    for v in range(6, 104, 9):
        for u in rng.uniform(-8, SIZE, 4):
            pen.line([(u, v), (u + 6, v + (2.6 if storm else 0.8)), (u + 14, v)], 1.3, light(water, 0.3))


def underwater(pen: Pen, mood: str, backdrop: str, rng: np.random.Generator) -> None:
    pen.ellipse(40, 22, 120, 14, (196, 184, 140))
    pen.box(0, 0, SIZE, 24, (214, 198, 150))
    if backdrop == "rocks":
        for u, r in ((18, 30), (52, 20), (176, 34), (146, 18)):
            pen.ellipse(u, 22, r, r * 1.2, (88, 112, 140))
    elif backdrop == "wreck":
        pen.polygon([(60, 24), (70, 58), (176, 72), (186, 60), (166, 22)], (92, 78, 84))
        pen.line([(116, 62), (104, 118)], 4, (92, 78, 84))
        pen.line([(92, 96), (124, 102)], 2.6, (92, 78, 84))
        for u in (92, 116, 140):
            pen.dot(u, 48, 5, (54, 52, 70))
    else:
        for u in (12, 34, 60, 120, 150, 178):
            height, lean = rng.uniform(40, 84), rng.uniform(-6, 6)
            points = [(u + 5 * np.sin(0.9 * k + u) + lean * k / 9, 12 + height * k / 11) for k in range(12)]
            pen.line(points, 5, (44, 140, 104))
            pen.line([(p + 9, q * 0.7) for p, q in points], 4, (58, 160, 112))
    for u, v in rng.uniform((6, 60), (186, 186), (14, 2)):
        pen.ring(u, v, 2 + 2 * rng.random(), 0.9, (190, 228, 240))
