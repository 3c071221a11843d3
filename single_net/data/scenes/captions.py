"""Five captions for an embedded scene: true of the picture, in different words and sentence forms."""

from __future__ import annotations

from collections.abc import Callable

from single_net.data.scenes.layout import CARRIED
from single_net.data.scenes.pen import SIZE
from single_net.data.scenes.words import (
    BACKDROPS,
    GARMENTS,
    MOODS,
    NOUNS,
    OCCUPATIONS,
    OVER,
    PREPOSITIONS,
    SIZE_WORDS,
    TABLE,
    TITLE_MOODS,
    WATER,
    ing,
    plural,
    s,
    verbs_for,
)
from single_net.data.scenes.world import CHILDREN, Dice, Scene, Thing

NUMBERS = {2: "two", 3: "three"}
COUNT = 5
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


def captions_of(scene: Scene, dice: Dice) -> list[str]:
    """Five different captions, lower case, each a sentence with a full stop."""
    teller = Teller(scene, dice)
    chosen: list[str] = []
    for group in (
        teller.full_forms(),
        teller.short_forms(),
        teller.second_forms(),
        teller.setting_forms(),
        teller.all_forms(),
        teller.all_forms(),
    ):
        for _ in range(20):
            caption = _tidy(dice.one(group)())
            if caption and caption not in chosen:
                chosen.append(caption)
                break
    while len(chosen) < COUNT:
        caption = _tidy(dice.one(teller.all_forms())())
        if caption and caption not in chosen:
            chosen.append(caption)
    chosen = chosen[:COUNT]
    for i in range(COUNT - 1, 0, -1):
        j = dice.number(i + 1)
        chosen[i], chosen[j] = chosen[j], chosen[i]
    return chosen


def _tidy(text: str) -> str:
    return " ".join(text.split()).replace(" ,", ",") + "." if text else ""


def article(words: str) -> str:
    return ("an " if words[0] in "aeiou" else "a ") + words


class Teller:
    """Says things about one scene; every method makes its choices anew."""

    def __init__(self, scene: Scene, dice: Dice):
        self.scene, self.dice, self.theme = scene, dice, scene.theme
        self.first = scene.things[0]
        self.second = scene.things[1] if len(scene.things) > 1 else None

    def full_forms(self) -> list[Callable[[], str]]:
        return [self.full, self.full, self.fragment]

    def short_forms(self) -> list[Callable[[], str]]:
        return [self.short, self.short, self.plain_there]

    def second_forms(self) -> list[Callable[[], str]]:
        if self.second is None:
            return [self.full]
        if self.scene.use:
            return [self.passive, self.with_the_other, self.there_are]
        return [self.with_the_other, self.there_are, self.sides, self.both]

    def setting_forms(self) -> list[Callable[[], str]]:
        return [self.in_weather, self.with_backdrop, self.with_backdrop, self.title]

    def all_forms(self) -> list[Callable[[], str]]:
        return [
            self.full,
            self.fragment,
            self.short,
            self.in_weather,
            self.with_backdrop,
            self.with_backdrop,
            self.sides,
            self.there_are,
            self.both,
            self.title,
            self.all_things,
        ]

    # Phrases

    def noun(self, thing: Thing) -> str:
        """The noun for the thing, in the plural where there are several."""
        options = list(NOUNS[thing.kind])
        for (theme, kind, action), words in OCCUPATIONS.items():
            if theme in (self.theme.name, "") and kind == thing.kind and action in (thing.action, ""):
                options += list(words) * 2
        if thing.count > 1:
            return plural(options[0])
        return options[0] if self.dice.chance(0.4) else self.dice.one(options)

    def name(self, thing: Thing, detail: bool = True, definite: bool = False) -> str:
        """'a small brown dog', 'two boys in red shorts', 'the woman'; without detail 'a dog'."""
        words, clothes = [], ""
        if detail and thing.size:
            words.append(self.dice.one(SIZE_WORDS[thing.size]))
        if detail and not thing.garment and thing.colour and self.dice.chance(0.9):
            words.append(thing.colour)
        if detail and thing.kind in CHILDREN and self.dice.chance(0.2):
            words.append(self.dice.one(("young", "little", "happy")))
        words.append(self.noun(thing))
        if detail and thing.garment and self.dice.chance(0.85):
            clothes = self._clothes(thing)
        phrase = " ".join(words)
        start = "the " if definite else NUMBERS[thing.count] + " " if thing.count > 1 else ""
        return (start + phrase if start else article(phrase)) + clothes

    def _clothes(self, thing: Thing) -> str:
        word = self.dice.one(GARMENTS[thing.garment])
        phrase = f"{thing.colour} {word}"
        if thing.count > 1 and not word.endswith("s"):
            phrase = plural(phrase)
        elif not word.endswith(("shorts", "overalls", "trunks")):
            phrase = article(phrase)
        return f" {self.dice.one(('in', 'in', 'wearing'))} {phrase}"

    def acts(self, thing: Thing, tense: str = "ing") -> str:
        """What the thing does: 'running' or 'runs', 'throwing a snowball'; synonyms only with -ing."""
        verbs = verbs_for(thing.kind, thing.action)
        return self._form(self.dice.one(verbs) if tense == "ing" else verbs[0], tense, thing.count)

    def where(self, thing: Thing, moving: bool = True) -> str:
        """The place that goes with the thing's action; not moving: where it is, not where it goes."""
        if thing.zone == "sky":
            return self.dice.one(("in the sky", OVER[self.theme.name], OVER[self.theme.name]))
        if thing.zone == "table":
            return self.dice.one(TABLE)
        if thing.zone == "water" and self.theme.name == "beach":
            return self.dice.one(WATER)
        moving = moving and thing.action in MOVING
        return self.dice.one(self.theme.along if moving and self.dice.chance(0.6) else self.theme.at)

    def doing(self, detail: bool = True, tense: str = "ing") -> str:
        """Verb phrase of the first thing, with the related thing if there is one: 'sitting under a tree'."""
        thing, other = self.first, self.second
        use = self.scene.use
        if use is not None and other is not None:
            base = (self.dice.one(use.verbs) if tense == "ing" else use.verbs[0]).partition(":")[0]
            return f"{self._form(base, tense, thing.count)} {self.name(other, detail)}"
        phrase = self.acts(thing, tense)
        if self.scene.relation and other is not None:
            phrase += f" {self.dice.one(PREPOSITIONS[self.scene.relation])} {self.name(other, detail)}"
        return phrase

    @staticmethod
    def _form(phrase: str, tense: str, count: int) -> str:
        verb, _, rest = phrase.partition(" ")
        if verb == "parked":
            return verb if tense == "ing" else f"{'are' if count > 1 else 'is'} {verb}"
        if tense == "ing":
            return f"{ing(verb)} {rest}".strip()
        return f"{verb if count > 1 else s(verb)} {rest}".strip()

    @staticmethod
    def be(thing: Thing) -> str:
        return "are" if thing.count > 1 else "is"

    def mood(self) -> str:
        options = MOODS.get((self.theme.name, self.scene.mood)) or MOODS["", self.scene.mood]
        return self.dice.one(options)

    def backdrop(self) -> str:
        return self.dice.one(BACKDROPS[self.theme.name, self.scene.backdrop])

    def place(self) -> str:
        """Where the first thing is; often nothing where its relation to the second says enough."""
        relation = self.scene.relation
        if relation and self.dice.chance(0.35):
            return ""
        return self.where(self.first, moving=relation in ("", "use"))

    # Sentence forms

    def full(self) -> str:
        place = self.place()
        return f"{self.name(self.first)} {self.be(self.first)} {self.doing()} {place}"

    def fragment(self) -> str:
        place = self.place()
        return f"{self.name(self.first)} {self.doing()} {place}"

    def short(self) -> str:
        if self.scene.use or (self.scene.relation and self.dice.chance(0.5)):
            return f"{self.name(self.first, bool(self.scene.use))} {self.doing(False, 's')}"
        return f"{self.name(self.first, self.dice.chance(0.4))} {self.acts(self.first, 's')} {self.where(self.first)}"

    def plain_there(self) -> str:
        return f"there {self.be(self.first)} {self.name(self.first)} {self.where(self.first, moving=False)}"

    def with_the_other(self) -> str:
        """The first thing does something while another one is there."""
        if self.scene.relation or self.second is None:
            others = self.scene.things[2:]
            if not others:
                return self.fragment()
            rest = f"and {self._other(others[0])}" if self._lively(others[0]) else self._set_off(others[0])
            return f"{self.name(self.first)} {self.be(self.first)} {self.doing()} {rest}"
        start = f"{self.name(self.first)} {self.acts(self.first, 's')}"
        if not self._lively(self.second):
            return f"{start} {self._set_off(self.second)}"
        return f"{start} {self.dice.one(('while', 'and', 'as'))} {self._other(self.second)}"

    def _lively(self, thing: Thing) -> bool:
        return thing.kind in self.theme.actors or thing.zone == "sky"

    def _other(self, thing: Thing) -> str:
        """A clause about another thing that does something."""
        return f"{self.name(thing)} {self.be(thing)} {self.acts(thing)} {self.where(thing)}"

    def _set_off(self, thing: Thing) -> str:
        """A phrase about another thing that just stands there."""
        if thing.y > self.first.y + 3:
            return f"with {self.name(thing)} {self.dice.one(('in the background', 'behind', 'nearby'))}"
        return f"with {self.name(thing)} {self.where(thing)}" if thing.zone == "table" else f"near {self.name(thing)}"

    def there_are(self) -> str:
        """The first thing and another one; where the second is part of what the first does, rather a third one."""
        if self.second is None:
            return self.plain_there()
        other = self.second if not self.scene.relation or len(self.scene.things) < 3 else self.scene.things[-1]
        if other.zone == "sky":
            return f"{self._flying(other)} {self.name(self.first)}"
        place = self.where(other) if other.zone != self.first.zone else self.dice.one(self.theme.at)
        return f"there {self.be(self.first)} {self.name(self.first)} and {self.name(other)} {place}"

    def _flying(self, thing: Thing) -> str:
        return (
            f"{self.name(thing)} {self.be(thing)} {self.acts(thing)} {self.dice.one(('above', 'over', 'high above'))}"
        )

    def sides(self) -> str:
        """Left and right, where two things are clearly apart."""
        pairs = [(a, b) for a in self.scene.things for b in self.scene.things if b.x - a.x > SIZE * 0.3]
        pairs = [(a, b) for a, b in pairs if "kitchen table" not in (a.kind, b.kind) and not self._carried(a, b)]
        if not pairs:
            return ""
        a, b = self.dice.one(pairs)
        return self.dice.one(
            (
                f"{self.name(a)} on the left and {self.name(b)} on the right",
                f"{self.name(a)} to the left of {self.name(b)}",
                f"{self.name(b)} {self.be(b)} to the right of {self.name(a)}",
                f"on the left there {self.be(a)} {self.name(a)}, on the right {self.name(b)}",
            )
        )

    def _carried(self, a: Thing, b: Thing) -> bool:
        use = self.scene.use
        return use is not None and use.place in CARRIED and self.second in (a, b)

    def both(self) -> str:
        if self.second is None or self.scene.relation:
            return self.fragment()
        if self.second.zone != self.first.zone:
            return self.with_the_other()
        return f"{self.name(self.first)} and {self.name(self.second)} {self.dice.one(self.theme.at)}"

    def passive(self) -> str:
        if self.scene.use is None or self.second is None:
            return ""
        participle = self.dice.one(self.scene.use.verbs).partition(":")[2]
        return f"{self.name(self.second)} is being {participle} by {self.name(self.first)}"

    def in_weather(self) -> str:
        mood = self.mood()
        if self.dice.chance(0.35):
            return f"{mood}, {self.name(self.first)} {self.be(self.first)} {self.doing()}"
        detail = self.dice.chance(0.7)
        return f"{self.name(self.first, detail)} {self.be(self.first)} {self.doing(detail)} {mood}"

    def with_backdrop(self) -> str:
        if (self.theme.name, self.scene.backdrop) not in BACKDROPS:
            return ""
        tail = (
            f"{self.backdrop()} {self.dice.one(('in the background', 'in the distance', 'behind'))}"
            if self.theme.name not in ("kitchen", "living room")
            else f"{self.backdrop()} on the wall"
        )
        if self.dice.chance(0.5):
            return f"{self.name(self.first)} {self.be(self.first)} {self.doing(self.dice.chance(0.5))} with {tail}"
        return f"{self.name(self.first)} {self.where(self.first, moving=False)} with {tail}"

    def title(self) -> str:
        """'a snowy hill with a cabin and two deer'."""
        before, after = TITLE_MOODS[self.scene.mood]
        place = self.dice.one(self.theme.title)
        start = article(f"{before} {place}".strip())
        return f"{start} {after} with {self._list(self.scene.things)}"

    def all_things(self) -> str:
        if len(self.scene.things) < 2:
            return ""
        return f"{self._list(self.scene.things)} {self.dice.one(self.theme.at)}"

    def _list(self, things: tuple[Thing, ...]) -> str:
        names = [self.name(t) for t in things[:3]]
        return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
