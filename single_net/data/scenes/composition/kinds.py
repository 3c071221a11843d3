"""The kinds of things in the synthetic scenes: how large they are, where they stand and what can be next to them."""

from __future__ import annotations

from dataclasses import dataclass

CHILDREN, ADULTS = ("boy", "girl"), ("man", "woman")
PEOPLE = (*ADULTS, *CHILDREN)


@dataclass(frozen=True)
class Kind:
    """One kind of thing.

    Attributes:
        width: pixels at scale 1.
        height: pixels at scale 1.
        zone: where it is unless its action says otherwise: ground, water (the surface), deep, sky or table.
        relations: how another thing can stand to it; listed twice, a relation is twice as likely.
        seat: height in pixels of what one sits on, 0 if one cannot.
    """

    width: float
    height: float
    zone: str = "ground"
    relations: tuple[str, ...] = ()
    seat: float = 0.0


_BESIDE = ("next to",)
_AROUND = ("next to", "in front of")
KINDS = {
    "man": Kind(30, 80),
    "woman": Kind(30, 78),
    "boy": Kind(26, 60),
    "girl": Kind(26, 60),
    "dog": Kind(60, 42),
    "cat": Kind(44, 32),
    "horse": Kind(92, 72),
    "cow": Kind(88, 48),
    "sheep": Kind(62, 38),
    "pig": Kind(62, 36),
    "deer": Kind(74, 72),
    "fox": Kind(66, 32),
    "bear": Kind(82, 46),
    "lion": Kind(84, 48),
    "zebra": Kind(86, 66),
    "giraffe": Kind(86, 118),
    "elephant": Kind(116, 66),
    "rabbit": Kind(32, 36),
    "squirrel": Kind(34, 30),
    "crab": Kind(54, 32),
    "turtle": Kind(58, 26),
    "duck": Kind(44, 36),
    "chicken": Kind(46, 44),
    "penguin": Kind(32, 56),
    "owl": Kind(28, 42),
    "ostrich": Kind(50, 80),
    "seagull": Kind(46, 32),
    "pigeon": Kind(46, 32),
    "crow": Kind(46, 32),
    "vulture": Kind(54, 32),
    "fish": Kind(44, 30, "deep"),
    "shark": Kind(92, 50, "deep"),
    "jellyfish": Kind(36, 48, "deep"),
    "octopus": Kind(54, 46),
    "whale": Kind(106, 48, "water"),
    "dolphin": Kind(80, 54, "water"),
    "butterfly": Kind(28, 24),
    "car": Kind(88, 38, relations=("next to", "in front of", "behind")),
    "taxi": Kind(88, 42, relations=_AROUND),
    "jeep": Kind(92, 48, relations=_AROUND),
    "bus": Kind(118, 58, relations=_AROUND),
    "truck": Kind(110, 58),
    "bicycle": Kind(66, 42),
    "motorcycle": Kind(70, 42, relations=_BESIDE),
    "tractor": Kind(78, 60, relations=_AROUND),
    "barn": Kind(92, 78, relations=_AROUND),
    "windmill": Kind(66, 108, relations=_AROUND),
    "lighthouse": Kind(70, 106, "water", _BESIDE),
    "tree": Kind(76, 94, relations=("under", "next to", "under")),
    "pine tree": Kind(56, 92, relations=("next to", "in front of")),
    "snowy pine": Kind(56, 92, relations=_BESIDE),
    "palm tree": Kind(80, 100, relations=("under", "next to")),
    "acacia tree": Kind(104, 84, relations=("under",)),
    "house": Kind(86, 76, relations=_AROUND),
    "chair": Kind(32, 58, relations=("on", "next to"), seat=27),
    "cabin": Kind(86, 74, relations=_AROUND),
    "fence": Kind(104, 34, relations=("in front of", "behind", "behind")),
    "haystack": Kind(66, 36, relations=("next to", "on", "behind"), seat=32),
    "bench": Kind(76, 40, relations=("on", "next to", "behind", "on"), seat=20),
    "street lamp": Kind(40, 94, relations=("under", "next to")),
    "traffic light": Kind(24, 92, relations=_BESIDE),
    "fire hydrant": Kind(26, 34, relations=_BESIDE),
    "sofa": Kind(108, 48, relations=("on", "on", "next to"), seat=24),
    "armchair": Kind(62, 54, relations=("on", "on", "next to"), seat=24),
    "bookshelf": Kind(50, 86, relations=_AROUND),
    "television": Kind(66, 60, relations=_BESIDE),
    "fireplace": Kind(76, 60, relations=_AROUND),
    "floor lamp": Kind(32, 84, relations=_BESIDE),
    "piano": Kind(82, 56, relations=_BESIDE),
    "plant": Kind(42, 62, relations=_BESIDE),
    "rug": Kind(114, 16, relations=("on",), seat=6),
    "fridge": Kind(42, 88, relations=_BESIDE),
    "stove": Kind(52, 82, relations=_BESIDE),
    "beach umbrella": Kind(82, 86, relations=("under", "under", "next to")),
    "towel": Kind(84, 10, relations=("on",), seat=4),
    "rock": Kind(60, 26, relations=("on", "next to"), seat=23),
    "log": Kind(78, 18, relations=("on", "next to"), seat=15),
    "sailboat": Kind(72, 74, "water", _BESIDE),
    "ship": Kind(118, 64, "water", _BESIDE),
    "rowing boat": Kind(86, 20, "water", _BESIDE, seat=10),
    "sandcastle": Kind(56, 54),
    "surfboard": Kind(84, 12),
    "ball": Kind(20, 19),
    "bucket": Kind(24, 26),
    "kite": Kind(34, 60),
    "balloon": Kind(52, 66),
    "plane": Kind(76, 38),
    "helicopter": Kind(78, 36),
    "snowman": Kind(52, 80, relations=("next to", "next to")),
    "sled": Kind(58, 16),
    "tent": Kind(90, 52, relations=_AROUND),
    "campfire": Kind(38, 38, relations=_BESIDE),
    "mushroom": Kind(40, 28, relations=_BESIDE),
    "flowers": Kind(42, 26, relations=_BESIDE),
    "slide": Kind(78, 60, relations=_AROUND),
    "swing": Kind(90, 84, relations=_BESIDE),
    "fountain": Kind(84, 60, relations=_AROUND),
    "blanket": Kind(92, 14, relations=("on",), seat=5),
    "basket": Kind(32, 26),
    "teddy bear": Kind(34, 44),
    "book": Kind(18, 14),
    "umbrella": Kind(60, 30),
    "skateboard": Kind(44, 12),
    "coral": Kind(46, 50, relations=("next to", "above")),
    "treasure chest": Kind(52, 38, relations=("next to", "above")),
    "bowl": Kind(38, 26, "table"),
    "cup": Kind(30, 30, "table"),
    "cake": Kind(50, 36, "table"),
    "pizza": Kind(52, 12, "table"),
    "vase": Kind(42, 46, "table"),
    "bottle": Kind(18, 36, "table"),
    "pot": Kind(42, 42, "table"),
    "bread": Kind(48, 18, "table"),
    "kitchen table": Kind(170, 44),
}

POSE_WIDTHS = {"lie": 84, "dive": 90, "swim": 66, "ski": 70, "read": 40}  # of people who do not stand upright

ZONES = {  # of actions that take a thing from the zone of its kind
    "swim": "water",
    "sail": "water",
    "leap": "water",
    "surface": "water",
    "float": "water",
    "fly": "sky",
    "dive": "deep",
    "glide": "deep",
    "drift": "deep",
}

SIZES = {  # that a caption may mention
    "tree": ("tall",),
    "palm tree": ("tall",),
    "pine tree": ("tall",),
    "dog": ("small", "big"),
    "fish": ("small", "big"),
    "rock": ("big",),
    "snowman": ("big", "small"),
    "cat": ("small",),
    "bear": ("big",),
    "elephant": ("small", "big"),
    "tent": ("small",),
    "cabin": ("small",),
    "shark": ("big",),
    "sandcastle": ("big",),
    "truck": ("big",),
    "turtle": ("small", "big"),
}

GROWTH = {  # scale of a size
    "small": 0.72,
    "big": 1.22,
    "tall": 1.16,
    "": 1.0,
}
