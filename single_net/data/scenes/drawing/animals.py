"""Four-legged animals: one figure with a build for each kind, posed by the action."""

from __future__ import annotations

import math
from dataclasses import dataclass

from single_net.data.scenes.drawing.pen import INK, PALETTE, Color, Pen, Point, dark, light


@dataclass(frozen=True)
class Build:
    """The build of a four-legged animal, in units.

    Attributes:
        body: length and depth.
        legs: length and thickness.
        neck: length, and degrees above level.
        head: radii.
        snout: radii.
        ears: shape, see `_ear`.
        tail: shape, see `_tail`.
        extras: what else it has: horns, stripes, ...
    """

    body: tuple[float, float]
    legs: tuple[float, float]
    neck: tuple[float, float] = (8, 50)
    head: tuple[float, float] = (7, 6)
    snout: tuple[float, float] = (5, 3.5)
    ears: str = "pointed"
    tail: str = "thin"
    extras: tuple[str, ...] = ()


BUILDS = {
    "dog": Build((34, 15), (15, 5), (10, 55), (8, 7), (6, 3.8), "floppy", "up"),
    "cat": Build((27, 12), (10, 4), (7, 55), (7.6, 6.8), (3, 2.6), "pointed", "long"),
    "horse": Build((46, 20), (29, 5.5), (25, 56), (12, 6), (6, 4.6), "small", "hair", ("mane",)),
    "cow": Build((50, 25), (18, 6.4), (11, 26), (10, 8), (6, 6), "side", "tuft", ("horns", "patches", "udder")),
    "sheep": Build((36, 24), (11, 4.6), (9, 30), (7, 6), (4, 4), "side", "none", ("wool",)),
    "pig": Build((38, 22), (9, 5.6), (6, 12), (9, 8.4), (4.6, 4.6), "pointed", "curl", ("pig",)),
    "deer": Build((36, 15), (25, 3.8), (18, 60), (7.6, 5.4), (5, 3.2), "side", "stub", ("antlers", "pale belly")),
    "fox": Build((30, 12), (12, 3.8), (8, 40), (7.6, 6), (6.4, 2.6), "pointed", "bush", ("pale belly",)),
    "bear": Build((48, 28), (15, 9), (8, 24), (11, 9.4), (6, 4.8), "round", "stub"),
    "lion": Build((44, 19), (17, 6.6), (10, 48), (9, 8.6), (5.6, 4.6), "round", "tuft", ("lion mane",)),
    "zebra": Build((44, 20), (22, 5.2), (19, 54), (10.6, 5.8), (5, 4.2), "small", "tuft", ("mane", "stripes")),
    "giraffe": Build((40, 19), (36, 5), (52, 70), (9, 5.2), (5.6, 3.6), "side", "tuft", ("blotches", "knobs")),
    "elephant": Build((62, 38), (23, 12), (9, 20), (15, 14), (3, 3), "big", "thin", ("trunk",)),
    "rabbit": Build((20, 14), (6, 4), (6, 50), (7, 6), (3, 2.6), "tall", "puff"),
    "squirrel": Build((15, 10), (5, 3.2), (5, 55), (5.6, 5), (2.6, 2), "pointed", "plume"),
}

GAITS = {  # leg angles (near front, far front, near back, far back) and body tilt in degrees; lift in units
    "walk": ((20, -16, -20, 18), 0, 0),
    "run": ((58, 42, -56, -38), 2, 4),
    "jump": ((66, 54, -58, -46), 14, 15),
}


def draw_animal(pen: Pen, kind: str, color: Color, action: str, look: int) -> None:
    """Draw a four-legged animal, facing right.

    Args:
        pen: origin on the ground below the body; on the water's surface if it swims.
        kind: key of `BUILDS`.
        color: color of the fur.
        action: key of `GAITS`, or "swim", "sleep", "lie", "sit", "eat"; any other gives an animal that stands.
        look: number that decides how its patches lie.
    """
    build = BUILDS[kind]
    (length, depth), (leg, thick) = build.body, build.legs
    if action == "swim":
        _swimming(pen, build, color)
        return
    if action in ("sleep", "lie"):
        leg = 0
    if action == "sit" and kind in ("dog", "cat", "fox", "rabbit", "squirrel", "bear"):
        _sitting(pen, build, color)
        return
    angles, tilt, lift = GAITS.get(action, ((2, -4, 2, -4), 0, 0))
    frame = pen.at(0, lift + leg * (0.9 if action == "run" else 1) + depth / 2, angle=tilt)
    belly, root = -depth * 0.28, length * 0.33
    limb = dark(color, 0.35) if "wool" in build.extras else color
    if leg:
        for side, shade in ((1, 0.25), (0, 0.06)):
            for u, angle, bend in ((root, angles[side], -1), (-root, angles[2 + side], 1)):
                _leg(frame, u - 2 * side, belly, leg - belly - depth / 2, thick, angle, bend, dark(limb, shade))
    _tail(frame, build, color, action)
    _body(frame, build, color, look)
    if not leg:
        pen.ellipse(length * 0.25, thick * 0.45, length * 0.3, thick * 0.55, dark(limb, 0.1))
        pen.ellipse(-length * 0.26, thick * 0.7, length * 0.26, thick * 0.8, dark(limb, 0.12))
    neck, slope = build.neck
    if action == "eat":
        reach = leg + depth * 0.5
        slope, neck = -52, min(max(neck, reach * 0.72), reach)
    if not leg:
        slope, neck = (min(slope, 16), neck * 0.55) if action == "sleep" else (slope, neck * 0.9)
    _head(frame, build, color, (length * 0.40, depth * 0.16), neck, slope, action == "sleep")


def _leg(pen: Pen, u: float, top: float, length: float, thick: float, angle: float, bend: int, color: Color) -> None:
    a, b = math.radians(angle), math.radians(angle * 0.55 + bend * abs(angle) * 0.25)
    knee = (u + length * 0.55 * math.sin(a), top - length * 0.55 * math.cos(a))
    foot = (knee[0] + length * 0.52 * math.sin(b), knee[1] - length * 0.52 * math.cos(b))
    pen.line([(u, top + thick), knee], thick * 1.25, color)
    pen.line([knee, foot], thick * 0.92, color)
    pen.line([foot, (foot[0] + thick * 0.5, foot[1])], thick * 0.9, dark(color, 0.3))


def _body(pen: Pen, build: Build, color: Color, look: int) -> None:
    length, depth = build.body
    u, v = length / 2, depth / 2
    if "wool" in build.extras:
        for i in range(9):
            a = i * math.pi * 2 / 9
            pen.dot(u * 0.74 * math.cos(a), v * 0.62 * math.sin(a), depth * 0.26, light(color, 0.1))
        pen.ellipse(0, 0, u * 0.9, v * 0.85, color)
        return
    pen.ellipse(0, 0, u, v * 0.94, color)
    pen.ellipse(u * 0.52, v * 0.06, u * 0.48, v * 0.92, color)
    pen.ellipse(-u * 0.54, v * 0.06, u * 0.46, v * 0.94, color)
    if "pale belly" in build.extras:
        pen.ellipse(u * 0.05, -v * 0.6, u * 0.6, v * 0.3, light(color, 0.6))
    if "patches" in build.extras:
        spot = PALETTE["black"] if sum(color) > 600 else light(color, 0.8)
        for a, b, r in ((-0.55, 0.25, 0.3), (0.1, 0.4, 0.24), (0.5, -0.1, 0.24), (-0.15, -0.4, 0.2)):
            pen.ellipse(u * a, v * b, u * r * 1.1, v * (r + 0.1), spot, 20 * (look % 3))
    if "blotches" in build.extras:
        for i in range(9):
            pen.ellipse(u * (-0.72 + 0.18 * i), v * (0.38 if i % 2 else -0.3), 3.2, 3.6, (160, 98, 48))
    if "stripes" in build.extras:
        for i in range(8):
            a = -0.8 + 0.22 * i
            h = v * math.sqrt(max(0.05, 1 - a * a)) * 0.86
            pen.line([(u * a, h), (u * a + 1.6, -h * 0.7)], 2.2, INK)
    if "udder" in build.extras:
        pen.ellipse(-u * 0.3, -v * 0.95, 4.4, 3.2, PALETTE["pink"])


def _head(pen: Pen, build: Build, color: Color, base: Point, neck: float, slope: float, asleep: bool = False) -> None:
    """Neck from `base` at `slope` degrees, then the head with ears, snout and extras."""
    a = math.radians(slope)
    (ru, rv), (su, sv) = build.head, build.snout
    u, v = base[0] + neck * math.cos(a), base[1] + neck * math.sin(a)
    face = dark(color, 0.55) if "wool" in build.extras else color
    if "lion mane" in build.extras:
        pen.dot(u - 1, v - 0.5, rv * 1.75, dark(PALETTE["brown"], 0.12))
    thick = build.body[1] * (0.5 if neck > 14 else 0.62)
    pen.line([(base[0] - 3, base[1] - 1), (u - ru * 0.25, v)], thick if neck < 40 else 9.5, face)
    if "blotches" in build.extras:
        for i in range(1, 6):
            pen.dot(base[0] + (u - base[0]) * i / 6, base[1] + (v - base[1]) * i / 6, 2.5, (160, 98, 48))
    if "stripes" in build.extras:
        for i in range(1, 5):
            p, q = base[0] + (u - base[0]) * i / 5, base[1] + (v - base[1]) * i / 5
            pen.line([(p - 4, q + 2), (p + 4, q - 2)], 1.9, INK)
    if "mane" in build.extras:
        mane = dark(color, 0.5) if "stripes" not in build.extras else INK
        pen.line([(base[0] - 5, base[1] + 6), (u - ru * 0.55, v + rv * 0.7)], 4.6, mane)
    droop = -24 if slope > 20 else (-30 if slope > -20 else -50)
    head = pen.at(u, v, angle=droop if ru > 7.5 and sv < 5.2 and "trunk" not in build.extras else droop / 3)
    for side in (0, 1):
        _ear(head, build, face, side)
    head.ellipse(0, 0, ru, rv, face)
    snout = light(face, 0.35) if build.ears not in ("big", "small", "floppy") else face
    if "trunk" in build.extras:
        head.line([(ru * 0.6, -2), (ru + 6, -12), (ru + 5, -25), (ru + 11, -30)], 6.6, face)
        head.line([(ru * 0.5, -7), (ru + 2, -11), (ru + 8, -10)], 2.6, (250, 246, 230))
        _ear(head, build, dark(face, 0.08), 1)
    else:
        head.ellipse(ru * 0.82, -rv * 0.28, su, sv, snout)
        pink = "pig" in build.extras
        head.dot(
            ru * 0.82 + su * (0.55 if pink else 0.8),
            -rv * 0.22,
            sv * (0.62 if pink else 0.36),
            dark(PALETTE["pink"], 0.2) if pink else INK,
        )
    if "horns" in build.extras:
        head.line([(-2, rv * 0.9), (0, rv + 5), (4, rv + 6.5)], 2.2, (232, 222, 196))
    if "antlers" in build.extras:
        for lean in (-4, 3):
            head.line([(-1, rv * 0.8), (-2 + lean, rv + 9), (lean, rv + 15)], 1.9, (152, 116, 76))
            head.line([(-2 + lean * 0.8, rv + 7), (3 + lean, rv + 11)], 1.6, (152, 116, 76))
    if "knobs" in build.extras:
        for lean in (-2, 2):
            head.line([(lean - 1, rv * 0.7), (lean - 2, rv + 5)], 1.7, dark(color, 0.4))
    eye = light(PALETTE["white"]) if sum(face) < 240 else INK
    if asleep:
        head.ring(ru * 0.25, rv * 0.35, 1.9, 0.9, eye, 190, 350)
    else:
        head.dot(ru * 0.3, rv * 0.3, 1.35, eye)


def _ear(pen: Pen, build: Build, color: Color, side: int) -> None:
    (ru, rv), shade = build.head, dark(color, 0.22 if side else 0.34)
    shift = -2.5 if side else 2
    match build.ears:
        case "pointed":
            pen.polygon([(shift - 3, rv * 0.6), (shift + 3, rv * 0.7), (shift - 1, rv + 5.4)], shade)
        case "floppy" if side:
            pen.ellipse(-ru * 0.55, -rv * 0.15, 3.2, 6.4, shade, -14)
        case "round":
            pen.dot(shift * 1.8, rv * 0.86, 3.5, shade)
        case "small":
            pen.polygon([(shift - 2, rv * 0.7), (shift + 2, rv * 0.7), (shift, rv + 5)], shade)
        case "side":
            pen.ellipse(-ru * 0.7, rv * 0.55, 5, 2.3, shade, 160 if side else 130)
        case "tall":
            pen.ellipse(shift - 1, rv + 7, 2.2, 8, shade, 8 + 6 * side)
        case "big" if side:
            pen.ellipse(-ru * 0.6, 0, 9.6, 14, dark(color, 0.14), 8)


def _tail(pen: Pen, build: Build, color: Color, action: str) -> None:
    u, v = -build.body[0] * 0.47, build.body[1] * 0.16
    match build.tail:
        case "up":
            pen.line([(u, v), (u - 8, v + 5), (u - 11, v + 13)], 3.6, color)
        case "long":
            pen.line([(u, v), (u - 9, v - 1), (u - 14, v + 7), (u - 12, v + 15)], 3, dark(color, 0.1))
        case "hair":
            pen.line(
                [(u + 2, v + 2), (u - 7, v - 1), (u - 10 - 6 * (action == "run"), v - 18 + 12 * (action == "run"))],
                6,
                dark(color, 0.5),
            )
        case "thin" | "tuft":
            pen.line([(u + 1, v), (u - 5, v - 6), (u - 6, v - 16)], 2.2, dark(color, 0.15))
            if build.tail == "tuft":
                pen.ellipse(u - 6, v - 18, 2.4, 4, dark(color, 0.55))
        case "curl":
            pen.ring(u - 3, v + 2, 3.2, 1.6, dark(color, 0.2))
        case "bush":
            pen.ellipse(u - 9, v - 1, 12, 5, color, -12)
            pen.ellipse(u - 17, v + 1, 4.6, 3.2, PALETTE["white"], -12)
        case "puff":
            pen.dot(u, v - 2, 4, PALETTE["white"])
        case "plume":
            pen.line([(u, v - 3), (u - 8, v + 4), (u - 5, v + 16), (u - 11, v + 19)], 7.5, dark(color, 0.1))
        case "stub":
            pen.ellipse(u, v, 4, 3, dark(color, 0.1), 30)


def _sitting(pen: Pen, build: Build, color: Color) -> None:
    (length, depth), (_, thick) = build.body, build.legs
    _tail(pen.at(length * 0.16, depth * 0.22), build, color, "sit")
    pen.ellipse(-length * 0.14, depth * 0.46, depth * 0.58, depth * 0.46, dark(color, 0.1))
    pen.ellipse(0, length * 0.42, length * 0.46, depth * 0.48, color, 62)
    for side in (1, 0):
        u = length * 0.2 - 3 * side
        pen.line([(u - 1, length * 0.5), (u + 1, thick * 0.5), (u + 3, thick * 0.5)], thick, dark(color, 0.2 * side))
    pen.line([(-length * 0.1, thick * 0.5), (length * 0.06, thick * 0.5)], thick * 1.1, dark(color, 0.14))
    _head(pen, build, color, (length * 0.14, length * 0.66), build.neck[0] * 0.8, 62)


def _swimming(pen: Pen, build: Build, color: Color) -> None:
    length = build.body[0]
    pen.ellipse(-length * 0.1, 2, length * 0.5, build.body[1] * 0.34, color)
    _head(pen, build, color, (length * 0.3, 4), build.neck[0] * 0.6, 40)
    for u, width in ((-length * 0.6, 9), (0, 13), (length * 0.55, 9)):
        pen.ellipse(u, -2.6, width, 3, (226, 242, 248))
    pen.ellipse(0, -5.2, length * 0.8, 3.4, (92, 172, 206))
