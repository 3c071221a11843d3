"""People and four-legged animals of the embedded scenes: one jointed figure each, posed by the action."""

from __future__ import annotations

import math
from dataclasses import dataclass

from single_net.datasets.scene_pen import INK, PALETTE, Colour, Pen, Point, dark, light

SKINS = ((244, 205, 172), (226, 172, 130), (176, 122, 84), (118, 78, 54))
HAIRS = ((58, 42, 36), (104, 68, 42), (206, 160, 84), (36, 34, 40), (150, 74, 44))


@dataclass(frozen=True)
class Pose:
    """Limb angles in degrees from straight down, forward positive: (upper, lower) of each limb; lift and lean."""

    front_leg: tuple[float, float] = (5, 3)
    back_leg: tuple[float, float] = (-6, -6)
    front_arm: tuple[float, float] = (12, 22)
    back_arm: tuple[float, float] = (-14, -8)
    lean: float = 0
    lift: float = 0


STAND = Pose()
POSES = {
    "walk": Pose((28, 12), (-20, -34), (-24, -6), (26, 44), 3),
    "run": Pose((66, -8), (-22, -84), (-52, 34), (54, 118), 12, 3),
    "jump": Pose((58, -30), (-24, -86), (142, 160), (-138, -156), 4, 20),
    "sit": Pose((84, 4), (76, -6), (26, 62), (14, 52)),
    "read": Pose((84, 4), (76, -6), (20, 96), (8, 88)),
    "sit low": Pose((86, 70), (78, 62), (20, 50), (-30, -20)),
    "read low": Pose((110, 20), (102, 16), (20, 96), (8, 88)),
    "wave": Pose(front_arm=(112, 160), back_arm=(-20, -12)),
    "throw snowball": Pose((24, 8), (-22, -30), (120, 150), (-34, -10), 6),
    "throw": Pose((24, 8), (-22, -30), (120, 150), (-34, -10), 6),
    "kick": Pose((62, 48), (-12, -14), (-40, -14), (48, 70), -8),
    "fly kite": Pose((20, 6), (-18, -22), (118, 140), (96, 130), -6),
    "surf": Pose((48, -14), (-42, 10), (84, 92), (-88, -96), 8),
    "skate": Pose((34, -8), (-26, 6), (72, 84), (-66, -80), 8),
    "ski": Pose((36, -20), (24, -32), (44, 74), (30, 66), 22),
    "sled": Pose((80, 64), (72, 58), (54, 74), (44, 66), -6),
    "ride bike": Pose((58, -6), (26, -24), (54, 66), (48, 62), 22),
    "ride horse": Pose((44, -10), (40, -14), (40, 70), (34, 64), 4),
    "dig": Pose((96, -40), (60, -70), (36, 26), (24, 18), 26),
    "cook": Pose(front_arm=(34, 84), back_arm=(20, 76)),
    "carry": Pose((16, 8), (-14, -20), (34, 88), (24, 84)),
    "umbrella": Pose((18, 8), (-14, -22), (40, 140), (-12, -4)),
    "fish": Pose(front_arm=(40, 92), back_arm=(30, 84)),
    "swing": Pose((70, 40), (64, 34), (150, 170), (140, 168), -10),
    "slide": Pose((66, 50), (58, 44), (30, 20), (-20, -10), -22),
    "row": Pose((70, 30), (66, 26), (66, 80), (58, 74), -8),
    "drive": Pose((70, 30), (66, 26), (66, 80), (58, 74), -8),
    "dive": Pose((20, 0), (-24, -40), (64, 80), (-20, -40)),
}


def _limb(start: Point, lengths: tuple[float, float], angles: tuple[float, float]) -> list[Point]:
    points = [start]
    for length, angle in zip(lengths, angles, strict=True):
        (u, v), a = points[-1], math.radians(angle)
        points.append((u + length * math.sin(a), v - length * math.cos(a)))
    return points


def person(pen: Pen, kind: str, colour: Colour, garment: str, action: str, look: int) -> dict[str, Point]:
    """Draw a man, woman, boy or girl standing on the pen's origin (sitting poses: the hip is at 33 units).

    Returns where the hands, the head and the hip are, for what the figure holds.
    """
    child, female = kind in ("boy", "girl"), kind in ("woman", "girl")
    skin, hair = SKINS[look % 4], HAIRS[(look // 4) % 5]
    pose = POSES.get(action, STAND)
    bare = garment in ("shorts", "swimsuit", "trunks")
    warm = garment in ("jacket", "coat", "raincoat", "sweater")
    top = skin if garment == "shorts" else colour
    trousers = {
        "shorts": colour,
        "swimsuit": skin,
        "dress": skin,
        "skirt": colour,
        "apron": (84, 92, 112),
        "overalls": colour,
    }.get(garment, ((62, 74, 104), (92, 84, 78), (60, 60, 70))[look % 3])
    sleeve = skin if bare or garment == "dress" else colour
    if garment == "skirt":
        top, sleeve, trousers = (248, 244, 236), (248, 244, 236), skin
    if garment == "apron":
        top = sleeve = (232, 236, 240)
    if garment == "overalls":
        sleeve = (236, 226, 206)
    shoe = skin if bare else dark(trousers if trousers != skin else colour, 0.5)
    leg = (16.5, 16.5)
    lean = math.radians(pose.lean)
    hip = (0.0, 33 + pose.lift)
    chest = (hip[0] + 22 * math.sin(lean), hip[1] + 22 * math.cos(lean))
    head = (chest[0] + 11.5 * math.sin(lean), chest[1] + 11.5 * math.cos(lean))
    wide = 1.06 if not female else 0.92

    def draw_leg(angles: tuple[float, float], shade: float) -> None:
        joints = _limb(hip, leg, angles)
        shin = skin if garment in ("shorts", "swimsuit", "dress", "skirt") else trousers
        pen.line(joints[1:], 5.6 * wide, dark(shin, shade))
        pen.line(joints[:2], 6.8 * wide, dark(trousers, shade))
        foot = joints[2]
        toe = math.radians(angles[1])
        pen.line([foot, (foot[0] + 4.6 * math.cos(toe), foot[1] + 4.6 * math.sin(toe))], 5, dark(shoe, shade))

    def draw_arm(angles: tuple[float, float], shade: float) -> Point:
        joints = _limb((chest[0], chest[1] - 2), (11.5, 11), angles)
        pen.line(joints[:2] if not warm else joints, 5.4, dark(sleeve, shade))
        if not warm:
            pen.line(joints[1:], 4.6, dark(sleeve if garment in ("shirt", "apron", "overalls") else skin, shade))
        pen.dot(*joints[-1], 2.9, dark(skin, shade))
        return joints[-1]

    back_hand = draw_arm(pose.back_arm, 0.18)
    draw_leg(pose.back_leg, 0.18)
    draw_leg(pose.front_leg, 0)
    if female and look % 3:
        pen.line([(head[0] - 5, head[1] + 2), (head[0] - 7, head[1] - 12)], 6, hair)
    body = 7.2 * wide
    pen.polygon(
        [
            (hip[0] - body * 0.82, hip[1] - 3),
            (hip[0] + body * 0.82, hip[1] - 3),
            (chest[0] + body, chest[1]),
            (chest[0] - body, chest[1]),
        ],
        top,
    )
    pen.line([(chest[0] - body + 2.5, chest[1]), (chest[0] + body - 2.5, chest[1])], 5, top)
    if garment in ("shorts", "swimsuit"):
        pen.line([(hip[0] - 3.4, hip[1]), (hip[0] + 3.4, hip[1])], 7.5, colour)
    if garment in ("dress", "skirt", "coat", "raincoat"):
        waist = chest[1] - 10 if garment != "skirt" else hip[1] + 5
        if pose.front_leg[0] > 60:  # seated: over the thighs
            knee = _limb(hip, leg, pose.front_leg)[1]
            pen.line([hip, (hip[0] + 0.7 * (knee[0] - hip[0]), hip[1] + 0.7 * (knee[1] - hip[1]))], 10, colour)
        else:
            flare = 9.5 if garment.endswith("coat") else 14 if action in ("run", "jump", "walk") else 12
            pen.polygon(
                [
                    (chest[0] - 5.5, waist),
                    (chest[0] + 5.5, waist),
                    (hip[0] + flare, hip[1] - 14),
                    (hip[0] - flare, hip[1] - 14),
                ],
                colour,
            )
    if garment == "apron":
        pen.polygon(
            [
                (hip[0] - 4, hip[1] - 14),
                (hip[0] + 8, hip[1] - 14),
                (chest[0] + 6, chest[1] - 2),
                (chest[0] - 1, chest[1] - 2),
            ],
            colour,
        )
    big = 9.6 if child else 8.2
    pen.line([chest, head], 5, dark(skin, 0.1))
    pen.dot(head[0], head[1] + 2, big, skin)
    _hair_and_hat(pen, head, big, hair, colour, garment, female)
    pen.dot(head[0] + big * 0.52, head[1] + 2, 1.25, INK)
    pen.dot(head[0] + big * 0.98, head[1] + 0.6, 1.4, dark(skin, 0.06))
    pen.ring(head[0] + big * 0.5, head[1] - 1, 2.4, 0.9, dark(skin, 0.5), 210, 330)
    front_hand = draw_arm(pose.front_arm, 0)
    return {"front_hand": front_hand, "back_hand": back_hand, "head": head, "hip": hip, "chest": chest}


def _hair_and_hat(pen: Pen, head: Point, big: float, hair: Colour, colour: Colour, garment: str, female: bool) -> None:
    u, v = head[0], head[1] + 2
    pen.polygon(
        [
            (u + big * math.cos(math.radians(a)) * 1.06, v + big * math.sin(math.radians(a)) * 1.08)
            for a in range(38, 236, 14)
        ]
        + [(u - big * 0.3, v + big * 0.1)],
        hair,
    )
    if garment in ("jacket", "coat"):  # a woollen hat
        pen.polygon(
            [
                (u - big * 1.1, v + big * 0.3),
                (u + big * 1.05, v + big * 0.5),
                (u + big * 0.5, v + big * 1.2),
                (u - big * 0.7, v + big * 1.2),
            ],
            dark(colour, 0.25),
        )
        pen.dot(u - 1, v + big * 1.3, 2.8, light(colour, 0.6))
    elif garment == "raincoat":
        pen.polygon(
            [
                (u - big * 1.2, v - big * 0.9),
                (u - big * 1.1, v + big * 0.7),
                (u, v + big * 1.35),
                (u + big * 0.7, v + big * 0.9),
                (u + big * 0.1, v + big * 0.4),
                (u - big * 0.1, v - big * 0.9),
            ],
            colour,
        )
    elif garment == "overalls":  # a straw hat
        pen.ellipse(u, v + big * 0.62, big * 1.7, 2.4, PALETTE["golden"])
        pen.ellipse(u, v + big * 0.8, big * 0.85, big * 0.6, PALETTE["golden"])
    elif garment == "apron" and not female:  # a cook's hat
        pen.box(u - big * 0.8, v + big * 0.5, u + big * 0.8, v + big * 1.2, (250, 250, 250))
        pen.ellipse(u, v + big * 1.4, big * 1.1, big * 0.6, (250, 250, 250))


def swimmer(pen: Pen, kind: str, colour: Colour, garment: str, look: int) -> None:
    """Head, shoulder and one arm above the water line at the pen's origin."""
    skin, hair = SKINS[look % 4], HAIRS[(look // 4) % 5]
    pen.ellipse(-10, 1, 19, 6, colour if garment == "swimsuit" else skin)
    pen.line([(-3, 4), (8, 17), (20, 9)], 5.4, dark(skin, 0.06))
    pen.dot(5, 9, 8.6, skin)
    _hair_and_hat(pen, (5, 7), 8.6, hair, colour, garment, kind in ("woman", "girl"))
    pen.dot(9.5, 9, 1.25, INK)
    for u, width in ((-22, 12), (4, 16), (26, 9)):
        pen.ellipse(u, -3.2, width, 3.4, (226, 242, 248))
    pen.ellipse(0, -6, 34, 3.6, (92, 172, 206))


def lying(pen: Pen, kind: str, colour: Colour, garment: str, look: int) -> None:
    """A person flat on the back, head to the left, on a towel or whatever is at the pen's origin."""
    skin, hair = SKINS[look % 4], HAIRS[(look // 4) % 5]
    trousers = skin if garment in ("swimsuit", "dress") else colour if garment == "shorts" else (62, 74, 104)
    pen.line([(6, 6), (22, 13), (34, 5)], 6.4, dark(trousers, 0.12))
    pen.line([(6, 5), (22, 7), (38, 4)], 6.4, trousers if garment != "shorts" else skin)
    pen.line([(-16, 7), (4, 6)], 11, skin if garment == "shorts" else colour)
    if garment in ("shorts", "dress", "swimsuit"):
        pen.line([(1, 6), (11 if garment != "swimsuit" else 4, 6)], 9.5, colour)
    pen.line([(-14, 8), (-22, 14), (-32, 12)], 4.6, skin)
    pen.dot(-27, 9, 8.2, skin)
    pen.ellipse(-31, 10, 6, 8, hair, 12)
    pen.line([(-25, 13), (-22.5, 13.5)], 1, INK)


@dataclass(frozen=True)
class Build:
    """A four-legged animal in units: body length and depth, legs, neck (length, degrees from level), head, extras."""

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

GAITS = {  # angles of: near front leg, far front leg, near back leg, far back leg; body tilt; lift
    "walk": ((20, -16, -20, 18), 0, 0),
    "run": ((58, 42, -56, -38), 2, 4),
    "jump": ((66, 54, -58, -46), 14, 15),
}


def animal(pen: Pen, kind: str, colour: Colour, action: str, look: int) -> None:
    """Draw a four-legged animal, looking to the right, on the pen's origin."""
    build = BUILDS[kind]
    (length, depth), (leg, thick) = build.body, build.legs
    if action == "swim":
        _swimming(pen, build, colour)
        return
    if action in ("sleep", "lie"):
        leg = 0
    if action == "sit" and kind in ("dog", "cat", "fox", "rabbit", "squirrel", "bear"):
        _sitting(pen, build, colour)
        return
    angles, tilt, lift = GAITS.get(action, ((2, -4, 2, -4), 0, 0))
    frame = pen.at(0, lift + leg * (0.9 if action == "run" else 1) + depth / 2, angle=tilt)
    belly, root = -depth * 0.28, length * 0.33
    limb = dark(colour, 0.35) if "wool" in build.extras else colour
    if leg:
        for side, shade in ((1, 0.25), (0, 0.06)):
            for u, angle, bend in ((root, angles[side], -1), (-root, angles[2 + side], 1)):
                _leg(frame, u - 2 * side, belly, leg - belly - depth / 2, thick, angle, bend, dark(limb, shade))
    _tail(frame, build, colour, action)
    _body(frame, build, colour, look)
    if not leg:
        pen.ellipse(length * 0.25, thick * 0.45, length * 0.3, thick * 0.55, dark(limb, 0.1))
        pen.ellipse(-length * 0.26, thick * 0.7, length * 0.26, thick * 0.8, dark(limb, 0.12))
    neck, slope = build.neck
    if action in ("eat", "drink"):
        reach = leg + depth * 0.5
        slope, neck = -52, min(max(neck, reach * 0.72), reach)
    if not leg:
        slope, neck = (min(slope, 16), neck * 0.55) if action == "sleep" else (slope, neck * 0.9)
    _head(frame, build, colour, (length * 0.40, depth * 0.16), neck, slope, action == "sleep")


def _leg(pen: Pen, u: float, top: float, length: float, thick: float, angle: float, bend: int, colour: Colour) -> None:
    a, b = math.radians(angle), math.radians(angle * 0.55 + bend * abs(angle) * 0.25)
    knee = (u + length * 0.55 * math.sin(a), top - length * 0.55 * math.cos(a))
    foot = (knee[0] + length * 0.52 * math.sin(b), knee[1] - length * 0.52 * math.cos(b))
    pen.line([(u, top + thick), knee], thick * 1.25, colour)
    pen.line([knee, foot], thick * 0.92, colour)
    pen.line([foot, (foot[0] + thick * 0.5, foot[1])], thick * 0.9, dark(colour, 0.3))


def _body(pen: Pen, build: Build, colour: Colour, look: int) -> None:
    length, depth = build.body
    u, v = length / 2, depth / 2
    if "wool" in build.extras:
        for i in range(9):
            a = i * math.pi * 2 / 9
            pen.dot(u * 0.74 * math.cos(a), v * 0.62 * math.sin(a), depth * 0.26, light(colour, 0.1))
        pen.ellipse(0, 0, u * 0.9, v * 0.85, colour)
        return
    pen.ellipse(0, 0, u, v * 0.94, colour)
    pen.ellipse(u * 0.52, v * 0.06, u * 0.48, v * 0.92, colour)
    pen.ellipse(-u * 0.54, v * 0.06, u * 0.46, v * 0.94, colour)
    if "pale belly" in build.extras:
        pen.ellipse(u * 0.05, -v * 0.6, u * 0.6, v * 0.3, light(colour, 0.6))
    if "patches" in build.extras:
        spot = PALETTE["black"] if sum(colour) > 600 else light(colour, 0.8)
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


def _head(pen: Pen, build: Build, colour: Colour, base: Point, neck: float, slope: float, asleep: bool = False) -> None:
    """Neck from `base` at `slope` degrees, then the head with ears and the rest."""
    a = math.radians(slope)
    (ru, rv), (su, sv) = build.head, build.snout
    u, v = base[0] + neck * math.cos(a), base[1] + neck * math.sin(a)
    face = dark(colour, 0.55) if "wool" in build.extras else colour
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
        mane = dark(colour, 0.5) if "stripes" not in build.extras else INK
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
            head.line([(lean - 1, rv * 0.7), (lean - 2, rv + 5)], 1.7, dark(colour, 0.4))
    eye = light(PALETTE["white"]) if sum(face) < 240 else INK
    if asleep:
        head.ring(ru * 0.25, rv * 0.35, 1.9, 0.9, eye, 190, 350)
    else:
        head.dot(ru * 0.3, rv * 0.3, 1.35, eye)


def _ear(pen: Pen, build: Build, colour: Colour, side: int) -> None:
    (ru, rv), shade = build.head, dark(colour, 0.22 if side else 0.34)
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
            pen.ellipse(-ru * 0.6, 0, 9.6, 14, dark(colour, 0.14), 8)


def _tail(pen: Pen, build: Build, colour: Colour, action: str) -> None:
    u, v = -build.body[0] * 0.47, build.body[1] * 0.16
    match build.tail:
        case "up":
            pen.line([(u, v), (u - 8, v + 5), (u - 11, v + 13)], 3.6, colour)
        case "long":
            pen.line([(u, v), (u - 9, v - 1), (u - 14, v + 7), (u - 12, v + 15)], 3, dark(colour, 0.1))
        case "hair":
            pen.line(
                [(u + 2, v + 2), (u - 7, v - 1), (u - 10 - 6 * (action == "run"), v - 18 + 12 * (action == "run"))],
                6,
                dark(colour, 0.5),
            )
        case "thin" | "tuft":
            pen.line([(u + 1, v), (u - 5, v - 6), (u - 6, v - 16)], 2.2, dark(colour, 0.15))
            if build.tail == "tuft":
                pen.ellipse(u - 6, v - 18, 2.4, 4, dark(colour, 0.55))
        case "curl":
            pen.ring(u - 3, v + 2, 3.2, 1.6, dark(colour, 0.2))
        case "bush":
            pen.ellipse(u - 9, v - 1, 12, 5, colour, -12)
            pen.ellipse(u - 17, v + 1, 4.6, 3.2, PALETTE["white"], -12)
        case "puff":
            pen.dot(u, v - 2, 4, PALETTE["white"])
        case "plume":
            pen.line([(u, v - 3), (u - 8, v + 4), (u - 5, v + 16), (u - 11, v + 19)], 7.5, dark(colour, 0.1))
        case "stub":
            pen.ellipse(u, v, 4, 3, dark(colour, 0.1), 30)


def _sitting(pen: Pen, build: Build, colour: Colour) -> None:
    (length, depth), (leg, thick) = build.body, build.legs
    _tail(pen.at(length * 0.16, depth * 0.22), build, colour, "sit")
    pen.ellipse(-length * 0.14, depth * 0.46, depth * 0.58, depth * 0.46, dark(colour, 0.1))
    pen.ellipse(0, length * 0.42, length * 0.46, depth * 0.48, colour, 62)
    for side in (1, 0):
        u = length * 0.2 - 3 * side
        pen.line([(u - 1, length * 0.5), (u + 1, thick * 0.5), (u + 3, thick * 0.5)], thick, dark(colour, 0.2 * side))
    pen.line([(-length * 0.1, thick * 0.5), (length * 0.06, thick * 0.5)], thick * 1.1, dark(colour, 0.14))
    _head(pen, build, colour, (length * 0.14, length * 0.66), build.neck[0] * 0.8, 62)


def _swimming(pen: Pen, build: Build, colour: Colour) -> None:
    length = build.body[0]
    pen.ellipse(-length * 0.1, 2, length * 0.5, build.body[1] * 0.34, colour)
    _head(pen, build, colour, (length * 0.3, 4), build.neck[0] * 0.6, 40)
    for u, width in ((-length * 0.6, 9), (0, 13), (length * 0.55, 9)):
        pen.ellipse(u, -2.6, width, 3, (226, 242, 248))
    pen.ellipse(0, -5.2, length * 0.8, 3.4, (92, 172, 206))
