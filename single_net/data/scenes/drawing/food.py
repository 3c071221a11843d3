"""Food and dishes: what stands on the kitchen table."""

from __future__ import annotations

from single_net.data.scenes.drawing.nature import flowers
from single_net.data.scenes.drawing.pen import LAMP, PALETTE, Color, Pen, dark, light, mix
from single_net.data.scenes.drawing.sprites import CREAM, WOOD, sprite_registry

FOOD, sprite = sprite_registry()


@sprite("bowl")
def bowl(pen: Pen, color: Color, look: int) -> None:
    for u, v, hue in ((-9, 15, "red"), (0, 18, "green"), (9, 15, "orange")):
        pen.dot(u, v, 6, mix(PALETTE[hue], PALETTE["yellow"], 0.15))
    pen.polygon([(-17, 14), (17, 14), (9, 0), (-9, 0)], color)
    pen.line([(-17, 13.5), (17, 13.5)], 2, light(color, 0.4))


@sprite("cup")
def cup(pen: Pen, color: Color, look: int) -> None:
    pen.ring(8, 9, 5, 2.4, color)
    pen.box(-8, 0, 8, 17, color, 2)
    pen.ellipse(0, 17, 8, 2, dark(WOOD, 0.3))
    for u in (-3, 3):
        pen.line([(u, 21), (u + 2, 25), (u, 29)], 1.4, (236, 238, 240))


@sprite("cake")
def cake(pen: Pen, color: Color, look: int) -> None:
    pen.ellipse(0, 1.5, 24, 2.6, (236, 238, 242))
    pen.box(-19, 2, 19, 20, CREAM if color == PALETTE["brown"] else (232, 190, 130), 2)
    pen.box(-19, 13, 19, 22, color, 3)
    for i in range(5):
        pen.ellipse(-15.5 + 7.8 * i, 12.5, 2.6, 4, color)
    for u in (-9, 0, 9):
        pen.line([(u, 22), (u, 30)], 1.8, PALETTE["turquoise"])
        pen.ellipse(u, 32.5, 1.5, 2.6, LAMP)


@sprite("pizza")
def pizza(pen: Pen, color: Color, look: int) -> None:
    pen.ellipse(0, 4, 25, 5.6, (206, 146, 78))
    pen.ellipse(0, 5.4, 21, 4.2, (246, 206, 104))
    for u, v in ((-13, 5), (-4, 7), (5, 4), (13, 6.4)):
        pen.ellipse(u, v, 3.6, 1.7, PALETTE["red"])


@sprite("vase")
def vase(pen: Pen, color: Color, look: int) -> None:
    flowers(pen.at(0, 17), PALETTE[("pink", "yellow", "red")[look % 3]], look)
    pen.polygon([(-7, 0), (7, 0), (10, 11), (4, 21), (-4, 21), (-10, 11)], color)


@sprite("bottle")
def bottle(pen: Pen, color: Color, look: int) -> None:
    pen.box(-6, 0, 6, 22, color, 2)
    pen.box(-2.4, 20, 2.4, 32, color)
    pen.box(-3, 31, 3, 34, (204, 170, 120))
    pen.box(-6, 7, 6, 15, CREAM)


@sprite("pot")
def pot(pen: Pen, color: Color, look: int) -> None:
    for side in (-1, 1):
        pen.ring(side * 16, 11, 3, 2, dark(color, 0.3))
    pen.box(-16, 0, 16, 19, color, 3)
    pen.box(-17, 18, 17, 21.5, dark(color, 0.2), 1)
    pen.dot(0, 23.5, 2.6, dark(color, 0.3))
    for u in (-5, 5):
        pen.line([(u, 28), (u + 3, 34), (u, 40)], 1.7, (236, 238, 240))


@sprite("bread")
def bread(pen: Pen, color: Color, look: int) -> None:
    pen.ellipse(0, 8, 23, 9, (198, 134, 72))
    for u in (-11, -1, 9):
        pen.line([(u - 2, 9), (u + 3, 15)], 2.4, (236, 190, 126))
