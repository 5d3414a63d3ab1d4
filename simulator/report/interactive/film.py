"""The film of the queue: what became of every line in a window of days, policy by policy, as a page that plays it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from simulator.foundation.errors import UserError
from simulator.model.nouns import Cause
from simulator.record.levels import Level
from simulator.record.parts import NEVER, Part, open_between, parts
from simulator.record.run import Run
from simulator.report.templates import page

MOST_PARTS = 4000
"""Tokens of one policy; of more, every second, third, … order is shown."""
MOST_POINTS = 1500
"""Points of a level."""
DAYS = 30.0
LEAD = 8.0
"""Days shown before the peak of the backlog, where nobody says from which day."""


def film(runs: Sequence[Run], title: str, start: float | None = None, days: float = DAYS) -> str:
    """The page: one lane a run, all of the same seed and replication.

    Args:
        runs: of one scenario, one or two of them.
        title: the scenario's.
        start: the first day; some days before the largest backlog of the first run unless given.
        days: how many.

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
        UserError: it has no day in the run.
    """
    horizon = run.world.horizon
    if start is None:
        path = run.level("backlog")
        peak = float(path.times[int(np.argmax(path.values))])
        start = max(0.0, min(math.floor(peak - LEAD), horizon - days))
    if not 0 <= start < horizon:
        raise UserError(f"--from: day {start:g} is not in the run; it has days 0 to {horizon:g}")
    if not days > 0:
        raise UserError(f"--days: {days:g} is no length of a film; more than 0 is due")
    return start, min(start + days, horizon)


def lane(run: Run, start: float, end: float) -> dict[str, Any]:
    """What the page knows of one run: tokens, levels, and what happened, in words."""
    orders = open_between(run, start, end)
    found = {order: [p for p in some if p.over >= start] for order, some in parts(run, orders).items()}
    count = sum(map(len, found.values()))
    nth = max(1, math.ceil(count / MOST_PARTS))
    tokens = [p for order, some in found.items() if nth == 1 or order % nth == 0 for p in some]
    return {
        "policy": run.policy,
        "every": nth,
        "tokens": [_token(run, p) for p in sorted(tokens, key=lambda p: (p.placed, p.order, p.line))],
        "levels": {level: _level(run, level, start, end) for level in ("on_hand", "on_order", "backlog")},
        "items": [_level(run, "on_hand", start, end, item.name) for item in run.world.items][:8],
        "happened": happened(run, [p for some in found.values() for p in some], start, end),
    }


def _token(run: Run, part: Part) -> list[float | None]:
    """[placed, filled, shipped, delivered, gone, units, segment, item, order]; null: not in this run."""
    segment = int(run.demand.segments[part.order]) if part.order >= 0 else 0
    dates = (part.placed, part.filled, part.shipped, part.delivered, part.gone)
    return [*(None if d == NEVER else round(d, 4) for d in dates), part.units, segment, part.item, part.order]


def _level(run: Run, level: Level, start: float, end: float, item: str | None = None) -> list[list[float]]:
    """[days, units] of a level in the window, thinned; it holds from each day on."""
    path = run.level(level, item)
    first = max(int(np.searchsorted(path.times, start, side="right")) - 1, 0)
    last = int(np.searchsorted(path.times, end, side="left"))
    rows = np.arange(first, max(last, first + 1))
    if rows.size > MOST_POINTS:
        rows = rows[np.linspace(0, rows.size - 1, MOST_POINTS).astype(int)]
    return [np.round(np.maximum(path.times[rows], start), 4).tolist(), path.values[rows].tolist()]


def happened(run: Run, every: Sequence[Part], start: float, end: float) -> list[list[Any]]:
    """[day, kind, text] of all that happened in the window, in order; one function a kind of fact."""
    found = [
        *_placed(run, every),
        *_received(run, every),
        *_bought(run),
        *_left(run, every),
        *_shipped(every),
        *_mishaps(run, start),
    ]
    inside = [(day, kind, text) for day, kind, text in found if start <= day < end]
    return [[round(day, 4), kind, text] for day, kind, text in sorted(inside, key=lambda h: h[0])]


Happened = list[tuple[float, str, str]]


def _units(units: float, what: str) -> str:
    return f"{units:,.12g} {what}"


def _placed(run: Run, every: Sequence[Part]) -> Happened:
    orders: dict[int, list[Part]] = {}
    for part in every:
        orders.setdefault(part.order, []).append(part)
    found = []
    for number, some in orders.items():
        if number < 0:
            continue
        segment = run.world.segments[int(run.demand.segments[number])].name
        asked: Counter[str] = Counter()
        for part in some:
            asked[run.world.items[part.item].name] += int(part.units)
        late = sum(part.units for part in some if part.filled > part.placed and part.gone > part.placed)
        wish = ", ".join(_units(units, name) for name, units in asked.items())
        then = f"; {late:g} not there" if late else ""
        found.append((some[0].placed, "order", f"order {number} by {segment}: {wish}{then}"))
    return found


def _received(run: Run, every: Sequence[Part]) -> Happened:
    served: Counter[tuple[float, int]] = Counter()
    for part in every:
        if part.placed < part.filled < NEVER:
            served[part.filled, part.item] += int(part.units)
    found = []
    facts = run.receipts
    for time, item, supplier, units in zip(
        *(facts[k].tolist() for k in ("time", "item", "supplier", "units")), strict=True
    ):
        name = run.world.items[int(item)].name
        used = served.pop((time, int(item)), 0)
        then = f"; {used} go to who has waited" if used else ""
        what = _units(units, name)
        found.append((time, "receipt", f"{what} received from {run.world.suppliers[int(supplier)].name}{then}"))
    return found


def _bought(run: Run) -> Happened:
    facts = run.purchases
    rows = zip(*(facts[k].tolist() for k in ("time", "item", "supplier", "units")), strict=True)
    return [
        (
            time,
            "purchase",
            f"{_units(units, run.world.items[int(i)].name)} bought from {run.world.suppliers[int(s)].name}",
        )
        for time, i, s, units in rows
    ]


def _left(run: Run, every: Sequence[Part]) -> Happened:
    found = []
    for part in every:
        if part.gone < NEVER:
            what = _units(part.units, run.world.items[part.item].name)
            if part.cause < 0:
                found.append((part.gone, "refused", f"{what} not ordered: out of stock"))
            else:
                why = Cause(part.cause).name.lower().replace("_", " ")
                waited = part.gone - part.placed
                found.append(
                    (part.gone, "cancelled", f"{what} cancelled after {waited:.1f} d ({why}), order {part.order}")
                )
    return found


def _shipped(every: Sequence[Part]) -> Happened:
    parcels: dict[tuple[float, int], float] = {}
    for part in every:
        if part.placed < part.shipped < NEVER:
            parcels[part.shipped, part.order] = parcels.get((part.shipped, part.order), 0.0) + part.units
    return [
        (day, "parcel", f"a parcel of {units:g} for order {order} leaves") for (day, order), units in parcels.items()
    ]


def _mishaps(run: Run, start: float) -> Happened:
    facts = run.happened
    found: Happened = []
    for begin, until, event in zip(
        facts["start"].tolist(), facts["end"].tolist(), facts["event"].tolist(), strict=True
    ):
        name = run.world.events[int(event)].name
        found.append((begin, "event", f"{name} begins"))
        if math.isfinite(until):
            found.append((until, "event", f"{name} ends"))
    return [(day, kind, text) for day, kind, text in found if day >= start]
