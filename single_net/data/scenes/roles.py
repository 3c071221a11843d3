"""The form in which a theme of the embedded scenes says what goes together."""

from __future__ import annotations

from dataclasses import dataclass


def weights(text: str) -> dict[str, float]:
    """'brown 3 dark-red 5' -> {"brown": 3.0, "dark red": 5.0}."""
    words = text.split()
    return {words[i].replace("-", " "): float(words[i + 1]) for i in range(0, len(words), 2)}


@dataclass(frozen=True)
class Role:
    """A thing in a theme: how often, in which colours ("red shirt" for people), doing what, how often in numbers."""

    weight: float
    colours: dict[str, float]
    actions: dict[str, float]
    many: float = 0.0


def role(weight: float, colours: str, actions: str = "stand 1", many: float = 0.0) -> Role:
    return Role(weight, weights(colours), weights(actions), many)


@dataclass(frozen=True)
class Theme:
    """One theme; heights are pixels above the lower edge of the picture.

    ground, sky, water   (lowest, highest) place of a thing's foot there; water is a surface, in `sea` all the picture
    actors   people and animals; props: what they are next to, under, on ...; toys: what they use; fliers: in the sky
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
    ground: tuple[float, float] = (10, 52)
    water: tuple[float, float] | None = None
    sky: tuple[float, float] = (140, 172)
