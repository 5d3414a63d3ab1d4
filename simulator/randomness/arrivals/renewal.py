"""Arrivals by their gaps: Poisson, renewal, and fixed intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from simulator.foundation.units import Duration, NonNegativeDuration, Rate, wrong
from simulator.randomness.arrival import Arrivals
from simulator.randomness.distribution import BLOCK, Durations, Floats

SHORTEST = 1e-6
"""The shortest mean gap, days: with shorter ones, a time in double precision would not advance late in a run."""


def running_times(gaps: Callable[[int], Floats]) -> Iterator[Floats]:
    """Endless blocks of ascending times from 0; `gaps(n)` draws the next n gaps."""
    now = 0.0
    while True:
        times = np.cumsum(np.concatenate(([now], gaps(BLOCK))))[1:]
        yield times
        now = float(times[-1])


class PoissonArrivals(Arrivals, kind="poisson"):
    """Independent customers at a constant mean rate."""

    example: ClassVar = {"kind": "poisson", "rate": "40 / d"}

    rate: Annotated[Rate, Field(le=1 / SHORTEST)]
    """Mean orders per day."""

    def blocks(self, rng: np.random.Generator) -> Iterator[Floats]:
        if self.rate:
            yield from running_times(lambda n: rng.standard_exponential(n) / self.rate)

    def per_day(self, horizon: float) -> float:
        return self.rate


class Renewal(Arrivals, kind="renewal"):
    """Independent gaps with any distribution."""

    example: ClassVar = {"kind": "renewal", "gap": {"kind": "gamma", "mean": "30 min", "cv": 1.3}}

    gap: Durations
    """Time between two orders."""

    def model_post_init(self, context: object) -> None:
        if self.gap.moments().mean < SHORTEST or self.gap.least < 0:
            raise wrong("a gap must not be negative, and its mean must be at least 1e-6 d, or time would not advance")

    def blocks(self, rng: np.random.Generator) -> Iterator[Floats]:
        yield from running_times(self.gap.drawer(rng))

    def per_day(self, horizon: float) -> float:
        return 1 / self.gap.moments().mean


class Every(Arrivals, kind="every"):
    """At fixed intervals: at k x interval, or at k x interval after the first."""

    example: ClassVar = {"kind": "every", "interval": "1 d"}

    interval: Annotated[Duration, Field(ge=SHORTEST)]
    """Time between two orders."""
    first: NonNegativeDuration | None = None
    """Time of the first order; one interval after the start unless given."""

    def blocks(self, rng: np.random.Generator) -> Iterator[Floats]:
        first, start = (0.0, 1) if self.first in {None, self.interval} else (self.first or 0.0, 0)
        while True:
            yield first + np.arange(start, start + BLOCK, dtype=np.float64) * self.interval
            start += BLOCK

    def per_day(self, horizon: float) -> float:
        return 1 / self.interval
