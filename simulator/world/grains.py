"""Facts in grains: what a run counts where the granularities of its items differ (see `scenario.steps`)."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import TypeVar

import numpy as np

from simulator.foundation.quantities import as_fraction
from simulator.kpis.evidence.worth import Worth
from simulator.model.nouns import ItemFacts, World
from simulator.record.ledger import COLUMNS, FactColumns, Floats, Ints
from simulator.record.run import Run
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.steps import grain_of, parts_of_suppliers

COUNTS = {"adjusted": ("units", "record"), "receipts": ("units", "lost"), "sourced": ("units", "taken")}
"""Columns of units, of tables with an item that have others than `units`."""
BY_ORDER = ("parcels", "stalled", "holds", "served")
"""Tables of units that may be of different items of an order."""
AnyRun = TypeVar("AnyRun", bound=Run)


def in_grains(run: AnyRun, scenario: Scenario) -> AnyRun:
    """A finished run with its facts in grains; the run itself where every step is a grain.

    Args:
        run: its facts count steps.
        scenario: in steps.
    """
    if steps_are_grains(scenario):
        return run
    sizes, usual = _grains(scenario)
    # Departures have limits only where all that a supplier sells has the same granularity.
    sold = {name: next(iter(spec.items)) for _, name, spec in scenario.all_suppliers()}
    found = _counted(run, sizes, usual, sold)
    found.suppliers = {name: _counted(one, sizes, usual, sold) for name, one in run.suppliers.items()}
    return found


def steps_are_grains(scenario: Scenario) -> bool:
    """Whether all items of a scenario in steps have the same granularity, so that its facts count grains."""
    if not scenario.in_steps:
        return True
    sizes, usual = _grains(scenario)
    return {*sizes.values(), usual} == {1}


def _grains(scenario: Scenario) -> tuple[dict[str, int], int]:
    """Grains in a step of every item that is sold, and in one of all others, which only suppliers know."""
    grain = as_fraction(grain_of(scenario))
    sizes = {name: int(as_fraction(item.granularity) / grain) for name, item in scenario.items.items()}
    return sizes, int(1 / grain) if parts_of_suppliers(scenario) else 1


def _counted(run: AnyRun, sizes: dict[str, int], usual: int, sold: dict[str, str]) -> AnyRun:
    size = np.array([sizes.get(item.name, usual) for item in run.world.items], dtype=np.int64)
    demand = run.demand
    of_lines = size[demand.items]
    asked = run.by_order(demand.quantities)
    per_order = np.divide(run.by_order(demand.quantities * of_lines), asked, out=np.ones(asked.size), where=asked > 0)
    contents = _contents(run, size)
    run.forget()
    found = copy(run)
    for name, columns in COLUMNS.items():
        table: FactColumns = getattr(run, name)
        if not table.size:
            continue
        changed: dict[str, Floats] = {}
        if name == "parcels":
            changed["units"] = contents
        elif name in BY_ORDER:
            # What an order holds, or has in a stalled parcel, is taken to be mixed as the order is.
            order = table.numbers("order")
            before = size[np.clip(-1 - order, 0, size.size - 1)]  # a backlog from before the start is of one item
            rate = np.where(order >= 0, np.append(per_order, 1.0)[order], before)
            changed["units"] = np.rint(table["units"] * rate)
        elif name == "rolled":
            rates = np.array([sizes.get(sold.get(one.name, ""), usual) for one in run.world.suppliers])
            changed["units"] = table["units"] * rates[table.numbers("supplier")]
        elif name == "forecasts":
            changed = {key: table[key] * size[table.numbers("item")] for key in ("forecast", "actual")}
        elif "item" in columns and "units" in columns:
            changed = {key: table[key] * size[table.numbers("item")] for key in COUNTS.get(name, ("units",))}
        if changed:
            setattr(found, name, FactColumns({**table, **changed}))
    found.demand = replace(
        demand,
        quantities=demand.quantities * of_lines,
        prices=None if demand.prices is None else demand.prices / of_lines,
    )
    found.world, found.levels = _world(run.world, size), {}
    found.initial = tuple(units * many for units, many in zip(run.initial, size.tolist(), strict=True))
    found.final = tuple(
        type(levels)(*(units * many for units in levels)) for levels, many in zip(run.final, size.tolist(), strict=True)
    )
    return found


def _contents(run: Run, size: Ints) -> Floats:
    """Grains in each parcel, of goods in the order in which they were given to the order, as `Cash` takes them."""
    if not run.parcels.size:
        return run.parcels["units"]
    shadow = copy(run)
    items = (
        replace(item, price=float(many), marked_down=None) for item, many in zip(run.world.items, size, strict=True)
    )
    shadow.world = replace(run.world, items=tuple(items))
    shadow.demand, shadow.levels = replace(run.demand, prices=None), {}
    return np.rint(Worth(shadow).of_parcels)


def _world(world: World, size: Ints) -> World:
    """The world with amounts for a grain in place of those for a step."""
    many = size.tolist()

    def item(facts: ItemFacts, own: int) -> ItemFacts:
        return replace(
            facts,
            price=facts.price / own,
            unit_cost=facts.unit_cost / own,
            salvage=facts.salvage / own,
            volume=facts.volume / own,
            kit=tuple((part, each * many[part] / own) for part, each in facts.kit),
        )

    suppliers = (
        replace(one, unit_costs=tuple(cost / own for cost, own in zip(one.unit_costs, many, strict=True)))
        for one in world.suppliers
    )
    items = tuple(item(facts, own) for facts, own in zip(world.items, many, strict=True))
    return replace(world, items=items, suppliers=tuple(suppliers))
