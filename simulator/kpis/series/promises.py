"""Promises kept and missed by days: delivery compared with the date promised first, and last."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simulator.kpis.evidence.evidence import Evidence
from simulator.record.ledger import Floats, Ints

PROMISE_EDGES: Floats = np.arange(-20.0, 41.0)
"""Days from the promised date to delivery: bin 0 ends at the first edge, bin k is (edges[k - 1], edges[k]]. They are
whole days, one after the other."""
SLIPS = 4
"""Orders by how many dates they were given in all: none, one, two, three and more."""


def promise_bins(days: Floats) -> Ints:
    """The bin of each of these differences, days; rounding up takes a tenth of the time of a search among the edges."""
    found: Ints = np.clip(np.ceil(days) - PROMISE_EDGES[0], 0, PROMISE_EDGES.size).astype(np.int64)
    return found


def promise_series(e: Evidence) -> Iterator[tuple[str, Floats]]:
    """Of counted orders that were delivered in full; nothing if no date is promised."""
    first, last = e.dates.first, e.dates.last
    if first is None or last is None:
        return
    there = e.orders & (e.dates.delivered < e.end)
    for name, promised in (("first", first), ("last", last)):
        off = (e.dates.delivered - promised)[there & ~np.isnan(promised)]
        found = np.bincount(promise_bins(off - 1e-9), minlength=PROMISE_EDGES.size + 1)
        yield f"promise.{name}", found.astype(np.float64)
    dates = np.bincount(e.counted(e.facts.promises).numbers("order"), minlength=e.orders.size)
    waited = np.unique(e.counted(e.facts.backordered).numbers("order"))
    found = np.bincount(np.minimum(dates[waited], SLIPS - 1), minlength=SLIPS)
    yield "promise.days_given", found.astype(np.float64)
