"""Service: how much of what was asked for was there, and there on time."""

from __future__ import annotations

import numpy as np

from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.kpi import Undefined, Value, kpi
from simulator.record.ledger import Floats
from simulator.record.levels import steps

NO_DEMAND = Undefined("no order was placed in the counted window")
NO_PROMISE = Undefined("the policy promises no date")
NO_DATE = Undefined("no segment names a date (`need_by`)")


def share(part: float, whole: float, reason: Undefined = NO_DEMAND) -> Value:
    """part / whole, undefined where there is nothing to share."""
    return float(part / whole) if whole else reason


@kpi("service", "share", "higher", "units demanded")
def fill_rate(e: Evidence) -> Value:
    """Units filled from stock at once, of all units demanded in the window (refused and cancelled ones included)."""
    return share(e.at_once.sum(), e.asked.sum())


@kpi("service", "share", "higher", "lines demanded")
def fill_rate_lines(e: Evidence) -> Value:
    """Lines whose every unit was filled from stock at once."""
    return share((e.at_once == e.asked).sum(), e.line_count)


@kpi("service", "share", "higher", "orders placed")
def fill_rate_orders(e: Evidence) -> Value:
    """Orders whose every unit was filled from stock at once."""
    missing = e.asked - e.at_once
    counts = e.run.demand.counts[e.orders].astype(np.int64)
    short = np.bincount(np.repeat(np.arange(counts.size), counts), weights=missing, minlength=counts.size)
    return share((short == 0).sum(), e.order_count)


@kpi("service", "share", "higher", "revenue demanded")
def fill_rate_revenue(e: Evidence) -> Value:
    """Units filled at once at their price, of all units demanded at their price."""
    return share((e.at_once * e.prices).sum(), (e.asked * e.prices).sum(), Undefined("nothing of a price was ordered"))


@kpi("service", "share", "higher", "time, mean over items")
def ready_rate(e: Evidence) -> Value:
    """Share of time with stock on hand, averaged over items."""
    item, time, units = steps(e.run, "on_hand")
    until = np.append(time[1:], e.end)
    until[np.append(item[1:] != item[:-1], True)] = e.end
    length = np.clip(until, e.start, e.end) - np.clip(time, e.start, e.end)
    ready = np.bincount(item, weights=length * (units > 0), minlength=len(e.world.items))
    return float(ready.mean() / e.days)


@kpi("service", "share", "higher", "replenishment cycles")
def cycle_service(e: Evidence) -> Value:
    """Receipts that found no backlog, and since the receipt before of the item no refusal and no cancelled backorder,
    of all receipts (alpha service)."""
    received = e.in_window(e.run.receipts["time"])
    when, which = e.run.receipts["time"], e.run.receipts["item"].astype(np.int64)
    if not received.any():
        return Undefined("no goods were received in the counted window")
    item, time, units = steps(e.run, "backlog")
    span = e.end + 1.0  # one number line for all items: item x span + time
    before = np.searchsorted(item * span + time, which * span + when, side="left") - 1
    clear = units[np.maximum(before, np.searchsorted(item, which, side="left"))] <= 0
    refused, left = e.run.refused, e.run.cancelled["held"] == 0
    lost = np.concatenate((refused["item"], e.run.cancelled["item"][left])) * span
    at = (e.run.demand.times[refused["order"].astype(np.int64)], e.run.cancelled["time"][left])
    losses = np.sort(lost + np.concatenate(at))
    order = np.lexsort((when, which))
    place = which[order] * span + when[order]
    seen = np.searchsorted(losses, place, side="left")
    first = np.append(True, which[order][1:] != which[order][:-1])
    start = np.searchsorted(losses, which[order] * span, side="left")
    previous = np.where(first, start, np.append(0, seen[:-1]))
    clear[order] &= seen == previous
    return float(clear[received].mean())


@kpi("service", "share", "lower", "lines demanded")
def backorder_rate(e: Evidence) -> Value:
    """Lines of which at least one unit went on backorder (and did not come at the same instant)."""
    short = e.asked - e.at_once - e.refused
    return share((short > 0).sum(), e.line_count)


@kpi("service", "share", "higher", "orders with a requested date")
def otif_requested(e: Evidence) -> Value:
    """Orders delivered in full within the customer's `need_by`; dates beyond the horizon are left out."""
    need = e.run.demand.need_by
    if need is None:
        return NO_DATE
    return _in_full_by(e, e.run.demand.times + need)


@kpi("service", "share", "higher", "orders with a promised date")
def otif_first_promise(e: Evidence) -> Value:
    """Orders delivered in full by the date promised first; dates beyond the horizon are left out."""
    return _as_promised(e, e.dates.first)


@kpi("service", "share", "higher", "orders with a promised date")
def otif_last_promise(e: Evidence) -> Value:
    """Orders delivered in full by the date promised last (the first, where no date is promised again)."""
    return _as_promised(e, e.dates.last)


def _as_promised(e: Evidence, promised: Floats | None) -> Value:
    return NO_PROMISE if promised is None else _in_full_by(e, promised)


def _in_full_by(e: Evidence, due: Floats) -> Value:
    counted = e.orders & (due < e.end)
    on_time = counted & ~e.dates.missed(due)
    return share(on_time.sum(), counted.sum(), Undefined("no such date lies in the window"))


@kpi("service", "share", "higher", "orders placed")
def perfect_order(e: Evidence) -> Value:
    """Orders shipped in full, in one parcel, and within `need_by` where the customer names it; open orders count as
    imperfect."""
    n = len(e.run.demand.times)
    own = e.run.parcels["order"] >= 0
    number = e.run.parcels["order"][own].astype(np.int64)
    parcels = np.bincount(number, minlength=n)
    units = np.bincount(number, weights=e.run.parcels["units"][own], minlength=n)
    good = (parcels == 1) & (units == e.asked_by_order)
    if e.run.demand.need_by is not None:
        arrived = np.zeros(n)
        arrived[number] = e.run.parcels["delivered"][own]
        good &= arrived <= e.run.demand.times + e.run.demand.need_by
    return share(good[e.orders].sum(), e.order_count)
