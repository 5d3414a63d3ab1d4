"""Waiting: how long units were on backorder, and how many at a time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simulator.kpis.evidence.evidence import Evidence, Sample
from simulator.kpis.groups.service import share
from simulator.kpis.kpi import Undefined, Value, kpi
from simulator.record.levels import steps

NONE_ORDERED = Undefined("no unit was ordered in the counted window")
NONE_SHIPPED = Undefined("nothing was shipped")
AGES = {"0-3 d": 4.0, "4-7 d": 8.0, "8-14 d": 15.0, "15-21 d": 22.0, "22-30 d": 31.0, "31-45 d": 46.0, "46+ d": np.inf}
"""Age buckets of a backorder report and the day before which each ends."""


def _mean(sample: Sample, reason: Undefined) -> Value:
    total = sample.weights.sum()
    return float((sample.values * sample.weights).sum() / total) if total else reason


def _quantile(sample: Sample, p: float, reason: Undefined) -> Value:
    return sample.quantile(p) if sample.weights.sum() else reason


@kpi("waiting", "d", "lower", "units ordered")
def wait_mean(e: Evidence) -> Value:
    """Mean days from order to the end of the wait (filled from stock, or cancelled) over all units ordered; an open
    unit counts with the days it has waited so far."""
    return _mean(e.waits, NONE_ORDERED)


@kpi("waiting", "d", "lower", "units that waited")
def wait_backordered(e: Evidence) -> Value:
    """Mean wait of the units that had to wait at all."""
    late = e.waits.values > 0
    return _mean(Sample(e.waits.values[late], e.waits.weights[late]), Undefined("nobody had to wait"))


@kpi("waiting", "d", "lower", "units ordered")
def wait_p50(e: Evidence) -> Value:
    """Median wait over all units ordered, cancelled ones included."""
    return _quantile(e.waits, 0.50, NONE_ORDERED)


@kpi("waiting", "d", "lower", "units ordered")
def wait_p95(e: Evidence) -> Value:
    """95 of 100 units ordered waited no longer, cancelled ones included."""
    return _quantile(e.waits, 0.95, NONE_ORDERED)


@kpi("waiting", "d", "lower", "units ordered")
def wait_p99(e: Evidence) -> Value:
    """99 of 100 units ordered waited no longer, cancelled ones included."""
    return _quantile(e.waits, 0.99, NONE_ORDERED)


@kpi("waiting", "d", "lower", "units ordered")
def wait_max(e: Evidence) -> Value:
    """The longest wait of a unit."""
    return float(e.waits.values[e.waits.weights > 0].max()) if e.waits.weights.sum() else NONE_ORDERED


@kpi("waiting", "d", "lower", "units shipped")
def delivery_mean(e: Evidence) -> Value:
    """Mean days from order to door over units shipped."""
    return _mean(e.deliveries, NONE_SHIPPED)


@kpi("waiting", "d", "lower", "units shipped")
def delivery_p95(e: Evidence) -> Value:
    """95 of 100 units shipped were at the door no later after their order."""
    return _quantile(e.deliveries, 0.95, NONE_SHIPPED)


@kpi("waiting", "units", "lower", "time")
def backlog_mean(e: Evidence) -> Value:
    """Time-average of the units on backorder, all items together."""
    return float(e.backlog_area.sum() / e.days)


@kpi("waiting", "units", "lower")
def backlog_peak(e: Evidence) -> Value:
    """Most units on backorder at any time in the window, all items together."""
    level = e.backlog
    first = int(np.searchsorted(level.times, e.start, side="right")) - 1
    return float(level.values[max(first, 0) :].max(initial=0.0))


@kpi("waiting", "unit-days", "lower")
def backorder_days(e: Evidence) -> Value:
    """Area under the backlog in the window: units on backorder x days."""
    return float(e.backlog_area.sum())


@kpi("waiting", "1/y", "lower", "items")
def backorder_episodes(e: Evidence) -> Value:
    """Times a year (365 d) that customers began to wait for an item nobody was waiting for, mean over items."""
    items, times, units = steps(e.run, "backlog")
    last = np.append((items[1:] != items[:-1]) | (times[1:] != times[:-1]), True)
    item, time, level = items[last], times[last], units[last]
    before = np.append(0.0, level[:-1])
    before[np.append(True, item[1:] != item[:-1])] = 0.0
    begun = (level > 0) & (before <= 0) & e.in_window(time)
    return float(begun.sum()) * 365 / e.days / len(e.world.items)


@kpi("waiting", "share", "lower", "lines demanded")
def stale_lines(e: Evidence) -> Value:
    """Lines of which a unit waited longer than 30 days (the legal period where no date was given), filled or not."""
    late = 30.0
    facts = e.run.fills, e.run.cancelled
    waited = [e.per_line(f, f["time"] - f["placed"] > late) > 0 for f in facts]
    placed = np.repeat(e.run.demand.times, e.run.demand.counts)[e.lines]
    stale = waited[0] | waited[1] | ((e.waiting > 0) & (e.end - placed > late))
    return share(stale.sum(), e.line_count)


@kpi("waiting", "share", "neither", "units that waited", parts=tuple(AGES))
def age_buckets(e: Evidence) -> Mapping[str, Value]:
    """Units that waited, by how long; the buckets are those of a backorder summary report."""
    late = e.waits.values > 0
    values, weights = e.waits.values[late], e.waits.weights[late]
    total = weights.sum()
    if not total:
        return dict.fromkeys(AGES, Undefined("nobody had to wait"))
    bucket = np.searchsorted(np.array(list(AGES.values())), values, side="right")
    sums = np.bincount(bucket, weights=weights, minlength=len(AGES))
    return {name: float(units / total) for name, units in zip(AGES, sums, strict=True)}


@kpi("waiting", "share", "neither", "orders placed")
def held_orders(e: Evidence) -> Value:
    """Orders of which goods lay filled and were held for the rest by the fulfilment policy."""
    order = e.run.holds["order"]
    held = np.bincount(order[order >= 0].astype(np.int64), minlength=e.orders.size)
    return share((held[e.orders] > 0).sum(), e.order_count)


@kpi("waiting", "d", "lower", "parcels held")
def hold_mean(e: Evidence) -> Value:
    """Mean days from when the first goods of a parcel lay held until it left; holds that end in a cancellation, or have
    not ended, are left out."""
    holds, parcels = e.run.holds, e.run.parcels
    mine = holds["order"] >= 0
    mine[mine] = e.orders[holds["order"][mine].astype(np.int64)]
    order, since = holds["order"][mine], holds["time"][mine]
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
    """Units whose confirmation backorder processing (or a loss of supply) took away again, of all units confirmed to
    counted orders; a unit confirmed twice counts twice."""
    units = e.run.confirmed["units"]
    given, taken = (e.per_line(e.run.confirmed, chosen).sum() for chosen in (units > 0, units < 0))
    return float(-taken / given) if given else Undefined("the allocation policy confirmed nothing")


@kpi("waiting", "lines", "lower")
def processing_exceptions(e: Evidence) -> Value:
    """Times that a run of backorder processing could not give a line what its strategy owes it (`win`: all of it,
    `gain`: what it had); once until it could."""
    return float(e.in_window(e.run.exceptions["time"]).sum())


@kpi("waiting", "ratio", "higher", "segments")
def fairness(e: Evidence) -> Value:
    """Unit fill rate of the worst-served segment over that of the best-served one (1: all alike)."""
    n = len(e.world.segments)
    asked = np.bincount(e.line_segments, weights=e.asked, minlength=n)
    filled = np.bincount(e.line_segments, weights=e.at_once, minlength=n)
    rates = filled[asked > 0] / asked[asked > 0]
    if rates.size < 2:
        return Undefined("fewer than two segments ordered")
    return float(rates.min() / rates.max()) if rates.max() else Undefined("no segment was filled from stock")
