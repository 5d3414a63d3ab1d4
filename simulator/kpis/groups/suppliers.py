"""By supplier: what each keeps of what it says; stock, backlog and cost at every supplier that holds stock."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.groups.money import own_cost
from simulator.kpis.groups.service import share
from simulator.kpis.groups.stock import NOTHING_DUE, daily_variance
from simulator.kpis.kpi import Undefined, Value, kpi
from simulator.model.nouns import World

WAREHOUSE = "warehouse"
NOTHING_ASKED = Undefined("nothing was bought there in the counted window")


def _suppliers(world: World) -> tuple[str, ...]:
    return tuple(supplier.name for supplier in world.suppliers)


def _chain(world: World) -> tuple[str, ...]:
    return world.chain


def _everywhere(world: World) -> tuple[str, ...]:
    return (WAREHOUSE, *world.chain) if world.chain else ()


@kpi("by supplier", "share", "higher", "purchases due", parts=_suppliers)
def otif_by_supplier(e: Evidence) -> Mapping[str, Value]:
    """`supplier_otif` of one supplier."""
    due, kept = e.on_time
    return {s.name: share(float(kept[k]), float(due[k]), NOTHING_DUE) for k, s in enumerate(e.world.suppliers)}


def _each(e: Evidence, of: Callable[[Evidence], Value]) -> dict[str, Value]:
    return {name: of(supplier) for name, supplier in e.chain.items()}


@kpi("by supplier", "share", "higher", "units bought there", parts=_chain)
def supplier_fill_rate(e: Evidence) -> Mapping[str, Value]:
    """Units that a supplier with stock shipped as soon as it had the purchase, of all units bought there."""
    return _each(e, lambda s: share(float(s.at_once.sum()), float(s.asked.sum()), NOTHING_ASKED))


@kpi("by supplier", "units", "lower", "time", parts=_chain)
def supplier_backlog(e: Evidence) -> Mapping[str, Value]:
    """Time-average of the units of purchases that wait at a supplier with stock."""
    return _each(e, lambda s: float(s.backlog_area.sum() / s.days))


@kpi("by supplier", "units", "neither", "time", parts=_chain)
def supplier_on_hand(e: Evidence) -> Mapping[str, Value]:
    """Time-average of the units on hand at a supplier with stock."""
    return _each(e, lambda s: float(s.on_hand_area.sum() / s.days))


@kpi("by supplier", "share", "lower", "purchases' lead time", parts=_chain)
def upstream_share(e: Evidence) -> Mapping[str, Value]:
    """Of the unit-days between buying at a supplier with stock and the receipt, those spent in its backlog."""
    found: dict[str, Value] = {}
    for buyer in (e.run, *e.run.suppliers.values()):
        for k, facts in enumerate(buyer.world.suppliers):
            if facts.name in e.run.suppliers:
                mine = (buyer.receipts["supplier"] == k) & (buyer.receipts["time"] >= e.start)
                days = buyer.receipts["time"][mine] - buyer.receipts["bought"][mine]
                area = float(e.chain[facts.name].backlog_area.sum())
                whole = float((days * (buyer.receipts["units"] + buyer.receipts["lost"])[mine]).sum())
                found[facts.name] = share(min(area, whole), whole, NOTHING_ASKED)
    return {name: found[name] for name in e.run.suppliers}


@kpi("by supplier", "ratio", "lower", "customers' daily demand", parts=_chain)
def bullwhip_by_supplier(e: Evidence) -> Mapping[str, Value]:
    """Variance of the units that a supplier with stock buys or makes per day over that of the customers' demand."""
    days = int(e.days)
    if days < 2:
        return dict.fromkeys(e.run.suppliers, Undefined("the counted window has fewer than two whole days"))
    demand = daily_variance(e, np.repeat(e.run.demand.times, e.run.demand.counts), e.run.demand.quantities)
    if not demand:
        return dict.fromkeys(e.run.suppliers, Undefined("daily demand does not vary"))
    return _each(e, lambda s: daily_variance(s, s.run.purchases["time"], s.run.purchases["units"]) / demand)


@kpi("by supplier", "currency", "lower", parts=_everywhere)
def chain_cost_by_supplier(e: Evidence) -> Mapping[str, Value]:
    """The part of `chain_cost` that falls on the warehouse, and on each supplier with stock."""
    if not e.run.suppliers:
        return {}
    return {WAREHOUSE: own_cost(e), **_each(e, own_cost)}


def _makers(world: World) -> tuple[str, ...]:
    return tuple(supplier.name for supplier in world.suppliers if supplier.lines)


def _worked(e: Evidence, at_speed: bool) -> dict[str, float]:
    """Days that the lines of each supplier worked in the window; or, of these, days above full speed."""
    found = dict.fromkeys(_makers(e.world), 0.0)
    for owner, seen in ((None, e), *e.chain.items()):
        facts = seen.run.worked
        days = np.clip(facts["ended"], e.start, e.end) - np.clip(facts["started"], e.start, e.end)
        if at_speed:
            days = days * (facts["speed"] > 1)
        for k, supplier in enumerate(seen.world.suppliers):
            name = owner if supplier.name not in found and owner else supplier.name
            if name in found:
                found[name] += float(days[facts["supplier"] == k].sum())
    return found


@kpi("by supplier", "share", "neither", "time of the lines", parts=_makers)
def line_utilisation(e: Evidence) -> Mapping[str, Value]:
    """Time that the lines of a supplier with a capacity work, of all their time, closing hours and repairs included."""
    lines = {supplier.name: supplier.lines for supplier in e.world.suppliers}
    return {name: days / (lines[name] * e.days) for name, days in _worked(e, at_speed=False).items()}


@kpi("by supplier", "share", "lower", "working time of the lines", parts=_makers)
def overtime_share(e: Evidence) -> Mapping[str, Value]:
    """Of the time that the lines of a supplier with a capacity work, that in which they work faster than usual."""
    whole, fast = _worked(e, at_speed=False), _worked(e, at_speed=True)
    return {name: share(fast[name], days, Undefined("its lines did not work")) for name, days in whole.items()}


def _departing(world: World) -> tuple[str, ...]:
    return tuple(supplier.name for supplier in world.suppliers if supplier.departs)


@kpi("by supplier", "units", "lower", parts=_departing)
def rolled_units(e: Evidence) -> Mapping[str, Value]:
    """Units that found no room on a departure in the window, counted at each departure that left without them."""
    mine = e.in_window(e.run.rolled["time"])
    units = np.bincount(
        e.run.rolled["supplier"][mine].astype(np.int64),
        weights=e.run.rolled["units"][mine],
        minlength=len(e.world.suppliers),
    )
    return {supplier.name: float(units[k]) for k, supplier in enumerate(e.world.suppliers) if supplier.departs}


@kpi("by supplier", "d", "neither", "receipts", parts=_suppliers)
def lead_time_sd(e: Evidence) -> Mapping[str, Value]:
    """Standard deviation of the days from the decision to buy to the receipt, over the receipts of a supplier."""
    mine = e.in_window(e.run.receipts["time"])
    days = (e.run.receipts["time"] - e.run.receipts["bought"])[mine]
    supplier = e.run.receipts["supplier"][mine]
    return {
        facts.name: float(days[supplier == k].std())
        if (supplier == k).any()
        else Undefined("nothing was received from it in the counted window")
        for k, facts in enumerate(e.world.suppliers)
    }
