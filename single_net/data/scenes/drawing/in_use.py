"""Somebody together with the toy that they hold, ride or sit in."""

from __future__ import annotations

from single_net.data.scenes.composition.scene import Thing
from single_net.data.scenes.drawing.animals import draw_animal
from single_net.data.scenes.drawing.figure import draw_figure, person_size
from single_net.data.scenes.drawing.pen import PALETTE, Color, Pen, light
from single_net.data.scenes.drawing.people import draw_book
from single_net.data.scenes.drawing.sprites import FOAM, METAL, STRING
from single_net.data.scenes.drawing.things import SPRITES

RIDERS: dict[str, tuple[float, float]] = {  # place of a rider's feet on what they ride, in units
    "bicycle": (-8, 2),
    "motorcycle": (-8, -4),
    "horse": (-3, 16),
    "sled": (-10, -20),
    "surfboard": (0, 6),
    "skateboard": (0, 9),
    "slide": (6, 2),
    "swing": (0, -4),
}


def draw_in_use(pen: Pen, actor: Thing, toy: Thing, place: str) -> None:
    """Draw an actor and the toy that is drawn with them.

    Args:
        pen: origin and scale of the actor.
        actor: a person.
        toy: what the person uses.
        place: where the toy is, one of `layout.CARRIED`.
    """
    color, size = PALETTE[toy.color], person_size(actor.kind)
    body = PALETTE[actor.color]
    if place == "below":
        u, v = RIDERS[toy.kind]
        lift = v - 33 * size + 33 if toy.kind in ("horse", "bicycle", "motorcycle") else v
        if toy.kind in ("surfboard", "skateboard"):
            _board(pen, toy.kind, color)
        elif toy.kind == "horse":
            draw_animal(pen, "horse", color, "run" if toy.look % 2 else "walk", toy.look)
        else:
            SPRITES[toy.kind](pen, color, toy.look)
        draw_figure(pen.at(u, lift, size), actor.kind, body, actor.garment, actor.action, actor.look)
        return
    if place == "around":
        seat = {"rowing boat": -24, "tractor": 2, "jeep": -6}[toy.kind]
        rider = pen.at({"tractor": -14, "jeep": -6}.get(toy.kind, -4), seat, size)
        draw_figure(rider, actor.kind, body, actor.garment, actor.action, actor.look)
        SPRITES[toy.kind](pen, color, toy.look)
        if toy.kind == "rowing boat":
            pen.line([(10, 22), (-16, -4)], 2.4, PALETTE["tan"])
        return
    low = actor.action == "read"
    frame = pen.at(0, -29 * size if low else 0, size)
    points = draw_figure(frame, actor.kind, body, actor.garment, "read low" if low else actor.action, actor.look)
    u, v = points["front_hand"]
    hand = frame.at(u, v)
    if place == "string":
        frame.line([(u, v), (46, 122 / size)], 0.9, STRING)
        SPRITES["kite"](frame.at(48, 124 / size), color, toy.look)
    elif toy.kind == "book":
        draw_book(hand, color)
    elif toy.kind == "umbrella":
        hand.line([(0, -4), (0, 38)], 1.8, METAL)
        hand.polygon(
            [(-30, 30), (-20, 42), (0, 48), (20, 42), (30, 30), (20, 33), (10, 30), (0, 33), (-10, 30), (-20, 33)],
            color,
        )
        hand.polygon([(-10, 30), (0, 48), (10, 30), (0, 33)], light(color, 0.2))
    elif toy.kind == "ball":
        SPRITES["ball"](hand.at(4, 1), color, toy.look)
    else:
        drop = {"basket": -16, "bucket": -20, "teddy bear": -18, "flowers": -6}[toy.kind]
        SPRITES[toy.kind](hand.at(2, drop, 0.8), color, toy.look)


def _board(pen: Pen, kind: str, color: Color) -> None:
    if kind == "skateboard":
        pen.line([(-22, 9), (-16, 7), (16, 7), (22, 9)], 3.4, color)
        for u in (-12, 12):
            pen.dot(u, 3, 3, (50, 50, 58))
        return
    pen.ellipse(-16, -2, 44, 6, FOAM)
    pen.polygon([(-40, 2), (-30, 6), (30, 6), (44, 11), (32, 2)], color)
    pen.ellipse(-34, 3, 22, 6, FOAM, 12)
