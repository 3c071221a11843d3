"""Backdrops indoors: kitchen and living room."""

from __future__ import annotations

import numpy as np

from single_net.data.scenes.composition.scene import SIZE
from single_net.data.scenes.drawing.pen import INK, LAMP, PALETTE, Color, Pen, dark, light, mix
from single_net.data.scenes.drawing.sky import SKIES
from single_net.data.scenes.drawing.sprites import WOOD


def kitchen(pen: Pen, mood: str, backdrop: str, rng: np.random.Generator) -> None:
    wall = [(246, 226, 186), (206, 228, 220), (244, 214, 200), (220, 226, 238)][int(rng.integers(4))]
    _room(pen, wall, (206, 170, 132))
    if backdrop == "tiles":
        for row in range(8):
            for column in range(13):
                pen.box(1 + 15 * column, 60 + 10 * row, 14.6 + 15 * column, 68.6 + 10 * row, light(wall, 0.55))
    _window(pen, 96, 134, mood)
    if backdrop == "cupboards":
        for u in (4, 34, 126, 158):
            pen.box(u, 136, u + 28, 178, (190, 140, 96))
            pen.box(u + 3, 139, u + 25, 175, (206, 158, 114))
            pen.dot(u + 22, 146, 1.6, INK)
    elif backdrop == "shelf":
        for u in (8, 130):
            pen.box(u, 140, u + 54, 144, WOOD)
            for k in range(4):
                jar = PALETTE[("turquoise", "red", "yellow", "green")[k]]
                pen.box(u + 4 + 12 * k, 144, u + 13 + 12 * k, 156 + 3 * (k % 2), mix(jar, (240, 234, 224), 0.35), 1)


def living_room(pen: Pen, mood: str, backdrop: str, rng: np.random.Generator) -> None:
    wall = [(236, 214, 178), (190, 212, 204), (226, 196, 186), (200, 208, 226)][int(rng.integers(4))]
    _room(pen, wall, (188, 146, 108))
    x = float(rng.choice([54, 96, 138]))
    if backdrop == "painting":
        pen.box(x - 30, 124, x + 30, 168, (166, 118, 70))
        pen.box(x - 26, 128, x + 26, 164, (196, 222, 236))
        pen.polygon(
            [(x - 26, 128), (x - 26, 136), (x - 8, 152), (x + 6, 138), (x + 16, 146), (x + 26, 136), (x + 26, 128)],
            (110, 154, 126),
        )
        pen.dot(x + 15, 156, 4, (244, 196, 96))
    else:
        _window(pen, x, 120, mood, (196, 92, 84) if backdrop == "curtains" else None)


def _room(pen: Pen, wall: Color, floor: Color) -> None:
    pen.box(0, 0, SIZE, SIZE, wall)
    pen.box(0, 0, SIZE, 56, floor)
    for i, v in enumerate((14, 29, 43)):
        pen.line([(0, v), (SIZE, v)], 1, dark(floor, 0.14))
        for u in range(20 + 30 * (i % 2), SIZE, 60):
            pen.line([(u, v), (u, v + 14)], 1, dark(floor, 0.14))
    pen.box(0, 54, SIZE, 59, light(wall, 0.6))


def _window(pen: Pen, x: float, y: float, mood: str, curtain: Color | None = None) -> None:
    glass = SKIES[mood][0] if mood == "evening" else (176, 220, 244)
    pen.box(x - 22, y, x + 22, y + 46, (250, 248, 242))
    pen.box(x - 19, y + 3, x + 19, y + 43, glass)
    if mood == "evening":
        pen.dot(x + 9, y + 32, 5, LAMP)
    else:
        pen.ellipse(x - 6, y + 8, 16, 8, (140, 196, 132))
    pen.box(x - 1.2, y, x + 1.2, y + 46, (250, 248, 242))
    pen.box(x - 20, y + 22, x + 20, y + 24.4, (250, 248, 242))
    if curtain:
        for side in (-1, 1):
            pen.polygon(
                [
                    (x + side * 30, y + 50),
                    (x + side * 8, y + 50),
                    (x + side * 20, y + 26),
                    (x + side * 18, y - 6),
                    (x + side * 30, y - 6),
                ],
                curtain,
            )
        pen.line([(x - 34, y + 50), (x + 34, y + 50)], 2.4, WOOD)
