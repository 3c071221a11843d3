"""Sky, sun, moon, clouds, rain and snow, and the tint of the light."""

from __future__ import annotations

import numpy as np
from PIL import Image

from single_net.data.scenes.composition.scene import SIZE
from single_net.data.scenes.drawing.pen import Color, Pen

SKIES: dict[str, tuple[Color, Color]] = {  # by mood: color at the top, color at the horizon
    "sunny": ((92, 174, 232), (206, 236, 248)),
    "sunset": ((112, 92, 158), (252, 178, 112)),
    "cloudy": ((150, 172, 192), (216, 226, 232)),
    "rainy": ((112, 124, 142), (178, 188, 198)),
    "night": ((16, 24, 62), (58, 74, 130)),
    "snowy": ((178, 194, 212), (228, 236, 243)),
    "foggy": ((196, 208, 206), (232, 236, 230)),
    "stormy": ((72, 82, 102), (148, 158, 172)),
    "clear": ((74, 190, 220), (18, 92, 158)),
    "dim": ((36, 112, 158), (10, 44, 96)),
    "morning": ((140, 200, 240), (226, 242, 250)),
    "evening": ((34, 40, 84), (96, 92, 150)),
}
TINTS: dict[str, Color] = {  # by mood; in others the light is white
    "sunset": (255, 226, 204),
    "night": (156, 166, 214),
    "rainy": (216, 222, 232),
    "stormy": (196, 204, 216),
    "foggy": (240, 244, 242),
    "cloudy": (238, 242, 246),
    "dim": (178, 204, 230),
    "evening": (238, 214, 196),
}


def paint_sky(canvas: Image.Image, mood: str) -> None:
    """Fill the canvas with the sky, or the deep sea, of the mood."""
    top, low = SKIES[mood]
    mask = Image.linear_gradient("L").resize(canvas.size)
    canvas.paste(Image.composite(Image.new("RGB", canvas.size, low), Image.new("RGB", canvas.size, top), mask))


def _cloud(pen: Pen, x: float, y: float, size: float, color: Color) -> None:
    for u, v, r in ((-14, 0, 8), (-3, 5, 11), (10, 2, 9), (19, -1, 6)):
        pen.dot(x + u * size, y + v * size, r * size, color)
    pen.box(x - 20 * size, y - 8 * size, x + 24 * size, y - 1 * size, color, 4 * size)


def paint_sun_and_clouds(pen: Pen, mood: str, rng: np.random.Generator, clouds: bool) -> None:
    """Sun, moon, stars and clouds, with a pen that has no tint; `clouds` asks for some in fair weather."""
    x = float(rng.choice([34, 62, 128, 158]))
    if mood == "sunny":
        pen.dot(x, 166, 19, (252, 240, 190))
        pen.dot(x, 166, 13, (255, 222, 106))
    elif mood == "sunset":
        pen.dot(x, 112, 25, (255, 206, 132))
        pen.dot(x, 112, 18, (255, 234, 170))
    elif mood == "night":
        for u, v in rng.uniform((4, 104), (188, 188), (34, 2)):
            pen.dot(u, v, 0.8 + 0.5 * rng.random(), (244, 244, 220))
        pen.dot(x, 164, 12, (250, 244, 214))
        pen.dot(x + 5, 167, 10, SKIES["night"][0])
    shades = {
        "sunny": (250, 252, 253),
        "sunset": (252, 200, 160),
        "cloudy": (236, 240, 243),
        "snowy": (240, 244, 248),
        "rainy": (146, 156, 170),
        "stormy": (104, 112, 130),
    }
    many = {"cloudy": 5, "rainy": 6, "stormy": 6, "snowy": 4}.get(mood, 3 if clouds else int(rng.integers(0, 2)))
    if mood in shades:
        for i in range(many):
            u = (i + 0.5) * SIZE / many + rng.uniform(-14, 14)
            _cloud(pen, u, rng.uniform(146, 184), rng.uniform(0.7, 1.15), shades[mood])


def paint_weather(pen: Pen, mood: str, rng: np.random.Generator) -> None:
    """Rain and snow, in front of everything else."""
    if mood in ("rainy", "stormy"):
        for u, v in rng.uniform((0, 0), (196, 196), (70, 2)):
            pen.line([(u, v), (u - 2.4, v - 8)], 0.8, (198, 212, 226))
    elif mood == "snowy":
        for u, v in rng.uniform((0, 0), (192, 192), (90, 2)):
            pen.dot(u, v, 1.1 + rng.random(), (252, 253, 255))
