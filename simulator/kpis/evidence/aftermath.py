"""What a disruption did: days survived, the backlog it left, when that was cleared, when service was back."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.record.facts import Facts
from simulator.record.ledger import Floats
from simulator.record.levels import StepFunction, at_once

WEEK = 7.0
"""Days over which service is measured to see whether it is back."""
NEARLY = 0.95
"""Service is back at this share of what it was before."""


class Aftermath(NamedTuple):
    """What a disruption did to a level (the backlog), compared with what the level would have been."""

    peak: float
    """Most units above that."""
    area: float
    """Unit-days above that, until the level is back or the horizon."""
    clear: float | None
    """Days from the end of the disruption until the level is back; None: not before the horizon."""


def aftermath(level: StepFunction, start: float, end: float, horizon: float) -> Aftermath:
    """The effect of a disruption from `start` to `end` on a level that is 0 where the disruption changes nothing.

    The level is back at the first time from the end on at which it is 0 or less: what was cleared while the disruption
    lasted may build up again.
    """
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


def above(level: StepFunction, start: float) -> StepFunction:
    """A level less its value just before a time."""
    before = int(np.searchsorted(level.times, start, side="left")) - 1
    return StepFunction(level.times, level.values - level.values[max(before, 0)])


def difference(level: StepFunction, other: StepFunction) -> StepFunction:
    """One level less another, at every time at which one of them changes."""
    times = np.union1d(level.times, other.times)
    values = [path.values[np.searchsorted(path.times, times, side="right") - 1] for path in (level, other)]
    return StepFunction(times, values[0] - values[1])


def shortages(facts: Facts) -> tuple[Floats, Floats]:
    """When units were short (backordered or lost at checkout), in order of time, and how many."""
    short = facts.backordered.own, facts.refused.own
    times = np.concatenate([facts.demand.times[table.numbers("order")] for table in short])
    order = np.argsort(times, kind="stable")
    return times[order], np.concatenate([table["units"] for table in short])[order]


def short_so_far(facts: Facts) -> StepFunction:
    """Units that were short up to each time."""
    times, units = shortages(facts)
    return StepFunction(np.concatenate(([0.0], times)), np.concatenate(([0.0], np.cumsum(units))))


def served(facts: Facts, within: float) -> tuple[Floats, Floats, Floats]:
    """Of every order, in order of time: when it was placed, units demanded, units filled within so many days."""
    soon = facts.fills.where(facts.fills["time"] - facts.fills["placed"] <= within)
    filled = facts.by_order(at_once(facts)) + facts.per_order(soon)
    return facts.demand.times, facts.units_by_order, filled


def recovery(facts: Facts, start: float, end: float, within: float = 0.0, before: float | None = None) -> float | None:
    """Days from the end of a disruption until service is back for the following week; None: not before the horizon.

    Service is the share of units filled within `within` days of the order. It is back at 95 % of `before`, which
    defaults to the service from the warm-up to the start (1 without demand). The week may begin at the
    end of the disruption or at any later order; it must end by the horizon, and so must the days that its orders may
    wait.
    """
    times, asked, filled = served(facts, within)
    # Running sums: the units of any window are the difference at its two ends, so that all weeks are checked at once.
    sums = [np.concatenate(([0.0], np.cumsum(column))) for column in (asked, filled)]

    def between(a: Floats, b: Floats) -> tuple[Floats, Floats]:
        i, j = np.searchsorted(times, a, side="left"), np.searchsorted(times, b, side="left")
        return sums[0][j] - sums[0][i], sums[1][j] - sums[1][i]

    if before is None:
        units, good = between(np.array(facts.world.warm_up), np.array(start))
        before = float(good / units) if units else 1.0
    last = facts.world.horizon - max(WEEK, within)
    candidates = np.concatenate(([end], times[(times > end) & (times <= last)]))
    units, good = between(candidates, candidates + WEEK)
    back = np.flatnonzero((good >= NEARLY * before * units - 1e-9) & (candidates <= last))
    return float(candidates[back[0]] - end) if back.size else None
