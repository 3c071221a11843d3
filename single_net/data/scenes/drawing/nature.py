"""Trees, flowers, rocks and coral of the synthetic scenes."""

from __future__ import annotations

from single_net.data.scenes.drawing.pen import PALETTE, Color, Pen, dark, light
from single_net.data.scenes.drawing.sprites import CREAM, WOOD, sprite_registry

NATURE, sprite = sprite_registry()


@sprite("tree")
def tree(pen: Pen, color: Color, look: int) -> None:
    pen.polygon([(-6, 0), (6, 0), (4, 44), (-4, 44)], (122, 84, 58))
    pen.line([(0, 32), (13, 48)], 4, (122, 84, 58))
    for u, v, r in ((-18, 56, 19), (18, 56, 19), (0, 70, 23), (-3, 52, 20)):
        pen.dot(u, v, r, dark(color, 0.1))
    for u, v, r in ((-12, 62, 14), (12, 66, 15), (-2, 76, 13)):
        pen.dot(u, v, r, light(color, 0.1))
    if look % 4 == 0 and color == PALETTE["green"]:
        for u, v in ((-20, 54), (-6, 66), (10, 56), (20, 66), (2, 80)):
            pen.dot(u, v, 3, PALETTE["red"])


@sprite("pine tree")
def pine_tree(pen: Pen, color: Color, look: int) -> None:
    pen.box(-4, 0, 4, 16, (112, 78, 56))
    for i, half in enumerate((27, 22, 16)):
        v = 12 + 21 * i
        pen.polygon([(-half, v), (half, v), (0, v + 36)], dark(color, 0.14 - 0.07 * i))


@sprite("snowy pine")
def snowy_pine(pen: Pen, color: Color, look: int) -> None:
    pine_tree(pen, color, look)
    for i, half in enumerate((27, 22, 16)):
        v, s = 12 + 21 * i + 36, half / 36
        pen.polygon(
            [(0, v), (-s * 20, v - 20), (-s * 9, v - 15), (0, v - 21), (s * 9, v - 15), (s * 20, v - 20)],
            (250, 252, 255),
        )


@sprite("palm tree")
def palm_tree(pen: Pen, color: Color, look: int) -> None:
    pen.line([(0, 0), (4, 30), (12, 62), (14, 72)], 6, (164, 122, 80))
    for tip in ((-26, 62), (-20, 84), (6, 98), (40, 90), (52, 68), (36, 54)):
        u, v = tip
        a, b = (14 + u) / 2, (72 + v) / 2
        pen.polygon([(14, 70), (a - 3, b + 11), (u, v), (a + 1, b + 1)], dark(color, 0.12))
        pen.polygon([(14, 74), (a, b + 14), (u, v), (a - 1, b + 6)], color)
    for u in (10, 17):
        pen.dot(u, 69, 4, (112, 72, 46))


@sprite("acacia tree")
def acacia(pen: Pen, color: Color, look: int) -> None:
    pen.line([(0, 0), (2, 40), (-16, 64)], 6, (112, 82, 58))
    pen.line([(1, 34), (18, 62)], 5, (112, 82, 58))
    for u, v, ru, rv in ((-16, 66, 32, 8), (18, 66, 32, 8), (0, 74, 36, 9)):
        pen.ellipse(u, v, ru, rv, dark(color, 0.05 if v < 70 else 0))


@sprite("haystack")
def haystack(pen: Pen, color: Color, look: int) -> None:
    pen.ellipse(0, 15, 32, 18, color)
    pen.polygon([(-31, 0), (31, 0), (30, 16), (-30, 16)], color)
    pen.ellipse(0, 26, 17, 9, light(color))
    for u, v in ((-20, 8), (-6, 12), (10, 6), (20, 13), (0, 22), (-14, 19)):
        pen.line([(u, v), (u + 6, v - 4)], 1.3, dark(color, 0.25))


@sprite("flowers")
def flowers(pen: Pen, color: Color, look: int) -> None:
    for u, v in ((-15, 13), (-7, 20), (1, 14), (9, 21), (16, 13)):
        pen.line([(u * 0.8, 0), (u, v)], 1.7, (78, 140, 78))
        pen.ellipse(u * 0.9 + 3, v * 0.4, 3.4, 1.5, (78, 140, 78), 30)
        for p, q in ((-3, 0), (3, 0), (0, 3), (0, -3)):
            pen.dot(u + p, v + q, 2.7, color)
        pen.dot(u, v, 2, PALETTE["yellow"] if color != PALETTE["yellow"] else WOOD)


@sprite("mushroom")
def mushroom(pen: Pen, color: Color, look: int) -> None:
    for u, s in ((-9, 0.7), (5, 1.0)):
        part = pen.at(u, 0, s)
        part.box(-4, 0, 4, 14, CREAM, 2)
        part.polygon([(-15, 12), (-11, 22), (0, 27), (11, 22), (15, 12)], color)
        for p, q in ((-7, 17), (1, 22), (7, 16)):
            part.dot(p, q, 2.1, CREAM)


@sprite("rock")
def rock(pen: Pen, color: Color, look: int) -> None:
    pen.polygon([(-28, 0), (-25, 15), (-12, 25), (8, 23), (22, 15), (29, 0)], color)
    pen.polygon([(-12, 25), (8, 23), (2, 12), (-16, 13)], light(color, 0.3))
    pen.polygon([(29, 0), (22, 15), (10, 8), (12, 0)], dark(color, 0.2))


@sprite("log")
def log(pen: Pen, color: Color, look: int) -> None:
    pen.line([(-30, 8), (30, 8)], 16, color)
    pen.line([(-26, 11), (12, 11)], 1.4, dark(color, 0.25))
    pen.line([(-12, 5), (22, 5)], 1.4, dark(color, 0.25))
    pen.ellipse(34, 8, 5, 8, (216, 178, 128))
    pen.ellipse(34, 8, 2.4, 4, (190, 146, 98))


@sprite("coral")
def coral(pen: Pen, color: Color, look: int) -> None:
    pen.line([(0, 0), (0, 20), (-14, 36)], 6, color)
    pen.line([(0, 12), (12, 26), (10, 44)], 6, color)
    pen.line([(0, 20), (2, 46)], 5.4, light(color, 0.15))
    pen.line([(-9, 30), (-20, 32)], 4.6, light(color, 0.15))
    pen.line([(11, 30), (21, 38)], 4.6, light(color, 0.15))
