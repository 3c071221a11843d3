"""Which things a scene has and what they do, at random from a theme."""

from __future__ import annotations

from dataclasses import replace

from single_net.data.scenes.composition.dice import Dice
from single_net.data.scenes.composition.kinds import KINDS, PEOPLE, SIZES, ZONES
from single_net.data.scenes.composition.layout import arrange
from single_net.data.scenes.composition.scene import Scene, Thing
from single_net.data.scenes.composition.theme import THEMES, Role, Theme
from single_net.data.scenes.composition.uses import USES, Use


def sample_scene(dice: Dice) -> Scene:
    """Compose a scene at random: theme, plan, things, then their places.

    A plan is one of: somebody uses a toy; somebody is related to a prop; two actors; an actor and a prop.
    """
    theme = dice.one(THEMES)
    mood, backdrop = dice.pick(theme.moods), dice.pick(theme.backdrops)
    plan = dice.pick({"use": 4 if theme.toys else 0, "relation": 4, "pair": 2.4, "group": 2.4})
    things, relation, use = _cast_kitchen(dice, theme) if theme.name == "kitchen" else _cast(dice, theme, plan)
    if theme.fliers and dice.chance(0.4) and all(t.kind not in theme.fliers for t in things):
        kind = _kind(dice, theme.fliers)
        zone = "deep" if theme.name == "underwater" else "sky"
        things.append(replace(_thing(dice, kind, theme.fliers[kind]), zone=zone))
    placed = arrange(dice, theme, things, relation, use)
    return Scene(theme, mood, backdrop, placed, relation, use, dice.number(1 << 30))


def _kind(dice: Dice, roles: dict[str, Role]) -> str:
    return dice.pick({kind: role.weight for kind, role in roles.items()})


def _thing(dice: Dice, kind: str, role: Role, alone: bool = False) -> Thing:
    color, _, garment = dice.pick(role.colors).partition(" ")
    action = dice.pick(role.actions)
    count = 1
    if not alone and dice.chance(role.many):
        count = 2 if KINDS[kind].width > 48 or dice.chance(0.55) else 3
    size = dice.one(SIZES[kind]) if count == 1 and kind in SIZES and dice.chance(0.4) else ""
    zone = ZONES.get(action, KINDS[kind].zone)
    return Thing(kind, color, garment, count, size, action, zone, left=dice.chance(0.5), look=dice.number(60))


def _cast(dice: Dice, theme: Theme, plan: str) -> tuple[list[Thing], str, Use | None]:
    if plan == "use":
        toy = _kind(dice, theme.toys)
        use = dice.one([u for u in USES[toy] if any(by in theme.actors for by in u.by)])
        able = {kind: r for kind, r in theme.actors.items() if kind in use.by}
        kind = dice.one(list(able))
        actor = replace(_thing(dice, kind, able[kind], alone=True), action=use.pose, size="")
        item = replace(_thing(dice, toy, theme.toys[toy], alone=True), left=actor.left)
        water = toy in ("surfboard", "rowing boat")
        zone = "water" if water else "ground"
        things = [replace(actor, zone=zone), replace(item, zone=zone)]
        if dice.chance(0.45):
            things.append(_other(dice, theme, things, theme.props if dice.chance(0.6) else theme.actors))
        return things, "use", use
    kind = _kind(dice, theme.actors)
    actor = _thing(dice, kind, theme.actors[kind], alone=plan == "relation")
    if plan == "relation":
        prop = _prop_for(dice, theme, actor)
        if prop is not None:
            relation = dice.one(KINDS[prop.kind].relations)
            if not _fits(relation, actor, prop):
                relation = "next to"
            if relation in ("on", "under") or kind in PEOPLE:
                actor = replace(actor, action=_resting(dice, actor, prop, relation))
            things = [actor, prop]
            if dice.chance(0.3):
                things.append(_other(dice, theme, things, theme.props))
            return things, relation, None
    things = [actor, _other(dice, theme, [actor], theme.actors if plan == "pair" else theme.props)]
    return things, "", None


def _fits(relation: str, actor: Thing, prop: Thing) -> bool:
    """Whether the actor can be there and still be seen."""
    if relation == "on":
        return actor.kind in (*PEOPLE, "cat", "dog", "fox", "squirrel", "rabbit", "owl", "seagull")
    if relation == "behind":
        return actor.kind in PEOPLE
    return relation != "under" or KINDS[actor.kind].height <= 0.95 * KINDS[prop.kind].height


def _prop_for(dice: Dice, theme: Theme, actor: Thing) -> Thing | None:
    zone = "ground" if actor.zone == "deep" else actor.zone
    able = {k: r for k, r in theme.props.items() if KINDS[k].zone == zone and KINDS[k].relations and k != actor.kind}
    if not able:
        return None
    kind = _kind(dice, able)
    return _thing(dice, kind, able[kind], alone=True)


def _other(dice: Dice, theme: Theme, things: list[Thing], roles: dict[str, Role]) -> Thing:
    taken = [t.kind for t in things]
    able = {kind: r for kind, r in roles.items() if kind not in taken}
    kind = _kind(dice, able)
    return _thing(dice, kind, able[kind])


def _resting(dice: Dice, actor: Thing, prop: Thing, relation: str) -> str:
    """What the actor does on, under or beside the prop."""
    if actor.zone != "ground":
        return actor.action
    if relation == "on":
        if prop.kind in ("towel", "blanket") and actor.kind in PEOPLE:
            return dice.one(("lie", "sit"))
        if actor.kind in PEOPLE:
            return dice.one(("sit", "sit", "read"))
        return {"owl": "perch", "seagull": "perch"}.get(actor.kind, dice.one(("sit", "sleep", "lie")))
    if actor.kind in PEOPLE:
        return dice.one(("stand", "wave", "stand"))
    return actor.action if actor.action not in ("run", "jump") else "stand"


def _cast_kitchen(dice: Dice, theme: Theme) -> tuple[list[Thing], str, Use | None]:
    """Somebody behind the table with something on it, or an animal near it."""
    table = Thing("kitchen table", dice.pick({"brown": 3, "white": 2, "turquoise": 1}))
    kind = _kind(dice, theme.actors)
    actor = _thing(dice, kind, theme.actors[kind], alone=True)
    toy = _kind(dice, {k: r for k, r in theme.toys.items() if kind not in PEOPLE or k in USES})
    item = _thing(dice, toy, theme.toys[toy], alone=kind in PEOPLE)
    if kind in PEOPLE:
        use = USES[toy][0]
        things, relation = [replace(actor, action="cook", zone="behind table"), item, table], "use"
    else:
        use, relation = None, dice.one(("under", "in front of", "next to"))
        things = [actor, table, item]
    more = [_kind(dice, {k: r for k, r in theme.toys.items() if k != toy})] if dice.chance(0.75) else []
    things += [_thing(dice, k, theme.toys[k]) for k in more]
    if dice.chance(0.5):
        things.append(_other(dice, theme, things, theme.props))
    return things, relation, use
