"""Money: what comes in, what it costs; totals over the counted window, in the scenario's currency."""

from __future__ import annotations

import numpy as np

from simulator.kpis.evidence import Evidence
from simulator.kpis.kpi import Value, kpi


def _kept(e: Evidence) -> float:
    return float(((e.asked - e.refused - e.cancelled()) * e.prices).sum())


def _holding(e: Evidence) -> float:
    costs = e.world.costs
    rate = np.array([item.unit_cost for item in e.world.items]) * costs.holding_share + costs.holding_money
    return float((e.on_hand_area * rate).sum())


def _ordering(e: Evidence) -> float:
    return float(e.in_window(e.run.purchases["time"]).sum() * e.world.costs.order)


def _purchase(e: Evidence) -> float:
    mine = e.in_window(e.run.receipts["time"])
    if not mine.any():
        return 0.0
    costs = np.array([supplier.unit_costs for supplier in e.world.suppliers])
    supplier = e.run.receipts["supplier"][mine].astype(np.int64)
    item = e.run.receipts["item"][mine].astype(np.int64)
    return float((costs[supplier, item] * e.run.receipts["units"][mine]).sum())


def _freight(e: Evidence) -> float:
    if not e.world.carriers:
        return 0.0
    mine = e.in_window(e.run.parcels["shipped"]) & (e.run.parcels["order"] >= 0)
    segment = e.run.demand.segments[e.run.parcels["order"][mine].astype(np.int64)].astype(np.int64)
    carrier = np.array([s.carrier for s in e.world.segments], dtype=np.int64)[segment] if segment.size else segment
    parcel = np.array([c.parcel_cost for c in e.world.carriers])[carrier]
    unit = np.array([c.unit_cost for c in e.world.carriers])[carrier]
    return float((parcel + unit * e.run.parcels["units"][mine]).sum())


def _backorder(e: Evidence) -> float:
    return float(e.backlog_area.sum() * e.world.costs.backorder)


def _total(e: Evidence) -> float:
    return _holding(e) + _ordering(e) + _purchase(e) + _freight(e) + _backorder(e)


@kpi("money", "currency", "higher")
def revenue(e: Evidence) -> Value:
    """Price of the units of counted orders that were ordered and not cancelled (paid at the order; open ones too)."""
    return _kept(e)


@kpi("money", "currency", "lower")
def refunds(e: Evidence) -> Value:
    """Price of the cancelled units of counted orders: what had been paid is paid back."""
    return float((e.cancelled() * e.prices).sum())


@kpi("money", "currency", "lower")
def holding_cost(e: Evidence) -> Value:
    """Stock on hand over the window at the holding rate."""
    return _holding(e)


@kpi("money", "currency", "lower")
def ordering_cost(e: Evidence) -> Value:
    """Purchases made in the window at the cost of one."""
    return _ordering(e)


@kpi("money", "currency", "neither")
def purchase_cost(e: Evidence) -> Value:
    """Units received in the window at the supplier's unit cost."""
    return _purchase(e)


@kpi("money", "currency", "lower")
def freight_cost(e: Evidence) -> Value:
    """Parcels handed to carriers in the window, by parcel and by unit."""
    return _freight(e)


@kpi("money", "currency", "lower")
def backorder_cost(e: Evidence) -> Value:
    """Units on backorder over the window at the backorder rate."""
    return _backorder(e)


@kpi("money", "currency", "lower")
def total_cost(e: Evidence) -> Value:
    """Holding, ordering, purchase, freight and backorder cost of the window."""
    return _total(e)


@kpi("money", "currency", "higher")
def contribution(e: Evidence) -> Value:
    """Revenue less total cost; stock left at the horizon is not valued."""
    return _kept(e) - _total(e)
