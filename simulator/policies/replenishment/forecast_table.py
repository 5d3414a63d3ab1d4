"""Forecasts that another program has made: means and quantiles of items in periods, from a table."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import NormalDist
from typing import Annotated, ClassVar, NamedTuple, Self

from pydantic import Field, PrivateAttr

from simulator.foundation.datafiles import DataTable
from simulator.foundation.quantities import Sizes
from simulator.foundation.units import PositiveDuration, Share, Text
from simulator.policies.replenishment.forecast import Belief, Forecast

NORMAL = NormalDist()
MEDIAN = 0.5
TINY = 1e-9


class Period(NamedTuple):
    """The forecast of an item from a day on."""

    start: float
    """Days since the start of the clock."""
    mean: float
    """Units per day."""
    variance: float
    """Of the units of a day, units squared; nan where the table has no quantiles."""


@dataclass(frozen=True)
class Issue:
    """The forecasts of an item that were made at one time, the first period first."""

    made: float
    """Day from which on they are known."""
    periods: tuple[Period, ...]
    end: float
    """Day on which the last period ends."""

    def scaled(self, factor: float) -> Issue:
        """The same forecasts in units of another size."""
        return replace(
            self, periods=tuple(Period(p.start, p.mean * factor, p.variance * factor**2) for p in self.periods)
        )

    def ahead(self, start: float, end: float, before: float) -> float:
        """Units over [start, end); `before` is the mean of a day before the first period. The last one goes on."""
        return math.fsum(days * (before if p is None else p.mean) for days, p in self._parts(start, end))

    def variance(self, start: float, end: float) -> float:
        """Variance of these units if periods err independently of each other; nan where it is not known."""
        return math.fsum(days * (math.nan if p is None else p.variance) for days, p in self._parts(start, end))

    def _parts(self, start: float, end: float) -> Iterator[tuple[float, Period | None]]:
        """(days, period) of every part of [start, end); None before the first."""
        place = bisect_right(self.periods, start + TINY, key=lambda p: p.start) - 1
        while start < end:
            last = place + 1 == len(self.periods)
            until = end if last else min(end, self.periods[place + 1].start)
            yield until - start, self.periods[place] if place >= 0 else None
            start, place = until, place + 1


class ForItem(Forecast):
    """The forecasts of one item, by the time at which they were made; the belief counts the periods of the planner."""

    _issues: tuple[Issue, ...] = PrivateAttr(default=())
    _period: float = PrivateAttr(default=1.0)

    def moved(self, belief: Belief, units: float) -> Belief:
        return belief

    def ahead(self, belief: Belief, periods: float) -> float:
        now = belief.periods * self._period
        usual = belief.level / self._period
        issue = self._known(now)
        return issue.ahead(now, now + periods * self._period, usual) if issue else belief.level * periods

    def daily_sd(self, belief: Belief, period: float, days: float) -> float:
        now = belief.periods * self._period
        issue = self._known(now)
        variance = issue.variance(now, now + days) / days if issue else math.nan
        return super().daily_sd(belief, period, days) if math.isnan(variance) else math.sqrt(variance)

    def _known(self, now: float) -> Issue | None:
        """The newest forecasts that were made by then."""
        place = bisect_right(self._issues, now + TINY, key=lambda issue: issue.made)
        return self._issues[place - 1] if place else None


class TableForecast(DataTable, Forecast, kind="table"):
    """What another program has forecast: a table with a row for each item and period."""

    example: ClassVar = {
        "kind": "table",
        "file": "data/orders.csv",
        "item": "sku",
        "date": "ts",
        "mean": "qty",
        "period": "7 d",
    }

    item: Text
    """Column of items; items that the decision does not buy are ignored."""
    date: Text
    """Column of the first day of each period: ISO dates (which need `clock.start`) or days from the start."""
    mean: Text
    """Column of units expected in the period, at least 0."""
    quantiles: dict[Annotated[Share, Field(gt=0, lt=1)], Text] = {}
    """Columns of quantiles of the units of the period, by share: `{10 %: lo-80, 90 %: hi-80}`. Safety stock takes its
    standard deviation from them, as if they were those of a normal distribution; without them, from the errors that
    the planner has seen."""
    made: Text | None = None
    """Column of the day from which on a forecast is known; it replaces all that are older. All are known from the
    start unless given."""
    period: PositiveDuration | None = None
    """Days whose units a row counts; those until the item's next row unless given."""
    _issues: dict[str, tuple[Issue, ...]] = PrivateAttr(default_factory=dict)

    def model_post_init(self, context: object) -> None:
        names = self.column(self.item).names(marks=True)
        dates = self.column(self.date).days().tolist()
        means = self.column(self.mean).numbers().tolist()
        made = [-math.inf] * len(names) if self.made is None else self.column(self.made).days().tolist()
        quantiles = {share: self.column(name).numbers().tolist() for share, name in sorted(self.quantiles.items())}
        rows: dict[str, dict[float, list[int]]] = defaultdict(lambda: defaultdict(list))
        for row, name in enumerate(names):
            if means[row] < 0:
                text = f"{means[row]:g} is below 0; a forecast of units is at least 0"
                raise self.column(self.mean).wrong(row, text, sum(mean < 0 for mean in means) - 1)
            rows[name][made[row]].append(row)
        spreads = self._spreads(means, quantiles)
        self._issues = {
            name: tuple(
                self._issue(moment, name, sorted(mine, key=lambda row: dates[row]), dates, means, spreads)
                for moment, mine in sorted(issues.items())
            )
            for name, issues in rows.items()
        }

    def in_steps(self, sizes: Sizes) -> Self:
        """The same forecasts in steps of the items' granularities."""
        found = self.model_copy()
        found._issues = {
            item: tuple(issue.scaled(1 / sizes[item]) for issue in issues) if item in sizes else issues
            for item, issues in self._issues.items()
        }
        return found

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TableForecast) and self.model_dump() == other.model_dump()

    __hash__ = None  # type: ignore[assignment]

    def _spreads(self, means: Sequence[float], quantiles: Mapping[float, Sequence[float]]) -> list[float]:
        """Standard deviation of the units of each row: the least squares of quantile = mean + z sd; nan without."""
        shares = [share for share in quantiles if share != MEDIAN]
        if not shares:
            return [math.nan] * len(means)
        order = list(quantiles)
        for low, high in pairwise(order):
            for row, (a, b) in enumerate(zip(quantiles[low], quantiles[high], strict=True)):
                if a > b:
                    text = f"{b:g} is below {a:g}, the quantile of {100 * low:g} % in column {self.quantiles[low]!r}"
                    raise self.column(self.quantiles[high]).wrong(row, text)
        z = [NORMAL.inv_cdf(share) for share in shares]
        squares = math.fsum(x * x for x in z)
        return [
            max(math.fsum(x * (quantiles[p][row] - mean) for x, p in zip(z, shares, strict=True)) / squares, 0.0)
            for row, mean in enumerate(means)
        ]

    def _issue(
        self,
        made: float,
        name: str,
        rows: Sequence[int],
        dates: Sequence[float],
        means: Sequence[float],
        spreads: Sequence[float],
    ) -> Issue:
        """The periods of an item, from rows in order of time; the last one is as long as the one before it."""
        starts = [dates[row] for row in rows]
        lengths = [b - a for a, b in pairwise(starts)]
        if 0.0 in lengths:
            text = f"{name[:40]!r} has two forecasts from this day on"
            raise self.column(self.date).wrong(rows[lengths.index(0.0) + 1], f"{text}; `made` tells them apart")
        if self.period is None and not lengths:
            raise self.column(self.date).wrong(
                rows[0], f"{name[:40]!r} has one row, which does not say how long it lasts; give `period`"
            )
        lengths = [self.period] * len(rows) if self.period is not None else [*lengths, lengths[-1]]
        periods = tuple(
            Period(start, means[row] / days, spreads[row] ** 2 / days)
            for start, row, days in zip(starts, rows, lengths, strict=True)
        )
        return Issue(made, periods, starts[-1] + lengths[-1])

    @property
    def items(self) -> frozenset[str]:
        """The items that have a forecast."""
        return frozenset(self._issues)

    def until(self, item: str) -> float:
        """Day on which the last period of an item ends; later days are taken to be like it."""
        return max(issue.end for issue in self._issues[item])

    def of(self, item: str, period: float) -> Forecast:
        found = ForItem(prior=self.prior)
        found._issues, found._period = self._issues.get(item, ()), period
        return found

    def moved(self, belief: Belief, units: float) -> Belief:
        return belief
