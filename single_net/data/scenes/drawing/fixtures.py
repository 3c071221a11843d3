"""Fixtures of streets, parks, fields and beaches: what stands outdoors and is not a building."""

from __future__ import annotations

from single_net.data.scenes.drawing.pen import INK, LAMP, PALETTE, Color, Pen, dark, light
from single_net.data.scenes.drawing.sprites import CREAM, METAL, WOOD, flames, sprite_registry

FIXTURES, sprite = sprite_registry()


@sprite("bench")
def bench(pen: Pen, color: Color, look: int) -> None:
    for v in (16, 25, 34):
        pen.box(-36, v, 36, v + 5.5, color, 1)
    for u in (-30, 27):
        pen.box(u, 0, u + 4, 36, (70, 72, 80))
    pen.box(-37, 14, 37, 19, light(color, 0.12), 1)


@sprite("street lamp")
def street_lamp(pen: Pen, color: Color, look: int) -> None:
    pen.box(-6, 0, 6, 5, (66, 70, 80))
    pen.line([(0, 0), (0, 82), (8, 90), (16, 88)], 3.2, (66, 70, 80))
    pen.polygon([(9, 86), (24, 86), (20, 92), (13, 92)], (66, 70, 80))
    pen.ellipse(16.5, 85, 6, 4, LAMP)


@sprite("traffic light")
def traffic_light(pen: Pen, color: Color, look: int) -> None:
    pen.box(-2.4, 0, 2.4, 50, (80, 84, 94))
    pen.box(-10, 46, 10, 90, (52, 54, 62), 4)
    for v, lit in ((81, "red"), (68, "yellow"), (55, "green")):
        shade = PALETTE[lit]
        pen.dot(0, v, 5.6, light(shade, 0.15) if color == shade else dark(shade, 0.72))


@sprite("fire hydrant")
def fire_hydrant(pen: Pen, color: Color, look: int) -> None:
    pen.box(-10, 0, 10, 5, dark(color, 0.25), 1)
    pen.box(-7, 4, 7, 26, color, 1)
    pen.ellipse(0, 26, 8.5, 7, color)
    pen.box(-9.5, 23, 9.5, 26, dark(color, 0.2))
    pen.box(-12, 13, 12, 19, dark(color, 0.12), 2)
    pen.dot(0, 16, 3.6, light(color, 0.3))


@sprite("fence")
def fence(pen: Pen, color: Color, look: int) -> None:
    for v in (11, 22):
        pen.box(-50, v, 50, v + 4, dark(color, 0.12))
    for i in range(8):
        u = -48 + 13 * i
        pen.polygon([(u, 0), (u + 6, 0), (u + 6, 28), (u + 3, 33), (u, 28)], color)


@sprite("fountain")
def fountain(pen: Pen, color: Color, look: int) -> None:
    stone, water = (190, 190, 194), (150, 206, 232)
    for side in (-1, 1):
        pen.line([(0, 44), (side * 9, 54), (side * 20, 44), (side * 25, 22)], 2.6, water)
        pen.line([(0, 44), (side * 4, 58), (side * 10, 48), (side * 13, 24)], 2.6, water)
    pen.box(-4, 10, 4, 44, stone)
    pen.ellipse(0, 38, 14, 3.6, dark(stone, 0.12))
    pen.polygon([(-40, 17), (40, 17), (32, 0), (-32, 0)], stone)
    pen.ellipse(0, 17, 40, 5, dark(stone, 0.1))
    pen.ellipse(0, 17, 36, 3.8, water)


@sprite("slide")
def slide(pen: Pen, color: Color, look: int) -> None:
    for u in (-32, -22):
        pen.line([(u, 0), (u + 2, 58)], 2.6, METAL)
    for v in (12, 24, 36, 48):
        pen.line([(-31, v), (-20, v)], 2.2, METAL)
    pen.box(-32, 46, -14, 50, dark(color, 0.3))
    pen.line([(-16, 50), (20, 10), (36, 6)], 8, color)
    pen.line([(-16, 53), (20, 13.5), (36, 9.5)], 2.4, light(color, 0.4))


@sprite("swing")
def swing(pen: Pen, color: Color, look: int) -> None:
    for u in (-34, 34):
        pen.line([(u - 9, 0), (u, 80), (u + 9, 0)], 3.2, color)
    pen.line([(-36, 80), (36, 80)], 3.6, color)
    for u in (-8, 8):
        pen.line([(u, 80), (u, 28)], 1.4, INK)
    pen.box(-11, 25, 11, 29, WOOD, 1)


@sprite("beach umbrella")
def beach_umbrella(pen: Pen, color: Color, look: int) -> None:
    pen.line([(0, 0), (0, 74)], 2.6, (240, 236, 226))
    for i in range(6):
        shade = color if i % 2 == 0 else light(color, 0.75)
        pen.polygon([(0, 82), (-40 + 13.4 * i, 52), (-26.6 + 13.4 * i, 52)], shade)
    pen.polygon([(-38, 53), (-24, 70), (0, 82), (24, 70), (38, 53), (26, 57), (0, 59), (-26, 57)], color)
    for i in (-1, 1):
        pen.polygon([(0, 82), (i * 8, 58.5), (i * 21, 57.4)], light(color, 0.75))
    pen.dot(0, 83, 2, CREAM)


@sprite("campfire")
def campfire(pen: Pen, color: Color, look: int) -> None:
    flames(pen.at(0, 5))
    pen.line([(-17, 2), (15, 8)], 5.4, WOOD)
    pen.line([(17, 2), (-15, 8)], 5.4, dark(WOOD, 0.2))
