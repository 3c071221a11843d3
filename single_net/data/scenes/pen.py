"""The pen of the embedded scenes: flat shapes in a local frame, on a canvas that is shrunk afterwards."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw

SIZE = 192  # pixels of a finished picture, each way
SAMPLES = 3  # the canvas is this many times larger; shrinking it smooths every edge

Colour = tuple[int, int, int]
Point = tuple[float, float]

PALETTE: dict[str, Colour] = {
    "red": (211, 62, 56),
    "orange": (238, 134, 48),
    "yellow": (246, 203, 68),
    "golden": (222, 168, 82),
    "green": (82, 156, 84),
    "blue": (58, 112, 194),
    "turquoise": (62, 180, 178),
    "purple": (130, 84, 168),
    "pink": (240, 142, 172),
    "brown": (136, 90, 58),
    "tan": (205, 168, 118),
    "black": (50, 50, 58),
    "white": (246, 245, 240),
    "grey": (142, 147, 156),
    "silver": (190, 197, 205),
}
INK = (44, 42, 50)
LAMP = (255, 226, 140)  # what gives light itself: no tint darkens it

_CIRCLE = [(math.cos(a * math.pi / 14), math.sin(a * math.pi / 14)) for a in range(28)]


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """`a` with `share` (0..1) of `b` in it."""
    return tuple(round(p + (q - p) * share) for p, q in zip(a, b, strict=True))


def dark(colour: Colour, share: float = 0.2) -> Colour:
    return mix(colour, (28, 26, 44), share)


def light(colour: Colour, share: float = 0.25) -> Colour:
    return mix(colour, (255, 252, 244), share)


class Pen:
    """Draws in a local frame: origin (x, y) of the picture, u to the right (to the left if mirrored), v up.

    One unit is `scale` pixels of the finished picture; the picture's own origin is its lower left corner.
    """

    def __init__(
        self,
        canvas: Image.Image,
        x: float = 0,
        y: float = 0,
        scale: float = 1,
        mirror: bool = False,
        angle: float = 0,
        tint: Colour = (255, 255, 255),
    ):
        self.canvas, self.scale, self.mirror, self.angle, self.tint = canvas, scale, mirror, angle, tint
        self._draw = ImageDraw.Draw(canvas)
        side = -1 if mirror else 1
        cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        unit = scale * SAMPLES
        self._matrix = (side * cos * unit, -side * sin * unit, -sin * unit, -cos * unit)
        self._origin = (x * SAMPLES, (SIZE - y) * SAMPLES)

    def at(self, u: float, v: float, scale: float = 1, angle: float = 0) -> Pen:
        """A pen whose origin is this pen's (u, v), enlarged and turned (degrees, counter-clockwise)."""
        px, py = self._pixel((u, v))
        x, y = px / SAMPLES, SIZE - py / SAMPLES
        return Pen(self.canvas, x, y, self.scale * scale, self.mirror, self.angle + angle, self.tint)

    def _lit(self, colour: Colour) -> Colour:
        """The colour under the light of the scene."""
        if colour == LAMP:
            return colour
        (r, g, b), (p, q, s) = colour, self.tint
        return r * p // 255, g * q // 255, b * s // 255

    def _pixel(self, point: Point) -> Point:
        (a, b, c, d), (x, y), (u, v) = self._matrix, self._origin, point
        return x + a * u + b * v, y + c * u + d * v

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        self._draw.polygon([self._pixel(p) for p in points], fill=self._lit(colour))

    def box(self, left: float, bottom: float, right: float, top: float, colour: Colour, radius: float = 0) -> None:
        """A rectangle; with a radius its corners are round (a pen that is not turned only)."""
        if not radius:
            self.polygon([(left, bottom), (right, bottom), (right, top), (left, top)], colour)
            return
        (x0, y0), (x1, y1) = self._pixel((left, top)), self._pixel((right, bottom))
        corners = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
        self._draw.rounded_rectangle(corners, radius * self.scale * SAMPLES, fill=self._lit(colour))

    def ellipse(self, u: float, v: float, ru: float, rv: float, colour: Colour, angle: float = 0) -> None:
        """An ellipse with centre (u, v) and radii ru, rv, turned by `angle` degrees."""
        cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        self.polygon([(u + ru * p * cos - rv * q * sin, v + ru * p * sin + rv * q * cos) for p, q in _CIRCLE], colour)

    def dot(self, u: float, v: float, radius: float, colour: Colour) -> None:
        self.ellipse(u, v, radius, radius, colour)

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """A line with round joints and ends; `width` in units."""
        pixels, colour = [self._pixel(p) for p in points], self._lit(colour)
        thick = max(1, round(width * self.scale * SAMPLES))
        self._draw.line(pixels, fill=colour, width=thick, joint="curve")
        if thick > 3:
            r = thick / 2 - 0.5
            for x, y in (pixels[0], pixels[-1]):
                self._draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)

    def ring(
        self, u: float, v: float, radius: float, width: float, colour: Colour, start: int = 0, end: int = 360
    ) -> None:
        """A ring, or the part of it from `start` to `end` degrees (counter-clockwise from u)."""
        steps = max(6, (end - start) // 12)
        angles = [math.radians(start + (end - start) * i / steps) for i in range(steps + 1)]
        self.line([(u + radius * math.cos(a), v + radius * math.sin(a)) for a in angles], width, colour)
