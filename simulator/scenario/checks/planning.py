"""Checks of planning: forecasts, dual sourcing, recorded purchases, expediting."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.foundation.errors import nearest, some
from simulator.policies.decisions import place_of
from simulator.policies.procurement import Escalate, ExpediteOpen, Spot, measures_of
from simulator.policies.replenishment.dual import DualSourcing
from simulator.policies.replenishment.forecast_table import TableForecast
from simulator.policies.replenishment.planned import Planned
from simulator.policies.replenishment.played import PlayedPurchases
from simulator.policies.replenishment.recorded import Recorded
from simulator.policies.replenishment.replenishment import Replenishment
from simulator.scenario.checks.check import Finding, check, strangers
from simulator.scenario.checks.lookups import bought, decisions, not_sold, procurements, stocked
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.paths import KeyPath

MOST_REVIEWS = 1e7
"""Reviews by forecast or of two suppliers in one replication, over all items: each takes about 10 microseconds."""


@check("consistency")
def planned_purchases_can_be_made(s: Scenario) -> Iterator[Finding]:
    """Both suppliers of dual sourcing sell its items; `blind_to` names events; recorded plans cover their items."""
    names = [event.name for event in s.events if event.name]
    for path, policy, key, decision in decisions(s):
        wanted = bought(s, policy, key)
        if isinstance(decision, DualSourcing):
            for field in ("regular", "fast"):
                yield from not_sold(s, (*path, field), getattr(decision, field), wanted)
        if isinstance(decision, PlayedPurchases):
            for supplier in decision.suppliers:
                yield from not_sold(s, (*path, "units", supplier), supplier, wanted, on_key=True)
        if isinstance(decision, Planned) and decision.blind_to != "all":
            for k, name in enumerate(decision.blind_to):
                if name not in names:
                    message = f"no event is named {name!r}{nearest(name, names)}"
                    yield Finding((*path, "blind_to", k), message, rests_on=(("events",),))
        if isinstance(decision, Recorded) and (idle := [name for name in wanted if not decision.plan(name)]):
            yield Finding((*path, "item"), f"{decision.label} has no purchase of {some(idle, 5)}", warning=True)


@check("consistency")
def procurement_measures_can_be_taken(s: Scenario) -> Iterator[Finding]:
    """Measures name items that are defined, a spot supplier that sells them, and suppliers that can expedite."""
    for policy, spec in s.policies.items():
        for place, procurement in procurements(spec):
            nested = isinstance(procurement, Escalate)
            for k, measure in enumerate(measures_of(procurement)):
                path: KeyPath = ("policies", policy, *place, *(("steps", k) if nested else ()))
                yield from strangers((*path, "items"), measure.items, "items", s.items)
                if isinstance(measure, Spot):
                    wanted = [
                        name for name in measure.items or stocked(s) if name not in s.items or not s.items[name].kit
                    ]
                    yield from not_sold(s, (*path, "supplier"), measure.supplier, wanted, hint="; name its `items`")
                if isinstance(measure, ExpediteOpen) and not any(spec.expedite for spec in s.suppliers.values()):
                    yield Finding(path, "no supplier has `expedite:`, so no purchase can be expedited", warning=True)


@check("consistency")
def suppliers_replenish_by_levels(s: Scenario) -> Iterator[Finding]:
    """Forecasts, dual sourcing and recorded purchases are for warehouses, not for suppliers with stock."""
    stocks = {name for _, name, spec in s.all_suppliers() if spec.stock}
    found: list[tuple[KeyPath, Replenishment]] = [
        ((*path, "replenishment", key), decision)
        for path, _, spec in s.all_suppliers()
        for key, decision in spec.replenishment.items()
    ]
    found += [(path, decision) for path, _, key, decision in decisions(s) if (place_of(key)[0] or key) in stocks]
    for path, decision in found:
        if isinstance(decision, PlayedPurchases) and decision.suppliers:
            message = "a supplier with stock buys from its own supplier; write `units` as one list"
            yield Finding((*path, "units"), message, rests_on=())
        if decision.only_for_warehouses:
            kind = getattr(decision, "kind", "")
            message = f"`{kind}` is for a warehouse; a supplier replenishes by levels of its inventory position"
            yield Finding((*path, "kind"), message, rests_on=())


@check("consistency")
def forecasts_in_tables_cover_their_items(s: Scenario) -> Iterator[Finding]:
    """A table has a forecast of every item that is bought by it, and for the whole run."""
    for path, policy, key, decision in decisions(s):
        table = decision.forecast if isinstance(decision, Planned) else None
        if not isinstance(table, TableForecast):
            continue
        wanted = bought(s, policy, key)
        if without := [name for name in wanted if name not in table.items]:
            hint = nearest(without[0], table.items)
            message = f"{table.label} has no forecast of {some(without, 5)}{hint}"
            yield Finding((*path, "forecast", "item"), message, rests_on=(("items",),))
        ends = {name: table.until(name) for name in wanted if name in table.items}
        if short := [name for name, end in ends.items() if end < s.clock.horizon]:
            day = min(ends[name] for name in short)
            message = f"{table.label} ends on day {day:g}: from then on, the last forecast of {some(short, 5)} goes on"
            yield Finding((*path, "forecast", "date"), message, warning=True)


@check("plausibility")
def reviews_are_of_sane_number(s: Scenario) -> Iterator[Finding]:
    """There are few enough reviews to simulate, and levels are not recomputed more often than stock is reviewed."""
    for path, policy, key, decision in decisions(s):
        if not isinstance(decision, Planned | DualSourcing):
            continue
        reviews = len(bought(s, policy, key)) * s.clock.horizon / decision.R
        if reviews > MOST_REVIEWS:
            message = f"about {reviews:.2g} reviews in one replication; lengthen R"
            yield Finding((*path, "R"), message, rests_on=(("clock", "horizon"), ("items",)))
        if isinstance(decision, Planned) and decision.retune is not None and decision.retune < decision.R:
            message = f"must not be shorter than the review period R ({decision.R:g} d)"
            yield Finding((*path, "retune"), message, rests_on=((*path, "R"),))


@check("plausibility")
def forecasts_start_from_something(s: Scenario) -> Iterator[Finding]:
    """A planner whose forecast starts at 0 buys nothing before the first demand."""
    for path, policy, key, decision in decisions(s):
        if not isinstance(decision, Planned) or decision.forecast.first_mean is not None:
            continue
        if isinstance(decision.forecast, TableForecast):
            continue
        if without := [name for name in bought(s, policy, key) if s.items[name].demand is None]:
            message = f"no `prior`, and no `demand` of {some(without, 5)}: the forecast starts from 0"
            yield Finding((*path, "forecast"), message, warning=True)
