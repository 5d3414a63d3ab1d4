"""Levels over time as the page draws them: backlog and stock of everything, an item or a segment."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from simulator.lab.what_if.measuring import Part
from simulator.model.amounts import in_units
from simulator.record.ledger import FactColumns, Floats
from simulator.record.levels import StepFunction, backorders, step_function
from simulator.record.run import Run

POINTS = 360
"""Points of a line."""


def levels(run: Run, part: Part) -> dict[str, Any]:
    """Backlog and stock on hand on evenly spaced days, and what happened in this replication."""
    item = part.name if part.kind == "item" else None
    backlog = _backlog_of(run, part.name) if part.kind == "segment" else run.level("backlog", item)
    days = np.linspace(0.0, run.world.horizon, POINTS + 1)[:-1]
    return {
        "days": np.round(days, 3).tolist(),
        "backlog": _highest(backlog, days),
        "on_hand": _at(run.level("on_hand", item), days),
        "happened": happened(run),
    }


def _at(path: StepFunction, days: Floats) -> list[float]:
    found: list[float] = path.values[np.maximum(np.searchsorted(path.times, days, side="right") - 1, 0)].tolist()
    return found


def _highest(path: StepFunction, days: Floats) -> list[float]:
    """The highest value from each day to the next, so that no peak is missed."""
    first = np.maximum(np.searchsorted(path.times, days, side="right") - 1, 0)
    last = np.append(first[1:], path.times.size - 1) + 1
    return [float(path.values[a : max(b, a + 1)].max()) for a, b in zip(first.tolist(), last.tolist(), strict=True)]


def _backlog_of(run: Run, segment: str) -> StepFunction:
    """The backlog of a segment's orders."""
    names = [s.name for s in run.world.segments]
    mine = np.append(run.demand.segments == names.index(segment), False) if segment in names else np.zeros(1, bool)

    def of(facts: FactColumns) -> np.ndarray[Any, np.dtype[np.bool_]]:
        orders = facts.numbers("order")
        return mine[np.where(orders < 0, -1, orders)]

    times, _, units = backorders(run)
    short = of(run.backordered)
    pieces = [(times[short], np.asarray(units, dtype=np.float64)[short])]
    for facts in (run.fills, run.cancelled.where(~(run.cancelled["held"] > 0))):
        own = of(facts)
        pieces.append((facts["time"][own], -facts["units"][own]))
    path = step_function(
        np.concatenate([np.zeros(1), *(t for t, _ in pieces)]), np.concatenate([np.zeros(1), *(u for _, u in pieces)])
    )
    return StepFunction(path.times, in_units(run.world, path.values))


def happened(run: Run) -> list[dict[str, Any]]:
    """The events of a replication: name, first and last day."""
    rows = zip(*(run.happened[name].tolist() for name in ("start", "end", "event")), strict=True)
    return [
        {"name": run.world.events[int(event)].name, "from": start, "to": end if math.isfinite(end) else None}
        for start, end, event in rows
        if start < run.world.horizon
    ][:200]
