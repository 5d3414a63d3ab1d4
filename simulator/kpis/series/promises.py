"""Promises kept and missed by days: delivery compared with the date promised first, and last."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simulator.kpis.evidence.evidence import Evidence
from simulator.record.ledger import Floats

PROMISE_EDGES: Floats = np.arange(-20.0, 41.0)
"""Days from the promised date to delivery: bin 0 ends at the first edge, bin k is (edges[k - 1], edges[k]]."""
SLIPS = 4
"""Orders by how many dates they were given in all: none, one, two, three and more."""


def promise_series(e: Evidence) -> Iterator[tuple[str, Floats]]:
    """Of counted orders that were delivered in full; nothing if no date is promised."""
    first, last = e.dates.first, e.dates.last
    if first is None or last is None:
        return
    there = e.orders & (e.dates.delivered < e.end)
    for name, promised in (("first", first), ("last", last)):
        off = (e.dates.delivered - promised)[there & ~np.isnan(promised)]
        place = np.searchsorted(PROMISE_EDGES, off - 1e-9, side="left")
        yield f"promise.{name}", np.bincount(place, minlength=PROMISE_EDGES.size + 1).astype(np.float64)
    dates = np.bincount(e.counted(e.facts.promises).numbers("order"), minlength=e.orders.size)
    waited = np.unique(e.counted(e.facts.backordered).numbers("order"))
    found = np.bincount(np.minimum(dates[waited], SLIPS - 1), minlength=SLIPS)
    yield "promise.days_given", found.astype(np.float64)
