"""The film of the queue: every order line in a window of days, policy by policy, as an animated page."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from simulator.foundation.errors import UserError
from simulator.model.amounts import amount, in_units, of_item
from simulator.model.nouns import Cause
from simulator.record.ledger import BEFORE, Floats, Ints
from simulator.record.levels import Level
from simulator.record.parts import NEVER, OrderPart, open_between, parts
from simulator.record.run import Run
from simulator.report.templates import page

MOST_PARTS = 4000
"""Tokens of one policy; if there are more, only every second, third, … order is shown."""
MOST_POINTS = 1500
"""Points of a level."""
DAYS = 30.0
LEAD = 8.0
"""Days shown before the peak of the backlog, unless the first day is given."""


def film(runs: Sequence[Run], title: str, start: float | None = None, days: float = DAYS) -> str:
    """The page: a lane for each run; all runs have the same seed and replication.

    Args:
        runs: of one scenario, one or two of them.
        title: the scenario's.
        start: the first day; unless given, some days before the largest backlog of the first run.
        days: length of the window.

    Raises:
        UserError: the window lies outside of the run.
    """
    first = runs[0]
    start, end = window(first, start, days)
    data = {
        "title": title,
        "seed": first.seed,
        "replication": first.replication,
        "start": None if first.world.start is None else first.world.start.isoformat(),
        "from": start,
        "to": end,
        "segments": [segment.name for segment in first.world.segments],
        "items": [item.name for item in first.world.items],
        "lanes": [lane(run, start, end) for run in runs],
    }
    return page("film", data, f"{title}: the film of the queue")


def window(run: Run, start: float | None, days: float) -> tuple[float, float]:
    """First and last day of the film, within the run.

    Raises:
        UserError: the window lies outside of the run.
    """
    horizon = run.world.horizon
    if start is None:
        path = run.level("backlog")
        peak = float(path.times[int(np.argmax(path.values))])
        start = max(0.0, min(math.floor(peak - LEAD), horizon - days))
    if not 0 <= start < horizon:
        raise UserError(f"--from: day {start:g} is not in the run, which has days 0 to {horizon:g}")
    if not days > 0:
        raise UserError(f"--days must be greater than 0, got {days:g}")
    return start, min(start + days, horizon)


def lane(run: Run, start: float, end: float) -> dict[str, Any]:
    """The page's data of one run: tokens, levels, and what happened."""
    orders = open_between(run, start, end)
    found = {order: [p for p in members if p.over >= start] for order, members in parts(run, orders).items()}
    count = sum(map(len, found.values()))
    nth = max(1, math.ceil(count / MOST_PARTS))
    tokens = [p for order, members in found.items() if order % nth == 0 for p in members]
    return {
        "policy": run.policy,
        "every": nth,
        "tokens": [_token(run, p) for p in sorted(tokens, key=lambda p: (p.placed, p.order, p.line))],
        "levels": {level: _level(run, level, start, end) for level in ("on_hand", "on_order", "backlog")},
        "items": [_level(run, "on_hand", start, end, item.name) for item in run.world.items][:8],
        "happened": happened(run, [p for members in found.values() for p in members], start, end),
    }


def _token(run: Run, part: OrderPart) -> list[float | None]:
    """[placed, filled, shipped, delivered, gone, units, segment, item, order]; null: never in this run."""
    segment = int(run.demand.segments[part.order]) if part.order >= 0 else 0
    dates = (part.placed, part.filled, part.shipped, part.delivered, part.gone)
    return [
        *(None if d == NEVER else round(d, 4) for d in dates),
        in_units(run.world, part.units),
        segment,
        part.item,
        part.order,
    ]


def _level(run: Run, level: Level, start: float, end: float, item: str | None = None) -> list[list[float]]:
    """[days, units] of a level in the window, thinned; each value holds from its day on."""
    path = run.level(level, item)
    first = max(int(np.searchsorted(path.times, start, side="right")) - 1, 0)
    last = int(np.searchsorted(path.times, end, side="left"))
    rows = np.arange(first, max(last, first + 1))
    if rows.size > MOST_POINTS:
        rows = rows[np.linspace(0, rows.size - 1, MOST_POINTS).astype(int)]
    return [np.round(np.maximum(path.times[rows], start), 4).tolist(), path.values[rows].tolist()]


def happened(run: Run, every: Sequence[OrderPart], start: float, end: float) -> list[list[Any]]:
    """[day, kind, text] of all that happened in the window, in order of time."""
    found = [
        *_placed(run, every),
        *_received(run, every),
        *_bought(run),
        *_left(run, every),
        *_shipped(run, every),
        *_events(run),
    ]
    inside = [(day, kind, text) for day, kind, text in found if start <= day < end]
    return [[round(day, 4), kind, text] for day, kind, text in sorted(inside, key=lambda h: h[0])]


Happened = Iterator[tuple[float, str, str]]


def _rows(facts: Mapping[str, Floats | Ints], *names: str) -> Iterator[tuple[Any, ...]]:
    return zip(*(facts[name].tolist() for name in names), strict=True)


def _units(run: Run, units: float, item: int) -> str:
    if run.world.grain == 1.0 and not run.world.items[int(item)].unit:
        return f"{units:,.12g} {run.world.items[int(item)].name}"
    return of_item(run.world, units, item)


def _placed(run: Run, every: Sequence[OrderPart]) -> Happened:
    orders: dict[int, list[OrderPart]] = {}
    for part in every:
        orders.setdefault(part.order, []).append(part)
    for number, members in orders.items():
        if number >= 0:
            segment = run.world.segments[int(run.demand.segments[number])].name
            ordered: Counter[int] = Counter()
            for part in members:
                ordered[part.item] += int(part.units)
            wish = ", ".join(_units(run, units, item) for item, units in ordered.items())
            late = sum(part.units for part in members if part.filled > part.placed and part.gone > part.placed)
            then = f"; {amount(run.world, late)} on backorder" if late else ""
            yield members[0].placed, "order", f"order {run.name_of(number)} by {segment}: {wish}{then}"


def _received(run: Run, every: Sequence[OrderPart]) -> Happened:
    served: Counter[tuple[float, int]] = Counter()
    for part in every:
        if part.placed < part.filled < NEVER:
            served[part.filled, part.item] += int(part.units)
    for time, item, supplier, units in _rows(run.receipts, "time", "item", "supplier", "units"):
        # Several receipts of an item at one moment are used up in turn.
        used = min(served[time, int(item)], int(units))
        served[time, int(item)] -= used
        then = f"; {amount(run.world, used)} for waiting orders" if used else ""
        yield (
            time,
            "receipt",
            f"{_units(run, units, item)} received from {run.world.suppliers[int(supplier)].name}{then}",
        )


def _bought(run: Run) -> Happened:
    for time, item, supplier, units in _rows(run.purchases, "time", "item", "supplier", "units"):
        if time > BEFORE:
            yield time, "purchase", f"{_units(run, units, item)} bought from {run.world.suppliers[int(supplier)].name}"


def _left(run: Run, every: Sequence[OrderPart]) -> Happened:
    for part in every:
        if part.gone < NEVER:
            what = _units(run, part.units, part.item)
            if part.cause < 0:
                yield part.gone, "refused", f"{what} not ordered: out of stock"
            else:
                why, waited = Cause(part.cause).name.lower().replace("_", " "), part.gone - part.placed
                text = f"{what} cancelled after {waited:.1f} d ({why}), order {run.name_of(part.order)}"
                yield part.gone, "cancelled", text


def _shipped(run: Run, every: Sequence[OrderPart]) -> Happened:
    parcels: defaultdict[tuple[float, int], float] = defaultdict(float)
    for part in every:
        if part.placed < part.shipped < NEVER:
            parcels[part.shipped, part.order] += part.units
    for (day, order), units in parcels.items():
        yield day, "parcel", f"parcel of {amount(run.world, units)} shipped for order {run.name_of(order)}"


def _events(run: Run) -> Happened:
    for begin, until, event in _rows(run.happened, "start", "end", "event"):
        yield begin, "event", f"{run.world.events[int(event)].name} begins"
        if math.isfinite(until):
            yield until, "event", f"{run.world.events[int(event)].name} ends"
