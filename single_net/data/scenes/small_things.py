"""Smaller things of the embedded scenes: boats, toys, food, plants, birds and sea animals."""

from __future__ import annotations

from single_net.data.scenes.pen import INK, LAMP, PALETTE, Colour, Pen, dark, light, mix
from single_net.data.scenes.sprites import METAL, WOOD, flames, sprite_register

SMALL_THINGS, sprite = sprite_register()

FOAM = (232, 244, 248)
CREAM = (250, 246, 236)


@sprite("sailboat")
def sailboat(pen: Pen, colour: Colour, look: int) -> None:
    pen.line([(0, 6), (0, 72)], 2.2, WOOD)
    pen.polygon([(3, 18), (3, 70), (32, 18)], colour)
    pen.polygon([(-3, 18), (-3, 60), (-24, 18)], light(colour, 0.45) if sum(colour) < 690 else (222, 228, 232))
    pen.polygon([(-34, 12), (36, 12), (26, -2), (-26, -2)], WOOD)
    pen.line([(-34, 12), (36, 12)], 2.2, dark(WOOD, 0.3))
    pen.ellipse(0, -2.5, 34, 2.6, FOAM)


@sprite("ship")
def ship(pen: Pen, colour: Colour, look: int) -> None:
    pen.box(-34, 17, 20, 32, (248, 246, 240))
    pen.box(-28, 31, 8, 43, (248, 246, 240))
    for i in range(5):
        pen.dot(-28 + 10 * i, 25, 2.6, (96, 140, 176))
    for u in (-20, -4):
        pen.box(u, 42, u + 9, 60, colour)
        pen.box(u, 55, u + 9, 60, INK)
    pen.polygon([(-56, 18), (58, 18), (44, -3), (-46, -3)], colour)
    pen.line([(-54, 15), (55, 15)], 2, light(colour, 0.6))
    pen.ellipse(0, -3.5, 52, 3, FOAM)


@sprite("rowing boat")
def rowing_boat(pen: Pen, colour: Colour, look: int) -> None:
    pen.polygon([(-40, 15), (42, 15), (30, -2), (-30, -2)], colour)
    pen.line([(-40, 15), (42, 15)], 3, dark(colour, 0.3))
    pen.line([(-34, 8), (36, 8)], 1.3, dark(colour, 0.2))
    pen.ellipse(0, -2.5, 36, 2.8, FOAM)


@sprite("beach umbrella")
def beach_umbrella(pen: Pen, colour: Colour, look: int) -> None:
    pen.line([(0, 0), (0, 74)], 2.6, (240, 236, 226))
    for i in range(6):
        shade = colour if i % 2 == 0 else light(colour, 0.75)
        pen.polygon([(0, 82), (-40 + 13.4 * i, 52), (-26.6 + 13.4 * i, 52)], shade)
    pen.polygon([(-38, 53), (-24, 70), (0, 82), (24, 70), (38, 53), (26, 57), (0, 59), (-26, 57)], colour)
    for i in (-1, 1):
        pen.polygon([(0, 82), (i * 8, 58.5), (i * 21, 57.4)], light(colour, 0.75))
    pen.dot(0, 83, 2, CREAM)


@sprite("sandcastle")
def sandcastle(pen: Pen, colour: Colour, look: int) -> None:
    sand = (222, 184, 122)
    pen.box(-24, 0, 24, 18, sand)
    for u in (-24, -4, 16):
        high = 34 if u == -4 else 26
        pen.box(u - 2, 0, u + 10, high, dark(sand, 0.07))
        for k in range(3):
            pen.box(u - 2 + 4.6 * k, high, u + 0.8 + 4.6 * k, high + 4, dark(sand, 0.07))
    pen.ellipse(0, 0, 5, 9, dark(sand, 0.4))
    pen.line([(2, 36), (2, 52)], 1.6, WOOD)
    pen.polygon([(2, 52), (13, 48), (2, 44)], colour)


@sprite("surfboard")
def surfboard(pen: Pen, colour: Colour, look: int) -> None:
    pen.ellipse(0, 34, 10, 36, colour, -6)
    pen.line([(-4, 3), (4, 64)], 2.6, light(colour, 0.7))


@sprite("towel")
def towel(pen: Pen, colour: Colour, look: int) -> None:
    pen.polygon([(-38, 0), (34, 0), (40, 9), (-30, 9)], colour)
    for u in (-22, -2, 18):
        pen.polygon([(u, 0), (u + 6, 0), (u + 13, 9), (u + 7, 9)], light(colour, 0.7))


@sprite("ball")
def ball(pen: Pen, colour: Colour, look: int) -> None:
    pen.dot(0, 9, 9, colour)
    pen.ellipse(0, 9, 3.6, 9, light(colour, 0.75), 20)
    pen.dot(-3, 13, 2, light(colour, 0.6))


@sprite("bucket")
def bucket(pen: Pen, colour: Colour, look: int) -> None:
    pen.ring(0, 13, 9, 1.6, (236, 236, 230), 0, 180)
    pen.polygon([(-7, 0), (7, 0), (10, 15), (-10, 15)], colour)
    pen.ellipse(0, 15, 10, 2, dark(colour, 0.3))


@sprite("kite")
def kite(pen: Pen, colour: Colour, look: int) -> None:
    frame = pen.at(0, 10, angle=-18)
    frame.line([(0, -16), (-6, -24), (0, -32), (-6, -40)], 1.2, INK)
    for v in (-24, -34):
        frame.polygon([(-8, v - 2), (-8, v + 4), (4, v - 2), (4, v + 4)], light(colour, 0.4))
    frame.polygon([(0, 20), (13, 3), (0, -17), (-13, 3)], colour)
    frame.polygon([(0, 20), (13, 3), (0, 3)], light(colour, 0.5))
    frame.polygon([(0, -17), (-13, 3), (0, 3)], light(colour, 0.5))


@sprite("balloon")
def balloon(pen: Pen, colour: Colour, look: int) -> None:
    """A hot-air balloon."""
    pen.line([(-12, 4), (-6, -16)], 1.1, INK)
    pen.line([(12, 4), (6, -16)], 1.1, INK)
    pen.polygon([(-22, 14), (22, 14), (9, -7), (-9, -7)], colour)
    pen.ellipse(0, 18, 24, 22, colour)
    pen.ellipse(0, 16, 9, 23, light(colour, 0.6))
    pen.box(-6, -24, 6, -15, WOOD, 1)


@sprite("plane")
def plane(pen: Pen, colour: Colour, look: int) -> None:
    pen.polygon([(-28, 5), (-36, 19), (-29, 19), (-18, 6)], colour)
    pen.ellipse(0, 2, 34, 6.4, (244, 246, 248))
    pen.line([(-26, 2), (27, 2)], 1.8, colour)
    pen.polygon([(4, 1), (-9, -15), (-17, -15), (-8, 2)], dark(colour, 0.15))
    for u in range(-14, 21, 7):
        pen.dot(u, 5, 1.4, (96, 140, 176))


@sprite("helicopter")
def helicopter(pen: Pen, colour: Colour, look: int) -> None:
    pen.line([(-6, 4), (-36, 8)], 4.4, colour)
    pen.polygon([(-34, 7), (-41, 17), (-36, 17), (-30, 9)], dark(colour, 0.2))
    pen.ellipse(2, 2, 18, 12, colour)
    pen.ellipse(9, 4, 9, 8, (182, 220, 236))
    pen.line([(0, 12), (0, 18)], 2.4, METAL)
    pen.line([(-32, 18), (32, 18)], 2, INK)
    pen.line([(-14, -14), (16, -14)], 2, INK)
    for u in (-7, 8):
        pen.line([(u, -9), (u, -14)], 1.6, INK)


@sprite("snowman")
def snowman(pen: Pen, colour: Colour, look: int) -> None:
    snow, shade = (250, 252, 255), (222, 232, 244)
    for v, r in ((14, 17), (37, 13), (56, 10)):
        pen.dot(1.4, v - 1, r, shade)
        pen.dot(0, v, r - 1, snow)
    for side in (-1, 1):
        pen.line([(side * 11, 40), (side * 24, 49)], 2, WOOD)
    pen.line([(-9, 48), (9, 48)], 5, colour)
    pen.line([(6, 48), (9, 35)], 4.4, colour)
    pen.dot(2, 58, 1.5, INK)
    pen.dot(7, 58, 1.5, INK)
    pen.polygon([(5, 56), (5, 53), (17, 54)], PALETTE["orange"])
    pen.box(-11, 63, 11, 66, INK)
    pen.box(-7.5, 65, 7.5, 77, INK)


@sprite("sled")
def sled(pen: Pen, colour: Colour, look: int) -> None:
    pen.line([(-24, 2), (20, 2), (28, 6), (30, 13)], 2.6, METAL)
    for u in (-16, 12):
        pen.line([(u, 2), (u, 10)], 2.4, dark(colour, 0.3))
    pen.box(-25, 9, 22, 13.5, colour, 2)


@sprite("tent")
def tent(pen: Pen, colour: Colour, look: int) -> None:
    pen.polygon([(-44, 0), (30, 0), (8, 50), (-18, 50)], dark(colour, 0.18))
    pen.polygon([(-28, 0), (44, 0), (8, 50)], colour)
    pen.polygon([(0, 0), (18, 0), (8, 36)], dark(colour, 0.6))
    pen.polygon([(0, 0), (-6, 0), (8, 36)], light(colour, 0.4))


@sprite("campfire")
def campfire(pen: Pen, colour: Colour, look: int) -> None:
    flames(pen.at(0, 5))
    pen.line([(-17, 2), (15, 8)], 5.4, WOOD)
    pen.line([(17, 2), (-15, 8)], 5.4, dark(WOOD, 0.2))


@sprite("mushroom")
def mushroom(pen: Pen, colour: Colour, look: int) -> None:
    for u, s in ((-9, 0.7), (5, 1.0)):
        part = pen.at(u, 0, s)
        part.box(-4, 0, 4, 14, CREAM, 2)
        part.polygon([(-15, 12), (-11, 22), (0, 27), (11, 22), (15, 12)], colour)
        for p, q in ((-7, 17), (1, 22), (7, 16)):
            part.dot(p, q, 2.1, CREAM)


@sprite("rock")
def rock(pen: Pen, colour: Colour, look: int) -> None:
    pen.polygon([(-28, 0), (-25, 15), (-12, 25), (8, 23), (22, 15), (29, 0)], colour)
    pen.polygon([(-12, 25), (8, 23), (2, 12), (-16, 13)], light(colour, 0.3))
    pen.polygon([(29, 0), (22, 15), (10, 8), (12, 0)], dark(colour, 0.2))


@sprite("log")
def log(pen: Pen, colour: Colour, look: int) -> None:
    pen.line([(-30, 8), (30, 8)], 16, colour)
    pen.line([(-26, 11), (12, 11)], 1.4, dark(colour, 0.25))
    pen.line([(-12, 5), (22, 5)], 1.4, dark(colour, 0.25))
    pen.ellipse(34, 8, 5, 8, (216, 178, 128))
    pen.ellipse(34, 8, 2.4, 4, (190, 146, 98))


@sprite("flowers")
def flowers(pen: Pen, colour: Colour, look: int) -> None:
    for u, v in ((-15, 13), (-7, 20), (1, 14), (9, 21), (16, 13)):
        pen.line([(u * 0.8, 0), (u, v)], 1.7, (78, 140, 78))
        pen.ellipse(u * 0.9 + 3, v * 0.4, 3.4, 1.5, (78, 140, 78), 30)
        for p, q in ((-3, 0), (3, 0), (0, 3), (0, -3)):
            pen.dot(u + p, v + q, 2.7, colour)
        pen.dot(u, v, 2, PALETTE["yellow"] if colour != PALETTE["yellow"] else WOOD)


@sprite("plant")
def plant(pen: Pen, colour: Colour, look: int) -> None:
    for u, v in ((-17, 40), (-9, 54), (0, 60), (10, 53), (18, 40)):
        pen.polygon(
            [(0, 16), (u * 0.3 - 5, v * 0.66), (u, v), (u * 0.3 + 6, v * 0.6)],
            dark(PALETTE["green"], 0.12 if u % 2 else 0),
        )
    pen.polygon([(-9, 0), (9, 0), (12, 19), (-12, 19)], colour)
    pen.box(-13, 17, 13, 21, dark(colour, 0.15))


@sprite("slide")
def slide(pen: Pen, colour: Colour, look: int) -> None:
    for u in (-32, -22):
        pen.line([(u, 0), (u + 2, 58)], 2.6, METAL)
    for v in (12, 24, 36, 48):
        pen.line([(-31, v), (-20, v)], 2.2, METAL)
    pen.box(-32, 46, -14, 50, dark(colour, 0.3))
    pen.line([(-16, 50), (20, 10), (36, 6)], 8, colour)
    pen.line([(-16, 53), (20, 13.5), (36, 9.5)], 2.4, light(colour, 0.4))


@sprite("swing")
def swing(pen: Pen, colour: Colour, look: int) -> None:
    for u in (-34, 34):
        pen.line([(u - 9, 0), (u, 80), (u + 9, 0)], 3.2, colour)
    pen.line([(-36, 80), (36, 80)], 3.6, colour)
    for u in (-8, 8):
        pen.line([(u, 80), (u, 28)], 1.4, INK)
    pen.box(-11, 25, 11, 29, WOOD, 1)


@sprite("fountain")
def fountain(pen: Pen, colour: Colour, look: int) -> None:
    stone, water = (190, 190, 194), (150, 206, 232)
    for side in (-1, 1):
        pen.line([(0, 44), (side * 9, 54), (side * 20, 44), (side * 25, 22)], 2.6, water)
        pen.line([(0, 44), (side * 4, 58), (side * 10, 48), (side * 13, 24)], 2.6, water)
    pen.box(-4, 10, 4, 44, stone)
    pen.ellipse(0, 38, 14, 3.6, dark(stone, 0.12))
    pen.polygon([(-40, 17), (40, 17), (32, 0), (-32, 0)], stone)
    pen.ellipse(0, 17, 40, 5, dark(stone, 0.1))
    pen.ellipse(0, 17, 36, 3.8, water)


@sprite("blanket")
def blanket(pen: Pen, colour: Colour, look: int) -> None:
    pen.polygon([(-44, 0), (38, 0), (46, 13), (-34, 13)], colour)
    for u in (-28, -8, 12, 30):
        pen.polygon([(u, 0), (u + 5, 0), (u + 13, 13), (u + 8, 13)], light(colour, 0.7))
    for v in (3, 8.6):
        pen.polygon(
            [(-43 + v * 0.7, v), (39 + v * 0.7, v), (40 + v * 0.7, v + 2), (-42 + v * 0.7, v + 2)], light(colour, 0.6)
        )


@sprite("basket")
def basket(pen: Pen, colour: Colour, look: int) -> None:
    pen.ring(0, 12, 11, 2, dark(colour, 0.2), 0, 180)
    pen.polygon([(-12, 0), (12, 0), (15, 14), (-15, 14)], colour)
    for v in (5, 9.5):
        pen.line([(-12.5, v), (12.5, v)], 1.3, dark(colour, 0.25))
    for u, hue in ((-7, "red"), (0, "green"), (7, "red")):
        pen.dot(u, 15, 4.6, PALETTE[hue])


@sprite("rug")
def rug(pen: Pen, colour: Colour, look: int) -> None:
    pen.ellipse(0, 7, 56, 8.5, colour)
    pen.ellipse(0, 7, 46, 6.2, light(colour, 0.45))
    pen.ellipse(0, 7, 36, 4.4, colour)


@sprite("teddy bear")
def teddy_bear(pen: Pen, colour: Colour, look: int) -> None:
    for side in (-1, 1):
        pen.dot(side * 8, 5, 5.6, dark(colour, 0.1))
        pen.dot(side * 11, 17, 4.8, dark(colour, 0.1))
        pen.dot(side * 8, 37, 4.2, dark(colour, 0.15))
    pen.ellipse(0, 13, 10.5, 12, colour)
    pen.ellipse(0, 12, 6.4, 7.6, light(colour, 0.4))
    pen.dot(0, 30, 10, colour)
    pen.ellipse(0, 27, 4.6, 3.6, light(colour, 0.5))
    for u in (-3.6, 3.6):
        pen.dot(u, 32, 1.4, INK)
    pen.dot(0, 28.4, 1.6, INK)


@sprite("treasure chest")
def treasure_chest(pen: Pen, colour: Colour, look: int) -> None:
    pen.polygon([(-24, 18), (24, 18), (20, 36), (-20, 36)], dark(colour, 0.3))
    for u in range(-16, 17, 8):
        pen.dot(u, 19, 5, PALETTE["yellow"])
    pen.box(-25, 0, 25, 19, colour, 1)
    for u in (-20, 16):
        pen.box(u, 0, u + 4, 19, PALETTE["golden"])
    pen.box(-4, 9, 4, 18, PALETTE["golden"], 1)


@sprite("coral")
def coral(pen: Pen, colour: Colour, look: int) -> None:
    pen.line([(0, 0), (0, 20), (-14, 36)], 6, colour)
    pen.line([(0, 12), (12, 26), (10, 44)], 6, colour)
    pen.line([(0, 20), (2, 46)], 5.4, light(colour, 0.15))
    pen.line([(-9, 30), (-20, 32)], 4.6, light(colour, 0.15))
    pen.line([(11, 30), (21, 38)], 4.6, light(colour, 0.15))


@sprite("bowl")
def bowl(pen: Pen, colour: Colour, look: int) -> None:
    for u, v, hue in ((-9, 15, "red"), (0, 18, "green"), (9, 15, "orange")):
        pen.dot(u, v, 6, mix(PALETTE[hue], PALETTE["yellow"], 0.15))
    pen.polygon([(-17, 14), (17, 14), (9, 0), (-9, 0)], colour)
    pen.line([(-17, 13.5), (17, 13.5)], 2, light(colour, 0.4))


@sprite("cup")
def cup(pen: Pen, colour: Colour, look: int) -> None:
    pen.ring(8, 9, 5, 2.4, colour)
    pen.box(-8, 0, 8, 17, colour, 2)
    pen.ellipse(0, 17, 8, 2, dark(WOOD, 0.3))
    for u in (-3, 3):
        pen.line([(u, 21), (u + 2, 25), (u, 29)], 1.4, (236, 238, 240))


@sprite("cake")
def cake(pen: Pen, colour: Colour, look: int) -> None:
    pen.ellipse(0, 1.5, 24, 2.6, (236, 238, 242))
    pen.box(-19, 2, 19, 20, CREAM if colour == PALETTE["brown"] else (232, 190, 130), 2)
    pen.box(-19, 13, 19, 22, colour, 3)
    for i in range(5):
        pen.ellipse(-15.5 + 7.8 * i, 12.5, 2.6, 4, colour)
    for u in (-9, 0, 9):
        pen.line([(u, 22), (u, 30)], 1.8, PALETTE["turquoise"])
        pen.ellipse(u, 32.5, 1.5, 2.6, LAMP)


@sprite("pizza")
def pizza(pen: Pen, colour: Colour, look: int) -> None:
    pen.ellipse(0, 4, 25, 5.6, (206, 146, 78))
    pen.ellipse(0, 5.4, 21, 4.2, (246, 206, 104))
    for u, v in ((-13, 5), (-4, 7), (5, 4), (13, 6.4)):
        pen.ellipse(u, v, 3.6, 1.7, PALETTE["red"])


@sprite("vase")
def vase(pen: Pen, colour: Colour, look: int) -> None:
    flowers(pen.at(0, 17), PALETTE[("pink", "yellow", "red")[look % 3]], look)
    pen.polygon([(-7, 0), (7, 0), (10, 11), (4, 21), (-4, 21), (-10, 11)], colour)


@sprite("bottle")
def bottle(pen: Pen, colour: Colour, look: int) -> None:
    pen.box(-6, 0, 6, 22, colour, 2)
    pen.box(-2.4, 20, 2.4, 32, colour)
    pen.box(-3, 31, 3, 34, (204, 170, 120))
    pen.box(-6, 7, 6, 15, CREAM)


@sprite("pot")
def pot(pen: Pen, colour: Colour, look: int) -> None:
    for side in (-1, 1):
        pen.ring(side * 16, 11, 3, 2, dark(colour, 0.3))
    pen.box(-16, 0, 16, 19, colour, 3)
    pen.box(-17, 18, 17, 21.5, dark(colour, 0.2), 1)
    pen.dot(0, 23.5, 2.6, dark(colour, 0.3))
    for u in (-5, 5):
        pen.line([(u, 28), (u + 3, 34), (u, 40)], 1.7, (236, 238, 240))


@sprite("bread")
def bread(pen: Pen, colour: Colour, look: int) -> None:
    pen.ellipse(0, 8, 23, 9, (198, 134, 72))
    for u in (-11, -1, 9):
        pen.line([(u - 2, 9), (u + 3, 15)], 2.4, (236, 190, 126))
