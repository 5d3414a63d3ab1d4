"""Waiting: how long units were on backorder, and how many at a time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.evidence.sample import WeightedSample
from simulator.kpis.groups.service import share
from simulator.kpis.kpi import RequestedParts, Undefined, Value, kpi
from simulator.record.levels import steps

NONE_ORDERED = Undefined("no unit was ordered in the counted window")
NONE_SHIPPED = Undefined("nothing was shipped")
NONE_WAITED = Undefined("nobody had to wait")
AGES = {"0-3 d": 4.0, "4-7 d": 8.0, "8-14 d": 15.0, "15-21 d": 22.0, "22-30 d": 31.0, "31-45 d": 46.0, "46+ d": np.inf}
"""Age buckets of a backorder report and the day before which each ends."""
ABOVE = {f"{days} d": float(days) for days in (1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90)}
"""Limits of waiting time, days."""
STALE = 30.0
"""Days after which a line is stale: the legal period if no date was given."""


def mean(sample: WeightedSample, reason: Undefined) -> Value:
    """Weighted mean; undefined if there is no weight."""
    total = sample.weights.sum()
    return float((sample.values * sample.weights).sum() / total) if total else reason


def quantile(sample: WeightedSample, p: float, reason: Undefined) -> Value:
    """Weighted quantile; undefined if there is no weight."""
    return sample.quantile(p) if sample.weights.sum() else reason


def longest(sample: WeightedSample, reason: Undefined) -> Value:
    """The largest value of any weight; undefined if there is none."""
    return float(sample.values[sample.weights > 0].max()) if sample.weights.sum() else reason


def _late(e: Evidence) -> WeightedSample:
    late = e.waits.values > 0
    return WeightedSample(e.waits.values[late], e.waits.weights[late])


@kpi("waiting", "d", "lower", "units ordered")
def wait_mean(e: Evidence) -> Value:
    """Mean days from the order to the end of the wait (filled from stock, or cancelled) over all units ordered; an open
    unit counts with the days it has waited so far."""
    return mean(e.waits, NONE_ORDERED)


@kpi("waiting", "d", "lower", "units that waited")
def wait_backordered(e: Evidence) -> Value:
    """Mean wait of the units that had to wait at all."""
    return mean(_late(e), NONE_WAITED)


for _p, _definition in (
    (50, "Median wait over all units ordered, including cancelled ones."),
    (95, "95 of 100 units ordered waited no longer than this, including cancelled ones."),
    (99, "99 of 100 units ordered waited no longer than this, including cancelled ones."),
):
    kpi("waiting", "d", "lower", "units ordered", name=f"wait_p{_p}", definition=_definition)(
        lambda e, p=_p: quantile(e.waits, p / 100, NONE_ORDERED)
    )


@kpi("waiting", "d", "lower", "units ordered")
def wait_max(e: Evidence) -> Value:
    """The longest wait of any unit."""
    return longest(e.waits, NONE_ORDERED)


@kpi("waiting", "d", "lower", "units shipped")
def delivery_mean(e: Evidence) -> Value:
    """Mean days from order to delivery over units shipped."""
    return mean(e.deliveries, NONE_SHIPPED)


@kpi("waiting", "d", "lower", "units shipped")
def delivery_p95(e: Evidence) -> Value:
    """95 of 100 units shipped were delivered within this time after their order."""
    return quantile(e.deliveries, 0.95, NONE_SHIPPED)


@kpi("waiting", "units", "lower", "time")
def backlog_mean(e: Evidence) -> Value:
    """Time average of the units on backorder, all items together."""
    return float(e.backlog_area.sum() / e.days)


@kpi("waiting", "units", "lower")
def backlog_peak(e: Evidence) -> Value:
    """Most units on backorder at any time in the window, all items together."""
    return e.backlog.peak(e.start)


@kpi("waiting", "unit-days", "lower")
def backorder_days(e: Evidence) -> Value:
    """Area under the backlog in the window: units on backorder x days."""
    return float(e.backlog_area.sum())


@kpi("waiting", "1/y", "lower", "items")
def backorder_episodes(e: Evidence) -> Value:
    """Times a year (365 d) that the backlog of an item rises from 0, mean over items."""
    found = steps(e.facts, "backlog")
    last = found.is_last
    items, times, level = found.items[last], found.times[last], found.units[last]
    before = np.append(0.0, level[:-1])
    before[np.append(True, items[1:] != items[:-1])] = 0.0
    begun = (level > 0) & (before <= 0) & e.in_window(times)
    return float(begun.sum()) * 365 / e.days / len(e.world.items)


@kpi("waiting", "share", "lower", "lines demanded")
def stale_lines(e: Evidence) -> Value:
    """Lines of which a unit waited longer than 30 days (the legal period if no date was given), filled or not."""
    stale = (e.waiting > 0) & (e.end - e.since > STALE)
    for facts in (e.facts.fills, e.facts.cancelled):
        stale |= e.per_line(facts.where(facts["time"] - facts["placed"] > STALE)) > 0
    return share(stale.sum(), e.line_count)


@kpi("waiting", "share", "lower", "units ordered", parts=RequestedParts(tuple(ABOVE)))
def wait_above(e: Evidence) -> Mapping[str, Value]:
    """Units ordered that waited longer than so many days, including cancelled and open ones."""
    total = e.waits.weights.sum()
    longer = {name: e.waits.weights[e.waits.values > days].sum() for name, days in ABOVE.items()}
    return {name: share(units, total, NONE_ORDERED) for name, units in longer.items()}


@kpi("waiting", "share", "higher", "time")
def no_backlog_share(e: Evidence) -> Value:
    """Share of time in which nothing is on backorder, all items together."""
    times, units = e.backlog
    edges = np.clip(np.append(times, e.end), e.start, e.end)
    return float(np.diff(edges)[units <= 0].sum() / e.days)


@kpi("waiting", "d", "lower", "orders taken")
def order_wait_mean(e: Evidence) -> Value:
    """Mean days from the order to the end of the wait of its last unit, over orders of which anything was ordered."""
    return mean(_order_waits(e), NONE_ORDERED)


@kpi("waiting", "d", "lower", "orders taken")
def order_wait_p95(e: Evidence) -> Value:
    """95 of 100 orders had nothing on backorder any longer after so many days."""
    return quantile(_order_waits(e), 0.95, NONE_ORDERED)


def _order_waits(e: Evidence) -> WeightedSample:
    """The longest wait of any unit of each counted order of which anything was ordered."""
    facts, n = e.facts, len(e.facts.demand.times)
    longest = np.zeros(n)
    for ended in e.ended:
        np.maximum.at(longest, ended.numbers("order"), ended["time"] - ended["placed"])
    open_ = facts.line_orders[e.lines][e.waiting > 0]
    longest[open_] = np.maximum(longest[open_], e.end - facts.demand.times[open_])
    ordered = e.orders & (facts.units_by_order > facts.per_order(facts.refused))
    return WeightedSample(longest[ordered], np.ones(int(ordered.sum())))


@kpi("waiting", "share", "neither", "units that waited", parts=tuple(AGES))
def age_buckets(e: Evidence) -> Mapping[str, Value]:
    """Units that waited, by how long; the buckets are those of a backorder summary report."""
    late = _late(e)
    total = late.weights.sum()
    if not total:
        return dict.fromkeys(AGES, NONE_WAITED)
    bucket = np.searchsorted(np.array(list(AGES.values())), late.values, side="right")
    sums = np.bincount(bucket, weights=late.weights, minlength=len(AGES))
    return {name: float(units / total) for name, units in zip(AGES, sums, strict=True)}


@kpi("waiting", "share", "neither", "orders placed")
def held_orders(e: Evidence) -> Value:
    """Orders of which filled goods were held for the rest of the order by the fulfilment policy."""
    return share(np.unique(e.counted(e.facts.holds)["order"]).size, e.order_count)


@kpi("waiting", "d", "lower", "parcels held")
def hold_mean(e: Evidence) -> Value:
    """Mean days that the first goods of a parcel were held until the parcel left; holds that end in a cancellation, or
    have not ended, are left out."""
    holds, parcels = e.counted(e.facts.holds), e.facts.parcels
    if not holds.size:
        return Undefined("nothing was held and then shipped")
    order, since = holds["order"], holds["time"]
    by_order = np.lexsort((parcels["shipped"], parcels["order"]))
    whose, when = parcels["order"][by_order], parcels["shipped"][by_order]
    span = e.end + 1.0  # one number line for all orders: order x span + time
    following = np.searchsorted(whose * span + when, order * span + since, side="left")
    left = np.append(whose, np.nan)[following] == order
    if not left.any():
        return Undefined("nothing was held and then shipped")
    return float((when[following[left]] - since[left]).mean())


@kpi("waiting", "share", "lower", "units confirmed")
def confirmations_lost(e: Evidence) -> Value:
    """Units whose confirmation was withdrawn by backorder processing (or after a loss of supply), of all units
    confirmed to counted orders; a unit confirmed twice counts twice."""
    facts = e.facts.confirmed
    given, taken = (e.per_line(facts.where(chosen)).sum() for chosen in (facts["units"] > 0, facts["units"] < 0))
    return float(-taken / given) if given else Undefined("the allocation policy confirmed nothing")


@kpi("waiting", "lines", "lower")
def processing_exceptions(e: Evidence) -> Value:
    """Times that a run of backorder processing could not give a line what its strategy owes it (`win`: all of it,
    `gain`: what it had); counted once until it succeeds."""
    return float(e.in_window(e.facts.exceptions["time"]).sum())


@kpi("waiting", "ratio", "higher", "segments")
def fairness(e: Evidence) -> Value:
    """Unit fill rate of the worst-served segment over that of the best-served one (1: all equal)."""
    asked, filled = e.asked_by_segment, e.at_once_by_segment
    rates = filled[asked > 0] / asked[asked > 0]
    if rates.size < 2:
        return Undefined("fewer than two segments ordered")
    return float(rates.min() / rates.max()) if rates.max() else Undefined("no segment was filled from stock")
