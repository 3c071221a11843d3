"""Furniture of the synthetic scenes."""

from __future__ import annotations

from single_net.data.scenes.drawing.pen import INK, LAMP, PALETTE, Color, Pen, dark, light, mix
from single_net.data.scenes.drawing.sprites import METAL, WOOD, flames, sprite_registry

FURNITURE, sprite = sprite_registry()


@sprite("sofa")
def sofa(pen: Pen, color: Color, look: int) -> None:
    for u in (-44, 40):
        pen.box(u, 0, u + 5, 7, (92, 64, 48))
    pen.box(-46, 12, 46, 46, dark(color, 0.1), 8)
    pen.box(-42, 5, 42, 24, color, 4)
    pen.line([(0, 7), (0, 42)], 1.4, dark(color, 0.25))
    pen.box(-53, 5, -40, 34, dark(color, 0.18), 6)
    pen.box(40, 5, 53, 34, dark(color, 0.18), 6)


@sprite("armchair")
def armchair(pen: Pen, color: Color, look: int) -> None:
    for u in (-24, 20):
        pen.box(u, 0, u + 4, 7, (92, 64, 48))
    pen.box(-24, 10, 24, 52, dark(color, 0.1), 9)
    pen.box(-20, 5, 20, 24, color, 4)
    pen.box(-30, 5, -18, 34, dark(color, 0.18), 6)
    pen.box(18, 5, 30, 34, dark(color, 0.18), 6)


@sprite("chair")
def chair(pen: Pen, color: Color, look: int) -> None:
    for u in (-12, 9):
        pen.box(u, 0, u + 3, 24, dark(color, 0.25))
    pen.box(-14, 22, 14, 27, color, 1)
    pen.box(-14, 26, -10.5, 56, color)
    pen.box(-14, 42, -6, 56, light(color, 0.1), 2)


@sprite("bookshelf")
def bookshelf(pen: Pen, color: Color, look: int) -> None:
    pen.box(-24, 0, 24, 84, color, 2)
    hues = ("red", "blue", "yellow", "green", "orange", "purple", "turquoise")
    for row in range(4):
        pen.box(-20, 5 + 20 * row, 20, 21 + 20 * row, dark(color, 0.45))
        for i in range(7):
            shade = mix(PALETTE[hues[(i * 3 + row * 2 + look) % 7]], (220, 210, 196), 0.2)
            pen.box(-19 + 5.4 * i, 5 + 20 * row, -14.4 + 5.4 * i, 15 + 20 * row + (i * 5 + row) % 5, shade)


@sprite("television")
def television(pen: Pen, color: Color, look: int) -> None:
    pen.box(-32, 0, 32, 18, (140, 98, 68), 2)
    for u in (-16, 16):
        pen.box(u - 13, 3, u + 13, 15, (160, 116, 82), 1)
    pen.box(-4, 17, 4, 24, INK)
    pen.box(-29, 22, 29, 58, INK, 2)
    pen.box(-26.5, 25, 26.5, 55.5, (96, 170, 214))
    pen.polygon([(-26.5, 25), (26.5, 25), (26.5, 34), (6, 46), (-10, 33), (-26.5, 40)], (104, 168, 100))
    pen.dot(15, 48, 4, PALETTE["yellow"])


@sprite("fireplace")
def fireplace(pen: Pen, color: Color, look: int) -> None:
    pen.box(-32, 0, 32, 52, (172, 108, 90))
    for row in range(6):
        for i in range(4):
            u = -30 + 16 * i + (8 if row % 2 else 0)
            pen.box(u, 2 + 8 * row, min(u + 13, 31), 8 + 8 * row, (184, 122, 102))
    pen.box(-37, 50, 37, 57, (118, 82, 60), 1)
    pen.box(-19, 0, 19, 32, (54, 44, 48))
    pen.line([(-12, 4), (12, 6)], 5, WOOD)
    flames(pen.at(0, 5, 0.8))


@sprite("floor lamp")
def floor_lamp(pen: Pen, color: Color, look: int) -> None:
    pen.box(-9, 0, 9, 3, INK, 1)
    pen.box(-1.2, 2, 1.2, 64, INK)
    pen.polygon([(-15, 60), (15, 60), (9, 82), (-9, 82)], light(color, 0.2))
    pen.ellipse(0, 60, 15, 2.2, LAMP)


@sprite("piano")
def piano(pen: Pen, color: Color, look: int) -> None:
    pen.box(-36, 0, 36, 54, color, 2)
    pen.box(-32, 34, 32, 50, light(color, 0.14), 1)
    pen.box(-40, 22, 40, 30, light(color, 0.08), 1)
    pen.box(-36, 26, 36, 31, (250, 248, 240))
    for i in range(14):
        pen.box(-34 + 5 * i, 28, -32 + 5 * i, 31, INK)


@sprite("fridge")
def fridge(pen: Pen, color: Color, look: int) -> None:
    pen.box(-20, 0, 20, 86, color, 4)
    pen.line([(-20, 52), (20, 52)], 1.6, dark(color, 0.3))
    for low, high in ((58, 72), (32, 47)):
        pen.line([(-14, low), (-14, high)], 2.6, METAL)
    pen.box(0, 60, 8, 70, PALETTE["yellow"])
    pen.dot(10, 40, 2.4, PALETTE["red"])


@sprite("stove")
def stove(pen: Pen, color: Color, look: int) -> None:
    pen.box(-24, 0, 24, 46, color, 2)
    pen.box(-18, 8, 18, 32, (52, 52, 60), 2)
    pen.box(-15, 12, 15, 26, (238, 160, 84), 1)
    for i in range(4):
        pen.dot(-15 + 10 * i, 39, 2.4, (84, 88, 96))
    pen.box(-25, 45, 25, 48.5, (84, 88, 96))
    pen.box(-2, 49, 20, 62, (196, 70, 60), 2)
    pen.box(-4, 60, 22, 63, (168, 54, 48), 1)
    for u in (3, 11):
        pen.line([(u, 68), (u + 3, 74), (u, 80)], 1.8, (236, 238, 240))


@sprite("rug")
def rug(pen: Pen, color: Color, look: int) -> None:
    pen.ellipse(0, 7, 56, 8.5, color)
    pen.ellipse(0, 7, 46, 6.2, light(color, 0.45))
    pen.ellipse(0, 7, 36, 4.4, color)


@sprite("plant")
def plant(pen: Pen, color: Color, look: int) -> None:
    for u, v in ((-17, 40), (-9, 54), (0, 60), (10, 53), (18, 40)):
        pen.polygon(
            [(0, 16), (u * 0.3 - 5, v * 0.66), (u, v), (u * 0.3 + 6, v * 0.6)],
            dark(PALETTE["green"], 0.12 if u % 2 else 0),
        )
    pen.polygon([(-9, 0), (9, 0), (12, 19), (-12, 19)], color)
    pen.box(-13, 17, 13, 21, dark(color, 0.15))
