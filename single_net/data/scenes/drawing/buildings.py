"""Buildings and tents of the synthetic scenes."""

from __future__ import annotations

from single_net.data.scenes.drawing.pen import INK, LAMP, Color, Pen, dark, light
from single_net.data.scenes.drawing.sprites import GLASS, WOOD, sprite_registry

BUILDINGS, sprite = sprite_registry()


@sprite("house")
def house(pen: Pen, color: Color, look: int) -> None:
    pen.box(-36, 0, 36, 42, color)
    pen.box(14, 58, 23, 76, (150, 84, 70))
    roof = ((164, 78, 62), (96, 92, 108), (140, 96, 70))[look % 3]
    pen.polygon([(-42, 42), (42, 42), (18, 68), (-18, 68)], roof)
    for u in (-27, 13):
        pen.box(u, 17, u + 15, 32, (252, 250, 244))
        pen.box(u + 1.5, 18.5, u + 13.5, 30.5, GLASS)
    pen.box(-7, 0, 7, 24, (120, 78, 54), 1)
    pen.dot(4, 12, 1.2, LAMP)


@sprite("cabin")
def cabin(pen: Pen, color: Color, look: int) -> None:
    for i in range(6):
        pen.box(-34, 7 * i, 34, 7 * i + 6.4, color if i % 2 else dark(color, 0.12), 2)
    pen.box(14, 52, 22, 70, (132, 128, 130))
    pen.polygon([(-42, 38), (42, 38), (0, 72)], (248, 250, 252))
    pen.polygon([(-34, 38), (34, 38), (0, 65)], dark(color, 0.2))
    pen.box(-24, 13, -8, 29, LAMP)
    pen.line([(-16, 13), (-16, 29)], 1.4, dark(color, 0.4))
    pen.box(6, 0, 21, 27, dark(color, 0.45), 1)


@sprite("barn")
def barn(pen: Pen, color: Color, look: int) -> None:
    pen.polygon([(-42, 0), (42, 0), (42, 40), (27, 62), (0, 74), (-27, 62), (-42, 40)], color)
    pen.line([(-45, 39), (-28, 63), (0, 76), (28, 63), (45, 39)], 4.4, dark(color, 0.55))
    pen.box(-18, 0, 18, 33, (250, 246, 238))
    pen.box(-15.5, 0, 15.5, 30.5, dark(color, 0.22))
    pen.line([(-15, 1), (15, 30)], 2.2, (250, 246, 238))
    pen.line([(-15, 30), (15, 1)], 2.2, (250, 246, 238))
    pen.box(-7, 44, 7, 57, (250, 246, 238))
    pen.box(-5, 46, 5, 55, (70, 56, 56))


@sprite("windmill")
def windmill(pen: Pen, color: Color, look: int) -> None:
    pen.polygon([(-17, 0), (17, 0), (10, 66), (-10, 66)], color)
    pen.polygon([(-13, 65), (13, 65), (0, 80)], (150, 84, 66))
    pen.box(-5, 0, 5, 16, WOOD, 2)
    pen.dot(0, 40, 4, (120, 160, 180))
    for k in range(4):
        blade = pen.at(0, 68, angle=20 + 90 * k + 11 * (look % 4))
        blade.box(1, 0, 8, 36, (252, 250, 244))
        blade.line([(0, 0), (0, 37)], 2, WOOD)
    pen.dot(0, 68, 3, INK)


@sprite("lighthouse")
def lighthouse(pen: Pen, color: Color, look: int) -> None:
    pen.ellipse(0, 2, 34, 10, (132, 124, 122))
    for i in range(5):
        a, b = 15 - 1.5 * i, 15 - 1.5 * (i + 1)
        shade = color if i % 2 == 0 else (250, 248, 242)
        pen.polygon([(-a, 5 + 15 * i), (a, 5 + 15 * i), (b, 20 + 15 * i), (-b, 20 + 15 * i)], shade)
    pen.box(-12, 79, 12, 83, INK)
    pen.box(-7, 83, 7, 95, LAMP)
    pen.polygon([(-10, 94), (10, 94), (0, 105)], dark(color, 0.15))


@sprite("tent")
def tent(pen: Pen, color: Color, look: int) -> None:
    pen.polygon([(-44, 0), (30, 0), (8, 50), (-18, 50)], dark(color, 0.18))
    pen.polygon([(-28, 0), (44, 0), (8, 50)], color)
    pen.polygon([(0, 0), (18, 0), (8, 36)], dark(color, 0.6))
    pen.polygon([(0, 0), (-6, 0), (8, 36)], light(color, 0.4))
