"""Safety stock: none, by formula (cycle service, fill rate), in days, or from replayed demand."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from statistics import NormalDist
from typing import Annotated, ClassVar

from pydantic import Field

from simulator.foundation.plugin import Plugin
from simulator.foundation.units import Factor, NonNegativeDuration

NORMAL = NormalDist()
LEAD_TIMES = 9
"""Lead times of a replay: the medians of as many equally likely parts of their distribution."""
Target = Annotated[Factor, Field(gt=0, lt=1)]


@dataclass(frozen=True)
class Risk:
    """What safety stock protects against."""

    mean: float
    """Units expected per day."""
    sd: float
    """Standard deviation of one day's units around the forecast."""
    days: float
    """Mean days that the stock must last: lead time, and the review period where there is one."""
    lead_sd: float
    """Standard deviation of the lead time, days."""
    cycle: float
    """Approximate order quantity, units."""
    period: float = 1.0
    """Days of one period of the history."""
    history: tuple[float, ...] = ()
    """Units of the last periods, the newest last."""


def standard_deviation(risk: Risk, lead_time_varies: bool = True) -> float:
    """Of the demand over the days at risk: sqrt(L sd_d^2 + d^2 sd_L^2).

    >>> round(standard_deviation(Risk(100, 30, 10, 3, 2000)), 3)
    314.643
    """
    spread = risk.days * risk.sd**2
    return math.sqrt(spread + (risk.mean * risk.lead_sd) ** 2 if lead_time_varies else spread)


class Safety(Plugin, family="safety"):
    """Units beyond the expected demand over lead time and review."""

    @abstractmethod
    def units(self, risk: Risk) -> float:
        """Units, below 0 where the target is that low."""


class NoSafety(Safety, kind="none"):
    """No safety stock: the forecast is trusted."""

    example: ClassVar = {"kind": "none"}

    def units(self, risk: Risk) -> float:
        return 0.0


class Days(Safety, kind="days"):
    """A number of days of forecast demand."""

    example: ClassVar = {"kind": "days", "days": "5 d"}

    days: NonNegativeDuration
    """Days of mean demand."""

    def units(self, risk: Risk) -> float:
        return self.days * risk.mean


class Spread(Safety):
    """By a formula that assumes normal demand."""

    lead_time_varies: bool = True
    """Whether the formula takes varying lead times into account; many spreadsheets do not."""

    def sigma(self, risk: Risk) -> float:
        """Standard deviation of the demand over the days at risk, as the formula sees it."""
        return standard_deviation(risk, self.lead_time_varies)


class CycleService(Spread, kind="cycle_service"):
    """z sqrt(L sd_d^2 + d^2 sd_L^2): no backorder in this share of the cycles (Silver, Pyke & Thomas 6.7)."""

    example: ClassVar = {"kind": "cycle_service", "target": "95 %"}

    target: Target = 0.95
    """Share of replenishment cycles without a backorder (grade D: our assumption)."""

    def units(self, risk: Risk) -> float:
        return NORMAL.inv_cdf(self.target) * self.sigma(risk)


class FillRate(Spread, kind="fill_rate"):
    """The least k sigma whose expected shortage per cycle, sigma G(k), is the tolerated share of the cycle."""

    example: ClassVar = {"kind": "fill_rate", "target": "98 %"}

    target: Target
    """Share of units that are filled from stock."""

    def units(self, risk: Risk) -> float:
        sigma = self.sigma(risk)
        if sigma <= 0 or risk.cycle <= 0:
            return 0.0
        missing = (1 - self.target) * risk.cycle / sigma
        low, high = -10.0, 10.0
        while high - low > 1e-9:
            middle = (low + high) / 2
            low, high = (middle, high) if loss(middle) > missing else (low, middle)
        return high * sigma


def loss(k: float) -> float:
    """The standard normal loss function G(k) = phi(k) - k (1 - Phi(k)).

    >>> round(loss(0.0), 4)
    0.3989
    """
    return NORMAL.pdf(k) - k * (1 - NORMAL.cdf(k))


class Replayed(Safety, kind="replayed"):
    """From the item's own past: a quantile of the demand over all periods as long as a lead time."""

    example: ClassVar = {"kind": "replayed", "target": "95 %"}

    target: Target = 0.95
    """Share of the replayed lead times whose demand is met (grade D: our assumption)."""

    def units(self, risk: Risk) -> float:
        sums: list[float] = []
        for k in range(LEAD_TIMES):
            days = max(risk.days + NORMAL.inv_cdf((k + 0.5) / LEAD_TIMES) * risk.lead_sd, 0.0)
            periods = max(round(days / risk.period), 1)
            runs = [math.fsum(risk.history[i : i + periods]) for i in range(len(risk.history) - periods + 1)]
            sums += runs
        if len(sums) < 2 * LEAD_TIMES:  # too little past to replay
            return CycleService(target=self.target).units(risk)
        sums.sort()
        return sums[min(math.ceil(self.target * len(sums)) - 1, len(sums) - 1)] - risk.mean * risk.days
