"""Promises kept and missed by days: delivery compared with the date promised first, and last."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simulator.kpis.evidence.evidence import Evidence
from simulator.record.ledger import Floats, Ints

PROMISE_EDGES: Floats = np.arange(-20.0, 41.0)
"""Days from the promised date to delivery: bin 0 ends at the first edge, bin k is (edges[k - 1], edges[k]]. The edges
are consecutive whole days."""
SLIPS = 4
"""Orders by how many dates they were given in all: none, one, two, three and more."""


def promise_bins(days: Floats) -> Ints:
    """The bin of each difference in days."""
    # The edges are whole days, so rounding up finds the bin; a search takes ten times as long.
    found: Ints = np.clip(np.ceil(days) - PROMISE_EDGES[0], 0, PROMISE_EDGES.size).astype(np.int64)
    return found


def promise_series(e: Evidence) -> Iterator[tuple[str, Floats]]:
    """Of counted orders that were delivered in full; nothing if no date is promised."""
    first, last = e.dates.first, e.dates.last
    if first is None or last is None:
        return
    there = e.orders & (e.dates.delivered < e.end)

    def by_days(promised: Floats) -> Floats:
        off = (e.dates.delivered - promised)[there & ~np.isnan(promised)]
        return np.bincount(promise_bins(off - 1e-9), minlength=PROMISE_EDGES.size + 1).astype(np.float64)

    yield "promise.first", (found := by_days(first))
    yield "promise.last", found if last is first else by_days(last)
    dates = np.bincount(e.counted(e.facts.promises).numbers("order"), minlength=e.orders.size)
    waited = np.zeros(e.orders.size, dtype=bool)
    waited[e.counted(e.facts.backordered).numbers("order")] = True
    given = np.bincount(np.minimum(dates[waited], SLIPS - 1), minlength=SLIPS)
    yield "promise.days_given", given.astype(np.float64)
