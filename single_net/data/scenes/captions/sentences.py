"""Five captions for a scene: true of the image, in different words and sentence forms."""

from __future__ import annotations

from collections.abc import Callable

from single_net.data.scenes.captions.phrases import Phrases, article
from single_net.data.scenes.captions.surroundings import BACKDROPS, TITLE_MOODS
from single_net.data.scenes.composition.dice import Dice
from single_net.data.scenes.composition.layout import CARRIED
from single_net.data.scenes.composition.scene import SIZE, Scene, Thing

COUNT = 5


def captions_of(scene: Scene, dice: Dice) -> list[str]:
    """Write five different captions.

    Args:
        scene: the scene.
        dice: source of the choices of form and words.

    Returns:
        Five captions in lower case, each a sentence with a full stop, in an order at random.
    """
    sentences = Sentences(scene, dice)
    chosen: list[str] = []
    for group in (  # one more than needed: a group may have nothing new to say
        sentences.full_forms(),
        sentences.short_forms(),
        sentences.second_forms(),
        sentences.setting_forms(),
        sentences.all_forms(),
        sentences.all_forms(),
    ):
        for _ in range(20):
            caption = _tidy(dice.one(group)())
            if caption and caption not in chosen:
                chosen.append(caption)
                break
    while len(chosen) < COUNT:
        caption = _tidy(dice.one(sentences.all_forms())())
        if caption and caption not in chosen:
            chosen.append(caption)
    chosen = chosen[:COUNT]
    dice.shuffle(chosen)
    return chosen


def _tidy(text: str) -> str:
    return " ".join(text.split()).replace(" ,", ",") + "." if text else ""


class Sentences(Phrases):
    """Sentence forms for one scene.

    Each form returns a sentence without the full stop, or "" if it does not fit the scene. `first` and `second` are
    the scene's first two things. A form that is listed twice in a group is used twice as often.
    """

    def full_forms(self) -> list[Callable[[], str]]:
        """Forms that tell what the first thing does and where."""
        return [self.full, self.full, self.fragment]

    def short_forms(self) -> list[Callable[[], str]]:
        """Forms with few details."""
        return [self.short, self.short, self.plain_there]

    def second_forms(self) -> list[Callable[[], str]]:
        """Forms that mention a second thing."""
        if self.second is None:
            return [self.full]
        if self.scene.use:
            return [self.passive, self.with_the_other, self.there_are]
        return [self.with_the_other, self.there_are, self.sides, self.both]

    def setting_forms(self) -> list[Callable[[], str]]:
        """Forms that mention weather or backdrop."""
        return [self.in_weather, self.with_backdrop, self.with_backdrop, self.title]

    def all_forms(self) -> list[Callable[[], str]]:
        """Forms of every group."""
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

    def full(self) -> str:
        """'a brown dog is running on the beach'."""
        place = self.place()
        return f"{self.name(self.first)} {self.be(self.first)} {self.doing()} {place}"

    def fragment(self) -> str:
        """'a brown dog running on the beach'."""
        place = self.place()
        return f"{self.name(self.first)} {self.doing()} {place}"

    def short(self) -> str:
        """'a dog runs on the beach'."""
        if self.scene.use or (self.scene.relation and self.dice.chance(0.5)):
            return f"{self.name(self.first, bool(self.scene.use))} {self.doing(False, 'present')}"
        name = self.name(self.first, self.dice.chance(0.4))
        return f"{name} {self.acts(self.first, 'present')} {self.where(self.first)}"

    def plain_there(self) -> str:
        """'there is a brown dog on the beach'."""
        return f"there {self.be(self.first)} {self.name(self.first)} {self.where(self.first, moving=False)}"

    def with_the_other(self) -> str:
        """'a brown dog runs while a boy is jumping on the sand', 'a brown dog is sitting near a palm tree'."""
        if self.scene.relation or self.second is None:
            others = self.scene.things[2:]
            if not others:
                return self.fragment()
            rest = f"and {self._other(others[0])}" if self._lively(others[0]) else self._set_off(others[0])
            return f"{self.name(self.first)} {self.be(self.first)} {self.doing()} {rest}"
        start = f"{self.name(self.first)} {self.acts(self.first, 'present')}"
        if not self._lively(self.second):
            return f"{start} {self._set_off(self.second)}"
        return f"{start} {self.dice.one(('while', 'and', 'as'))} {self._other(self.second)}"

    def _lively(self, thing: Thing) -> bool:
        return thing.kind in self.theme.actors or thing.zone == "sky"

    def _other(self, thing: Thing) -> str:
        """Clause about another thing that does something."""
        return f"{self.name(thing)} {self.be(thing)} {self.acts(thing)} {self.where(thing)}"

    def _set_off(self, thing: Thing) -> str:
        """Phrase about another thing that only stands there."""
        if thing.y > self.first.y + 3:
            return f"with {self.name(thing)} {self.dice.one(('in the background', 'behind', 'nearby'))}"
        return f"with {self.name(thing)} {self.where(thing)}" if thing.zone == "table" else f"near {self.name(thing)}"

    def there_are(self) -> str:
        """'there is a brown dog and a boy on the beach'; if the first two are related, with the last thing."""
        if self.second is None:
            return self.plain_there()
        other = self.second if not self.scene.relation or len(self.scene.things) < 3 else self.scene.things[-1]
        if other.zone == "sky":
            return f"{self._flying(other)} {self.name(self.first)}"
        place = self.where(other) if other.zone != self.first.zone else self.dice.one(self.theme.at)
        return f"there {self.be(self.first)} {self.name(self.first)} and {self.name(other)} {place}"

    def _flying(self, thing: Thing) -> str:
        where = ("above", "over", "high above")
        return f"{self.name(thing)} {self.be(thing)} {self.acts(thing)} {self.dice.one(where)}"

    def sides(self) -> str:
        """'a brown dog on the left and a boy on the right', for two things that are far enough from each other."""
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
        """'a brown dog and a boy on the beach'."""
        if self.second is None or self.scene.relation:
            return self.fragment()
        if self.second.zone != self.first.zone:
            return self.with_the_other()
        return f"{self.name(self.first)} and {self.name(self.second)} {self.dice.one(self.theme.at)}"

    def passive(self) -> str:
        """'a red ball is being kicked by a boy'."""
        if self.scene.use is None or self.second is None:
            return ""
        participle = self.dice.one(self.scene.use.verbs).partition(":")[2]
        return f"{self.name(self.second)} is being {participle} by {self.name(self.first)}"

    def in_weather(self) -> str:
        """'at sunset, a brown dog is running', 'a brown dog is running at sunset'."""
        mood = self.mood()
        if self.dice.chance(0.35):
            return f"{mood}, {self.name(self.first)} {self.be(self.first)} {self.doing()}"
        detail = self.dice.chance(0.7)
        return f"{self.name(self.first, detail)} {self.be(self.first)} {self.doing(detail)} {mood}"

    def with_backdrop(self) -> str:
        """'a brown dog is running with cliffs in the background'."""
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
        """'a sandy beach at sunset with a brown dog and a boy'."""
        before, after = TITLE_MOODS[self.scene.mood]
        place = self.dice.one(self.theme.title)
        start = article(f"{before} {place}".strip())
        return f"{start} {after} with {self.list_of(self.scene.things)}"

    def all_things(self) -> str:
        """'a brown dog, a boy and a palm tree on the beach'."""
        if len(self.scene.things) < 2:
            return ""
        return f"{self.list_of(self.scene.things)} {self.dice.one(self.theme.at)}"
