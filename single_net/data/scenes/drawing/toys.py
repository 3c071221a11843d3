"""Toys and other small things that people take along."""

from __future__ import annotations

from single_net.data.scenes.drawing.pen import INK, PALETTE, Color, Pen, dark, light
from single_net.data.scenes.drawing.sprites import METAL, WOOD, sprite_registry

TOYS, sprite = sprite_registry()


@sprite("ball")
def ball(pen: Pen, color: Color, look: int) -> None:
    pen.dot(0, 9, 9, color)
    pen.ellipse(0, 9, 3.6, 9, light(color, 0.75), 20)
    pen.dot(-3, 13, 2, light(color, 0.6))


@sprite("kite")
def kite(pen: Pen, color: Color, look: int) -> None:
    frame = pen.at(0, 10, angle=-18)
    frame.line([(0, -16), (-6, -24), (0, -32), (-6, -40)], 1.2, INK)
    for v in (-24, -34):
        frame.polygon([(-8, v - 2), (-8, v + 4), (4, v - 2), (4, v + 4)], light(color, 0.4))
    frame.polygon([(0, 20), (13, 3), (0, -17), (-13, 3)], color)
    frame.polygon([(0, 20), (13, 3), (0, 3)], light(color, 0.5))
    frame.polygon([(0, -17), (-13, 3), (0, 3)], light(color, 0.5))


@sprite("bucket")
def bucket(pen: Pen, color: Color, look: int) -> None:
    pen.ring(0, 13, 9, 1.6, (236, 236, 230), 0, 180)
    pen.polygon([(-7, 0), (7, 0), (10, 15), (-10, 15)], color)
    pen.ellipse(0, 15, 10, 2, dark(color, 0.3))


@sprite("sandcastle")
def sandcastle(pen: Pen, color: Color, look: int) -> None:
    sand = (222, 184, 122)
    pen.box(-24, 0, 24, 18, sand)
    for u in (-24, -4, 16):
        high = 34 if u == -4 else 26
        pen.box(u - 2, 0, u + 10, high, dark(sand, 0.07))
        for k in range(3):
            pen.box(u - 2 + 4.6 * k, high, u + 0.8 + 4.6 * k, high + 4, dark(sand, 0.07))
    pen.ellipse(0, 0, 5, 9, dark(sand, 0.4))
    pen.line([(2, 36), (2, 52)], 1.6, WOOD)
    pen.polygon([(2, 52), (13, 48), (2, 44)], color)


@sprite("surfboard")
def surfboard(pen: Pen, color: Color, look: int) -> None:
    pen.ellipse(0, 34, 10, 36, color, -6)
    pen.line([(-4, 3), (4, 64)], 2.6, light(color, 0.7))


@sprite("snowman")
def snowman(pen: Pen, color: Color, look: int) -> None:
    snow, shade = (250, 252, 255), (222, 232, 244)
    for v, r in ((14, 17), (37, 13), (56, 10)):
        pen.dot(1.4, v - 1, r, shade)
        pen.dot(0, v, r - 1, snow)
    for side in (-1, 1):
        pen.line([(side * 11, 40), (side * 24, 49)], 2, WOOD)
    pen.line([(-9, 48), (9, 48)], 5, color)
    pen.line([(6, 48), (9, 35)], 4.4, color)
    pen.dot(2, 58, 1.5, INK)
    pen.dot(7, 58, 1.5, INK)
    pen.polygon([(5, 56), (5, 53), (17, 54)], PALETTE["orange"])
    pen.box(-11, 63, 11, 66, INK)
    pen.box(-7.5, 65, 7.5, 77, INK)


@sprite("sled")
def sled(pen: Pen, color: Color, look: int) -> None:
    pen.line([(-24, 2), (20, 2), (28, 6), (30, 13)], 2.6, METAL)
    for u in (-16, 12):
        pen.line([(u, 2), (u, 10)], 2.4, dark(color, 0.3))
    pen.box(-25, 9, 22, 13.5, color, 2)


@sprite("teddy bear")
def teddy_bear(pen: Pen, color: Color, look: int) -> None:
    for side in (-1, 1):
        pen.dot(side * 8, 5, 5.6, dark(color, 0.1))
        pen.dot(side * 11, 17, 4.8, dark(color, 0.1))
        pen.dot(side * 8, 37, 4.2, dark(color, 0.15))
    pen.ellipse(0, 13, 10.5, 12, color)
    pen.ellipse(0, 12, 6.4, 7.6, light(color, 0.4))
    pen.dot(0, 30, 10, color)
    pen.ellipse(0, 27, 4.6, 3.6, light(color, 0.5))
    for u in (-3.6, 3.6):
        pen.dot(u, 32, 1.4, INK)
    pen.dot(0, 28.4, 1.6, INK)


@sprite("towel")
def towel(pen: Pen, color: Color, look: int) -> None:
    pen.polygon([(-38, 0), (34, 0), (40, 9), (-30, 9)], color)
    for u in (-22, -2, 18):
        pen.polygon([(u, 0), (u + 6, 0), (u + 13, 9), (u + 7, 9)], light(color, 0.7))


@sprite("blanket")
def blanket(pen: Pen, color: Color, look: int) -> None:
    pen.polygon([(-44, 0), (38, 0), (46, 13), (-34, 13)], color)
    for u in (-28, -8, 12, 30):
        pen.polygon([(u, 0), (u + 5, 0), (u + 13, 13), (u + 8, 13)], light(color, 0.7))
    for v in (3, 8.6):
        pen.polygon(
            [(-43 + v * 0.7, v), (39 + v * 0.7, v), (40 + v * 0.7, v + 2), (-42 + v * 0.7, v + 2)], light(color, 0.6)
        )


@sprite("basket")
def basket(pen: Pen, color: Color, look: int) -> None:
    pen.ring(0, 12, 11, 2, dark(color, 0.2), 0, 180)
    pen.polygon([(-12, 0), (12, 0), (15, 14), (-15, 14)], color)
    for v in (5, 9.5):
        pen.line([(-12.5, v), (12.5, v)], 1.3, dark(color, 0.25))
    for u, hue in ((-7, "red"), (0, "green"), (7, "red")):
        pen.dot(u, 15, 4.6, PALETTE[hue])


@sprite("treasure chest")
def treasure_chest(pen: Pen, color: Color, look: int) -> None:
    pen.polygon([(-24, 18), (24, 18), (20, 36), (-20, 36)], dark(color, 0.3))
    for u in range(-16, 17, 8):
        pen.dot(u, 19, 5, PALETTE["yellow"])
    pen.box(-25, 0, 25, 19, color, 1)
    for u in (-20, 16):
        pen.box(u, 0, u + 4, 19, PALETTE["golden"])
    pen.box(-4, 9, 4, 18, PALETTE["golden"], 1)
