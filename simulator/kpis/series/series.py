"""A replication over time and by length of wait: series on a grid, counts by bin; their shapes depend on the world
only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

import simulator.kpis.evaluate  # noqa: F401  registers all KPIs in their order before one group is imported
from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.groups.waiting import AGES
from simulator.kpis.series.grid import area_per_cell, integral, per_cell, width_of
from simulator.kpis.series.money import money_series
from simulator.kpis.series.promises import promise_series
from simulator.model.amounts import in_units
from simulator.model.nouns import AT_CHECKOUT, NEVER_CAME, Cause, Exit
from simulator.record.ledger import BEFORE, Floats
from simulator.record.levels import Level

LEVELS: tuple[Level, ...] = ("backlog", "on_hand", "on_order")
EXITS = (
    "kept_at_once",
    "kept_late",
    "open",
    *(f"cancelled_{cause.name.lower()}" for cause in Cause),
    *(f"left_{way.name.lower()}" for way in AT_CHECKOUT),
)
"""What can become of a unit demanded; each unit ends in exactly one of these ways."""
SHIPMENTS = 4
"""Columns of the table of ages: not shipped yet, one shipment, two, three or more."""

OF_UNITS = ("level.", "flow.", "wait.", "exit")
"""How the names of series begin that count units."""

Series = Mapping[str, Floats]
"""By name: `level.*`, units, mean of each cell; `flow.*`, units in each cell; `event.K`, share of each cell in which
event number K lasts; `money.*`, currency in each cell; `cash.*`, balance at the end of each cell; `promise.*`, orders
by `PROMISE_EDGES` (`days_given`: by number of dates); `wait.SEGMENT.*`, units by `wait_edges`; `exit`, units by
`EXITS`; `age`, orders by bucket and number of shipments, row by row."""


def wait_edges(horizon: float) -> Floats:
    """Edges in days: bin 0 is a wait of exactly 0, bin k > 0 a wait in (edges[k - 1], edges[k]], the last is unbounded.

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
    """Computes all series of a run with records."""
    e.trim()
    found = dict(_all(e))
    if e.world.grain != 1.0:
        found = {
            name: in_units(e.world, values) if name.startswith(OF_UNITS) else values for name, values in found.items()
        }
    return found


def _all(e: Evidence) -> Iterator[tuple[str, Floats]]:
    for level in LEVELS:
        yield f"level.{level}", area_per_cell(e, level) / width_of(e.world)
    yield from _flows(e)
    yield from _events(e)
    e.trim()
    for name, units in zip((s.name for s in e.world.segments), _waits(e), strict=True):
        yield f"wait.{name}.ended", units[0]
        yield f"wait.{name}.cancelled", units[1]
        yield f"wait.{name}.open", units[2]
    yield "exit", _exits(e)
    yield "age", _ages(e)
    e.trim()
    yield from money_series(e)
    e.trim()
    yield from promise_series(e)


# --------------------------------------------------------------- over time
def _flows(e: Evidence) -> Iterator[tuple[str, Floats]]:
    facts, world = e.facts, e.world
    times = facts.demand.times
    yield "flow.asked", per_cell(world, times, np.where(facts.came, facts.units_by_order, 0.0))
    refused = facts.refused.own.having("exit", *(way for way in Exit if way not in NEVER_CAME))
    yield "flow.refused", per_cell(world, facts.demand.times[refused.numbers("order")], refused["units"])
    yield (
        "flow.filled",
        per_cell(world, times, facts.taken_by_order) + per_cell(world, facts.fills["time"], facts.fills["units"]),
    )
    left = facts.cancelled.where(facts.cancelled["held"] == 0)
    bought = facts.purchases.where(facts.purchases["time"] > BEFORE)
    for name, happened in (("cancelled", left), ("received", facts.receipts), ("bought", bought)):
        yield f"flow.{name}", per_cell(world, happened["time"], happened["units"])


def _events(e: Evidence) -> Iterator[tuple[str, Floats]]:
    """The share of each cell in which an event lasts; only events that happen in this run have a series."""
    for number in np.unique(e.facts.happened["event"]).astype(np.int64).tolist():
        mine = e.facts.happened.where(e.facts.happened["event"] == number)
        begin, end = mine["start"], mine["end"][mine["end"] < e.world.horizon]
        on = integral(e.world, [(begin, np.ones(begin.size)), (end, -np.ones(end.size))])
        yield f"event.{number}", np.clip(on / width_of(e.world), 0.0, 1.0)


# ------------------------------------------------------------------- waits
def _waits(e: Evidence) -> list[tuple[Floats, Floats, Floats]]:
    """Units of counted orders by segment and wait: filled, cancelled, still open."""
    facts, edges, n = e.facts, wait_edges(e.world.horizon), len(e.world.segments)

    def by_segment(orders: NDArray[np.integer], waits: Floats, units: NDArray[np.generic]) -> Floats:
        bins = np.minimum(np.searchsorted(edges, waits, side="left"), edges.size - 1)
        place = facts.demand.segments[orders].astype(np.int64) * edges.size + bins
        found = np.bincount(place, weights=units, minlength=n * edges.size)
        return found.astype(np.float64).reshape(n, edges.size)

    orders, still = facts.line_orders[e.lines], e.waiting > 0
    filled, cancelled = (
        by_segment(ended.numbers("order"), ended["time"] - ended["placed"], ended["units"]) for ended in e.ended
    )
    filled[:, 0] += e.taken_by_segment
    waiting = by_segment(orders[still], (e.end - e.since)[still], e.waiting[still])
    return list(zip(filled, cancelled, waiting, strict=True))


# ------------------------------------------------------------------- exits
def _exits(e: Evidence) -> Floats:
    """Units of counted lines by `EXITS`; goods that were taken back from an order count as cancelled."""
    served = e.asked - e.refused - e.cancelled() - e.waiting
    once = np.minimum(e.at_once, served)
    found = [once.sum(), (served - once).sum(), e.waiting.sum()]
    cancelled, refused = e.counted(e.facts.cancelled), e.counted(e.facts.refused)
    found += [cancelled.having("cause", cause)["units"].sum() for cause in Cause]
    found += [refused.having("exit", way)["units"].sum() for way in AT_CHECKOUT]
    return np.array(found, dtype=np.float64)


def _ages(e: Evidence) -> Floats:
    """Counted orders of which a unit had to wait, by the longest wait (bucket) and the shipments made so far."""
    facts, n = e.facts, len(e.facts.demand.times)
    longest = np.zeros(n)
    for ended in e.ended:
        np.maximum.at(longest, ended.numbers("order"), ended["time"] - ended["placed"])
    still = facts.line_orders[e.lines][e.waiting > 0]
    longest[still] = np.maximum(longest[still], e.end - np.minimum(facts.due[still], e.end))
    late = (longest > 0) & e.orders
    parcels = np.bincount(facts.parcels.own.numbers("order"), minlength=n)
    row = np.searchsorted(np.array(list(AGES.values())), longest[late], side="right")
    place = row * SHIPMENTS + np.minimum(parcels[late], SHIPMENTS - 1)
    return np.bincount(place, minlength=len(AGES) * SHIPMENTS).astype(np.float64)
