"""What the drawings of things, called sprites, have in common.

A sprite is a function (pen, color, look): it draws a thing that stands on the pen's origin and faces right. `look` is a
number that decides small differences between things of one kind.
"""

from __future__ import annotations

from collections.abc import Callable

from single_net.data.scenes.drawing.pen import LAMP, PALETTE, Color, Pen

Sprite = Callable[[Pen, Color, int], None]

WOOD = (150, 104, 68)
GLASS = (176, 216, 232)
METAL = (150, 156, 166)
STRING = (88, 88, 100)
FOAM = (232, 244, 248)
CREAM = (250, 246, 236)


def sprite_registry() -> tuple[dict[str, Sprite], Callable[[str], Callable[[Sprite], Sprite]]]:
    """Make an empty dictionary of sprites by kind of thing, and the decorator that adds to it."""
    sprites: dict[str, Sprite] = {}

    def sprite(name: str) -> Callable[[Sprite], Sprite]:
        def add(function: Sprite) -> Sprite:
            sprites[name] = function
            return function

        return add

    return sprites, sprite


def flames(pen: Pen) -> None:
    """A fire on the pen's origin."""
    pen.polygon(
        [(-14, 0), (-15, 12), (-9, 9), (-6, 25), (0, 16), (5, 30), (8, 13), (14, 17), (14, 0)], PALETTE["orange"]
    )
    pen.polygon([(-8, 0), (-8, 8), (-4, 14), (0, 8), (4, 17), (8, 8), (8, 0)], LAMP)
