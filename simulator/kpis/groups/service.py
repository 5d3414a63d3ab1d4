"""Service: how much of the demand was filled, and on time."""

from __future__ import annotations

import numpy as np

from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.kpi import Undefined, Value, kpi
from simulator.model.nouns import Cause, World
from simulator.record.ledger import Floats
from simulator.record.levels import steps

NO_DEMAND = Undefined("no order was placed in the counted window")
NO_PROMISE = Undefined("the policy promises no date")
NOTHING_TAKEN = Undefined("no order was taken in the counted window")
NOT_DELIVERED = Undefined("nothing with a wanted day was delivered in the run")
NO_DATE = Undefined("no segment names a date (`need_by`)")


def wants_later(world: World) -> bool:
    """Whether some customers want their goods on a later day."""
    return world.wants_later


def share(part: float, whole: float, reason: Undefined = NO_DEMAND) -> Value:
    """part / whole; undefined if the whole is 0."""
    return float(part / whole) if whole else reason


@kpi("service", "share", "higher", "units demanded")
def fill_rate(e: Evidence) -> Value:
    """Units filled from stock at once, of all units demanded in the window (including refused and cancelled ones)."""
    return share(e.at_once.sum(), e.asked.sum())


@kpi("service", "share", "higher", "lines demanded")
def fill_rate_lines(e: Evidence) -> Value:
    """Lines of which every unit was filled from stock at once."""
    return share((e.at_once == e.asked).sum(), e.line_count)


@kpi("service", "share", "higher", "orders placed")
def fill_rate_orders(e: Evidence) -> Value:
    """Orders of which every unit was filled from stock at once."""
    return share(e.filled_whole.sum(), e.order_count)


@kpi("service", "share", "higher", "revenue demanded")
def fill_rate_revenue(e: Evidence) -> Value:
    """Units filled from stock at once, valued at their price, of all units demanded, valued likewise."""
    return share(
        (e.at_once * e.prices).sum(), (e.asked * e.prices).sum(), Undefined("nothing with a price was ordered")
    )


@kpi("service", "share", "higher", "time, mean over items")
def ready_rate(e: Evidence) -> Value:
    """Share of time with stock on hand, averaged over items; kits, which have no stock, are left out."""
    each = np.zeros(len(e.world.items))
    for level in steps(e.facts, "on_hand").parts():
        days = level.durations(e.start, e.end)
        days *= level.units > 0
        each += np.bincount(level.items, weights=days, minlength=each.size)
    if e.world.parts:
        each = each[[not item.kit for item in e.world.items]]
    return float(each.mean() / e.days)


@kpi("service", "share", "higher", "replenishment cycles")
def cycle_service(e: Evidence) -> Value:
    """Receipts that found no backlog, and before which, since the item's previous receipt, nothing was refused and no
    waiting unit was cancelled, of all receipts (alpha service)."""
    when, which = e.facts.receipts["time"], e.facts.receipts.numbers("item")
    received = e.in_window(when)
    if not received.any():
        return Undefined("no goods were received in the counted window")
    # All items share one number line, item x span + time, so that one binary search finds times within every item.
    span = e.end + 1.0
    place = which * span + when
    item, time, units = steps(e.facts, "backlog")
    before = np.searchsorted(item * span + time, place, side="left") - 1
    no_backlog = units[np.maximum(before, np.searchsorted(item, which, side="left"))] <= 0
    # A lost sale or a customer who gave up leaves no backlog behind, but the cycle failed: count these up to each
    # receipt; the count must not have risen since the item's previous receipt (or since the start).
    refused, left = e.facts.refused, e.facts.cancelled.where(e.facts.cancelled["held"] == 0)
    items = np.concatenate((refused["item"], left["item"]))
    times = np.concatenate((e.facts.opens[refused.numbers("order")], left["time"]))
    losses = np.sort(items * span + times)
    order = np.lexsort((when, which))
    seen = np.searchsorted(losses, place[order], side="left")
    first = np.append(True, which[order][1:] != which[order][:-1])
    at_start = np.searchsorted(losses, which[order] * span, side="left")
    no_backlog[order] &= seen == np.where(first, at_start, np.append(0, seen[:-1]))
    return float(no_backlog[received].mean())


@kpi("service", "share", "lower", "lines demanded")
def backorder_rate(e: Evidence) -> Value:
    """Lines of which at least one unit went on backorder (and was not filled at the same instant)."""
    short = e.asked - e.at_once - e.refused
    return share((short > 0).sum(), e.line_count)


@kpi("service", "share", "higher", "orders with a requested date")
def otif_requested(e: Evidence) -> Value:
    """Orders of which all that was still ordered had been delivered within the customer's `need_by`, or by the day on
    which the goods were `wanted`. Units that were refused, or that the customer gave up before that day, are no longer
    ordered; orders without any left, and dates beyond the horizon, are left out. Units that the seller cancelled are
    missing."""
    need = e.facts.demand.need_by
    return NO_DATE if need is None else _in_full_by(e, e.facts.demand.times + need)


@kpi("service", "share", "neither", "orders with a wanted day, delivered in full", applies=wants_later)
def early_share(e: Evidence) -> Value:
    """Orders that were delivered in full before the day on which the customer wanted the goods."""
    wanted, there = e.facts.demand.wanted, e.dates.delivered
    if wanted is None:
        return NOT_DELIVERED
    counted = e.orders & ~np.isnan(wanted) & ~np.isnan(there)
    return share((there[counted] < wanted[counted] - 1e-6).sum(), counted.sum(), NOT_DELIVERED)


@kpi("service", "share", "higher", "orders with a promised date")
def otif_first_promise(e: Evidence) -> Value:
    """Orders of which all that was still ordered had been delivered by the date promised first; what counts as ordered
    is defined at `otif_requested`."""
    return _in_full_by(e, e.dates.first)


@kpi("service", "share", "higher", "orders with a promised date")
def otif_last_promise(e: Evidence) -> Value:
    """Orders of which all that was still ordered had been delivered by the date promised last (the first date, if there
    was no other); what counts as ordered is defined at `otif_requested`."""
    return otif_first_promise(e) if e.dates.last is e.dates.first else _in_full_by(e, e.dates.last)


def _in_full_by(e: Evidence, date: Floats | None) -> Value:
    if date is None:
        return NO_PROMISE
    counted = e.orders & (date < e.end) & e.dates.ordered(date)
    on_time = counted & ~e.dates.missed(date)
    return share(on_time.sum(), counted.sum(), Undefined("no such date lies in the counted window"))


CALLED_OFF = (Cause.CALLED_OFF, Cause.INFLATED)
"""Causes that have nothing to do with the wait."""


@kpi("service", "share", "higher", "orders taken")
def perfect_order(e: Evidence) -> Value:
    """Orders shipped in full, in one parcel, and delivered within `need_by` where the customer names it; open orders
    and those cancelled for any reason are not perfect. Units that were refused or called off in the recorded order
    book (or not needed, `inflate`) are not ordered; orders without any other are left out."""
    facts, parcels = e.facts, e.facts.parcels.own
    number, n = parcels.numbers("order"), len(e.facts.demand.times)
    ever = np.full(n, np.inf)
    taken = e.orders & e.dates.ordered(ever, CALLED_OFF)
    good = (np.bincount(number, minlength=n) == 1) & (facts.per_order(parcels) == e.dates.owed(ever, CALLED_OFF))
    if facts.demand.need_by is not None:
        arrived = np.zeros(n)
        arrived[number] = parcels["delivered"]
        last = facts.demand.times + facts.demand.need_by
        good &= arrived <= (last if facts.demand.wanted is None else last + 1e-9)
    return share(good[taken].sum(), taken.sum(), NOTHING_TAKEN)
