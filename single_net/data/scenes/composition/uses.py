"""What people and animals do with toys."""

from __future__ import annotations

from dataclasses import dataclass

from single_net.data.scenes.composition.kinds import ADULTS, CHILDREN, PEOPLE


@dataclass(frozen=True)
class Use:
    """One way to use a toy.

    Attributes:
        by: kinds of actors that use it so.
        verbs: "base form:past participle", "kick:kicked".
        pose: action with which the actor is drawn.
        place: where the toy is: at the foot, in front, on the table; or drawn with the actor (layout.CARRIED).
    """

    by: tuple[str, ...]
    verbs: tuple[str, ...]
    pose: str
    place: str


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
