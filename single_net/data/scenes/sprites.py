"""What sprites share: how they are registered, a few materials, wheels and flames."""

from __future__ import annotations

from collections.abc import Callable

from single_net.data.scenes.pen import INK, LAMP, PALETTE, Colour, Pen

Sprite = Callable[[Pen, Colour, int], None]  # pen, colour, a number for small differences in looks

WOOD = (150, 104, 68)
GLASS = (176, 216, 232)
METAL = (150, 156, 166)
STRING = (88, 88, 100)


def sprite_register() -> tuple[dict[str, Sprite], Callable[[str], Callable[[Sprite], Sprite]]]:
    """An empty dictionary of sprites by kind, and the decorator that fills it."""
    sprites: dict[str, Sprite] = {}

    def sprite(name: str) -> Callable[[Sprite], Sprite]:
        def add(function: Sprite) -> Sprite:
            sprites[name] = function
            return function

        return add

    return sprites, sprite


def wheel(pen: Pen, u: float, radius: float) -> None:
    pen.dot(u, radius, radius, INK)
    pen.dot(u, radius, radius * 0.5, (196, 200, 206))


def flames(pen: Pen) -> None:
    pen.polygon(
        [(-14, 0), (-15, 12), (-9, 9), (-6, 25), (0, 16), (5, 30), (8, 13), (14, 17), (14, 0)], PALETTE["orange"]
    )
    pen.polygon([(-8, 0), (-8, 8), (-4, 14), (0, 8), (4, 17), (8, 8), (8, 0)], LAMP)
