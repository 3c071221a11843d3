"""People of the embedded scenes: one jointed figure, dressed and posed by the action."""

from __future__ import annotations

import math
from dataclasses import dataclass

from single_net.data.scenes.pen import INK, PALETTE, Colour, Pen, Point, dark, light

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
    "row": Pose((92, 84), (88, 80), (66, 80), (58, 74), -8),
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
