"""What embedded scenes are made of: kinds of things and their sizes, uses of toys, and the scene itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from single_net.data.scenes.pen import SIZE
from single_net.data.scenes.roles import Role, Theme

PEOPLE = ("man", "woman", "boy", "girl")


@dataclass(frozen=True)
class Kind:
    """Width and height in pixels at scale 1, where it stands, what others can be to it, and how high one sits on it."""

    width: float
    height: float
    zone: str = "ground"
    relations: tuple[str, ...] = ()
    seat: float = 0.0


BESIDE = ("next to",)
AROUND = ("next to", "in front of")
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
    "taxi": Kind(88, 42, relations=AROUND),
    "jeep": Kind(92, 48, relations=AROUND),
    "bus": Kind(118, 58, relations=AROUND),
    "truck": Kind(110, 58),
    "bicycle": Kind(66, 42),
    "motorcycle": Kind(70, 42, relations=BESIDE),
    "tractor": Kind(78, 60, relations=AROUND),
    "barn": Kind(92, 78, relations=AROUND),
    "windmill": Kind(66, 108, relations=AROUND),
    "lighthouse": Kind(70, 106, "water", BESIDE),
    "tree": Kind(76, 94, relations=("under", "next to", "under")),
    "pine tree": Kind(56, 92, relations=("next to", "in front of")),
    "snowy pine": Kind(56, 92, relations=BESIDE),
    "palm tree": Kind(80, 100, relations=("under", "next to")),
    "acacia tree": Kind(104, 84, relations=("under",)),
    "house": Kind(86, 76, relations=AROUND),
    "chair": Kind(32, 58, relations=("on", "next to"), seat=27),
    "cabin": Kind(86, 74, relations=AROUND),
    "fence": Kind(104, 34, relations=("in front of", "behind", "behind")),
    "haystack": Kind(66, 36, relations=("next to", "on", "behind"), seat=32),
    "bench": Kind(76, 40, relations=("on", "next to", "behind", "on"), seat=20),
    "street lamp": Kind(40, 94, relations=("under", "next to")),
    "traffic light": Kind(24, 92, relations=BESIDE),
    "fire hydrant": Kind(26, 34, relations=BESIDE),
    "sofa": Kind(108, 48, relations=("on", "on", "next to"), seat=24),
    "armchair": Kind(62, 54, relations=("on", "on", "next to"), seat=24),
    "bookshelf": Kind(50, 86, relations=AROUND),
    "television": Kind(66, 60, relations=BESIDE),
    "fireplace": Kind(76, 60, relations=AROUND),
    "floor lamp": Kind(32, 84, relations=BESIDE),
    "piano": Kind(82, 56, relations=BESIDE),
    "plant": Kind(42, 62, relations=BESIDE),
    "rug": Kind(114, 16, relations=("on",), seat=6),
    "fridge": Kind(42, 88, relations=BESIDE),
    "stove": Kind(52, 82, relations=BESIDE),
    "beach umbrella": Kind(82, 86, relations=("under", "under", "next to")),
    "towel": Kind(84, 10, relations=("on",), seat=4),
    "rock": Kind(60, 26, relations=("on", "next to"), seat=23),
    "log": Kind(78, 18, relations=("on", "next to"), seat=15),
    "sailboat": Kind(72, 74, "water", BESIDE),
    "ship": Kind(118, 64, "water", BESIDE),
    "rowing boat": Kind(86, 20, "water", BESIDE, seat=10),
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
    "tent": Kind(90, 52, relations=AROUND),
    "campfire": Kind(38, 38, relations=BESIDE),
    "mushroom": Kind(40, 28, relations=BESIDE),
    "flowers": Kind(42, 26, relations=BESIDE),
    "slide": Kind(78, 60, relations=AROUND),
    "swing": Kind(90, 84, relations=BESIDE),
    "fountain": Kind(84, 60, relations=AROUND),
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

STRETCHED = {"lie": 84, "dive": 90, "swim": 66, "ski": 70, "read": 40}  # widths of people who do not stand upright
ZONES = {
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
SIZES = {
    "tree": "tall",
    "palm tree": "tall",
    "pine tree": "tall",
    "dog": "small big",
    "fish": "small big",
    "rock": "big",
    "snowman": "big small",
    "cat": "small",
    "bear": "big",
    "elephant": "small big",
    "tent": "small",
    "cabin": "small",
    "shark": "big",
    "sandcastle": "big",
    "truck": "big",
    "turtle": "small big",
}
GROWTH = {"small": 0.72, "big": 1.22, "tall": 1.16, "": 1.0}


@dataclass(frozen=True)
class Use:
    """How a toy is used: by whom, the verbs ("base:participle"), the pose, and where the toy is then."""

    by: tuple[str, ...]
    verbs: tuple[str, ...]
    pose: str
    place: str


CHILDREN, ADULTS = ("boy", "girl"), ("man", "woman")
USES = {
    "ball": (
        Use(CHILDREN, ("kick:kicked", "play with:played with"), "kick", "foot"),
        Use(PEOPLE, ("throw:thrown",), "throw", "hand"),
        Use(("dog", "cat"), ("chase:chased", "play with:played with", "run after:chased"), "run", "foot"),
    ),
    "kite": (Use(PEOPLE, ("fly:flown", "play with:flown"), "fly kite", "string"),),
    "sandcastle": (Use(CHILDREN, ("build:built", "make:made"), "dig", "front"),),
    "snowman": (Use(CHILDREN, ("build:built", "make:made"), "cook", "front"),),
    "bucket": (Use(PEOPLE, ("carry:carried", "hold:held"), "carry", "hand"),),
    "basket": (Use(PEOPLE, ("carry:carried", "hold:held"), "carry", "hand"),),
    "surfboard": (Use(PEOPLE, ("ride:ridden", "surf on:ridden"), "surf", "below"),),
    "skateboard": (Use(CHILDREN, ("ride:ridden", "skate on:ridden"), "skate", "below"),),
    "bicycle": (Use(PEOPLE, ("ride:ridden",), "ride bike", "below"),),
    "motorcycle": (Use(ADULTS, ("ride:ridden", "drive:driven"), "ride bike", "below"),),
    "horse": (Use(PEOPLE, ("ride:ridden", "sit on:ridden"), "ride horse", "below"),),
    "tractor": (Use(ADULTS, ("drive:driven",), "drive", "around"),),
    "jeep": (Use(ADULTS, ("drive:driven",), "drive", "around"),),
    "sled": (Use(PEOPLE, ("ride:ridden", "slide on:ridden"), "sled", "below"),),
    "umbrella": (Use(PEOPLE, ("hold:held", "carry:carried"), "umbrella", "hand"),),
    "slide": (Use(CHILDREN, ("go down:used", "play on:used"), "slide", "below"),),
    "swing": (Use(CHILDREN, ("sit on:used", "play on:used"), "swing", "below"),),
    "flowers": (Use(("woman", "girl"), ("pick:picked", "hold:held"), "carry", "hand"),),
    "rowing boat": (Use(PEOPLE, ("row:rowed", "paddle:rowed"), "row", "around"),),
    "book": (Use(PEOPLE, ("read:read", "look at:read"), "read", "hand"),),
    "piano": (Use(PEOPLE, ("play:played",), "cook", "front"),),
    "television": (Use((*PEOPLE, "cat"), ("watch:watched", "look at:watched"), "sit", "front"),),
    "teddy bear": (Use(CHILDREN, ("hug:hugged", "hold:held"), "carry", "hand"),),
    "pot": (Use(PEOPLE, ("stir:stirred", "cook with:used"), "cook", "table"),),
    "cake": (Use(PEOPLE, ("bake:baked", "decorate:decorated"), "cook", "table"),),
    "pizza": (Use(PEOPLE, ("bake:baked", "cut:cut"), "cook", "table"),),
    "bowl": (Use(PEOPLE, ("fill:filled", "wash:washed"), "cook", "table"),),
    "bread": (Use(PEOPLE, ("slice:sliced", "cut:cut"), "cook", "table"),),
}


@dataclass(frozen=True)
class Thing:
    """One thing of a scene (or `count` alike). x, y: where it stands, pixels from the left and lower edge.

    rise: how far it is lifted above y (something it is on); depth order is by y alone.
    """

    kind: str
    colour: str
    garment: str = ""
    count: int = 1
    size: str = ""
    action: str = "stand"
    zone: str = "ground"
    x: float = 0.0
    y: float = 0.0
    rise: float = 0.0
    scale: float = 1.0
    left: bool = False
    look: int = 0

    @property
    def width(self) -> float:
        one = STRETCHED.get(self.action, 0) if self.kind in PEOPLE else 0
        return (one or KINDS[self.kind].width) * self.scale * (1 + 0.86 * (self.count - 1))

    @property
    def height(self) -> float:
        return KINDS[self.kind].height * self.scale

    @property
    def content(self) -> tuple:
        return (self.kind, self.colour, self.garment, self.count, self.size, self.action, round(3 * self.x / SIZE))


@dataclass(frozen=True)
class Scene:
    """The first thing is what the captions are about; `relation` is between it and the second ("" if none)."""

    theme: Theme
    mood: str
    backdrop: str
    things: tuple[Thing, ...]
    relation: str
    use: Use | None
    decor: int

    @property
    def key(self) -> str:
        """Equal for two scenes that say the same."""
        return repr((self.theme.name, self.mood, self.backdrop, self.relation, [t.content for t in self.things]))


class Dice:
    """Choices from a NumPy generator: the same on every machine."""

    def __init__(self, seed: tuple[int, ...]):
        self._rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))

    def chance(self, probability: float) -> bool:
        return self._rng.random() < probability

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self._rng.random()

    def number(self, below: int) -> int:
        return int(self._rng.integers(below))

    def one(self, items):
        return items[self.number(len(items))]

    def pick(self, options: dict[str, float]) -> str:
        """A key, as often as its weight says."""
        left = self._rng.random() * sum(options.values())
        for key, weight in options.items():
            left -= weight
            if left < 0:
                return key
        return key

    def cast(self, roles: dict[str, Role]) -> str:
        return self.pick({kind: r.weight for kind, r in roles.items()})
