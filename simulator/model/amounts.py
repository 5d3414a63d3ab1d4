"""Quantities of a run for readers: the units in what the facts count, and words for them."""

from __future__ import annotations

from typing import Any, TypeVar

from simulator.model.nouns import World

Grains = TypeVar("Grains", bound=Any)
EXACT = 1e-12


def in_units(world: World, grains: Grains) -> Grains:
    """The units in a number, or an array, of what the facts of the world count."""
    if world.grain == 1.0:
        return grains
    per_unit = round(1 / world.grain)
    exact = abs(per_unit * world.grain - 1) < EXACT  # 3 / 10 is 0.3 where 3 * 0.1 is not
    found: Grains = grains / per_unit if exact else grains * world.grain
    return found


def unit_of(world: World) -> str:
    """What the units of all items are called; '' where they differ, or are pieces."""
    names = {item.unit for item in world.items}
    return names.pop() if len(names) == 1 else ""


def amount(world: World, grains: float, unit: str = "") -> str:
    """'2.5 kg', or '2' where the unit has no name."""
    return f"{in_units(world, grains):{'g' if world.grain == 1.0 else '.12g'}}{unit and ' '}{unit}"


def of_item(world: World, grains: float, item: float) -> str:
    """'2.5 kg beans', '2 mug': units of an item by its number."""
    facts = world.items[int(item)]
    return f"{amount(world, grains, facts.unit)} {facts.name}"


def many(world: World, grains: float) -> str:
    """'1 unit', '3 units', '2.5 kg': units of one item or several."""
    if unit := unit_of(world):
        return amount(world, grains, unit)
    return f"{amount(world, grains)} unit{'' if in_units(world, grains) == 1 else 's'}"
