"""What a disruption did: days survived, the backlog it left, when that was cleared, when service was back."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.record.ledger import Floats
from simulator.record.levels import Path, at_once
from simulator.record.run import Run

WEEK = 7.0
"""Days over which service is taken when it is asked whether it is back."""
NEARLY = 0.95
"""Service is back at this share of what it was before."""


class Aftermath(NamedTuple):
    """What a disruption from `start` to `end` did to a level (the backlog), against what the level would have been."""

    peak: float
    """Most units above that."""
    area: float
    """Unit-days above that, up to the clearing or the horizon."""
    clear: float | None
    """Days from the end of the disruption until the level is back; None: not before the horizon."""


def aftermath(level: Path, start: float, end: float, horizon: float) -> Aftermath:
    """Of a level that is 0 where the disruption changes nothing; it is cleared when it is back at 0 after the end."""
    times, values = level
    first = max(int(np.searchsorted(times, start, side="right")) - 1, 0)
    times, values = np.maximum(times[first:], start), values[first:]
    at_end = int(np.searchsorted(times, end, side="right")) - 1
    back = np.flatnonzero((values <= 0) & (np.arange(values.size) >= at_end))
    cleared = max(float(times[back[0]]), end) if back.size else None
    if cleared is not None and cleared >= horizon:
        cleared = None
    until = horizon if cleared is None else cleared
    inside = times < until
    widths = np.diff(np.append(times[inside], until))
    above = np.maximum(values[inside], 0.0)
    return Aftermath(
        float(above.max(initial=0.0)), float((above * widths).sum()), None if cleared is None else cleared - end
    )


def above(level: Path, start: float) -> Path:
    """A level less what it was just before a time."""
    before = int(np.searchsorted(level.times, start, side="left")) - 1
    return Path(level.times, level.values - level.values[max(before, 0)])


def difference(level: Path, other: Path) -> Path:
    """One level less another, at every time at which one of them changes."""
    times = np.union1d(level.times, other.times)
    values = [path.values[np.searchsorted(path.times, times, side="right") - 1] for path in (level, other)]
    return Path(times, values[0] - values[1])


def shortages(run: Run) -> tuple[Floats, Floats]:
    """When units were short (backordered or lost at checkout), and how many."""
    found = []
    for facts in (run.backordered, run.refused):
        own = facts["order"] >= 0
        found.append((run.demand.times[facts["order"][own].astype(np.int64)], facts["units"][own]))
    times = np.concatenate([when for when, _ in found])
    order = np.argsort(times, kind="stable")
    return times[order], np.concatenate([units for _, units in found])[order]


def short_so_far(run: Run) -> Path:
    """Units that were short up to each time."""
    times, units = shortages(run)
    return Path(np.concatenate(([0.0], times)), np.concatenate(([0.0], np.cumsum(units))))


def served(run: Run, within: float) -> tuple[Floats, Floats, Floats]:
    """Of every order, in order of time: when it was placed, units asked for, units filled within so many days."""
    demand, fills = run.demand, run.fills
    n = len(demand.times)
    filled = np.bincount(run.line_orders, weights=at_once(run), minlength=n).astype(np.float64)
    soon = (fills["order"] >= 0) & (fills["time"] - fills["placed"] <= within)
    filled += np.bincount(fills["order"][soon].astype(np.int64), weights=fills["units"][soon], minlength=n)
    asked = np.bincount(run.line_orders, weights=demand.quantities, minlength=n).astype(np.float64)
    return demand.times, asked, filled


def recovery(run: Run, start: float, end: float, within: float = 0.0, before: float | None = None) -> float | None:
    """Days from the end of a disruption until service is back for the week to come; None: not before the horizon.

    Service is the share of units filled within `within` days of the order; it is back at 95 % of `before`, which is
    what it was from the warm-up to the start unless given (1 where nothing was asked for).
    """
    times, asked, filled = served(run, within)
    sums = [np.concatenate(([0.0], np.cumsum(column))) for column in (asked, filled)]

    def service(a: float, b: float) -> float | None:
        i, j = np.searchsorted(times, (a, b), side="left")
        units = sums[0][j] - sums[0][i]
        return float((sums[1][j] - sums[1][i]) / units) if units else None

    usual = before
    if usual is None:
        usual = service(run.world.warm_up, start)
    usual = 1.0 if usual is None else usual
    last = run.world.horizon - max(WEEK, within)
    candidates = np.concatenate(([end], times[(times > end) & (times <= last)]))
    i = np.searchsorted(times, candidates, side="left")
    j = np.searchsorted(times, candidates + WEEK, side="left")
    units, good = sums[0][j] - sums[0][i], sums[1][j] - sums[1][i]
    back = np.flatnonzero((good >= NEARLY * usual * units - 1e-9) & (candidates <= last))
    return float(candidates[back[0]] - end) if back.size else None
