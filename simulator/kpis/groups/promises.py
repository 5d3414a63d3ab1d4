"""Promises: how far delivery was from the promised date, and how often the date moved."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.groups.service import NO_PROMISE, share
from simulator.kpis.kpi import Undefined, Value, kpi
from simulator.record.ledger import Bools, Floats

AHEAD = {"0-3 d": 4.0, "4-7 d": 8.0, "8-14 d": 15.0, "15-30 d": 31.0, "31+ d": np.inf}
"""How many days ahead the promised date was when it was quoted, and the day before which each bucket ends."""
NONE_REACHED = Undefined("no promised date lies in the counted window")


def _reached(e: Evidence, promised: Floats) -> Bools:
    """Counted orders whose promised date lies within the run and that nobody had cancelled by then."""
    cancelled = np.full(promised.size, np.inf)
    facts = e.facts.cancelled.own
    np.minimum.at(cancelled, facts.numbers("order"), facts["time"])
    found: Bools = e.orders & (promised < e.end) & (cancelled > promised)
    found[e.facts.refused.own.numbers("order")] = False
    return found


@kpi("promise", "d", "neither", "orders delivered that had a date")
def promise_error(e: Evidence) -> Value:
    """Mean days from the date promised first to the delivery of the whole order (below 0: early)."""
    promised = e.dates.first
    if promised is None:
        return NO_PROMISE
    error = (e.dates.delivered - promised)[e.orders & (e.dates.delivered < e.end)]
    error = error[~np.isnan(error)]
    return float(error.mean()) if error.size else NONE_REACHED


@kpi("promise", "share", "lower", "orders whose promised date was reached")
def promise_late_share(e: Evidence) -> Value:
    """Orders that were not delivered in full by the date promised first, of those not cancelled by then."""
    promised = e.dates.first
    if promised is None:
        return NO_PROMISE
    reached = _reached(e, promised)
    return share((reached & e.dates.missed(promised)).sum(), reached.sum(), NONE_REACHED)


@kpi("promise", "slips", "lower", "orders on backorder that had a date")
def promise_slips(e: Evidence) -> Value:
    """How often the seller moved the date of an order to a later one, told to the customer or not, mean over orders
    with a date."""
    if e.dates.first is None:
        return NO_PROMISE
    waited = np.zeros(e.orders.size, dtype=bool)
    waited[e.facts.backordered.own.numbers("order")] = True
    facts = e.counted(e.facts.promises)
    facts = facts.where(waited[facts.numbers("order")])
    facts = facts.where(np.argsort(facts["order"], kind="stable"))
    order, date = facts["order"], facts["date"]
    same = np.append(False, order[1:] == order[:-1])
    later = same & (date > np.append(np.inf, date[:-1]) + 1e-9)
    return share(later.sum(), np.unique(order).size, Undefined("no order on backorder was given a date"))


@kpi("promise", "share", "neither", "orders by days quoted", parts=tuple(AHEAD))
def promise_calibration(e: Evidence) -> Mapping[str, Value]:
    """Orders late against the date promised first, by how many days ahead it was; of promises at 90 %, 10 % should be
    late."""
    promised = e.dates.first
    if promised is None:
        return dict.fromkeys(AHEAD, NO_PROMISE)
    reached, late = _reached(e, promised), e.dates.missed(promised)
    with np.errstate(invalid="ignore"):
        bucket = np.searchsorted(np.array(list(AHEAD.values())), promised - e.facts.demand.times, side="right")
    return {
        name: share((reached & late & (bucket == k)).sum(), (reached & (bucket == k)).sum(), NONE_REACHED)
        for k, name in enumerate(AHEAD)
    }
