"""A scene as an image: the backdrop, the things from back to front, the weather."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from single_net.data.scenes.composition.kinds import KINDS
from single_net.data.scenes.composition.layout import CARRIED
from single_net.data.scenes.composition.scene import SIZE, Scene, Thing
from single_net.data.scenes.drawing.backdrops import paint_backdrop
from single_net.data.scenes.drawing.in_use import draw_in_use
from single_net.data.scenes.drawing.pen import SAMPLES, Color, Pen
from single_net.data.scenes.drawing.sky import paint_weather
from single_net.data.scenes.drawing.things import draw_thing


def draw_scene(scene: Scene) -> np.ndarray:
    """Draw a scene.

    Returns:
        uint8 (SIZE, SIZE, 3), RGB.
    """
    canvas = Image.new("RGB", (SIZE * SAMPLES, SIZE * SAMPLES))
    rng = np.random.Generator(np.random.PCG64(scene.decor))
    tint = paint_backdrop(canvas, scene.theme, scene.mood, scene.backdrop, rng)
    place = scene.use.place if scene.use else ""
    carried = scene.things[1] if place in CARRIED else None
    for thing in sorted(scene.things, key=lambda t: -t.y):
        if thing is carried:
            continue
        if thing is scene.things[0] and carried is not None:
            if thing.zone == "ground":
                _shadow(canvas, carried if place in ("below", "around") else thing)
            pen = Pen(canvas, thing.x, thing.y, thing.scale, thing.left, tint=tint)
            draw_in_use(pen, thing, carried, place)
        else:
            _draw(canvas, tint, thing)
    paint_weather(Pen(canvas), scene.mood, rng)
    return np.asarray(canvas.reduce(SAMPLES))


def _draw(canvas: Image.Image, tint: Color, thing: Thing) -> None:
    if thing.zone == "ground" and not thing.rise:
        _shadow(canvas, thing)
    for k in reversed(range(thing.count)):
        draw_thing(_pen(canvas, tint, thing, k), thing, k)


def _pen(canvas: Image.Image, tint: Color, thing: Thing, k: int = 0) -> Pen:
    """The pen for the k-th of the thing's copies, which stand side by side."""
    step = KINDS[thing.kind].width * thing.scale * 0.86
    x = thing.x + (k - (thing.count - 1) / 2) * step
    y = thing.y + thing.rise + (2.5 if k % 2 else 0) + (7 * (k % 2) if thing.zone in ("sky", "deep") else 0)
    return Pen(canvas, x, y, thing.scale, thing.left, tint=tint)


def _shadow(canvas: Image.Image, thing: Thing) -> None:
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
