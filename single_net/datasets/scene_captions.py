"""Five captions for an embedded scene: true of the picture, in different words and sentence forms."""

from __future__ import annotations

from collections.abc import Callable

from single_net.datasets.scene_layout import CARRIED
from single_net.datasets.scene_pen import SIZE
from single_net.datasets.scene_words import (
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
from single_net.datasets.scene_world import CHILDREN, PEOPLE, Dice, Scene, Thing

NUMBERS = {2: "two", 3: "three"}
COUNT = 5


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
        word = options[0] if self.dice.chance(0.4) else self.dice.one(options)
        return plural(word) if thing.count > 1 else word

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

    def verb(self, thing: Thing) -> str:
        """What the thing does, base form with whatever follows: 'run', 'throw a snowball'."""
        return self.dice.one(verbs_for(self.theme.name, thing.kind, thing.action))

    def where(self, thing: Thing) -> str:
        """The place that goes with the thing's action."""
        if thing.zone == "sky":
            return self.dice.one(("in the sky", OVER[self.theme.name], OVER[self.theme.name]))
        if thing.kind in ("cup", "bowl", "cake", "pizza", "vase", "bottle", "pot", "bread"):
            return self.dice.one(TABLE)
        if thing.zone == "water" and self.theme.name == "beach":
            return self.dice.one(WATER)
        moving = thing.action in (
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
        return self.dice.one(self.theme.along if moving and self.dice.chance(0.6) else self.theme.at)

    def doing(self, detail: bool = True, tense: str = "ing") -> str:
        """Verb phrase of the first thing, with the related thing if there is one: 'sitting under a tree'."""
        thing, other = self.first, self.second
        use = self.scene.use
        if use is not None and other is not None:
            base = self.dice.one(use.verbs).partition(":")[0]
            return f"{self._form(base, tense)} {self.name(other, detail)}"
        phrase = self._form(self.verb(thing), tense)
        if self.scene.relation and other is not None:
            phrase += f" {self.dice.one(PREPOSITIONS[self.scene.relation])} {self.name(other, detail)}"
        return phrase

    def _form(self, phrase: str, tense: str, count: int | None = None) -> str:
        verb, _, rest = phrase.partition(" ")
        count = self.first.count if count is None else count
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

    # Sentence forms

    def full(self) -> str:
        place = self.where(self.first) if not self.scene.relation or self.dice.chance(0.7) else ""
        return f"{self.name(self.first)} {self.be(self.first)} {self.doing()} {place}"

    def fragment(self) -> str:
        place = self.where(self.first) if not self.scene.relation or self.dice.chance(0.6) else ""
        return f"{self.name(self.first)} {self.doing()} {place}"

    def short(self) -> str:
        if self.scene.relation and self.dice.chance(0.5):
            return f"{self.name(self.first, False)} {self.doing(False, 's')}"
        if self.scene.use:
            return f"{self.name(self.first)} {self.doing(False, 's')}"
        return (
            f"{self.name(self.first, self.dice.chance(0.4))} {self._form(self.verb(self.first), 's')} "
            f"{self.where(self.first)}"
        )

    def plain_there(self) -> str:
        return f"there {self.be(self.first)} {self.name(self.first)} {self.where(self.first)}"

    def with_the_other(self) -> str:
        """The first thing does something while another one is there."""
        if self.scene.relation or self.second is None:
            others = self.scene.things[2:]
            if not others:
                return self.fragment()
            return f"{self.name(self.first)} {self.be(self.first)} {self.doing()} and {self._other(others[0])}"
        start = f"{self.name(self.first)} {self._form(self.verb(self.first), 's')}"
        return f"{start} {self.dice.one(('while', 'and', 'as'))} {self._other(self.second)}"

    def _other(self, thing: Thing) -> str:
        """A clause about another thing."""
        return f"{self.name(thing)} {self.be(thing)} {self._form(self.verb(thing), 'ing')} {self.where(thing)}"

    def there_are(self) -> str:
        if self.second is None:
            return self.plain_there()
        other = self.second if not self.scene.relation or len(self.scene.things) < 3 else self.scene.things[-1]
        if other.zone == "sky" or other.kind in TABLE_KINDS or self.first.zone != other.zone:
            return (
                f"there {self.be(self.first)} {self.name(self.first)} and {self.name(other)} {self.where(other)}"
                if other.zone != "sky"
                else f"{self._flying(other)} {self.name(self.first)}"
            )
        return (
            f"there {self.be(self.first)} {self.name(self.first)} and {self.name(other)} {self.dice.one(self.theme.at)}"
        )

    def _flying(self, thing: Thing) -> str:
        verb = self._form(self.verb(thing), "ing")
        return f"{self.name(thing)} {self.be(thing)} {verb} {self.dice.one(('above', 'over', 'high above'))}"

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
        return (
            f"{self.name(self.first)} and {self.name(self.second)} {self.dice.one(self.theme.at)}"
            if self.second.zone == self.first.zone
            else self.with_the_other()
        )

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
        return f"{self.name(self.first)} {self.where(self.first)} with {tail}"

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


TABLE_KINDS = ("cup", "bowl", "cake", "pizza", "vase", "bottle", "pot", "bread")
