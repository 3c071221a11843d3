"""What is behind the things of a scene: sky, land, water, walls.

A painter is a function (pen, mood, backdrop, rng) that draws the backdrop of a theme below the sky.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from single_net.data.scenes.composition.theme import Theme
from single_net.data.scenes.drawing.backdrops.countryside import farm, forest, savanna, snow
from single_net.data.scenes.drawing.backdrops.rooms import kitchen, living_room
from single_net.data.scenes.drawing.backdrops.town import park, street
from single_net.data.scenes.drawing.backdrops.waters import beach, harbour, underwater
from single_net.data.scenes.drawing.pen import Color, Pen
from single_net.data.scenes.drawing.sky import TINTS, paint_sky, paint_sun_and_clouds

PAINTERS = {
    "beach": beach,
    "street": street,
    "farm": farm,
    "kitchen": kitchen,
    "snow": snow,
    "forest": forest,
    "park": park,
    "living room": living_room,
    "harbour": harbour,
    "savanna": savanna,
    "underwater": underwater,
}


def paint_backdrop(canvas: Image.Image, theme: Theme, mood: str, backdrop: str, rng: np.random.Generator) -> Color:
    """Draw everything that is behind the things.

    Args:
        canvas: the canvas.
        theme: the scene's theme.
        mood: weather or light.
        backdrop: key of the theme's backdrops.
        rng: source of what is not told in captions: clouds, lit windows, tufts of grass.

    Returns:
        The tint for what is drawn in front.
    """
    tint = TINTS.get(mood, (255, 255, 255))
    paint_sky(canvas, mood)
    if theme.name not in ("kitchen", "living room", "underwater", "forest"):
        paint_sun_and_clouds(Pen(canvas), mood, rng, backdrop == "clouds")
    PAINTERS[theme.name](Pen(canvas, tint=tint), mood, backdrop, rng)
    return tint
