"""A scene: its theme, its things and how the first two are related."""

from __future__ import annotations

from dataclasses import dataclass

from single_net.data.scenes.composition.kinds import KINDS, PEOPLE, POSE_WIDTHS
from single_net.data.scenes.composition.theme import Theme
from single_net.data.scenes.composition.uses import Use

SIZE = 192  # pixels of an image, each way


@dataclass(frozen=True)
class Thing:
    """One thing of a scene, or up to three alike side by side.

    Attributes:
        kind: key of `kinds.KINDS`.
        color: key of `pen.PALETTE`; for people the color of the garment.
        garment: what people wear, "" otherwise.
        count: how many there are.
        size: "small", "big", "tall" or "".
        action: what it does, which gives the pose.
        zone: ground, water, deep, sky, table or behind table.
        x: center, pixels from the left edge.
        y: foot, pixels from the lower edge; what has the greater y is farther away.
        rise: pixels it is lifted above y by what it is on; does not count for depth.
        scale: pixels of the image per unit of the drawing.
        left: faces left.
        look: number that decides small differences in looks.
    """

    kind: str
    color: str
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
        """Pixels, all of `count` together."""
        one = POSE_WIDTHS.get(self.action, 0) if self.kind in PEOPLE else 0
        return (one or KINDS[self.kind].width) * self.scale * (1 + 0.86 * (self.count - 1))

    @property
    def height(self) -> float:
        """Pixels."""
        return KINDS[self.kind].height * self.scale

    @property
    def content(self) -> tuple[object, ...]:
        """What captions can tell of it, with its place in thirds of the image."""
        return (self.kind, self.color, self.garment, self.count, self.size, self.action, round(3 * self.x / SIZE))


@dataclass(frozen=True)
class Scene:
    """What is in one image.

    Attributes:
        theme: the kind of place.
        mood: weather or light.
        backdrop: what is behind the things.
        things: the first is what the captions are about.
        relation: of the first thing to the second: a preposition, "use", or "" if there is none.
        use: how the first thing uses the second, if the relation is "use".
        decor: seed of what is drawn at random and not told: clouds, windows, tufts of grass.
    """

    theme: Theme
    mood: str
    backdrop: str
    things: tuple[Thing, ...]
    relation: str
    use: Use | None
    decor: int

    @property
    def key(self) -> str:
        """Equal for two scenes that the same captions describe."""
        return repr((self.theme.name, self.mood, self.backdrop, self.relation, [t.content for t in self.things]))
