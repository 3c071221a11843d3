"""Birds, sea animals and insects."""

from __future__ import annotations

from single_net.data.scenes.drawing.pen import INK, PALETTE, Color, Pen, dark, light
from single_net.data.scenes.drawing.sprites import FOAM, Sprite


def flying_bird(pen: Pen, color: Color, look: int) -> None:
    """Any bird in flight."""
    lift = 12 if look % 2 else -8
    pen.polygon([(-4, 2), (5, 2), (-9, 12 + lift)], dark(color, 0.3))
    pen.polygon([(-14, 2), (-24, 6), (-22, -2)], dark(color, 0.2))
    pen.ellipse(0, 0, 16, 6, color, 6)
    pen.dot(14, 4, 5.4, color)
    pen.polygon([(18, 5), (25, 3), (18, 1.4)], PALETTE["orange"])
    pen.dot(15.4, 5.4, 1.2, INK)
    pen.polygon([(-7, 2), (6, 3), (-13, 18 + lift * 0.6)], dark(color, 0.14))


def standing_bird(pen: Pen, color: Color, look: int) -> None:
    """A bird of no particular kind on the ground."""
    for u in (-2, 4):
        pen.line([(u, 9), (u, 0), (u + 3, 0)], 1.7, PALETTE["orange"])
    pen.polygon([(-10, 14), (-24, 10), (-22, 15)], dark(color, 0.3))
    pen.ellipse(0, 16, 15, 9, color, 14)
    pen.ellipse(-3, 15, 11, 5.4, dark(color, 0.2), 4)
    pen.dot(12, 25, 6.4, color)
    pen.polygon([(17, 26), (25, 24), (17, 22)], PALETTE["orange"])
    pen.dot(13.6, 26.6, 1.3, INK)


def duck(pen: Pen, color: Color, look: int) -> None:
    for u in (-2, 5):
        pen.line([(u, 6), (u, 0), (u + 4, 0)], 2, PALETTE["orange"])
    floating_duck(pen.at(0, 6), color, look)


def floating_duck(pen: Pen, color: Color, look: int) -> None:
    """A duck on the water."""
    pen.polygon([(-12, 8), (-22, 16), (-16, 4)], color)
    pen.ellipse(0, 7, 17, 9.5, color)
    pen.ellipse(-2, 8, 10, 5.4, dark(color, 0.16), 8)
    pen.line([(11, 10), (12, 20)], 7, color)
    pen.dot(13, 23, 6.8, PALETTE["green"] if color == PALETTE["brown"] else color)
    pen.ellipse(21, 22, 5.4, 2.5, PALETTE["orange"])
    pen.dot(14.6, 25, 1.3, INK)


def chicken(pen: Pen, color: Color, look: int) -> None:
    for u in (-3, 4):
        pen.line([(u, 9), (u, 0), (u + 3, 0)], 1.8, PALETTE["orange"])
    pen.polygon([(-8, 14), (-24, 30), (-12, 32), (0, 22)], dark(color, 0.22))
    pen.ellipse(0, 18, 16, 12, color)
    pen.ellipse(-3, 18, 9, 6, dark(color, 0.14))
    pen.line([(9, 20), (13, 30)], 8, color)
    pen.dot(14, 33, 6, color)
    for comb in (11, 14.5, 18):
        pen.dot(comb, 40, 2.6, PALETTE["red"])
    pen.ellipse(18, 28, 1.9, 3, PALETTE["red"])
    pen.polygon([(19, 34), (25.5, 32), (19, 30)], PALETTE["yellow"])
    pen.dot(15.6, 34.4, 1.3, INK)


def penguin(pen: Pen, color: Color, look: int) -> None:
    for u in (-5, 6):
        pen.ellipse(u + 2, 1.8, 6, 2.4, PALETTE["orange"])
    pen.ellipse(0, 22, 14, 21, INK)
    pen.ellipse(4, 20, 10, 17, (250, 250, 250))
    pen.dot(2, 44, 10, INK)
    pen.ellipse(6, 43, 5.4, 6, (250, 250, 250))
    pen.polygon([(10, 45), (19, 42.5), (10, 40)], PALETTE["orange"])
    pen.dot(6, 46, 1.4, INK)
    pen.ellipse(-7, 22, 4, 14, dark(INK, 0.4), -16)


def owl(pen: Pen, color: Color, look: int) -> None:
    for u in (-4, 4):
        pen.dot(u, 1.6, 2.4, PALETTE["orange"])
    pen.ellipse(0, 18, 13, 17, color)
    pen.ellipse(0, 14, 8, 11, light(color, 0.4))
    for side in (-1, 1):
        pen.polygon([(side * 3, 32), (side * 12, 42), (side * 11, 28)], color)
        pen.ellipse(side * 12, 16, 4, 11, dark(color, 0.25), side * 8)
        pen.dot(side * 5, 28, 5.4, (250, 246, 226))
        pen.dot(side * 5, 28, 2.6, INK)
    pen.polygon([(-2, 25), (2, 25), (0, 20)], PALETTE["orange"])


def ostrich(pen: Pen, color: Color, look: int) -> None:
    for u, bend in ((-3, -6), (5, 6)):
        pen.line([(u, 30), (u + bend, 14), (u + 1, 0), (u + 6, 0)], 2.8, (206, 160, 130))
    pen.ellipse(-16, 40, 9, 7, (246, 244, 240), 30)
    pen.ellipse(0, 38, 19, 13, color)
    pen.line([(14, 40), (20, 56), (18, 72)], 4.4, (216, 176, 146))
    pen.ellipse(20, 74, 6, 4.4, (216, 176, 146))
    pen.polygon([(24, 76), (32, 73), (24, 71.6)], PALETTE["orange"])
    pen.dot(21, 75, 1.3, INK)


def fish(pen: Pen, color: Color, look: int) -> None:
    pen.polygon([(-12, 0), (-25, 10), (-22, 0), (-25, -10)], dark(color, 0.15))
    pen.polygon([(-6, 7), (2, 15), (8, 7)], dark(color, 0.15))
    pen.ellipse(0, 0, 17, 10, color)
    for u in (-5, 3):
        pen.line([(u, 8 - abs(u) * 0.3), (u - 1.4, -8 + abs(u) * 0.3)], 2.8, light(color, 0.65))
    pen.polygon([(-1, -2), (-8, -8), (3, -6)], dark(color, 0.25))
    pen.dot(10.4, 2.6, 3, (252, 252, 252))
    pen.dot(11, 2.6, 1.6, INK)


def shark(pen: Pen, color: Color, look: int) -> None:
    pen.polygon([(-34, 2), (-54, 18), (-47, 1), (-52, -11)], dark(color, 0.1))
    pen.polygon([(-8, 10), (-6, 28), (10, 11)], dark(color, 0.1))
    pen.ellipse(0, 0, 42, 12.5, color)
    pen.ellipse(6, -5.4, 32, 6.4, light(color, 0.65))
    pen.polygon([(8, -7), (-4, -22), (16, -10)], dark(color, 0.14))
    pen.line([(28, -4.4), (37, -2.6)], 1.6, INK)
    for i in range(3):
        pen.polygon([(28.4 + 3 * i, -3.8 + i * 0.5), (31 + 3 * i, -3.4 + i * 0.5), (29.6 + 3 * i, -7)], (252, 252, 252))
    pen.dot(29, 4, 1.9, INK)
    for u in (13, 17, 21):
        pen.line([(u, 3), (u - 1, -3)], 1.1, dark(color, 0.35))


def whale(pen: Pen, color: Color, look: int) -> None:
    """Back and tail out of the water."""
    pen.line([(-36, 2), (-47, 15)], 9, color)
    pen.polygon([(-46, 13), (-62, 24), (-46, 27), (-36, 25), (-40, 15)], color)
    pen.polygon([(-44, 0), (-36, 13), (-10, 26), (22, 25), (40, 14), (46, 0)], color)
    pen.polygon([(4, 0), (20, 5), (45, 5), (46, 0)], light(color, 0.6))
    pen.dot(31, 11.4, 1.9, INK)
    for side in (-1, 1):
        pen.line([(18, 26), (18 + side * 3, 40), (18 + side * 11, 43), (18 + side * 15, 36)], 2.6, (226, 242, 250))
    for u, width in ((-34, 18), (8, 30), (40, 15)):
        pen.ellipse(u, -1.4, width, 3, FOAM)


def dolphin(pen: Pen, color: Color, look: int) -> None:
    """Leaping out of the water."""
    pen.polygon([(-30, 10), (-42, 4), (-35, 13), (-40, 23), (-27, 17)], dark(color, 0.15))
    spine = [(-29, 14), (-14, 31), (4, 38), (20, 31), (28, 19)]
    pen.line(spine[:2], 9, color)
    pen.line(spine[1:], 16, color)
    pen.line([(-10, 25), (4, 31), (17, 25), (24, 17)], 5, light(color, 0.6))
    pen.polygon([(-6, 42), (-13, 54), (7, 45)], dark(color, 0.15))
    pen.line([(29, 17), (34, 9)], 4.6, color)
    pen.polygon([(6, 29), (0, 17), (14, 26)], dark(color, 0.2))
    pen.dot(24, 26, 1.5, INK)
    for u, width in ((-32, 14), (30, 13)):
        pen.ellipse(u, 0, width, 3, FOAM)


def turtle(pen: Pen, color: Color, look: int) -> None:
    skin = light(color, 0.35)
    pen.ellipse(13, 3.4, 4, 7, skin, 34)
    pen.ellipse(-13, 3.4, 4, 7, skin, -34)
    pen.polygon([(-21, 6), (-29, 4), (-20, 9)], skin)
    pen.dot(25, 13, 6.4, skin)
    pen.dot(27, 14.4, 1.3, INK)
    pen.polygon([(-22, 6), (-18, 17), (-7, 24), (7, 24), (18, 17), (22, 6)], dark(color, 0.2))
    for u, v in ((-9, 13), (2, 17), (11, 12)):
        pen.dot(u, v, 4.2, color)
    pen.line([(-22, 6), (22, 6)], 3, skin)


def crab(pen: Pen, color: Color, look: int) -> None:
    for side in (-1, 1):
        for u in (8, 13, 17):
            pen.line([(side * u * 0.8, 7), (side * (u + 6), 8), (side * (u + 9), 0)], 1.9, dark(color, 0.2))
        pen.line([(side * 14, 12), (side * 24, 20)], 3.2, color)
        pen.dot(side * 25, 24, 5.4, color)
        pen.polygon([(side * 25, 24), (side * 22, 31), (side * 28, 31)], dark(color, 0.5))
        pen.line([(side * 5, 15), (side * 6, 21)], 1.6, color)
        pen.dot(side * 6, 22, 2.6, (252, 252, 252))
        pen.dot(side * 6, 22, 1.3, INK)
    pen.ellipse(0, 10, 17, 9, color)
    pen.ring(0, 9, 5, 1.2, dark(color, 0.4), 220, 320)


def jellyfish(pen: Pen, color: Color, look: int) -> None:
    for i in range(5):
        u = -11 + 5.5 * i
        pen.line([(u, 2), (u + 3, -8), (u - 2, -17), (u + 2, -27)], 2, light(color, 0.3))
    pen.polygon([(-17, 0), (-15, 11), (-7, 19), (7, 19), (15, 11), (17, 0), (9, 3), (0, 0), (-9, 3)], color)
    pen.ellipse(-5, 11, 3.6, 5, light(color, 0.55), -24)


def octopus(pen: Pen, color: Color, look: int) -> None:
    for u in (-18, -11, -4, 4, 11, 18):
        side = 1 if u > 0 else -1
        pen.line([(u * 0.6, 14), (u, 5), (u + side * 8, 2), (u + side * 11, 7)], 4.4, dark(color, 0.12))
    pen.ellipse(0, 27, 15, 18, color)
    for u in (-5, 7):
        pen.dot(u, 22, 3.6, (252, 252, 252))
        pen.dot(u + 0.8, 22, 1.8, INK)
    pen.ring(1, 16, 3.4, 1.2, dark(color, 0.45), 200, 340)


def butterfly(pen: Pen, color: Color, look: int) -> None:
    for side in (-1, 1):
        pen.ellipse(side * 8, 6, 8, 6.4, color, side * 34)
        pen.ellipse(side * 6.4, -5, 5.6, 5, dark(color, 0.16), side * -30)
        pen.dot(side * 8.6, 6.6, 2.2, light(color, 0.7))
        pen.line([(0, 8), (side * 4, 14)], 0.9, INK)
    pen.line([(0, -8), (0, 8)], 2.4, INK)


CREATURES: dict[str, Sprite] = {
    "duck": duck,
    "chicken": chicken,
    "penguin": penguin,
    "owl": owl,
    "ostrich": ostrich,
    "fish": fish,
    "shark": shark,
    "whale": whale,
    "dolphin": dolphin,
    "turtle": turtle,
    "crab": crab,
    "jellyfish": jellyfish,
    "octopus": octopus,
    "butterfly": butterfly,
}
