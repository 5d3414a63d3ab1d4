"""What a planner knows of a random duration: its law, given the days that have passed."""

from __future__ import annotations

import math
from bisect import bisect_right
from functools import cached_property

import numpy as np

from simulator.randomness.distribution import Distribution, Floats

SAMPLE = 20_000
"""Draws that stand for a law that is not a single number."""
OVERDUE = 1.0
"""Days that something is still expected to take when it is later than its law allows."""


def sample(law: Distribution, rng: np.random.Generator) -> Floats:
    """Draws that stand for a law: one where it is a single number."""
    moments = law.moments()
    return np.array([moments.mean]) if moments.variance == 0 else law.block(rng, SAMPLE)


def some_longer(draws: Floats, share: float, delay: Distribution, rng: np.random.Generator) -> Floats:
    """Draws of a duration of which a share takes longer by a delay, such as inspected shipments or stalled parcels."""
    days = sample(delay, rng)
    if share in (0.0, 1.0) and (draws.size == days.size or 1 in (draws.size, days.size)):
        return draws + share * days
    longer = rng.random(SAMPLE) < share
    return np.resize(draws, SAMPLE) + np.where(longer, np.resize(days, SAMPLE), 0.0)


class LeadTimeEstimate:
    """A duration as a planner knows it: sorted draws, of which those that have passed are ruled out."""

    def __init__(self, draws: Floats) -> None:
        self.draws: Floats = np.sort(draws)
        self.certain = self.draws.size == 1

    @classmethod
    def of(cls, law: Distribution, rng: np.random.Generator) -> LeadTimeEstimate:
        """The estimate that follows from a law alone."""
        return cls(sample(law, rng))

    def _first_possible(self, elapsed: float) -> int:
        """Place of the first draw that is longer than the days elapsed."""
        return bisect_right(self._sorted, elapsed) if elapsed > 0 else 0

    @cached_property
    def _sorted(self) -> list[float]:
        found: list[float] = self.draws.tolist()
        return found

    @cached_property
    def _sums(self) -> Floats:
        """Sum of the draws from the k-th on."""
        return np.cumsum(self.draws[::-1])[::-1]

    @cached_property
    def _squares(self) -> Floats:
        """Sum of the squared deviations from the mean of all draws, from the k-th draw on."""
        away = self.draws - self.draws.mean()
        return np.cumsum((away**2)[::-1])[::-1]

    @cached_property
    def _mean(self) -> float:
        return self._sums.item(0) / self.draws.size

    def remaining(self, elapsed: float = 0.0) -> float:
        """Mean days that are left after `elapsed` days."""
        k = self._first_possible(elapsed)
        if not k:
            return self._mean - elapsed
        left = self.draws.size - k
        return self._sums.item(k) / left - elapsed if left else OVERDUE

    def spread(self, elapsed: float = 0.0) -> float:
        """Standard deviation of the days that are left, days."""
        k = self._first_possible(elapsed)
        left = self.draws.size - k
        if not left:
            return 0.0
        away = self._sums.item(k) / left - self._mean
        return math.sqrt(max(self._squares.item(k) / left - away**2, 0.0))

    def quantiles(self, elapsed: float, at: Floats) -> Floats:
        """Days that are left at these probabilities in (0, 1)."""
        rest = self.draws[self._first_possible(elapsed) :]
        if not rest.size:
            return np.full(at.size, OVERDUE)
        return rest[np.minimum((at * rest.size).astype(np.int64), rest.size - 1)] - elapsed
