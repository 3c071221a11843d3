"""People by what they do: upright, sitting, lying, swimming, diving, skiing, reading."""

from __future__ import annotations

from single_net.data.scenes.composition.scene import Thing
from single_net.data.scenes.drawing.figure import HAIRS, SKINS, draw_figure, draw_hair_and_hat, person_size
from single_net.data.scenes.drawing.pen import INK, PALETTE, Color, Pen, dark
from single_net.data.scenes.drawing.sprites import METAL


def draw_person(pen: Pen, thing: Thing, look: int) -> None:
    """Draw one person by what they do.

    Args:
        pen: origin between the feet, or where the person lies, swims or sits.
        thing: a man, woman, boy or girl.
        look: number that decides skin, hair and shoes; not the thing's own if there are several.
    """
    kind, color, garment, action = thing.kind, PALETTE[thing.color], thing.garment, thing.action
    pen = pen.at(0, 0, person_size(kind))
    if action == "swim":
        _swimmer(pen, kind, color, garment, look)
        return
    if action == "lie":
        _lying(pen.at(0, 1), kind, color, garment, look)
        return
    if action == "dive":
        _diver(pen, kind, color, look)
        return
    if action in ("sit", "read"):
        low = thing.rise < 12 * thing.scale
        pen = pen.at(0, -29 if low else -31)
        action = f"{action} low" if low else action
    if action == "ski":
        for side in (-4, 3):
            pen.line([(-26 + side, 1 + side * 0.3), (28 + side, 1 + side * 0.3), (33 + side, 5)], 2, (52, 56, 72))
    points = draw_figure(pen, kind, color, garment, action, look)
    u, v = points["front_hand"]
    if action == "ski":
        pen.line([(u, v + 3), (u - 14, 2)], 1.5, METAL)
    elif action == "throw snowball":
        pen.dot(u + 5, v + 4, 4.6, (250, 252, 255))
    elif action.startswith("read"):
        draw_book(pen.at(u, v), PALETTE["red"] if color != PALETTE["red"] else PALETTE["blue"])


def draw_book(pen: Pen, color: Color) -> None:
    """An open book, held at the pen's origin."""
    pen.polygon([(-1, -3), (9, -5), (10, 8), (0, 10)], color)
    pen.polygon([(-1, -3), (-7, -5), (-6, 8), (0, 10)], dark(color, 0.2))


def _diver(pen: Pen, kind: str, color: Color, look: int) -> None:
    """A person swimming under water with flippers, tank and mask."""
    body = pen.at(-8, 0, angle=-72)
    for side in (-5, 4):
        body.polygon([(side - 3, -10), (side + 3, -10), (side + 5, -1), (side - 5, -1)], PALETTE["yellow"])
    points = draw_figure(body.at(0, 4), kind, color, "shirt", "dive", look)
    u, v = points["chest"]
    body.line([(u - 9, v + 2), (u - 9, v - 14)], 7, PALETTE["yellow"])
    head = points["head"]
    body.dot(head[0] + 4.6, head[1] + 7.4, 4.6, (150, 220, 236))


def _swimmer(pen: Pen, kind: str, color: Color, garment: str, look: int) -> None:
    """Head, shoulder and one arm above the water line at the pen's origin."""
    skin, hair = SKINS[look % 4], HAIRS[(look // 4) % 5]
    pen.ellipse(-10, 1, 19, 6, color if garment == "swimsuit" else skin)
    pen.line([(-3, 4), (8, 17), (20, 9)], 5.4, dark(skin, 0.06))
    pen.dot(5, 9, 8.6, skin)
    draw_hair_and_hat(pen, (5, 7), 8.6, hair, color, garment, kind in ("woman", "girl"))
    pen.dot(9.5, 9, 1.25, INK)
    for u, width in ((-22, 12), (4, 16), (26, 9)):
        pen.ellipse(u, -3.2, width, 3.4, (226, 242, 248))
    pen.ellipse(0, -6, 34, 3.6, (92, 172, 206))


def _lying(pen: Pen, kind: str, color: Color, garment: str, look: int) -> None:
    """A person flat on the back, head to the left, on a towel or whatever is at the pen's origin."""
    skin, hair = SKINS[look % 4], HAIRS[(look // 4) % 5]
    trousers = skin if garment in ("swimsuit", "dress") else color if garment == "shorts" else (62, 74, 104)
    pen.line([(6, 6), (22, 13), (34, 5)], 6.4, dark(trousers, 0.12))
    pen.line([(6, 5), (22, 7), (38, 4)], 6.4, trousers if garment != "shorts" else skin)
    pen.line([(-16, 7), (4, 6)], 11, skin if garment == "shorts" else color)
    if garment in ("shorts", "dress", "swimsuit"):
        pen.line([(1, 6), (11 if garment != "swimsuit" else 4, 6)], 9.5, color)
    pen.line([(-14, 8), (-22, 14), (-32, 12)], 4.6, skin)
    pen.dot(-27, 9, 8.2, skin)
    pen.ellipse(-31, 10, 6, 8, hair, 12)
    pen.line([(-25, 13), (-22.5, 13.5)], 1, INK)
