"""The laws of kits: what is assembled is used, comes from components, and nothing of it is left over."""

from __future__ import annotations

import numpy as np

from simulator.record.facts import Facts
from simulator.record.levels import steps

TOLERANCE = 1e-9
"""Units; those of a component in a kit may be a fraction where granularities differ."""


def _needed(facts: Facts) -> dict[tuple[int, str], float]:
    """Units of a component in one kit, by number of the component and name of the kit: at whichever site it is."""
    return {(part, facts.world.items[kit].name): each for part, kit, each in facts.world.parts}


def _kits_are_never_in_stock(facts: Facts) -> str:
    """Every kit: units assembled less those taken apart are those that orders were given; none is left over at any
    time, so that the components of each were there together."""
    level = steps(facts, "on_hand")
    kits = np.array([bool(item.kit) for item in facts.world.items])
    wrong = np.flatnonzero(level.is_last & (level.units != 0) & kits[level.items])
    if wrong.size:
        item, time, units = (column[wrong[0]] for column in level)
        return f"{units:g} units of {facts.world.items[int(item)].name!r} are left over on day {time:g}"
    return ""


def _units_put_aside_are_there(facts: Facts) -> str:
    """Every component: units put aside for waiting kits are at most those on hand, and at the end those that the engine
    keeps; no line has fewer than 0, or more than its waiting kits need."""
    moved, n = facts.aside, len(facts.world.items)
    at_end = moved.sums("item", n)
    kept = np.array([levels.aside for levels in facts.final])
    if not np.array_equal(at_end, kept):
        item = int(np.flatnonzero(at_end != kept)[0])
        return (
            f"{at_end[item]:g} units of {facts.world.items[item].name!r} are put aside, the engine keeps {kept[item]}"
        )
    needed = _needed(facts)
    waiting = facts.still_open
    kept_for: dict[tuple[int, int, int], float] = {}
    for order, line, part, units in zip(*(moved[key] for key in ("order", "line", "item", "units")), strict=True):
        key = int(order), int(line), int(part)
        kept_for[key] = kept_for.get(key, 0.0) + units
        if kept_for[key] < 0:
            return f"order {key[0]} puts back units of {facts.world.items[key[2]].name!r} that it never had"
    for (order_, line_, part_), units in kept_for.items():
        place = int(facts.line_starts[order_]) + line_
        most = needed[part_, facts.world.items[int(facts.demand.items[place])].name] * waiting[place]
        if units > most + TOLERANCE:
            name = facts.world.items[part_].name
            return f"{units:g} units of {name!r} are put aside for order {order_}, which needs {most:g}"
    return _aside_is_on_hand(facts)


def _aside_is_on_hand(facts: Facts) -> str:
    """The same at any time: what is put aside is on hand."""
    moved, level = facts.aside, steps(facts, "on_hand")
    ends = np.searchsorted(level.items, np.arange(len(facts.world.items)), side="right")
    for item in np.unique(moved.numbers("item")).tolist():
        mine = moved.where(moved["item"] == item)
        last = np.append(mine["time"][1:] != mine["time"][:-1], True)
        kept, times = np.cumsum(mine["units"])[last], mine["time"][last]
        first = ends[item - 1] if item else 0
        there = level.units[first : ends[item]]
        place = np.searchsorted(level.times[first : ends[item]], times, side="right") - 1
        over = np.flatnonzero(kept > there[place])
        if over.size:
            day = times[over[0]]
            return (
                f"{kept[over[0]]:g} units of {facts.world.items[item].name!r} are put aside on day {day:g}, not on hand"
            )
    return ""


def _a_kit_is_filled_no_better_than_its_components(facts: Facts) -> str:
    """Every line of kits: kits filled at once are at most those for which every component was on hand, so that a kit's
    fill rate is at most that of each component as the kits demand it (`there_for_kits_by_item`)."""
    lacking = facts.lacking
    place = facts.line_starts[lacking.numbers("order")] + lacking.numbers("line")
    kit, part = facts.demand.items[place], lacking.numbers("item")
    needed, items = _needed(facts), facts.world.items
    pairs = zip(part.tolist(), kit.tolist(), strict=True)
    each = np.array([needed[part, items[kit].name] for part, kit in pairs], dtype=np.float64)
    wanted = facts.demand.quantities[place]
    over = np.flatnonzero(facts.at_once[place] * each > wanted * each - lacking["units"] + TOLERANCE)
    if over.size:
        row = over[0]
        name = facts.world.items[int(part[row])].name
        return f"order {int(lacking['order'][row])} got kits at once for which {name!r} was not there"
    return ""


KIT_LAWS = (
    _kits_are_never_in_stock,
    _units_put_aside_are_there,
    _a_kit_is_filled_no_better_than_its_components,
)
