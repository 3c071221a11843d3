"""One thing of a scene, whatever its kind."""

from __future__ import annotations

from single_net.data.scenes.composition.kinds import PEOPLE
from single_net.data.scenes.composition.layout import TABLE_TOP
from single_net.data.scenes.composition.scene import Thing
from single_net.data.scenes.drawing.animals import BUILDS, draw_animal
from single_net.data.scenes.drawing.buildings import BUILDINGS
from single_net.data.scenes.drawing.creatures import CREATURES, floating_duck, flying_bird, standing_bird
from single_net.data.scenes.drawing.fixtures import FIXTURES
from single_net.data.scenes.drawing.food import FOOD
from single_net.data.scenes.drawing.furniture import FURNITURE
from single_net.data.scenes.drawing.nature import NATURE
from single_net.data.scenes.drawing.pen import PALETTE, Color, Pen, dark
from single_net.data.scenes.drawing.people import draw_person
from single_net.data.scenes.drawing.toys import TOYS
from single_net.data.scenes.drawing.vehicles import VEHICLES

SPRITES = {**BUILDINGS, **CREATURES, **FIXTURES, **FOOD, **FURNITURE, **NATURE, **TOYS, **VEHICLES}
BIRDS = ("seagull", "pigeon", "crow", "vulture")


def draw_thing(pen: Pen, thing: Thing, k: int = 0) -> None:
    """Draw one thing, standing on the pen's origin.

    Args:
        pen: origin and scale.
        thing: what to draw; its place is not used.
        k: which of the thing's copies; they differ a little in looks.
    """
    kind, color, look = thing.kind, PALETTE[thing.color], thing.look + 7 * k
    if kind in PEOPLE:
        draw_person(pen, thing, look)
    elif kind in BUILDS:
        draw_animal(pen, kind, color, thing.action, look)
    elif kind in BIRDS:
        (flying_bird if thing.action == "fly" else standing_bird)(pen, color, look)
    elif kind == "owl" and thing.action == "fly":
        flying_bird(pen, color, look)
    elif kind == "duck" and thing.action == "float":
        floating_duck(pen, color, look)
    elif kind == "kitchen table":
        _kitchen_table(pen, color)
    else:
        SPRITES[kind](pen, color, look)


def _kitchen_table(pen: Pen, color: Color) -> None:
    for u in (-78, 70):
        pen.box(u, 0, u + 8, TABLE_TOP - 4, dark(color, 0.25))
    pen.box(-84, TABLE_TOP - 14, 84, TABLE_TOP - 5, dark(color, 0.12))
    pen.box(-90, TABLE_TOP - 7, 90, TABLE_TOP + 3, color, 2)
