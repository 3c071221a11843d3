"""The pen: flat shapes in a local frame, on a canvas that is larger than the image and shrunk afterwards."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw

from single_net.data.scenes.composition.scene import SIZE

SAMPLES = 3  # the canvas is so many times larger than the image; shrinking it smooths every edge

Color = tuple[int, int, int]
Point = tuple[float, float]

PALETTE: dict[str, Color] = {
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
LAMP = (255, 226, 140)  # color of what gives light; no tint darkens it

_CIRCLE = [(math.cos(a * math.pi / 14), math.sin(a * math.pi / 14)) for a in range(28)]


def mix(a: Color, b: Color, share: float) -> Color:
    """Mix two colors: (1 - share) of `a`, `share` (0 to 1) of `b`."""
    red, green, blue = (round(p + (q - p) * share) for p, q in zip(a, b, strict=True))
    return red, green, blue


def dark(color: Color, share: float = 0.2) -> Color:
    """The color, darker."""
    return mix(color, (28, 26, 44), share)


def light(color: Color, share: float = 0.25) -> Color:
    """The color, lighter."""
    return mix(color, (255, 252, 244), share)


class Pen:
    """Draws in a local frame: u to the right (to the left if mirrored), v up.

    Args:
        canvas: SIZE * SAMPLES pixels each way.
        x: origin of the frame, pixels of the image from its left edge.
        y: origin of the frame, pixels of the image from its lower edge.
        scale: pixels of the image per unit.
        mirror: whether u runs to the left.
        angle: rotation of the frame in degrees, counter-clockwise.
        tint: light of the scene; each color is multiplied by it.
    """

    def __init__(
        self,
        canvas: Image.Image,
        x: float = 0,
        y: float = 0,
        scale: float = 1,
        mirror: bool = False,
        angle: float = 0,
        tint: Color = (255, 255, 255),
    ):
        self.canvas, self.scale, self.mirror, self.angle, self.tint = canvas, scale, mirror, angle, tint
        self._draw = ImageDraw.Draw(canvas)
        side = -1 if mirror else 1
        cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        unit = scale * SAMPLES
        self._matrix = (side * cos * unit, -side * sin * unit, -sin * unit, -cos * unit)
        self._origin = (x * SAMPLES, (SIZE - y) * SAMPLES)

    def at(self, u: float, v: float, scale: float = 1, angle: float = 0) -> Pen:
        """A pen with its origin at this pen's (u, v), enlarged by `scale` and rotated by `angle` degrees."""
        px, py = self._pixel((u, v))
        x, y = px / SAMPLES, SIZE - py / SAMPLES
        return Pen(self.canvas, x, y, self.scale * scale, self.mirror, self.angle + angle, self.tint)

    def _lit(self, color: Color) -> Color:
        """The color under the light of the scene."""
        if color == LAMP:
            return color
        (r, g, b), (p, q, s) = color, self.tint
        return r * p // 255, g * q // 255, b * s // 255

    def _pixel(self, point: Point) -> Point:
        (a, b, c, d), (x, y), (u, v) = self._matrix, self._origin, point
        return x + a * u + b * v, y + c * u + d * v

    def polygon(self, points: Sequence[Point], color: Color) -> None:
        """A filled polygon."""
        self._draw.polygon([self._pixel(p) for p in points], fill=self._lit(color))

    def box(self, left: float, bottom: float, right: float, top: float, color: Color, radius: float = 0) -> None:
        """A filled rectangle; its corners are round if a radius is given, which needs a pen that is not rotated."""
        if not radius:
            self.polygon([(left, bottom), (right, bottom), (right, top), (left, top)], color)
            return
        (x0, y0), (x1, y1) = self._pixel((left, top)), self._pixel((right, bottom))
        corners = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
        self._draw.rounded_rectangle(corners, radius * self.scale * SAMPLES, fill=self._lit(color))

    def ellipse(self, u: float, v: float, ru: float, rv: float, color: Color, angle: float = 0) -> None:
        """A filled ellipse with center (u, v) and radii ru, rv, rotated by `angle` degrees."""
        cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        self.polygon([(u + ru * p * cos - rv * q * sin, v + ru * p * sin + rv * q * cos) for p, q in _CIRCLE], color)

    def dot(self, u: float, v: float, radius: float, color: Color) -> None:
        """A filled circle."""
        self.ellipse(u, v, radius, radius, color)

    def line(self, points: Sequence[Point], width: float, color: Color) -> None:
        """A line with round joints and ends; `width` in units."""
        pixels, color = [self._pixel(p) for p in points], self._lit(color)
        thick = max(1, round(width * self.scale * SAMPLES))
        self._draw.line(pixels, fill=color, width=thick, joint="curve")
        if thick > 3:
            r = thick / 2 - 0.5
            for x, y in (pixels[0], pixels[-1]):
                self._draw.ellipse((x - r, y - r, x + r, y + r), fill=color)

    def ring(
        self, u: float, v: float, radius: float, width: float, color: Color, start: int = 0, end: int = 360
    ) -> None:
        """A ring, or the part of it from `start` to `end` degrees (counter-clockwise from u)."""
        steps = max(6, (end - start) // 12)
        angles = [math.radians(start + (end - start) * i / steps) for i in range(steps + 1)]
        self.line([(u + radius * math.cos(a), v + radius * math.sin(a)) for a in angles], width, color)
