"""Money over time: what comes in and what is spent in every cell, as the KPIs of money count it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simulator.kpis.evidence.evidence import Bools, Evidence
from simulator.kpis.groups.money import contribution
from simulator.kpis.kpi import Undefined
from simulator.kpis.series.grid import CELLS, area_per_cell, per_cell, width_of
from simulator.model.nouns import Adjustment, Hurry
from simulator.record.ledger import Floats

ROUNDING = 1e-9
"""A share of the whole that is no money."""
COSTS = (
    "holding_cost",
    "storage_cost",
    "markdown_cost",
    "ordering_cost",
    "purchase_cost",
    "freight_cost",
    "premiums",
    "contact_cost",
    "notice_cost",
    "backorder_cost",
)
"""What is spent, as far as it is followed over time."""


def money_series(e: Evidence) -> Iterator[tuple[str, Floats]]:
    """As the KPIs of the same names count it: orders placed in the window, costs that arise in it."""
    found = dict(_all(e))
    yield from ((f"money.{name}", values) for name, values in found.items())
    placed = found["revenue"].sum() - found["refunds"].sum() + found["salvage"].sum()
    placed -= sum(found[cost].sum() for cost in COSTS)
    whole = contribution(e)
    rest = 0.0 if isinstance(whole, Undefined) else placed - whole
    yield from _cash(e)
    yield "money.not_followed", np.array([rest if abs(rest) > ROUNDING * (1 + abs(placed)) else 0.0])


def _all(e: Evidence) -> Iterator[tuple[str, Floats]]:
    run, world, costs = e.run, e.world, e.world.costs
    prices, owned = np.array([item.price for item in world.items]), np.array([item.owned for item in world.items])
    times = run.demand.times[run.line_orders[e.lines]]
    sold, mine = run.recovered, e.in_window(run.recovered["time"])
    item, when = sold["item"][mine].astype(np.int64), sold["time"][mine]
    revenue = per_cell(world, times, (e.asked - e.refused) * e.prices)
    revenue += per_cell(world, when, sold["units"][mine] * prices[item])
    number = run.cancelled["order"].astype(np.int64)
    left = (number >= 0) & (run.cancelled["placed"] >= e.start)
    gone = run.cancelled["units"][left] * prices[run.cancelled["item"][left].astype(np.int64)]
    gone = per_cell(world, run.cancelled["time"][left], gone)
    back = gone * world.payment.at_order
    yield "revenue", revenue - (gone - back)  # what was never paid is taken off; what was, is paid back
    yield "refunds", back
    yield "salvage", _salvage(e)
    rate = np.array([i.unit_cost for i in world.items]) * costs.holding_share + costs.holding_money
    yield "holding_cost", area_per_cell(e, "on_hand", rate * owned, e.start)
    volumes = np.array([i.volume for i in world.items]) * costs.storage
    yield "storage_cost", area_per_cell(e, "on_hand", volumes, e.start)
    cut = np.zeros(e.items.size)
    if any(i.marked_down for i in world.items):
        start, end, share = np.array([i.marked_down or (0.0, 0.0, 0.0) for i in world.items]).T[:, e.items]
        cut = e.prices * share * ((times >= start) & (times < end))
    yield "markdown_cost", per_cell(world, times, (e.asked - e.refused - e.cancelled()) * cut)
    bought = run.purchases["time"][e.in_window(run.purchases["time"])]
    yield "ordering_cost", per_cell(world, bought, np.full(bought.size, costs.order))
    vendors = np.array([i.unit_cost for i in world.items]) * ~owned  # a drop-ship vendor is paid for what is sold
    kept = (e.asked - e.refused - e.waiting - e.cancelled()) * vendors[e.items]
    yield (
        "purchase_cost",
        _receipts(e, owned) + per_cell(world, times, kept) + per_cell(world, when, sold["units"][mine] * vendors[item]),
    )
    yield "freight_cost", _freight(e)
    yield from _talk_and_hurry(e)
    yield "backorder_cost", area_per_cell(e, "backlog", np.full(len(world.items), costs.backorder), e.start)


def _cash(e: Evidence) -> Iterator[tuple[str, Floats]]:
    """Balances at the end of every cell: cash since the start; paid for goods that have not left; refunds due; owed by
    customers."""
    ends = (np.arange(CELLS) + 1) * width_of(e.world)
    paths = {
        "balance": e.cash.balance,
        "unearned": e.cash.unearned,
        "refunds_due": e.cash.refunds_due,
        "receivable": e.cash.receivable,
    }
    for name, path in paths.items():
        place = np.maximum(np.searchsorted(path.times, ends, side="left") - 1, 0)
        yield f"cash.{name}", path.values[place]


def _salvage(e: Evidence) -> Floats:
    facts = e.run.adjusted
    mine = e.in_window(facts["time"]) & (facts["why"] == Adjustment.SEASON)
    worth = np.array([item.salvage for item in e.world.items])[facts["item"][mine].astype(np.int64)]
    return per_cell(e.world, facts["time"][mine], -facts["units"][mine] * worth)


def _talk_and_hurry(e: Evidence) -> Iterator[tuple[str, Floats]]:
    run, costs = e.run, e.world.costs
    mine = e.in_window(run.hurried["time"]) & (run.hurried["kind"] != Hurry.SPOT)
    yield "premiums", per_cell(e.world, run.hurried["time"][mine], run.hurried["cost"][mine])
    mine = e.in_window(run.contacts["time"])
    paid = np.where(run.contacts["page"][mine] == 1, costs.self_service, costs.contact)
    yield "contact_cost", per_cell(e.world, run.contacts["time"][mine], paid)
    sent = run.notices["time"][e.in_window(run.notices["time"])]
    yield "notice_cost", per_cell(e.world, sent, np.full(sent.size, costs.notice))


def _receipts(e: Evidence, owned: Bools) -> Floats:
    receipts = e.run.receipts
    mine = e.in_window(receipts["time"])
    prices = np.array([s.unit_costs for s in e.world.suppliers] or [(0.0,) * len(e.world.items)]) * owned
    paid = prices[receipts["supplier"][mine].astype(np.int64), receipts["item"][mine].astype(np.int64)]
    return per_cell(e.world, receipts["time"][mine], receipts["units"][mine] * paid)


def _freight(e: Evidence) -> Floats:
    parcels, world = e.run.parcels, e.world
    mine = e.in_window(parcels["shipped"]) & (parcels["order"] >= 0)
    if not world.carriers or not mine.any():
        return np.zeros(CELLS)
    segment = e.run.demand.segments[parcels["order"][mine].astype(np.int64)].astype(np.int64)
    carrier = np.array([s.carrier for s in world.segments], dtype=np.int64)[segment]
    costs = np.array([(c.parcel_cost, c.unit_cost) for c in world.carriers] + [(0.0, 0.0)])  # -1: no carrier
    paid = costs[carrier, 0] + costs[carrier, 1] * parcels["units"][mine]
    return per_cell(world, parcels["shipped"][mine], paid)
