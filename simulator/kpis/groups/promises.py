"""Promises: how far delivery was from the date that was quoted, and how often the date moved."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simulator.kpis.evidence.evidence import Bools, Evidence
from simulator.kpis.groups.service import NO_PROMISE, share
from simulator.kpis.kpi import Undefined, Value, kpi
from simulator.record.ledger import Floats

AHEAD = {"0-3 d": 4.0, "4-7 d": 8.0, "8-14 d": 15.0, "15-30 d": 31.0, "31+ d": np.inf}
"""How far away the promised day was when it was quoted, and the day before which each bucket ends."""
NONE_DUE = Undefined("no promised day lies in the counted window")


def _due(e: Evidence, promised: Floats) -> Bools:
    """Counted orders whose promised day came within the run and that nobody had cancelled by then."""
    cancelled = np.full(promised.size, np.inf)
    own = e.run.cancelled["order"] >= 0
    np.minimum.at(cancelled, e.run.cancelled["order"][own].astype(np.int64), e.run.cancelled["time"][own])
    refused = np.zeros(promised.size, dtype=bool)
    left = e.run.refused["order"].astype(np.int64)
    refused[left[left >= 0]] = True
    due: Bools = e.orders & (promised < e.end) & (cancelled > promised) & ~refused
    return due


@kpi("promise", "d", "neither", "orders delivered that had a date")
def promise_error(e: Evidence) -> Value:
    """Mean days from the day promised first to the delivery of everything (below 0: early)."""
    promised = e.dates.first
    if promised is None:
        return NO_PROMISE
    error = (e.dates.delivered - promised)[e.orders & (e.dates.delivered < e.end)]
    error = error[~np.isnan(error)]
    return float(error.mean()) if error.size else NONE_DUE


@kpi("promise", "share", "lower", "orders whose promised day came")
def promise_late_share(e: Evidence) -> Value:
    """Orders that were not wholly delivered on the day promised first, of those not cancelled by then."""
    promised = e.dates.first
    if promised is None:
        return NO_PROMISE
    due = _due(e, promised)
    return share((due & e.dates.missed(promised)).sum(), due.sum(), NONE_DUE)


@kpi("promise", "slips", "lower", "orders on backorder that had a date")
def promise_slips(e: Evidence) -> Value:
    """How often the seller moved the day of an order to a later one, told or not, mean over orders with a date."""
    if e.dates.first is None:
        return NO_PROMISE
    facts = e.run.promises
    order = facts["order"].astype(np.int64)
    mine = order >= 0
    mine[mine] = e.orders[order[mine]]
    order, date = order[mine], facts["date"][mine]
    place = np.lexsort((np.arange(order.size), order))
    order, date = order[place], date[place]
    same = np.append(False, order[1:] == order[:-1])
    later = same & (date > np.append(np.inf, date[:-1]) + 1e-9)
    return share(later.sum(), np.unique(order).size, Undefined("no order on backorder was given a date"))


@kpi("promise", "share", "neither", "orders by the days that were quoted", parts=tuple(AHEAD))
def promise_calibration(e: Evidence) -> Mapping[str, Value]:
    """Orders late against the day promised first, by how far away it was; a promise at 90 % should be late in 10 %."""
    promised = e.dates.first
    if promised is None:
        return dict.fromkeys(AHEAD, NO_PROMISE)
    due, late = _due(e, promised), e.dates.missed(promised)
    with np.errstate(invalid="ignore"):
        bucket = np.searchsorted(np.array(list(AHEAD.values())), promised - e.run.demand.times, side="right")
    return {
        name: share((due & late & (bucket == k)).sum(), (due & (bucket == k)).sum(), NONE_DUE)
        for k, name in enumerate(AHEAD)
    }
