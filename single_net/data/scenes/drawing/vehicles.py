"""Vehicles of the synthetic scenes: on the road, on the water and in the air; all face right."""

from __future__ import annotations

from single_net.data.scenes.drawing.pen import INK, LAMP, PALETTE, Color, Pen, dark, light, mix
from single_net.data.scenes.drawing.sprites import FOAM, GLASS, METAL, WOOD, sprite_registry

VEHICLES, sprite = sprite_registry()


@sprite("car")
def car(pen: Pen, color: Color, look: int) -> None:
    pen.polygon([(-30, 20), (-20, 36), (10, 36), (24, 20)], color)
    pen.polygon([(-25, 21), (-18, 33), (-6, 33), (-6, 21)], GLASS)
    pen.polygon([(-3, 21), (-3, 33), (9, 33), (18, 21)], GLASS)
    pen.box(-42, 7, 42, 22, color, 6)
    pen.box(-42, 7, 42, 11, dark(color, 0.25), 2)
    pen.dot(39, 17, 3, LAMP)
    pen.box(-42, 15, -38.5, 19, (226, 90, 70))
    pen.line([(-4, 18), (1, 18)], 1.4, dark(color, 0.35))
    _wheel(pen, -24, 8.5)
    _wheel(pen, 25, 8.5)


@sprite("taxi")
def taxi(pen: Pen, color: Color, look: int) -> None:
    car(pen, color, look)
    pen.box(-11, 36, 2, 41, (250, 250, 246), 1)
    for i in range(9):
        pen.box(-34 + 8 * i, 12, -30 + 8 * i, 15, INK)


@sprite("jeep")
def jeep(pen: Pen, color: Color, look: int) -> None:
    pen.line([(-34, 22), (-34, 44), (12, 44), (20, 24)], 2.6, dark(color, 0.5))
    pen.box(-34, 42, 13, 46, dark(color, 0.25), 1)
    pen.box(-42, 9, 42, 26, color, 4)
    pen.line([(-12, 10), (-12, 25)], 1.4, dark(color))
    pen.line([(10, 10), (10, 25)], 1.4, dark(color))
    pen.dot(-44, 24, 7.5, INK)
    pen.dot(40, 20, 3, LAMP)
    _wheel(pen, -25, 10)
    _wheel(pen, 26, 10)


@sprite("bus")
def bus(pen: Pen, color: Color, look: int) -> None:
    pen.box(-58, 8, 58, 56, color, 6)
    pen.box(-58, 8, 58, 15, dark(color, 0.25), 2)
    for i in range(5):
        pen.box(-52 + 19 * i, 32, -37 + 19 * i, 49, GLASS, 2)
    pen.box(43, 12, 55, 49, light(GLASS, 0.3), 2)
    pen.line([(-56, 25), (41, 25)], 2.6, light(color, 0.7))
    pen.dot(55, 19, 3, LAMP)
    _wheel(pen, -34, 9.5)
    _wheel(pen, 32, 9.5)


@sprite("truck")
def truck(pen: Pen, color: Color, look: int) -> None:
    pen.box(-54, 10, 20, 56, (232, 232, 226), 2)
    pen.line([(-54, 33), (20, 33)], 5, mix(color, (255, 255, 255), 0.3))
    pen.polygon([(22, 10), (22, 48), (40, 48), (52, 30), (52, 10)], color)
    pen.polygon([(29, 30), (29, 43), (38, 43), (46, 30)], GLASS)
    pen.box(-54, 7, 52, 12, dark(color, 0.5))
    for u in (-38, -18, 38):
        _wheel(pen, u, 9)


@sprite("bicycle")
def bicycle(pen: Pen, color: Color, look: int) -> None:
    for u in (-19, 19):
        pen.ring(u, 13, 12, 2.2, INK)
        pen.dot(u, 13, 1.8, METAL)
    pen.line([(-19, 13), (-8, 32), (13, 33), (-1, 13), (-19, 13)], 2.6, color)
    pen.line([(-1, 13), (-9, 35)], 2.6, color)
    pen.line([(19, 13), (12, 38), (17, 40)], 2.6, color)
    pen.line([(-14, 36), (-5, 36)], 3.4, INK)
    pen.dot(-1, 13, 3, dark(color, 0.4))


@sprite("motorcycle")
def motorcycle(pen: Pen, color: Color, look: int) -> None:
    for u in (-22, 23):
        pen.ring(u, 11, 9, 4, INK)
        pen.dot(u, 11, 3, METAL)
    pen.polygon([(-14, 12), (-8, 25), (12, 28), (14, 16), (4, 10)], (112, 116, 126))
    pen.ellipse(6, 29, 12, 6, color, 8)
    pen.polygon([(-30, 26), (-4, 30), (-4, 25), (-24, 20)], INK)
    pen.polygon([(-32, 22), (-20, 24), (-16, 17), (-30, 18)], color)
    pen.line([(23, 11), (14, 36), (8, 40)], 2.8, METAL)
    pen.dot(19, 32, 3.6, LAMP)
    pen.line([(-6, 10), (-32, 10)], 3, METAL)


@sprite("tractor")
def tractor(pen: Pen, color: Color, look: int) -> None:
    pen.box(-30, 20, 4, 30, color, 3)
    pen.line([(-26, 28), (-26, 56)], 3, dark(color, 0.3))
    pen.line([(0, 28), (-2, 56)], 3, dark(color, 0.3))
    pen.box(-22, 34, -4, 52, GLASS)
    pen.box(-32, 54, 4, 59, color, 2)
    pen.box(0, 16, 40, 34, color, 4)
    pen.line([(22, 34), (22, 50)], 3, INK)
    for i in range(3):
        pen.line([(36, 20 + 4 * i), (26, 20 + 4 * i)], 1.4, dark(color, 0.35))
    for u, r in ((-18, 18), (30, 10.5)):
        pen.dot(u, r, r, INK)
        pen.dot(u, r, r * 0.52, PALETTE["yellow"])


@sprite("sailboat")
def sailboat(pen: Pen, color: Color, look: int) -> None:
    pen.line([(0, 6), (0, 72)], 2.2, WOOD)
    pen.polygon([(3, 18), (3, 70), (32, 18)], color)
    pen.polygon([(-3, 18), (-3, 60), (-24, 18)], light(color, 0.45) if sum(color) < 690 else (222, 228, 232))
    pen.polygon([(-34, 12), (36, 12), (26, -2), (-26, -2)], WOOD)
    pen.line([(-34, 12), (36, 12)], 2.2, dark(WOOD, 0.3))
    pen.ellipse(0, -2.5, 34, 2.6, FOAM)


@sprite("ship")
def ship(pen: Pen, color: Color, look: int) -> None:
    pen.box(-34, 17, 20, 32, (248, 246, 240))
    pen.box(-28, 31, 8, 43, (248, 246, 240))
    for i in range(5):
        pen.dot(-28 + 10 * i, 25, 2.6, (96, 140, 176))
    for u in (-20, -4):
        pen.box(u, 42, u + 9, 60, color)
        pen.box(u, 55, u + 9, 60, INK)
    pen.polygon([(-56, 18), (58, 18), (44, -3), (-46, -3)], color)
    pen.line([(-54, 15), (55, 15)], 2, light(color, 0.6))
    pen.ellipse(0, -3.5, 52, 3, FOAM)


@sprite("rowing boat")
def rowing_boat(pen: Pen, color: Color, look: int) -> None:
    pen.polygon([(-40, 15), (42, 15), (30, -2), (-30, -2)], color)
    pen.line([(-40, 15), (42, 15)], 3, dark(color, 0.3))
    pen.line([(-34, 8), (36, 8)], 1.3, dark(color, 0.2))
    pen.ellipse(0, -2.5, 36, 2.8, FOAM)


@sprite("plane")
def plane(pen: Pen, color: Color, look: int) -> None:
    pen.polygon([(-28, 5), (-36, 19), (-29, 19), (-18, 6)], color)
    pen.ellipse(0, 2, 34, 6.4, (244, 246, 248))
    pen.line([(-26, 2), (27, 2)], 1.8, color)
    pen.polygon([(4, 1), (-9, -15), (-17, -15), (-8, 2)], dark(color, 0.15))
    for u in range(-14, 21, 7):
        pen.dot(u, 5, 1.4, (96, 140, 176))


@sprite("helicopter")
def helicopter(pen: Pen, color: Color, look: int) -> None:
    pen.line([(-6, 4), (-36, 8)], 4.4, color)
    pen.polygon([(-34, 7), (-41, 17), (-36, 17), (-30, 9)], dark(color, 0.2))
    pen.ellipse(2, 2, 18, 12, color)
    pen.ellipse(9, 4, 9, 8, (182, 220, 236))
    pen.line([(0, 12), (0, 18)], 2.4, METAL)
    pen.line([(-32, 18), (32, 18)], 2, INK)
    pen.line([(-14, -14), (16, -14)], 2, INK)
    for u in (-7, 8):
        pen.line([(u, -9), (u, -14)], 1.6, INK)


@sprite("balloon")
def balloon(pen: Pen, color: Color, look: int) -> None:
    """A hot-air balloon."""
    pen.line([(-12, 4), (-6, -16)], 1.1, INK)
    pen.line([(12, 4), (6, -16)], 1.1, INK)
    pen.polygon([(-22, 14), (22, 14), (9, -7), (-9, -7)], color)
    pen.ellipse(0, 18, 24, 22, color)
    pen.ellipse(0, 16, 9, 23, light(color, 0.6))
    pen.box(-6, -24, 6, -15, WOOD, 1)


def _wheel(pen: Pen, u: float, radius: float) -> None:
    pen.dot(u, radius, radius, INK)
    pen.dot(u, radius, radius * 0.5, (196, 200, 206))
