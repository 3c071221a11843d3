"""An embedded scene as a picture: its backdrop, its things from back to front, its weather."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from single_net.data.scenes.animals import BUILDS, animal
from single_net.data.scenes.backdrops import blank_canvas, paint_backdrop
from single_net.data.scenes.creatures import CREATURES, floating_duck, flying_bird, standing_bird
from single_net.data.scenes.furniture import FURNITURE
from single_net.data.scenes.layout import CARRIED, TABLE_TOP
from single_net.data.scenes.objects import OBJECTS
from single_net.data.scenes.pen import PALETTE, SAMPLES, SIZE, Colour, Pen, dark, light
from single_net.data.scenes.people import lying, person, swimmer
from single_net.data.scenes.sky import weather
from single_net.data.scenes.small_things import SMALL_THINGS
from single_net.data.scenes.sprites import METAL, STRING
from single_net.data.scenes.world import KINDS, PEOPLE, Scene, Thing

SPRITES = {**OBJECTS, **FURNITURE, **SMALL_THINGS, **CREATURES}
BIRDS = ("seagull", "pigeon", "crow", "vulture")
SEATED = {
    "bicycle": (-8, 2, 0),
    "motorcycle": (-8, -4, 0),
    "horse": (-3, 16, 0),
    "sled": (-10, -20, 0),
    "surfboard": (0, 6, 0),
    "skateboard": (0, 9, 0),
    "slide": (6, 2, 0),
    "swing": (0, -4, 0),
}  # where the rider is


def draw_scene(scene: Scene) -> np.ndarray:
    """uint8 (SIZE, SIZE, 3)."""
    canvas = blank_canvas()
    rng = np.random.Generator(np.random.PCG64(scene.decor))
    tint = paint_backdrop(canvas, scene.theme, scene.mood, scene.backdrop, rng)
    carried = scene.things[1] if scene.use and scene.use.place in CARRIED else None
    for thing in sorted(scene.things, key=lambda t: -t.y):
        if thing is carried:
            continue
        if thing is scene.things[0] and carried is not None:
            _draw_with(canvas, tint, thing, carried, scene.use.place)
        else:
            _draw(canvas, tint, thing)
    weather(Pen(canvas), scene.mood, rng)
    return np.asarray(canvas.reduce(SAMPLES))


def _pen(canvas: Image.Image, tint: Colour, thing: Thing, k: int = 0) -> Pen:
    """The pen for the k-th of the thing's copies, which stand side by side."""
    step = KINDS[thing.kind].width * thing.scale * 0.86
    x = thing.x + (k - (thing.count - 1) / 2) * step
    y = thing.y + thing.rise + (2.5 if k % 2 else 0) + (7 * (k % 2) if thing.zone in ("sky", "deep") else 0)
    return Pen(canvas, x, y, thing.scale, thing.left, tint=tint)


def _draw(canvas: Image.Image, tint: Colour, thing: Thing) -> None:
    if thing.zone == "ground" and not thing.rise:
        _shadow(canvas, tint, thing)
    for k in reversed(range(thing.count)):
        draw_thing(_pen(canvas, tint, thing, k), thing, k)


def _shadow(canvas: Image.Image, tint: Colour, thing: Thing) -> None:
    """A soft darkening of the ground below."""
    half = thing.width * 0.46
    box = [
        (thing.x - half) * SAMPLES,
        (SIZE - thing.y - 4 * thing.scale) * SAMPLES,
        (thing.x + half) * SAMPLES,
        (SIZE - thing.y + 3.2 * thing.scale) * SAMPLES,
    ]
    left, top, right, bottom = (round(v) for v in box)
    mask = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(mask).ellipse((0, 0, right - left - 1, bottom - top - 1), fill=54)
    canvas.paste((24, 26, 48), (left, top), mask)


def draw_thing(pen: Pen, thing: Thing, k: int = 0) -> None:
    """One thing on the pen's origin."""
    kind, colour, look = thing.kind, PALETTE[thing.colour], thing.look + 7 * k
    if kind in PEOPLE:
        _person(pen, thing, colour, look)
    elif kind in BUILDS:
        animal(pen, kind, colour, thing.action, look)
    elif kind in BIRDS:
        (flying_bird if thing.action == "fly" else standing_bird)(pen, colour, look)
    elif kind == "owl" and thing.action == "fly":
        flying_bird(pen, colour, look)
    elif kind == "duck" and thing.action == "float":
        floating_duck(pen, colour, look)
    elif kind == "kitchen table":
        _kitchen_table(pen, colour)
    else:
        SPRITES[kind](pen, colour, look)


def _kitchen_table(pen: Pen, colour: Colour) -> None:
    for u in (-78, 70):
        pen.box(u, 0, u + 8, TABLE_TOP - 4, dark(colour, 0.25))
    pen.box(-84, TABLE_TOP - 14, 84, TABLE_TOP - 5, dark(colour, 0.12))
    pen.box(-90, TABLE_TOP - 7, 90, TABLE_TOP + 3, colour, 2)


def _person(pen: Pen, thing: Thing, colour: Colour, look: int) -> None:
    kind, garment, action = thing.kind, thing.garment, thing.action
    size = 0.78 if kind in ("boy", "girl") else 1.0
    pen = pen.at(0, 0, size)
    if action == "swim":
        swimmer(pen, kind, colour, garment, look)
        return
    if action == "lie":
        lying(pen.at(0, 1), kind, colour, garment, look)
        return
    if action == "dive":
        _diver(pen, kind, colour, look)
        return
    if action in ("sit", "read"):
        low = thing.rise < 12 * thing.scale
        pen = pen.at(0, -29 if low else -31)
        action = f"{action} low" if low else action
    if action == "ski":
        for side in (-4, 3):
            pen.line([(-26 + side, 1 + side * 0.3), (28 + side, 1 + side * 0.3), (33 + side, 5)], 2, (52, 56, 72))
    points = person(pen, kind, colour, garment, action, look)
    u, v = points["front_hand"]
    if action == "ski":
        pen.line([(u, v + 3), (u - 14, 2)], 1.5, METAL)
    elif action == "throw snowball":
        pen.dot(u + 5, v + 4, 4.6, (250, 252, 255))
    elif action.startswith("read"):
        _book(pen.at(u, v), PALETTE["red"] if colour != PALETTE["red"] else PALETTE["blue"])


def _book(pen: Pen, colour: Colour) -> None:
    pen.polygon([(-1, -3), (9, -5), (10, 8), (0, 10)], colour)
    pen.polygon([(-1, -3), (-7, -5), (-6, 8), (0, 10)], dark(colour, 0.2))


def _diver(pen: Pen, kind: str, colour: Colour, look: int) -> None:
    body = pen.at(-8, 0, angle=-72)
    for side in (-5, 4):
        body.polygon([(side - 3, -10), (side + 3, -10), (side + 5, -1), (side - 5, -1)], PALETTE["yellow"])
    points = person(body.at(0, 4), kind, colour, "shirt", "dive", look)
    u, v = points["chest"]
    body.line([(u - 9, v + 2), (u - 9, v - 14)], 7, PALETTE["yellow"])
    head = points["head"]
    body.dot(head[0] + 4.6, head[1] + 7.4, 4.6, (150, 220, 236))


def _draw_with(canvas: Image.Image, tint: Colour, actor: Thing, toy: Thing, place: str) -> None:
    """Somebody together with what they hold, ride or sit in."""
    if actor.zone == "ground":
        _shadow(canvas, tint, toy if place in ("below", "around") else actor)
    colour = PALETTE[toy.colour]
    pen = Pen(canvas, actor.x, actor.y, actor.scale, actor.left, tint=tint)
    size = 0.78 if actor.kind in ("boy", "girl") else 1.0
    body = PALETTE[actor.colour]
    if place == "below":
        u, v, _ = SEATED[toy.kind]
        lift = v - 33 * size + 33 if toy.kind in ("horse", "bicycle", "motorcycle") else v
        if toy.kind in ("surfboard", "skateboard"):
            _board(pen, toy.kind, colour)
        elif toy.kind == "horse":
            animal(pen, "horse", colour, "run" if toy.look % 2 else "walk", toy.look)
        else:
            SPRITES[toy.kind](pen, colour, toy.look)
        person(pen.at(u, lift, size), actor.kind, body, actor.garment, actor.action, actor.look)
        return
    if place == "around":
        seat = {"rowing boat": -24, "tractor": 2, "jeep": -6}[toy.kind]
        rider = pen.at({"tractor": -14, "jeep": -6}.get(toy.kind, -4), seat, size)
        person(rider, actor.kind, body, actor.garment, actor.action, actor.look)
        SPRITES[toy.kind](pen, colour, toy.look)
        if toy.kind == "rowing boat":
            pen.line([(10, 22), (-16, -4)], 2.4, PALETTE["tan"])
        return
    low = actor.action == "read"
    frame = pen.at(0, -29 * size if low else 0, size)
    points = person(frame, actor.kind, body, actor.garment, "read low" if low else actor.action, actor.look)
    u, v = points["front_hand"]
    hand = frame.at(u, v)
    if place == "string":
        frame.line([(u, v), (46, 122 / size)], 0.9, STRING)
        SPRITES["kite"](frame.at(48, 124 / size), colour, toy.look)
    elif toy.kind == "book":
        _book(hand, colour)
    elif toy.kind == "umbrella":
        hand.line([(0, -4), (0, 38)], 1.8, METAL)
        hand.polygon(
            [(-30, 30), (-20, 42), (0, 48), (20, 42), (30, 30), (20, 33), (10, 30), (0, 33), (-10, 30), (-20, 33)],
            colour,
        )
        hand.polygon([(-10, 30), (0, 48), (10, 30), (0, 33)], light(colour, 0.2))
    elif toy.kind == "ball":
        SPRITES["ball"](hand.at(4, 1), colour, toy.look)
    else:
        drop = {"basket": -16, "bucket": -20, "teddy bear": -18, "flowers": -6}[toy.kind]
        SPRITES[toy.kind](hand.at(2, drop, 0.8), colour, toy.look)


def _board(pen: Pen, kind: str, colour: Colour) -> None:
    if kind == "skateboard":
        pen.line([(-22, 9), (-16, 7), (16, 7), (22, 9)], 3.4, colour)
        for u in (-12, 12):
            pen.dot(u, 3, 3, (50, 50, 58))
        return
    pen.ellipse(-16, -2, 44, 6, (232, 244, 248))
    pen.polygon([(-40, 2), (-30, 6), (30, 6), (44, 11), (32, 2)], colour)
    pen.ellipse(-34, 3, 22, 6, (232, 244, 248), 12)
