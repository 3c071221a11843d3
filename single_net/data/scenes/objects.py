"""Large objects of the embedded scenes: vehicles, buildings, trees, street things. Each stands on the pen's origin."""

from __future__ import annotations

from single_net.data.scenes.pen import INK, LAMP, PALETTE, Colour, Pen, dark, light, mix
from single_net.data.scenes.sprites import GLASS, METAL, WOOD, sprite_register, wheel

OBJECTS, sprite = sprite_register()


@sprite("car")
def car(pen: Pen, colour: Colour, look: int) -> None:
    pen.polygon([(-30, 20), (-20, 36), (10, 36), (24, 20)], colour)
    pen.polygon([(-25, 21), (-18, 33), (-6, 33), (-6, 21)], GLASS)
    pen.polygon([(-3, 21), (-3, 33), (9, 33), (18, 21)], GLASS)
    pen.box(-42, 7, 42, 22, colour, 6)
    pen.box(-42, 7, 42, 11, dark(colour, 0.25), 2)
    pen.dot(39, 17, 3, LAMP)
    pen.box(-42, 15, -38.5, 19, (226, 90, 70))
    pen.line([(-4, 18), (1, 18)], 1.4, dark(colour, 0.35))
    wheel(pen, -24, 8.5)
    wheel(pen, 25, 8.5)


@sprite("taxi")
def taxi(pen: Pen, colour: Colour, look: int) -> None:
    car(pen, colour, look)
    pen.box(-11, 36, 2, 41, (250, 250, 246), 1)
    for i in range(9):
        pen.box(-34 + 8 * i, 12, -30 + 8 * i, 15, INK)


@sprite("jeep")
def jeep(pen: Pen, colour: Colour, look: int) -> None:
    pen.line([(-34, 22), (-34, 44), (12, 44), (20, 24)], 2.6, dark(colour, 0.5))
    pen.box(-34, 42, 13, 46, dark(colour, 0.25), 1)
    pen.box(-42, 9, 42, 26, colour, 4)
    pen.line([(-12, 10), (-12, 25)], 1.4, dark(colour))
    pen.line([(10, 10), (10, 25)], 1.4, dark(colour))
    pen.dot(-44, 24, 7.5, INK)
    pen.dot(40, 20, 3, LAMP)
    wheel(pen, -25, 10)
    wheel(pen, 26, 10)


@sprite("bus")
def bus(pen: Pen, colour: Colour, look: int) -> None:
    pen.box(-58, 8, 58, 56, colour, 6)
    pen.box(-58, 8, 58, 15, dark(colour, 0.25), 2)
    for i in range(5):
        pen.box(-52 + 19 * i, 32, -37 + 19 * i, 49, GLASS, 2)
    pen.box(43, 12, 55, 49, light(GLASS, 0.3), 2)
    pen.line([(-56, 25), (41, 25)], 2.6, light(colour, 0.7))
    pen.dot(55, 19, 3, LAMP)
    wheel(pen, -34, 9.5)
    wheel(pen, 32, 9.5)


@sprite("truck")
def truck(pen: Pen, colour: Colour, look: int) -> None:
    pen.box(-54, 10, 20, 56, (232, 232, 226), 2)
    pen.line([(-54, 33), (20, 33)], 5, mix(colour, (255, 255, 255), 0.3))
    pen.polygon([(22, 10), (22, 48), (40, 48), (52, 30), (52, 10)], colour)
    pen.polygon([(29, 30), (29, 43), (38, 43), (46, 30)], GLASS)
    pen.box(-54, 7, 52, 12, dark(colour, 0.5))
    for u in (-38, -18, 38):
        wheel(pen, u, 9)


@sprite("bicycle")
def bicycle(pen: Pen, colour: Colour, look: int) -> None:
    for u in (-19, 19):
        pen.ring(u, 13, 12, 2.2, INK)
        pen.dot(u, 13, 1.8, METAL)
    pen.line([(-19, 13), (-8, 32), (13, 33), (-1, 13), (-19, 13)], 2.6, colour)
    pen.line([(-1, 13), (-9, 35)], 2.6, colour)
    pen.line([(19, 13), (12, 38), (17, 40)], 2.6, colour)
    pen.line([(-14, 36), (-5, 36)], 3.4, INK)
    pen.dot(-1, 13, 3, dark(colour, 0.4))


@sprite("motorcycle")
def motorcycle(pen: Pen, colour: Colour, look: int) -> None:
    for u in (-22, 23):
        pen.ring(u, 11, 9, 4, INK)
        pen.dot(u, 11, 3, METAL)
    pen.polygon([(-14, 12), (-8, 25), (12, 28), (14, 16), (4, 10)], (112, 116, 126))
    pen.ellipse(6, 29, 12, 6, colour, 8)
    pen.polygon([(-30, 26), (-4, 30), (-4, 25), (-24, 20)], INK)
    pen.polygon([(-32, 22), (-20, 24), (-16, 17), (-30, 18)], colour)
    pen.line([(23, 11), (14, 36), (8, 40)], 2.8, METAL)
    pen.dot(19, 32, 3.6, LAMP)
    pen.line([(-6, 10), (-32, 10)], 3, METAL)


@sprite("tractor")
def tractor(pen: Pen, colour: Colour, look: int) -> None:
    pen.box(-30, 20, 4, 30, colour, 3)
    pen.line([(-26, 28), (-26, 56)], 3, dark(colour, 0.3))
    pen.line([(0, 28), (-2, 56)], 3, dark(colour, 0.3))
    pen.box(-22, 34, -4, 52, GLASS)
    pen.box(-32, 54, 4, 59, colour, 2)
    pen.box(0, 16, 40, 34, colour, 4)
    pen.line([(22, 34), (22, 50)], 3, INK)
    for i in range(3):
        pen.line([(36, 20 + 4 * i), (26, 20 + 4 * i)], 1.4, dark(colour, 0.35))
    for u, r in ((-18, 18), (30, 10.5)):
        pen.dot(u, r, r, INK)
        pen.dot(u, r, r * 0.52, PALETTE["yellow"])


def _roof(pen: Pen, half: float, eaves: float, ridge: float, colour: Colour) -> None:
    pen.polygon([(-half - 6, eaves), (half + 6, eaves), (half * 0.5, ridge), (-half * 0.5, ridge)], colour)


@sprite("house")
def house(pen: Pen, colour: Colour, look: int) -> None:
    pen.box(-36, 0, 36, 42, colour)
    pen.box(14, 58, 23, 76, (150, 84, 70))
    _roof(pen, 36, 42, 68, ((164, 78, 62), (96, 92, 108), (140, 96, 70))[look % 3])
    for u in (-27, 13):
        pen.box(u, 17, u + 15, 32, (252, 250, 244))
        pen.box(u + 1.5, 18.5, u + 13.5, 30.5, GLASS)
    pen.box(-7, 0, 7, 24, (120, 78, 54), 1)
    pen.dot(4, 12, 1.2, LAMP)


@sprite("cabin")
def cabin(pen: Pen, colour: Colour, look: int) -> None:
    for i in range(6):
        pen.box(-34, 7 * i, 34, 7 * i + 6.4, colour if i % 2 else dark(colour, 0.12), 2)
    pen.box(14, 52, 22, 70, (132, 128, 130))
    pen.polygon([(-42, 38), (42, 38), (0, 72)], (248, 250, 252))
    pen.polygon([(-34, 38), (34, 38), (0, 65)], dark(colour, 0.2))
    pen.box(-24, 13, -8, 29, LAMP)
    pen.line([(-16, 13), (-16, 29)], 1.4, dark(colour, 0.4))
    pen.box(6, 0, 21, 27, dark(colour, 0.45), 1)


@sprite("barn")
def barn(pen: Pen, colour: Colour, look: int) -> None:
    pen.polygon([(-42, 0), (42, 0), (42, 40), (27, 62), (0, 74), (-27, 62), (-42, 40)], colour)
    pen.line([(-45, 39), (-28, 63), (0, 76), (28, 63), (45, 39)], 4.4, dark(colour, 0.55))
    pen.box(-18, 0, 18, 33, (250, 246, 238))
    pen.box(-15.5, 0, 15.5, 30.5, dark(colour, 0.22))
    pen.line([(-15, 1), (15, 30)], 2.2, (250, 246, 238))
    pen.line([(-15, 30), (15, 1)], 2.2, (250, 246, 238))
    pen.box(-7, 44, 7, 57, (250, 246, 238))
    pen.box(-5, 46, 5, 55, (70, 56, 56))


@sprite("windmill")
def windmill(pen: Pen, colour: Colour, look: int) -> None:
    pen.polygon([(-17, 0), (17, 0), (10, 66), (-10, 66)], colour)
    pen.polygon([(-13, 65), (13, 65), (0, 80)], (150, 84, 66))
    pen.box(-5, 0, 5, 16, WOOD, 2)
    pen.dot(0, 40, 4, (120, 160, 180))
    for k in range(4):
        blade = pen.at(0, 68, angle=20 + 90 * k + 11 * (look % 4))
        blade.box(1, 0, 8, 36, (252, 250, 244))
        blade.line([(0, 0), (0, 37)], 2, WOOD)
    pen.dot(0, 68, 3, INK)


@sprite("lighthouse")
def lighthouse(pen: Pen, colour: Colour, look: int) -> None:
    pen.ellipse(0, 2, 34, 10, (132, 124, 122))
    for i in range(5):
        a, b = 15 - 1.5 * i, 15 - 1.5 * (i + 1)
        shade = colour if i % 2 == 0 else (250, 248, 242)
        pen.polygon([(-a, 5 + 15 * i), (a, 5 + 15 * i), (b, 20 + 15 * i), (-b, 20 + 15 * i)], shade)
    pen.box(-12, 79, 12, 83, INK)
    pen.box(-7, 83, 7, 95, LAMP)
    pen.polygon([(-10, 94), (10, 94), (0, 105)], dark(colour, 0.15))


@sprite("tree")
def tree(pen: Pen, colour: Colour, look: int) -> None:
    pen.polygon([(-6, 0), (6, 0), (4, 44), (-4, 44)], (122, 84, 58))
    pen.line([(0, 32), (13, 48)], 4, (122, 84, 58))
    for u, v, r in ((-18, 56, 19), (18, 56, 19), (0, 70, 23), (-3, 52, 20)):
        pen.dot(u, v, r, dark(colour, 0.1))
    for u, v, r in ((-12, 62, 14), (12, 66, 15), (-2, 76, 13)):
        pen.dot(u, v, r, light(colour, 0.1))
    if look % 4 == 0 and colour == PALETTE["green"]:
        for u, v in ((-20, 54), (-6, 66), (10, 56), (20, 66), (2, 80)):
            pen.dot(u, v, 3, PALETTE["red"])


@sprite("pine tree")
def pine_tree(pen: Pen, colour: Colour, look: int) -> None:
    pen.box(-4, 0, 4, 16, (112, 78, 56))
    for i, half in enumerate((27, 22, 16)):
        v = 12 + 21 * i
        pen.polygon([(-half, v), (half, v), (0, v + 36)], dark(colour, 0.14 - 0.07 * i))


@sprite("snowy pine")
def snowy_pine(pen: Pen, colour: Colour, look: int) -> None:
    pine_tree(pen, colour, look)
    for i, half in enumerate((27, 22, 16)):
        v, s = 12 + 21 * i + 36, half / 36
        pen.polygon(
            [(0, v), (-s * 20, v - 20), (-s * 9, v - 15), (0, v - 21), (s * 9, v - 15), (s * 20, v - 20)],
            (250, 252, 255),
        )


@sprite("palm tree")
def palm_tree(pen: Pen, colour: Colour, look: int) -> None:
    pen.line([(0, 0), (4, 30), (12, 62), (14, 72)], 6, (164, 122, 80))
    for tip in ((-26, 62), (-20, 84), (6, 98), (40, 90), (52, 68), (36, 54)):
        u, v = tip
        a, b = (14 + u) / 2, (72 + v) / 2
        pen.polygon([(14, 70), (a - 3, b + 11), (u, v), (a + 1, b + 1)], dark(colour, 0.12))
        pen.polygon([(14, 74), (a, b + 14), (u, v), (a - 1, b + 6)], colour)
    for u in (10, 17):
        pen.dot(u, 69, 4, (112, 72, 46))


@sprite("acacia tree")
def acacia(pen: Pen, colour: Colour, look: int) -> None:
    pen.line([(0, 0), (2, 40), (-16, 64)], 6, (112, 82, 58))
    pen.line([(1, 34), (18, 62)], 5, (112, 82, 58))
    for u, v, ru, rv in ((-16, 66, 32, 8), (18, 66, 32, 8), (0, 74, 36, 9)):
        pen.ellipse(u, v, ru, rv, dark(colour, 0.05 if v < 70 else 0))


@sprite("fence")
def fence(pen: Pen, colour: Colour, look: int) -> None:
    for v in (11, 22):
        pen.box(-50, v, 50, v + 4, dark(colour, 0.12))
    for i in range(8):
        u = -48 + 13 * i
        pen.polygon([(u, 0), (u + 6, 0), (u + 6, 28), (u + 3, 33), (u, 28)], colour)


@sprite("haystack")
def haystack(pen: Pen, colour: Colour, look: int) -> None:
    pen.ellipse(0, 15, 32, 18, colour)
    pen.polygon([(-31, 0), (31, 0), (30, 16), (-30, 16)], colour)
    pen.ellipse(0, 26, 17, 9, light(colour))
    for u, v in ((-20, 8), (-6, 12), (10, 6), (20, 13), (0, 22), (-14, 19)):
        pen.line([(u, v), (u + 6, v - 4)], 1.3, dark(colour, 0.25))


@sprite("bench")
def bench(pen: Pen, colour: Colour, look: int) -> None:
    for v in (16, 25, 34):
        pen.box(-36, v, 36, v + 5.5, colour, 1)
    for u in (-30, 27):
        pen.box(u, 0, u + 4, 36, (70, 72, 80))
    pen.box(-37, 14, 37, 19, light(colour, 0.12), 1)


@sprite("street lamp")
def street_lamp(pen: Pen, colour: Colour, look: int) -> None:
    pen.box(-6, 0, 6, 5, (66, 70, 80))
    pen.line([(0, 0), (0, 82), (8, 90), (16, 88)], 3.2, (66, 70, 80))
    pen.polygon([(9, 86), (24, 86), (20, 92), (13, 92)], (66, 70, 80))
    pen.ellipse(16.5, 85, 6, 4, LAMP)


@sprite("traffic light")
def traffic_light(pen: Pen, colour: Colour, look: int) -> None:
    pen.box(-2.4, 0, 2.4, 50, (80, 84, 94))
    pen.box(-10, 46, 10, 90, (52, 54, 62), 4)
    for v, lit in ((81, "red"), (68, "yellow"), (55, "green")):
        shade = PALETTE[lit]
        pen.dot(0, v, 5.6, light(shade, 0.15) if colour == shade else dark(shade, 0.72))


@sprite("fire hydrant")
def fire_hydrant(pen: Pen, colour: Colour, look: int) -> None:
    pen.box(-10, 0, 10, 5, dark(colour, 0.25), 1)
    pen.box(-7, 4, 7, 26, colour, 1)
    pen.ellipse(0, 26, 8.5, 7, colour)
    pen.box(-9.5, 23, 9.5, 26, dark(colour, 0.2))
    pen.box(-12, 13, 12, 19, dark(colour, 0.12), 2)
    pen.dot(0, 16, 3.6, light(colour, 0.3))
