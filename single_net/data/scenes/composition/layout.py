"""Where the things of a scene stand: relations hold, and nothing hides what the captions mention."""

from __future__ import annotations

from dataclasses import replace

from single_net.data.scenes.composition.dice import Dice
from single_net.data.scenes.composition.kinds import CHILDREN, GROWTH, KINDS, PEOPLE
from single_net.data.scenes.composition.scene import SIZE, Thing
from single_net.data.scenes.composition.theme import Theme
from single_net.data.scenes.composition.uses import Use

MARGIN = 5  # pixels kept free at the left and right edge
TABLE_TOP = 44  # height of the kitchen table above its foot
CARRIED = ("hand", "string", "below", "around")  # places of a toy that is drawn with the actor


def arrange(dice: Dice, theme: Theme, things: list[Thing], relation: str, use: Use | None) -> tuple[Thing, ...]:
    """Give the things of a scene their places.

    Args:
        dice: source of the choices.
        theme: the scene's theme.
        things: the things; if there is a relation, it is between the first two.
        relation: a preposition, "use" or "".
        use: how the first thing uses the second, if the relation is "use".

    Returns:
        The things in the same order with x, y, rise and scale.
    """
    if theme.name == "kitchen":
        return _around_table(dice, things)
    placed = [replace(t, scale=GROWTH[t.size]) for t in things]
    groups = _groups(dice, theme, placed, relation, use)
    flying = [i for i, t in enumerate(placed) if t.zone == "sky"]
    groups += [[i] for i in range(2 if relation else 0, len(placed)) if i not in flying]
    for group in groups:
        if len(group) == 1:
            _settle(dice, theme, placed, group[0])
    _spread(dice, placed, groups)
    for i in flying:
        _fly(dice, theme, placed, i)
    return tuple(placed)


def _depth(theme: Theme, thing: Thing, share: float) -> Thing:
    """The thing at `share` (0 near, 1 far) of the depth of its zone, smaller the farther away."""
    if thing.zone == "deep":
        return replace(thing, y=58 + 76 * share)
    heights = theme.water if thing.zone == "water" else theme.ground
    assert heights is not None, f"the theme {theme.name} has no water"
    low, high = heights
    shrink = 0.45 if theme.name == "harbour" else 0.28
    near = 1.0 if thing.zone == "water" and theme.name == "beach" else 1.24
    return replace(thing, y=low + (high - low) * share, scale=thing.scale * (near - shrink * share))


def _settle(dice: Dice, theme: Theme, placed: list[Thing], i: int) -> None:
    """Gives a thing without relation its depth: actors near, props far."""
    thing = placed[i]
    alive = thing.kind in theme.actors
    placed[i] = _depth(theme, thing, dice.between(0.08, 0.4) if alive else dice.between(0.45, 0.8))


def _groups(dice: Dice, theme: Theme, placed: list[Thing], relation: str, use: Use | None) -> list[list[int]]:
    """Places the related pair, x relative to each other; returns it as a group that stays together."""
    if not relation:
        return []
    actor, other = placed[0], placed[1]
    side = -1 if dice.chance(0.5) else 1
    if use is not None:
        actor = _depth(theme, actor, dice.between(0.08, 0.35))
        front = -1 if actor.left else 1
        other = replace(other, y=actor.y + 0.1, scale=actor.scale, left=actor.left)
        if use.place == "foot":
            other = replace(other, x=front * (30 if actor.kind not in PEOPLE else 21) * actor.scale, y=actor.y - 0.1)
        elif use.place == "front":
            gap = KINDS[other.kind].width / 2 + 16
            other = replace(other, x=front * gap * actor.scale, y=actor.y + 4)
    elif relation == "in front of":
        other = _depth(theme, other, dice.between(0.72, 0.95))
        actor = _depth(theme, actor, dice.between(0.05, 0.15))
        actor = replace(actor, x=side * dice.between(0.2, 0.36) * other.width)
    elif relation == "behind":
        other = _depth(theme, other, dice.between(0.1, 0.2))
        actor = _depth(theme, actor, dice.between(0.5, 0.6))
        actor = replace(actor, x=side * dice.between(0.08, 0.26) * other.width)
    elif relation == "under":
        other = _depth(theme, replace(other, scale=other.scale * 1.42), dice.between(0.35, 0.5))
        actor = _depth(theme, actor, 0.3)
        shift = 0.3 if other.kind != "street lamp" else 0.6
        actor = replace(actor, x=side * shift * KINDS[other.kind].width * other.scale, y=other.y - 3)
    elif relation == "on":
        other = _depth(theme, other, dice.between(0.2, 0.45))
        flat = KINDS[other.kind].seat < 10
        shift = dice.between(0.0, 0.12 if flat else 0.2) * side * other.width
        scale, rise = other.scale * GROWTH[actor.size], KINDS[other.kind].seat * other.scale
        actor = replace(actor, scale=scale, x=shift, y=other.y - 0.1, rise=rise)
    elif relation == "above":
        other = _depth(theme, other, dice.between(0.2, 0.8))
        actor = replace(actor, y=other.y + other.height + actor.height * 0.5 + dice.between(8, 24), x=side * 6)
    else:
        share = dice.between(0.15, 0.5)
        other = _depth(theme, other, share)
        if actor.zone == "deep":
            actor = replace(actor, y=other.y + 22 + actor.height * 0.3)
        else:
            actor = _depth(theme, actor, max(0.05, share - 0.12))
        actor = replace(actor, x=side * ((actor.width + other.width) / 2 + 2))
    placed[0], placed[1] = actor, other
    return [[0, 1]]


def _spread(dice: Dice, placed: list[Thing], groups: list[list[int]]) -> None:
    """Puts the groups side by side in an order at random; if there is too little room, all become smaller."""
    order = list(range(len(groups)))
    dice.shuffle(order)
    room = SIZE - 2 * MARGIN
    total = sum(_extent(placed, g)[1] - _extent(placed, g)[0] for g in groups)
    if total > room:
        shrink = max(0.74, room / total)
        for group in groups:
            for i in group:
                t = placed[i]
                placed[i] = replace(t, scale=t.scale * shrink, x=t.x * shrink, rise=t.rise * shrink)
        total *= shrink
    gaps = [dice.between(0.2, 1) for _ in range(len(groups) + 1)]
    free = (room - total) / sum(gaps)
    if free < 0:  # still too wide: let neighbors overlap, not the edges of the image
        gaps, free = [0.0, *[1.0] * (len(groups) - 1), 0.0], (room - total) / max(1, len(groups) - 1)
    x = MARGIN + gaps[0] * free
    for place, g in enumerate(order):
        left, right = _extent(placed, groups[g])
        for i in groups[g]:
            placed[i] = replace(placed[i], x=x - left + placed[i].x)
        x += right - left + gaps[place + 1] * free


def _extent(placed: list[Thing], group: list[int]) -> tuple[float, float]:
    edges = [(placed[i].x - placed[i].width / 2, placed[i].x + placed[i].width / 2) for i in group]
    return min(e[0] for e in edges), max(e[1] for e in edges)


def _fly(dice: Dice, theme: Theme, placed: list[Thing], i: int) -> None:
    """Puts a thing in the sky, at the least crowded of eight places at random."""
    thing = replace(placed[i], scale=0.78)
    low, high = theme.sky
    half = min(thing.width / 2 + 4, SIZE / 2)
    spots = [(dice.between(half, SIZE - half + 0.01), dice.between(low, high)) for _ in range(8)]

    def crowded(spot: tuple[float, float]) -> float:
        worst = 0.0
        for k, other in enumerate(placed):
            top = other.y + other.rise + other.height
            if k != i and other.x:
                across = (other.width + thing.width) / 2 + 6 - abs(other.x - spot[0])
                above = top + thing.height * 0.6 + 4 - spot[1]
                worst = max(worst, min(across, above))
        return worst

    x, y = min(spots, key=crowded)
    placed[i] = replace(thing, x=x, y=min(y, SIZE - 0.6 * thing.height - 6))


def _around_table(dice: Dice, things: list[Thing]) -> tuple[Thing, ...]:
    """The kitchen: a long table, things on it, somebody behind it or an animal in front of it or under it."""
    table_at = next(i for i, t in enumerate(things) if t.kind == "kitchen table")
    table = replace(things[table_at], x=SIZE / 2, y=24.0)
    placed = [replace(t, scale=GROWTH[t.size]) for t in things]
    placed[table_at] = table
    behind = [i for i, t in enumerate(placed) if t.zone == "behind table"]
    seat = dice.between(58, 134)
    for i in behind:
        grown = 1.2 if placed[i].kind in CHILDREN else 1.08
        placed[i] = replace(placed[i], x=seat, y=30.0, rise=14.0, scale=grown)
    on_table = [i for i, t in enumerate(placed) if t.zone == "table"]
    slots = _slots(dice, placed, on_table, behind, seat)
    for i, x in zip(on_table, slots, strict=True):
        placed[i] = replace(placed[i], x=x, y=23.5, rise=float(TABLE_TOP))
    for i, t in enumerate(placed):
        if t.kind in ("fridge", "stove"):
            x = 158.0 if seat < SIZE / 2 else 32.0
            placed[i] = replace(t, x=x, y=48.0, scale=1.12)
        elif t.zone == "ground" and i != table_at:
            under = things[table_at - 1] is t and i == 0
            placed[i] = replace(t, x=dice.between(52, 140) if under else 40, y=6.0 if dice.chance(0.5) else 8.0)
    return tuple(placed)


def _slots(dice: Dice, placed: list[Thing], items: list[int], behind: list[int], seat: float) -> list[float]:
    """x of the things on the table: the one in use in front of the person who uses it, the others at a distance."""
    xs: list[float] = []
    for i in items:
        half = placed[i].width / 2
        if behind and not xs:
            front = -1 if placed[behind[0]].left else 1
            xs.append(min(max(seat + front * (16 + half * 0.5), 18 + half), SIZE - 18 - half))
            continue
        options = [dice.between(18 + half, SIZE - 18 - half) for _ in range(12)]
        taken = [(x, placed[j].width / 2) for x, j in zip(xs, items, strict=False)]
        taken += [(seat, 20.0) for _ in behind]
        xs.append(max(options, key=lambda x: min((abs(x - p) - w - half for p, w in taken), default=0.0)))
    return xs
