"""What a replication looks like over time and by length of wait: thinned series, counts by bin, always of one shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

import simulator.kpis.evaluate  # noqa: F401  registers all KPIs in their order before one group is imported
from simulator.kpis.evidence.evidence import Bools, Evidence, Ints
from simulator.kpis.groups.waiting import AGES
from simulator.kpis.series.grid import area_per_cell, integral, per_cell, width_of
from simulator.kpis.series.money import money_series
from simulator.kpis.series.promises import promise_series
from simulator.model.nouns import NEVER_CAME, Cause, Exit
from simulator.record.ledger import Floats
from simulator.record.levels import Level

LEVELS: tuple[Level, ...] = ("backlog", "on_hand", "on_order")
EXITS = (
    "kept_at_once",
    "kept_late",
    "open",
    *(f"cancelled_{cause.name.lower()}" for cause in Cause),
    *(f"left_{way.name.lower()}" for way in Exit if way not in NEVER_CAME),
)
"""Where a unit that was asked for ends; every unit ends in one of them."""
SHIPMENTS = 4
"""Columns of the table of ages: not shipped yet, one shipment, two, three and more."""

Series = Mapping[str, Floats]
"""By name. `level.*` units, mean of each cell; `flow.*` units in each cell; `event.K` share of each cell in which the
event numbered K is on; `money.*` currency in each cell; `cash.*` balance at the end
of each cell; `promise.*` orders by `PROMISE_EDGES` (`days_given`: by how
many); `wait.SEGMENT.*` units by `wait_edges`; `exit` units by `EXITS`; `age` orders by bucket and number of shipments,
row by row."""


def wait_edges(horizon: float) -> Floats:
    """Days: bin 0 is a wait of exactly 0, bin k > 0 a wait in (edges[k - 1], edges[k]], the last one has no end.

    >>> wait_edges(10.0)[:5].tolist()
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    pieces = ((1, 0.25), (2, 0.5), (15, 1), (30, 2), (60, 3), (120, 5), (360, 15), (720, 60), (7300, 365))
    edges = [0.0]
    for end, step in pieces:
        edges += np.arange(edges[-1] + step, end + step / 2, step).tolist()
    found = np.array(edges)
    return found[: int(np.searchsorted(found, horizon, side="left")) + 1]


def measure(e: Evidence) -> Series:
    """All series of a run with records, each of a length that the world alone decides."""
    return dict(_all(e))


def _all(e: Evidence) -> Iterator[tuple[str, Floats]]:
    for level in LEVELS:
        yield f"level.{level}", area_per_cell(e, level) / width_of(e.world)
    yield from _flows(e)
    yield from _events(e)
    for name, units in zip((s.name for s in e.world.segments), _waits(e), strict=True):
        yield f"wait.{name}.ended", units[0]
        yield f"wait.{name}.cancelled", units[1]
        yield f"wait.{name}.open", units[2]
    yield "exit", _exits(e)
    yield "age", _ages(e).ravel()
    yield from money_series(e)
    yield from promise_series(e)


# --------------------------------------------------------------- over time
def _flows(e: Evidence) -> Iterator[tuple[str, Floats]]:
    run, world = e.run, e.world
    times = run.demand.times[run.line_orders]
    came = run.came[run.line_orders]
    yield "flow.asked", per_cell(world, times[came], run.demand.quantities[came])
    own = (run.refused["order"] >= 0) & ~np.isin(run.refused["exit"], NEVER_CAME)
    placed = run.demand.times[run.refused["order"][own].astype(np.int64)]
    yield "flow.refused", per_cell(world, placed, run.refused["units"][own])
    once = per_cell(world, times, e.taken)
    yield "flow.filled", once + per_cell(world, run.fills["time"], run.fills["units"])
    left = run.cancelled["held"] == 0
    yield "flow.cancelled", per_cell(world, run.cancelled["time"][left], run.cancelled["units"][left])
    yield "flow.received", per_cell(world, run.receipts["time"], run.receipts["units"])
    yield "flow.bought", per_cell(world, run.purchases["time"], run.purchases["units"])


def _events(e: Evidence) -> Iterator[tuple[str, Floats]]:
    """Only events that happen in this run have a series."""
    happened = e.run.happened
    for number in np.unique(happened["event"]).astype(np.int64).tolist():
        mine = happened["event"] == number
        begin, end = happened["start"][mine], happened["end"][mine]
        end = end[end < e.world.horizon]
        on = integral(e.world, [(begin, np.ones(begin.size)), (end, -np.ones(end.size))])
        yield f"event.{number}", np.clip(on / width_of(e.world), 0.0, 1.0)


# ------------------------------------------------------------------- waits
def _waits(e: Evidence) -> list[tuple[Floats, Floats, Floats]]:
    """Units of counted orders by segment and wait: filled, cancelled, still open."""
    run, edges, n = e.run, wait_edges(e.world.horizon), len(e.world.segments)
    segment = run.demand.segments.astype(np.int64)

    def by_segment(orders: Floats, waits: Floats, units: NDArray[np.generic]) -> Floats:
        place = segment[orders.astype(np.int64)] * edges.size + _bins(edges, waits)
        found = np.bincount(place, weights=units, minlength=n * edges.size)
        return found.astype(np.float64).reshape(n, edges.size)

    lines = e.lines
    numbers = run.line_orders[lines].astype(np.float64)
    filled = by_segment(numbers, np.zeros(numbers.size), e.taken[lines])
    mine = (run.fills["placed"] >= e.start) & (run.fills["order"] >= 0)
    facts = {name: column[mine] for name, column in run.fills.items()}
    filled += by_segment(facts["order"], facts["time"] - facts["placed"], facts["units"])
    mine = (run.cancelled["placed"] >= e.start) & (run.cancelled["order"] >= 0) & (run.cancelled["held"] == 0)
    facts = {name: column[mine] for name, column in run.cancelled.items()}
    cancelled = by_segment(facts["order"], facts["time"] - facts["placed"], facts["units"])
    still = e.waiting > 0
    waited = e.end - run.demand.times[numbers[still].astype(np.int64)]
    waiting = by_segment(numbers[still], waited, e.waiting[still])
    return list(zip(filled, cancelled, waiting, strict=True))


def _bins(edges: Floats, waits: Floats) -> Ints:
    return np.minimum(np.searchsorted(edges, waits, side="left"), edges.size - 1).astype(np.int64)


# ------------------------------------------------------------------- exits
def _exits(e: Evidence) -> Floats:
    """Units of counted lines by `EXITS`; goods that were taken back off an order count where it was cancelled."""
    instant = e.at_once
    served = e.asked - e.refused - e.cancelled() - e.waiting
    once = np.minimum(instant, served)
    found = [once.sum(), (served - once).sum(), e.waiting.sum()]
    found += [e.cancelled(cause).sum() for cause in Cause]
    found += [e.left(way).sum() for way in Exit if way not in NEVER_CAME]
    return np.array(found, dtype=np.float64)


def _ages(e: Evidence) -> Floats:
    """Counted orders of which a unit had to wait, by the longest wait (bucket) and the shipments made so far."""
    run, n = e.run, len(e.run.demand.times)
    longest = np.zeros(n)
    waiting = run.cancelled["held"] == 0
    for facts, chosen in (
        (run.fills, run.fills["order"] >= 0),
        (run.cancelled, waiting & (run.cancelled["order"] >= 0)),
    ):
        number = facts["order"][chosen].astype(np.int64)
        np.maximum.at(longest, number, (facts["time"] - facts["placed"])[chosen])
    still = run.line_orders[e.lines][e.waiting > 0]
    longest[still] = np.maximum(longest[still], e.end - run.demand.times[still])
    late: Bools = (longest > 0) & e.orders
    own = run.parcels["order"] >= 0
    parcels = np.bincount(run.parcels["order"][own].astype(np.int64), minlength=n)
    row = np.searchsorted(np.array(list(AGES.values())), longest[late], side="right")
    place = row * SHIPMENTS + np.minimum(parcels[late], SHIPMENTS - 1)
    return np.bincount(place, minlength=len(AGES) * SHIPMENTS).astype(np.float64).reshape(len(AGES), SHIPMENTS)
