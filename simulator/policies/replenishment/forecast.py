"""Demand forecasts: moving average, smoothing, Croston and relatives for lumpy items, seasonal, fixed.

A forecast is a pure rule over values: `start` gives what is believed before any sale, `learn` what is believed after
one more period, `ahead` the units expected in the periods to come. The simulation keeps the belief.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

from pydantic import Field

from simulator.foundation.plugin import Plugin
from simulator.foundation.units import Factor, Number, Rate, Whole, wrong

SLOWEST = 1 / 26
"""The squared error is a mean over all periods and, from 26 periods on, an exponentially smoothed one."""


@dataclass(frozen=True)
class Belief:
    """A planner's belief about one item after some periods; units are per period."""

    level: float
    """Mean units of a period."""
    squared_error: float
    """Mean square of the error one period ahead, units squared."""
    periods: int = 0
    """Periods seen."""
    memory: tuple[float, ...] = ()
    """Further state of the method: the last periods, sizes and intervals, or seasonal factors."""

    @property
    def sd(self) -> float:
        """Standard deviation of a period's demand around its forecast, units."""
        return math.sqrt(self.squared_error)


Weight = Annotated[Factor, Field(gt=0, le=1)]


class Forecast(Plugin, family="forecast"):
    """How the units of the next periods are forecast from those of the last."""

    prior: Rate | None = None
    """Mean demand per day that is assumed before any sale (a launch); the item's `demand` unless given, else 0."""

    @property
    def first_mean(self) -> float | None:
        """Mean demand per day that is believed before any sale; None: the item's `demand`."""
        return self.prior

    def of(self, item: str, period: float) -> Forecast:
        """The method for one item in periods of so many days: itself, unless its forecasts differ by item."""
        return self

    def start(self, mean: float) -> Belief:
        """Before any sale, at `mean` units a period; the error is that of Poisson demand."""
        return Belief(mean, mean)

    def daily_sd(self, belief: Belief, period: float, days: float) -> float:
        """Standard deviation of a day's units around the forecast of the next `days`; a period has `period` days."""
        return belief.sd / math.sqrt(period)

    def learn(self, belief: Belief, units: float) -> Belief:
        """After one more period."""
        seen = belief.periods + 1
        error = (units - self.ahead(belief, 1.0)) ** 2
        weight = max(1 / seen, SLOWEST)
        squared = belief.squared_error + weight * (error - belief.squared_error)
        return replace(self.moved(belief, units), squared_error=squared, periods=seen)

    @abstractmethod
    def moved(self, belief: Belief, units: float) -> Belief:
        """The belief with level and memory after one more period."""

    def ahead(self, belief: Belief, periods: float) -> float:
        """Units expected in the next periods, of which there may be a fraction."""
        return belief.level * periods


class Fixed(Forecast, kind="fixed"):
    """A forecast that no sale changes: an annual plan, or known demand."""

    example: ClassVar = {"kind": "fixed", "mean": "100 / d", "sd": 30}

    mean: Rate | None = None
    """Mean units per day; `prior`, else the item's `demand`, unless given."""
    sd: Annotated[Number, Field(ge=0)] | None = None
    """Standard deviation of a day's units, as believed; that of Poisson demand unless given."""

    @property
    def first_mean(self) -> float | None:
        return self.prior if self.mean is None else self.mean

    def learn(self, belief: Belief, units: float) -> Belief:
        return replace(belief, periods=belief.periods + 1)

    def daily_sd(self, belief: Belief, period: float, days: float) -> float:
        return super().daily_sd(belief, period, days) if self.sd is None else self.sd

    def moved(self, belief: Belief, units: float) -> Belief:
        return belief


class MovingAverage(Forecast, kind="moving_average"):
    """The mean of the last periods."""

    example: ClassVar = {"kind": "moving_average", "periods": 5}

    periods: Annotated[Whole, Field(ge=1, le=1000)] = 8
    """How many periods (grade D: our assumption)."""

    def moved(self, belief: Belief, units: float) -> Belief:
        last = (*belief.memory, units)[-self.periods :]
        return replace(belief, level=math.fsum(last) / len(last), memory=last)


class Smoothing(Forecast, kind="smoothing"):
    """Simple exponential smoothing: the level moves by a share of the last error."""

    example: ClassVar = {"kind": "smoothing", "alpha": 0.2}

    alpha: Weight = 0.2
    """Share of the last error (grade D: our assumption; textbooks take 0.1 to 0.3)."""

    def moved(self, belief: Belief, units: float) -> Belief:
        return replace(belief, level=belief.level + self.alpha * (units - belief.level))


class Lumpy(Forecast):
    """The size of a demand and the interval between two are smoothed separately: for items that sell now and then."""

    alpha: Weight = 0.1
    """Share of the last error in size and interval (grade D: our assumption; Syntetos & Boylan use 0.05 to 0.2)."""

    @property
    def correction(self) -> float:
        """Factor on size over interval."""
        return 1.0

    def moved(self, belief: Belief, units: float) -> Belief:
        size, interval, since = belief.memory or (0.0, 0.0, 1.0)
        if units <= 0:
            return replace(belief, memory=(size, interval, since + 1))
        size = size + self.alpha * (units - size) if interval else units
        interval = interval + self.alpha * (since - interval) if interval else since
        return replace(belief, level=self.correction * size / interval, memory=(size, interval, 1.0))


class Croston(Lumpy, kind="croston"):
    """Croston 1972: mean size over mean interval, both smoothed when something sells; about alpha / 2 too high."""

    example: ClassVar = {"kind": "croston", "alpha": 0.1}


class SyntetosBoylan(Lumpy, kind="sba"):
    """Syntetos & Boylan 2005: Croston's forecast less its bias, x (1 - alpha / 2)."""

    example: ClassVar = {"kind": "sba", "alpha": 0.1}

    @property
    def correction(self) -> float:
        return 1 - self.alpha / 2


class TeunterSyntetosBabai(Forecast, kind="tsb"):
    """Teunter, Syntetos & Babai 2011: size x probability of a sale, updated every period; falls when sales stop."""

    example: ClassVar = {"kind": "tsb", "alpha": 0.1, "beta": 0.1}

    alpha: Weight = 0.1
    """Share of the last error in the size of a demand (grade D: our assumption)."""
    beta: Weight = 0.1
    """Share of the last error in the probability of a sale (grade D: our assumption)."""

    def moved(self, belief: Belief, units: float) -> Belief:
        size, chance = belief.memory or (belief.level or units, 1.0)
        chance += self.beta * (float(units > 0) - chance)
        if units > 0:
            size += self.alpha * (units - size)
        return replace(belief, level=size * chance, memory=(size, chance))


class Seasonal(Forecast, kind="seasonal"):
    """A smoothed level times a factor for each period of the season, both updated (Winters 1960, without a trend)."""

    example: ClassVar = {"kind": "seasonal", "season": 7, "alpha": 0.1, "gamma": 0.2}

    season: Annotated[Whole, Field(ge=2, le=1000)]
    """Periods in a season: 7 for days of the week under daily reviews, 52 for weeks of the year."""
    alpha: Weight = 0.1
    """Share of the last error in the level (grade D: our assumption)."""
    gamma: Weight = 0.2
    """Share of the last error in a factor (grade D: our assumption)."""
    factors: Annotated[list[Annotated[Number, Field(ge=0)]], Field(min_length=2)] | None = None
    """The factors assumed before any sale, from the first period on; all 1 unless given."""

    def model_post_init(self, context: object) -> None:
        if self.factors is not None and len(self.factors) != self.season:
            raise wrong(
                f"{len(self.factors)} factors for a season of {self.season} periods; expected one for each period"
            )

    def start(self, mean: float) -> Belief:
        return replace(super().start(mean), memory=tuple(self.factors or (1.0,) * self.season))

    def moved(self, belief: Belief, units: float) -> Belief:
        place = belief.periods % self.season
        factor = belief.memory[place]
        level = belief.level
        if factor > 0:
            level += self.alpha * (units / factor - level)
        if level > 0:
            factor += self.gamma * (units / level - factor)
        memory = (*belief.memory[:place], factor, *belief.memory[place + 1 :])
        return replace(belief, level=level, memory=memory)

    def ahead(self, belief: Belief, periods: float) -> float:
        whole = math.floor(periods)
        places = [belief.memory[(belief.periods + k) % self.season] for k in range(whole + 1)]
        return belief.level * (math.fsum(places[:whole]) + (periods - whole) * places[whole])
