"""Phrases about one scene, from which the sentence forms are made."""

from __future__ import annotations

from typing import Literal

from single_net.data.scenes.captions.nouns import GARMENTS, NOUNS, OCCUPATIONS, SIZE_WORDS, plural
from single_net.data.scenes.captions.surroundings import (
    BACKDROPS,
    IN_THE_WATER,
    MOODS,
    ON_THE_TABLE,
    OVER,
    PREPOSITIONS,
)
from single_net.data.scenes.captions.verbs import present_participle, third_person, verbs_for
from single_net.data.scenes.composition.dice import Dice
from single_net.data.scenes.composition.kinds import CHILDREN
from single_net.data.scenes.composition.scene import Scene, Thing

NUMBERS = {2: "two", 3: "three"}
MOVING = (
    "run",
    "walk",
    "ski",
    "drive",
    "crawl",
    "glide",
    "sail",
    "ride bike",
    "ride horse",
    "sled",
    "skate",
    "row",
    "dive",
)

Tense = Literal["progressive", "present"]  # "running", "runs"


def article(words: str) -> str:
    """Put "a" or "an" before the words."""
    return ("an " if words[0] in "aeiou" else "a ") + words


class Phrases:
    """Phrases about one scene; every call chooses its words anew.

    Args:
        scene: the scene.
        dice: source of the choices.
    """

    def __init__(self, scene: Scene, dice: Dice):
        self.scene, self.dice, self.theme = scene, dice, scene.theme
        self.first = scene.things[0]
        self.second = scene.things[1] if len(scene.things) > 1 else None

    def noun(self, thing: Thing) -> str:
        """A noun for the thing, plural if there are several: 'dog', 'puppy', 'dogs'."""
        options = list(NOUNS[thing.kind])
        for (theme, kind, action), words in OCCUPATIONS.items():
            if theme in (self.theme.name, "") and kind == thing.kind and action in (thing.action, ""):
                options += list(words) * 2
        if thing.count > 1:
            return plural(options[0])
        return options[0] if self.dice.chance(0.4) else self.dice.one(options)

    def name(self, thing: Thing, detail: bool = True) -> str:
        """'a small brown dog', 'two boys in red shorts'; without detail 'a dog', 'two boys'."""
        words, clothes = [], ""
        if detail and thing.size:
            words.append(self.dice.one(SIZE_WORDS[thing.size]))
        if detail and not thing.garment and thing.color and self.dice.chance(0.9):
            words.append(thing.color)
        if detail and thing.kind in CHILDREN and self.dice.chance(0.2):
            words.append(self.dice.one(("young", "little", "happy")))
        words.append(self.noun(thing))
        if detail and thing.garment and self.dice.chance(0.85):
            clothes = self._clothes(thing)
        phrase = " ".join(words)
        return (f"{NUMBERS[thing.count]} {phrase}" if thing.count > 1 else article(phrase)) + clothes

    def _clothes(self, thing: Thing) -> str:
        word = self.dice.one(GARMENTS[thing.garment])
        phrase = f"{thing.color} {word}"
        if thing.count > 1 and not word.endswith("s"):
            phrase = plural(phrase)
        elif not word.endswith(("shorts", "overalls", "trunks")):
            phrase = article(phrase)
        return f" {self.dice.one(('in', 'in', 'wearing'))} {phrase}"

    def acts(self, thing: Thing, tense: Tense = "progressive") -> str:
        """What the thing does: 'running' or, in the present tense and without synonyms, 'runs'."""
        verbs = verbs_for(thing.kind, thing.action)
        return self._form(self.dice.one(verbs) if tense == "progressive" else verbs[0], tense, thing.count)

    def where(self, thing: Thing, moving: bool = True) -> str:
        """Where the thing is or, if `moving` and its action allows, where it goes: 'along the beach'."""
        if thing.zone == "sky":
            return self.dice.one(("in the sky", OVER[self.theme.name], OVER[self.theme.name]))
        if thing.zone == "table":
            return self.dice.one(ON_THE_TABLE)
        if thing.zone == "water" and self.theme.name == "beach":
            return self.dice.one(IN_THE_WATER)
        moving = moving and thing.action in MOVING
        return self.dice.one(self.theme.along if moving and self.dice.chance(0.6) else self.theme.at)

    def doing(self, detail: bool = True, tense: Tense = "progressive") -> str:
        """What the first thing does, with the second if they are related: 'sitting under a tree'."""
        thing, other = self.first, self.second
        use = self.scene.use
        if use is not None and other is not None:
            base = (self.dice.one(use.verbs) if tense == "progressive" else use.verbs[0]).partition(":")[0]
            return f"{self._form(base, tense, thing.count)} {self.name(other, detail)}"
        phrase = self.acts(thing, tense)
        if self.scene.relation and other is not None:
            phrase += f" {self.dice.one(PREPOSITIONS[self.scene.relation])} {self.name(other, detail)}"
        return phrase

    @staticmethod
    def _form(phrase: str, tense: Tense, count: int) -> str:
        verb, _, rest = phrase.partition(" ")
        if verb == "parked":
            return verb if tense == "progressive" else f"{'are' if count > 1 else 'is'} {verb}"
        if tense == "progressive":
            return f"{present_participle(verb)} {rest}".strip()
        return f"{verb if count > 1 else third_person(verb)} {rest}".strip()

    @staticmethod
    def be(thing: Thing) -> str:
        """'is' or 'are'."""
        return "are" if thing.count > 1 else "is"

    def mood(self) -> str:
        """Weather or light: 'on a sunny day'."""
        options = MOODS.get((self.theme.name, self.scene.mood)) or MOODS["", self.scene.mood]
        return self.dice.one(options)

    def backdrop(self) -> str:
        """What is behind: 'white clouds'; a KeyError if it is plain."""
        return self.dice.one(BACKDROPS[self.theme.name, self.scene.backdrop])

    def place(self) -> str:
        """Where the first thing is; often "" if its relation to the second says enough."""
        relation = self.scene.relation
        if relation and self.dice.chance(0.35):
            return ""
        return self.where(self.first, moving=relation in ("", "use"))

    def list_of(self, things: tuple[Thing, ...]) -> str:
        """The first three things: 'a brown dog, a boy and a palm tree'."""
        names = [self.name(t) for t in things[:3]]
        return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
