"""Verbs of the captions and their forms."""

from __future__ import annotations

_VERBS: dict[str, dict[str, tuple[str, ...]]] = {  # by action and kind; "" is any other kind
    "stand": {"": ("stand",), "snowman": ("stand",), "deer": ("stand", "look around")},
    "walk": {
        "": ("walk",),
        "man": ("walk", "stroll"),
        "woman": ("walk", "stroll"),
        "bear": ("walk", "wander"),
        "penguin": ("walk", "waddle"),
        "duck": ("walk", "waddle"),
        "cat": ("walk",),
        "lion": ("walk", "prowl"),
    },
    "run": {
        "": ("run",),
        "man": ("run", "jog"),
        "woman": ("run", "jog"),
        "dog": ("run", "race", "dash"),
        "horse": ("gallop", "run", "trot"),
        "zebra": ("run", "gallop"),
        "fox": ("run",),
        "squirrel": ("run",),
    },
    "jump": {
        "": ("jump",),
        "rabbit": ("hop", "jump"),
        "girl": ("jump", "dance"),
        "boy": ("jump", "leap"),
        "dog": ("jump", "leap"),
        "deer": ("leap", "jump"),
    },
    "swim": {"": ("swim",), "dog": ("swim", "paddle")},
    "sit": {"": ("sit",), "man": ("sit", "rest"), "woman": ("sit", "relax")},
    "lie": {"": ("lie", "rest"), "woman": ("lie", "relax"), "man": ("lie", "rest")},
    "sleep": {"": ("sleep", "nap"), "cat": ("sleep", "nap")},
    "eat": {"": ("eat grass", "graze"), "pig": ("eat", "look for food"), "rabbit": ("eat grass",)},
    "peck": {"": ("peck the ground", "look for food")},
    "wave": {"": ("wave",)},
    "crawl": {"": ("crawl",), "turtle": ("crawl", "walk slowly")},
    "perch": {"": ("stand", "perch"), "owl": ("perch", "sit")},
    "fly": {
        "": ("fly",),
        "seagull": ("fly", "glide", "soar"),
        "vulture": ("circle", "soar"),
        "butterfly": ("flutter", "fly"),
    },
    "float": {"": ("float",), "balloon": ("float", "drift")},
    "sail": {"": ("sail",), "ship": ("sail",)},
    "leap": {"": ("leap", "jump out of the water")},
    "surface": {"": ("spout water", "come up for air")},
    "glide": {"": ("swim",), "fish": ("swim", "dart"), "turtle": ("swim", "glide"), "shark": ("swim", "hunt", "glide")},
    "drift": {"": ("drift", "float")},
    "dive": {"": ("dive", "swim")},
    "drive": {"": ("drive",)},
    "park": {"": ("parked",)},
    "stop": {"": ("wait", "stand")},
    "ski": {"": ("ski",)},
    "throw snowball": {"": ("throw a snowball",)},
    "cook": {"": ("cook", "prepare food")},
    "read": {"": ("read a book", "read")},
    "dig": {"": ("dig",)},
}

_FLYING = {  # instead of standing: their only action is the default one
    "kite": ("fly",),
    "plane": ("fly",),
    "helicopter": ("fly",),
    "balloon": ("float", "drift"),
}

_IRREGULAR_PARTICIPLES = {"lie": "lying"}

_DOUBLED = (  # their last letter
    "run",
    "swim",
    "sit",
    "jog",
    "trot",
    "hop",
    "skip",
    "nap",
    "stop",
    "cut",
    "hug",
    "stir",
    "dig",
)


def verbs_for(kind: str, action: str) -> tuple[str, ...]:
    """Verbs for an action, in the base form: ("dog", "run") -> ("run", "race", "dash")."""
    if kind in _FLYING and action in ("stand", "float"):
        return _FLYING[kind]
    by_kind = _VERBS[action]
    return by_kind.get(kind, by_kind[""])


def present_participle(verb: str) -> str:
    """'run' -> 'running', 'ride' -> 'riding'."""
    if verb in _IRREGULAR_PARTICIPLES:
        return _IRREGULAR_PARTICIPLES[verb]
    if verb in _DOUBLED:
        return verb + verb[-1] + "ing"
    return (verb[:-1] if verb.endswith("e") else verb) + "ing"


def third_person(verb: str) -> str:
    """'run' -> 'runs', 'watch' -> 'watches', 'fly' -> 'flies'."""
    if verb == "go":
        return "goes"
    if verb.endswith(("ch", "sh", "ss", "x")):
        return verb + "es"
    return verb[:-1] + "ies" if verb.endswith("y") and verb[-2] not in "aeiou" else verb + "s"
