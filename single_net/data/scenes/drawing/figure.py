"""The jointed figure of a person, dressed and posed."""

from __future__ import annotations

import math
from dataclasses import dataclass

from single_net.data.scenes.composition.kinds import CHILDREN
from single_net.data.scenes.drawing.pen import INK, PALETTE, Color, Pen, Point, dark, light

SKINS = ((244, 205, 172), (226, 172, 130), (176, 122, 84), (118, 78, 54))
HAIRS = ((58, 42, 36), (104, 68, 42), (206, 160, 84), (36, 34, 40), (150, 74, 44))


@dataclass(frozen=True)
class Pose:
    """A posture. Angles are in degrees: of limbs (upper, lower) from straight down, of the back from straight up.

    Forward is positive. `lift` raises the hip, in units.
    """

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
    "swing": Pose((70, 40), (64, 34), (150, 170), (140, 168), -10),
    "slide": Pose((66, 50), (58, 44), (30, 20), (-20, -10), -22),
    "row": Pose((92, 84), (88, 80), (66, 80), (58, 74), -8),
    "drive": Pose((70, 30), (66, 26), (66, 80), (58, 74), -8),
    "dive": Pose((20, 0), (-24, -40), (64, 80), (-20, -40)),
}


def person_size(kind: str) -> float:
    """Scale of the figure: children are drawn smaller."""
    return 0.78 if kind in CHILDREN else 1.0


def _limb(start: Point, lengths: tuple[float, float], angles: tuple[float, float]) -> list[Point]:
    points = [start]
    for length, angle in zip(lengths, angles, strict=True):
        (u, v), a = points[-1], math.radians(angle)
        points.append((u + length * math.sin(a), v - length * math.cos(a)))
    return points


def draw_figure(pen: Pen, kind: str, color: Color, garment: str, action: str, look: int) -> dict[str, Point]:
    """Draw a man, woman, boy or girl, facing right.

    Args:
        pen: origin between the feet; 33 units below the hip if the person sits.
        kind: "man", "woman", "boy" or "girl".
        color: color of the garment.
        garment: key of `captions.nouns.GARMENTS`.
        action: key of `POSES`; any other gives a person who stands.
        look: number that decides skin, hair and trousers.

    Returns:
        Where "front_hand", "head" and "chest" are, in the pen's units, for what the person holds or wears.
    """
    child, female = kind in CHILDREN, kind in ("woman", "girl")
    skin, hair = SKINS[look % 4], HAIRS[(look // 4) % 5]
    pose = POSES.get(action, STAND)
    bare = garment in ("shorts", "swimsuit")
    warm = garment in ("jacket", "coat", "raincoat", "sweater")
    top = skin if garment == "shorts" else color
    trousers = {
        "shorts": color,
        "swimsuit": skin,
        "dress": skin,
        "skirt": color,
        "apron": (84, 92, 112),
        "overalls": color,
    }.get(garment, ((62, 74, 104), (92, 84, 78), (60, 60, 70))[look % 3])
    sleeve = skin if bare or garment == "dress" else color
    if garment == "skirt":
        top, sleeve, trousers = (248, 244, 236), (248, 244, 236), skin
    if garment == "apron":
        top = sleeve = (232, 236, 240)
    if garment == "overalls":
        sleeve = (236, 226, 206)
    shoe = skin if bare else dark(trousers if trousers != skin else color, 0.5)
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

    draw_arm(pose.back_arm, 0.18)
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
        pen.line([(hip[0] - 3.4, hip[1]), (hip[0] + 3.4, hip[1])], 7.5, color)
    if garment in ("dress", "skirt", "coat", "raincoat"):
        waist = chest[1] - 10 if garment != "skirt" else hip[1] + 5
        if pose.front_leg[0] > 60:  # seated: over the thighs
            knee = _limb(hip, leg, pose.front_leg)[1]
            pen.line([hip, (hip[0] + 0.7 * (knee[0] - hip[0]), hip[1] + 0.7 * (knee[1] - hip[1]))], 10, color)
        else:
            flare = 9.5 if garment.endswith("coat") else 14 if action in ("run", "jump", "walk") else 12
            pen.polygon(
                [
                    (chest[0] - 5.5, waist),
                    (chest[0] + 5.5, waist),
                    (hip[0] + flare, hip[1] - 14),
                    (hip[0] - flare, hip[1] - 14),
                ],
                color,
            )
    if garment == "apron":
        pen.polygon(
            [
                (hip[0] - 4, hip[1] - 14),
                (hip[0] + 8, hip[1] - 14),
                (chest[0] + 6, chest[1] - 2),
                (chest[0] - 1, chest[1] - 2),
            ],
            color,
        )
    big = 9.6 if child else 8.2
    pen.line([chest, head], 5, dark(skin, 0.1))
    pen.dot(head[0], head[1] + 2, big, skin)
    draw_hair_and_hat(pen, head, big, hair, color, garment, female)
    pen.dot(head[0] + big * 0.52, head[1] + 2, 1.25, INK)
    pen.dot(head[0] + big * 0.98, head[1] + 0.6, 1.4, dark(skin, 0.06))
    pen.ring(head[0] + big * 0.5, head[1] - 1, 2.4, 0.9, dark(skin, 0.5), 210, 330)
    front_hand = draw_arm(pose.front_arm, 0)
    return {"front_hand": front_hand, "head": head, "chest": chest}


def draw_hair_and_hat(pen: Pen, head: Point, big: float, hair: Color, color: Color, garment: str, female: bool) -> None:
    """Hair, and the hat that goes with the garment, on a head at `head` of radius `big`."""
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
            dark(color, 0.25),
        )
        pen.dot(u - 1, v + big * 1.3, 2.8, light(color, 0.6))
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
            color,
        )
    elif garment == "overalls":  # a straw hat
        pen.ellipse(u, v + big * 0.62, big * 1.7, 2.4, PALETTE["golden"])
        pen.ellipse(u, v + big * 0.8, big * 0.85, big * 0.6, PALETTE["golden"])
    elif garment == "apron" and not female:  # a cook's hat
        pen.box(u - big * 0.8, v + big * 0.5, u + big * 0.8, v + big * 1.2, (250, 250, 250))
        pen.ellipse(u, v + big * 1.4, big * 1.1, big * 0.6, (250, 250, 250))
