"""Arrivals that follow the calendar: weekday x month x hour."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import count
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field, PrivateAttr

from simulator.foundation.remembered import remembered
from simulator.foundation.units import Number, Rate, current_start, wrong
from simulator.randomness.arrival import Arrivals
from simulator.randomness.distribution import Floats
from simulator.randomness.orderbook import Times

Weight = Annotated[Number, Field(ge=0)]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CALENDAR = 146097
"""Days after which weekdays and months repeat (400 years)."""
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class Profile(Arrivals, kind="profile"):
    """Poisson arrivals whose rate is the mean rate x weekday x month x hour; needs `clock.start`."""

    example: ClassVar = {
        "kind": "profile",
        "rate": "55 / d",
        "weekday": {"sat": 0, "thu": 1.3},
        "month": {"nov": 1.9},
        "hour": [0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 3, 4, 3, 3, 3, 2, 1, 1, 0, 0, 0, 0, 0],
    }

    rate: Rate
    """Mean orders per day where every factor is 1."""
    weekday: dict[Annotated[str, Field(pattern="^(mon|tue|wed|thu|fri|sat|sun)$")], Weight] = {}
    """Factor by weekday; 1 where none is given."""
    month: dict[Annotated[str, Field(pattern="^(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)$")], Weight] = {}
    """Factor by month; 1 where none is given."""
    hour: Annotated[list[Weight], Field(min_length=24, max_length=24)] | None = None
    """Relative weight of each hour of the day, 24 numbers; they only distribute the day's orders."""
    _start: dt.datetime = PrivateAttr()

    def model_post_init(self, context: object) -> None:
        start = current_start()
        if start is None:
            raise wrong("a profile needs clock.start")
        if self.hour is not None and not sum(self.hour) > 0:
            raise wrong("the weights of the hours are all 0; one must be above 0")
        self._start = start

    def hourly(self, day: int) -> Floats:
        """Mean orders in each of the 24 hours of a day (read-only); `day` counts calendar days from the start."""
        kind = self._kind(day)
        return remembered(self, kind, lambda: self._hours(*kind))

    def _hours(self, weekday: str, month: str) -> Floats:
        factor = self.weekday.get(weekday, 1.0) * self.month.get(month, 1.0)
        weights = np.array(self.hour or [1.0] * 24)
        found: Floats = self.rate * factor * weights / weights.sum()
        found.flags.writeable = False
        return found

    def _kind(self, day: int) -> tuple[str, str]:
        """The weekday and the month of a day; days of one kind have the same rates."""
        date = dt.date.fromordinal((self._start.toordinal() + day - 1) % CALENDAR + 1)
        return WEEKDAYS[date.weekday()], MONTHS[date.month - 1]

    def blocks(self, rng: np.random.Generator) -> Iterator[Floats]:
        """A Poisson count for each hour, at uniform times: exact for a rate that is constant within the hour."""
        offset, hours = self._offset(), np.arange(24.0)
        for day in count():
            times = np.repeat(hours, rng.poisson(self.hourly(day)))
            times += rng.random(times.size)
            times /= 24
            times.sort()
            times += day - offset
            yield times if day else times[times >= 0]

    def times(self, rng: np.random.Generator) -> Times:
        return Times(self.blocks(rng), opens=-self._offset())

    def _offset(self) -> float:
        """Days from midnight to the clock's start."""
        return (self._start - dt.datetime.combine(self._start.date(), dt.time())) / dt.timedelta(days=1)

    def intensity(self, times: Floats, horizon: float) -> Floats:
        clock = times + self._offset()
        days = np.floor(clock).astype(np.int64)
        rates = {day: self.hourly(int(day)) * 24 for day in np.unique(days).tolist()}
        hours = np.minimum((clock - days) * 24, 23).astype(np.int64)
        return np.array([rates[d][h] for d, h in zip(days.tolist(), hours.tolist(), strict=True)])

    def per_day(self, horizon: float) -> float:
        days = max(1, min(int(horizon), 3660))
        return remembered(self, ("per day", days), lambda: self._per_day(days))

    def _per_day(self, days: int) -> float:
        kinds = [self._kind(day) for day in range(days)]
        totals = {kind: self._hours(*kind).sum() for kind in dict.fromkeys(kinds)}
        return float(sum(totals[kind] for kind in kinds) / days)
