"""What a disruption did: days survived, the backlog it left, when that was cleared, when service was back."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.record.facts import Facts
from simulator.record.ledger import Floats
from simulator.record.levels import StepFunction

WEEK = 7.0
"""Days over which service is measured to see whether it is back."""
NEARLY = 0.95
"""Service is back at this share of what it was before."""


class Aftermath(NamedTuple):
    """What a disruption did to a level (the backlog), compared with what the level would have been."""

    peak: float
    """Most units above that."""
    area: float
    """Unit-days above that, up to the clearing or the horizon."""
    clear: float | None
    """Days from the end of the disruption until the level is back for the last time; None: not before the horizon."""


def aftermath(level: StepFunction, start: float, end: float, horizon: float, reach: float = 0.0) -> Aftermath:
    """Peak, area and clearing of a level that is 0 where the disruption changes nothing.

    A shortage may begin long after the disruption has ended, because goods on their way still arrive. Every excess
    counts that begins after `start` and no later than `reach` days after `end`, up to the last return to 0.
    """
    times, values = level
    first = max(int(np.searchsorted(times, start, side="right")) - 1, 0)
    times, values = np.maximum(times[first:], start), values[first:]
    times, values = times[times < horizon], values[times < horizon]
    mine = begun_by(times, values > 0, end + reach)
    widths = np.diff(np.append(times, horizon))
    ends = times + widths
    cleared = max(float(ends[mine].max(initial=end)), end)
    peak, area = values[mine].max(initial=0.0), (values * widths)[mine].sum()
    return Aftermath(float(peak), float(area), cleared - end if cleared < horizon else None)


def begun_by(times: Floats, above: NDArray[np.bool_], latest: float) -> NDArray[np.bool_]:
    """Which values belong to an uninterrupted excess that begins no later than `latest`."""
    begins = above & ~np.concatenate((np.zeros(1, dtype=bool), above[:-1]))
    mine: NDArray[np.bool_] = above & (np.cumsum(begins) <= np.count_nonzero(begins & (times <= latest)))
    return mine


def reach_of(facts: Facts, end: float) -> float:
    """Days after the end of a disruption within which a shortage that it causes begins.

    The first purchase after the disruption, and all that are older, have arrived after the longest lead time of the
    run; a supplier that keeps stock of its own recovers first. Infinite where nothing is bought any more.
    """
    settled = max((end + reach_of(supplier, end) for supplier in facts.suppliers.values()), default=end)
    later = facts.purchases["time"][facts.purchases["time"] >= settled]
    if not later.size:
        return math.inf
    quoted = max((supplier.quoted for supplier in facts.world.suppliers), default=0.0)
    longest = (facts.receipts["time"] - np.maximum(facts.receipts["bought"], 0.0)).max(initial=quoted)
    return float(later.min() + longest - end)


def above(level: StepFunction, start: float) -> StepFunction:
    """A level less its value just before a time."""
    return StepFunction(level.times, level.values - level.before(np.array(start)))


def difference(level: StepFunction, other: StepFunction) -> StepFunction:
    """One level less another, at every time at which one of them changes."""
    times = np.union1d(level.times, other.times)
    values = [path.values[np.searchsorted(path.times, times, side="right") - 1] for path in (level, other)]
    return StepFunction(times, values[0] - values[1])


def shortages(facts: Facts) -> tuple[Floats, Floats]:
    """When units were short (backordered or lost at checkout), in order of time, and how many."""
    short = facts.backordered.own, facts.refused.own
    times = np.maximum(np.concatenate([facts.opens[table.numbers("order")] for table in short]), 0.0)
    order = np.argsort(times, kind="stable")
    return times[order], np.concatenate([table["units"] for table in short])[order]


def short_so_far(facts: Facts) -> StepFunction:
    """Units that were short up to each time."""
    times, units = shortages(facts)
    return StepFunction(np.concatenate(([0.0], times)), np.concatenate(([0.0], np.cumsum(units))))


def served(facts: Facts, within: float) -> tuple[Floats, Floats, Floats]:
    """Of every order, in order of time: when it was placed, units demanded, units filled within `within` days."""
    soon = facts.fills.where(facts.fills["time"] - facts.fills["placed"] <= within)
    filled = facts.taken_by_order + facts.per_order(soon)
    return facts.demand.times, facts.units_by_order, filled


class _Service:
    """The share of units filled within `within` days of the order, over any span of the facts."""

    def __init__(self, facts: Facts, within: float) -> None:
        self.times, asked, filled = served(facts, within)
        self._asked, self._filled = (np.concatenate(([0.0], np.cumsum(column))) for column in (asked, filled))

    def between(self, starts: Floats, ends: Floats) -> Floats:
        """The share of each span [start, end); 1 where nothing was asked for."""
        i, j = (np.searchsorted(self.times, times, side="left") for times in (starts, ends))
        units, good = self._asked[j] - self._asked[i], self._filled[j] - self._filled[i]
        return np.where(units > 0, good / np.maximum(units, 1e-300), 1.0)


def recovery(facts: Facts, start: float, end: float, within: float = 0.0, usual: Facts | None = None) -> float | None:
    """Days from the end of a disruption until service is back for the week to come; None: not before the horizon.

    Service is the share of units filled within `within` days of the order. It is back at 95 % of that of the same week
    in `usual`, the replication without the disruption, or else of that from the warm-up to the start. Every drop
    counts that begins within `reach_of` the disruption, up to the last return.
    """
    service = _Service(facts, within)
    # The week must end before the horizon. Orders that the run gives less than `within` days are treated alike in
    # `usual`; without it, all orders of the week must have these days.
    last = facts.world.horizon - (WEEK + within if usual is None else max(WEEK, within))
    times = service.times
    # Weeks that begin with an order, or with the end of the disruption: between two orders there is nobody to
    # serve, and service cannot be said to be back.
    weeks = np.concatenate(([end], times[(times > end) & (times <= last)]))
    if usual is None:
        normal = service.between(np.array([facts.world.warm_up]), np.array([start]))
    else:
        normal = _Service(usual, within).between(weeks, weeks + WEEK)
    low = service.between(weeks, weeks + WEEK) < NEARLY * normal - 1e-9
    # A week may be good by chance before service drops again: what counts is the return after the last low week.
    dropped = np.flatnonzero(begun_by(weeks, low, end + reach_of(facts, end)))
    back = int(dropped[-1]) + 1 if dropped.size else 0
    return float(weeks[back] - end) if back < weeks.size and end <= last else None
