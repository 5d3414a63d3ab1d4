"""By supplier: how reliable each is; stock, backlog and cost at every supplier that holds stock."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.groups.money import own_cost
from simulator.kpis.groups.service import share
from simulator.kpis.groups.stock import NOTHING_EXPECTED, bullwhip_of, demand_variance
from simulator.kpis.kpi import Undefined, Value, kpi
from simulator.model.nouns import SupplierFacts, World
from simulator.record.ledger import FactColumns, Floats

WAREHOUSE = "warehouse"
NOTHING_ASKED = Undefined("nothing was bought there in the counted window")
NOTHING_RECEIVED = Undefined("nothing was received from it in the counted window")


def _names(which: Callable[[SupplierFacts], object] = bool) -> Callable[[World], tuple[str, ...]]:
    return lambda world: tuple(supplier.name for supplier in world.suppliers if which(supplier))


def _chain(world: World) -> tuple[str, ...]:
    return world.chain


def _everywhere(world: World) -> tuple[str, ...]:
    return (WAREHOUSE, *world.chain) if world.chain else ()


def _each(e: Evidence, of: Callable[[Evidence], Value]) -> dict[str, Value]:
    return {name: of(supplier) for name, supplier in e.chain.items()}


@kpi("by supplier", "share", "higher", "purchases expected", parts=_names())
def otif_by_supplier(e: Evidence) -> Mapping[str, Value]:
    """`supplier_otif` of one supplier."""
    expected, kept = e.on_time
    return {
        s.name: share(float(kept[k]), float(expected[k]), NOTHING_EXPECTED) for k, s in enumerate(e.world.suppliers)
    }


@kpi("by supplier", "share", "higher", "units bought there", parts=_chain)
def supplier_fill_rate(e: Evidence) -> Mapping[str, Value]:
    """Units that a supplier with stock shipped as soon as the purchase reached it, of all units bought there."""
    return _each(e, lambda s: share(float(s.at_once.sum()), float(s.asked.sum()), NOTHING_ASKED))


@kpi("by supplier", "units", "lower", "time", parts=_chain)
def supplier_backlog(e: Evidence) -> Mapping[str, Value]:
    """Time average of the units of purchases that wait at a supplier with stock."""
    return _each(e, lambda s: float(s.backlog_area.sum() / s.days))


@kpi("by supplier", "units", "neither", "time", parts=_chain)
def supplier_on_hand(e: Evidence) -> Mapping[str, Value]:
    """Time average of the units on hand at a supplier with stock."""
    return _each(e, lambda s: float(s.on_hand_area.sum() / s.days))


@kpi("by supplier", "share", "lower", "purchases' lead time", parts=_chain)
def upstream_share(e: Evidence) -> Mapping[str, Value]:
    """Of the unit-days between buying from a supplier with stock and the receipt, those spent in its backlog."""
    found: dict[str, Value] = {}
    for buyer in (e, *e.chain.values()):
        for k, supplier in enumerate(buyer.world.suppliers):
            if supplier.name in e.chain:
                receipts = buyer.facts.receipts
                receipts = receipts.where((receipts["supplier"] == k) & (receipts["time"] >= e.start))
                days = receipts["time"] - np.maximum(receipts["bought"], 0.0)
                area = float(e.chain[supplier.name].backlog_area.sum())
                whole = float((days * (receipts["units"] + receipts["lost"])).sum())
                found[supplier.name] = share(min(area, whole), whole, NOTHING_ASKED)
    return {name: found[name] for name in e.chain}


@kpi("by supplier", "ratio", "lower", "customers' daily demand", parts=_chain)
def bullwhip_by_supplier(e: Evidence) -> Mapping[str, Value]:
    """Variance of the units that a supplier with stock buys or makes per day over that of the customers' demand."""
    if not e.chain:
        return {}
    demand = demand_variance(e)
    return _each(e, lambda s: bullwhip_of(s, demand))


@kpi("by supplier", "currency", "lower", parts=_everywhere)
def chain_cost_by_supplier(e: Evidence) -> Mapping[str, Value]:
    """The part of `chain_cost` that arises at the warehouse, and at each supplier with stock."""
    return {WAREHOUSE: own_cost(e), **_each(e, own_cost)} if e.chain else {}


def _worked(e: Evidence, overtime: bool) -> dict[str, float]:
    """Days that the lines of each supplier worked in the window; with `overtime`, only those above full speed."""

    def days(facts: FactColumns, supplier: int) -> float:
        worked = facts.where(facts["supplier"] == supplier)
        lasted = np.clip(worked["ended"], e.start, e.end) - np.clip(worked["started"], e.start, e.end)
        return float(lasted[worked["speed"] > 1].sum() if overtime else lasted.sum())

    found = {s.name: days(e.facts.worked, k) for k, s in enumerate(e.world.suppliers) if s.lines}
    for owner in found.keys() & e.chain.keys():  # it also works for its own stock: the last supplier that it buys from
        seen = e.chain[owner]
        found[owner] += days(seen.facts.worked, len(seen.world.suppliers) - 1)
    return found


@kpi("by supplier", "share", "neither", "time of the lines", parts=_names(lambda supplier: supplier.lines))
def line_utilisation(e: Evidence) -> Mapping[str, Value]:
    """Time that the lines of a supplier with a capacity work, of all their time, including closures and repairs."""
    lines = {supplier.name: supplier.lines for supplier in e.world.suppliers}
    return {name: days / (lines[name] * e.days) for name, days in _worked(e, overtime=False).items()}


@kpi("by supplier", "share", "lower", "working time of the lines", parts=_names(lambda supplier: supplier.lines))
def overtime_share(e: Evidence) -> Mapping[str, Value]:
    """Of the time that the lines of a supplier with a capacity work, the time that they work faster than usual."""
    whole, fast = _worked(e, overtime=False), _worked(e, overtime=True)
    return {name: share(fast[name], days, Undefined("its lines did not work")) for name, days in whole.items()}


@kpi("by supplier", "units", "lower", parts=_names(lambda supplier: supplier.departs))
def rolled_units(e: Evidence) -> Mapping[str, Value]:
    """Units that did not fit on a departure in the window, counted at each departure that left without them."""
    units = e.window(e.facts.rolled).sums("supplier", len(e.world.suppliers))
    return {supplier.name: float(units[k]) for k, supplier in enumerate(e.world.suppliers) if supplier.departs}


@kpi("by supplier", "receipts", "lower", "purchases received", parts=_names(lambda supplier: supplier.in_parts))
def receipts_per_purchase(e: Evidence) -> Mapping[str, Value]:
    """Receipts of a purchase, mean over the purchases of which something was received in the window: 1 where each
    arrives whole."""
    receipts = e.window(e.facts.receipts)

    def mean(k: int) -> Value:
        numbers = receipts["purchase"][receipts["supplier"] == k]
        return share(numbers.size, np.unique(numbers).size, NOTHING_RECEIVED)

    return {supplier.name: mean(k) for k, supplier in enumerate(e.world.suppliers) if supplier.in_parts}


@kpi("by supplier", "d", "neither", "receipts", parts=_names())
def lead_time_sd(e: Evidence) -> Mapping[str, Value]:
    """Standard deviation of the days from the decision to buy to the receipt, over the receipts from a supplier of
    purchases made since the start."""
    receipts = e.since_bought

    def deviation(k: int) -> Value:
        days: Floats = (receipts["time"] - receipts["bought"])[receipts["supplier"] == k]
        return float(days.std()) if days.size else NOTHING_RECEIVED

    return {supplier.name: deviation(k) for k, supplier in enumerate(e.world.suppliers)}
