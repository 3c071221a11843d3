"""Themes of the synthetic scenes: beach, street, farm, ... with their own things, colors, actions and phrases.

Each theme is a TOML file in `themes/`. Its weights are written as in "brown 3 red-shirt 5": "red shirt" five times in
eight, the hyphen standing for a space. Colors, actions and places differ from theme to theme and from thing to thing on
purpose: Word2Vec can tell "red" from "blue" only if the two words occur in different contexts.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "themes"
NAMES = (  # scenes are sampled by position: another order gives other scenes
    "beach",
    "street",
    "farm",
    "kitchen",
    "snow",
    "forest",
    "park",
    "living_room",
    "harbour",
    "savanna",
    "underwater",
)


@dataclass(frozen=True)
class Role:
    """How a kind of thing appears in a theme.

    Attributes:
        weight: how often it is chosen, relative to the other things of its group; 0 if only a use can bring it in.
        colors: weights of its colors; for people color and garment, "red shirt".
        actions: weights of what it does.
        many: probability that there are two or three of it.
    """

    weight: float
    colors: dict[str, float]
    actions: dict[str, float]
    many: float = 0.0


@dataclass(frozen=True)
class Theme:
    """A kind of place and what is found there.

    Attributes:
        name: "beach".
        moods: weights of weather and light.
        backdrops: weights of what is drawn behind the things.
        at: phrases for being there, "on the beach".
        along: phrases for moving there, "along the beach".
        title: names of the place without an article, "sandy beach".
        actors: people and animals, by kind.
        props: what actors are next to, under, on, ...
        toys: what actors use.
        fliers: what is in the sky, or high in the water.
        ground: lowest and highest place of a thing's foot on the ground, pixels from the lower edge of the image.
        sky: the same for what flies.
        water: the same for what is on the water's surface; None if there is none.
    """

    name: str
    moods: dict[str, float]
    backdrops: dict[str, float]
    at: tuple[str, ...]
    along: tuple[str, ...]
    title: tuple[str, ...]
    actors: dict[str, Role]
    props: dict[str, Role]
    toys: dict[str, Role]
    fliers: dict[str, Role]
    ground: tuple[float, float]
    sky: tuple[float, float]
    water: tuple[float, float] | None = None


def weights(text: str) -> dict[str, float]:
    """Parse weights: 'brown 3 red-shirt 5' -> {"brown": 3.0, "red shirt": 5.0}."""
    words = text.split()
    return {words[i].replace("-", " "): float(words[i + 1]) for i in range(0, len(words), 2)}


def _roles(table: dict[str, Any]) -> dict[str, Role]:
    return {
        kind: Role(
            role["weight"], weights(role["colors"]), weights(role.get("actions", "stand 1")), role.get("many", 0.0)
        )
        for kind, role in table.items()
    }


def _read(path: Path) -> Theme:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    for key in ("moods", "backdrops"):
        table[key] = weights(table[key])
    for key in ("at", "along", "title", "ground", "sky", "water"):
        if key in table:
            table[key] = tuple(table[key])
    for key in ("actors", "props", "toys", "fliers"):
        table[key] = _roles(table.get(key, {}))
    return Theme(**table)


THEMES = tuple(_read(FOLDER / f"{name}.toml") for name in NAMES)
