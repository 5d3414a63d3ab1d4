"""Values with whole weights, such as the waits of units, and their quantiles."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simulator.record.ledger import Floats, Ints

BINS = 1000
"""Of the values, to find a quantile; only one of them is sorted."""


@dataclass(frozen=True)
class WeightedSample:
    """Values with weights, which are whole numbers, shape (n,) each."""

    values: Floats
    weights: Floats

    @cached_property
    def _bins(self) -> tuple[Ints, Floats]:
        """A bin for each value, the bins in order of the values, and the weight in all bins up to each one."""
        low, high = self.values.min(), self.values.max()
        width = (high - low) / BINS
        if not 0.0 < width < np.inf:
            return np.zeros(self.values.size, dtype=np.int64), np.array([self.weights.sum()])
        bins = ((self.values - low) / width).astype(np.int64)
        return bins, np.cumsum(np.bincount(bins, weights=self.weights))

    def quantile(self, p: float) -> float:
        """The smallest value with at least the share p of the weight at or below it."""
        bins, running = self._bins
        wanted = p * running[-1] * (1 - 1e-12)
        place = min(int(np.searchsorted(running, wanted, side="left")), running.size - 1)
        here = bins == place  # only the values of one bin have to be sorted
        values, weights = self.values[here], self.weights[here]
        order = np.argsort(values, kind="stable")
        below = running[place - 1] if place else 0.0
        found = int(np.searchsorted(below + np.cumsum(weights[order]), wanted, side="left"))
        return float(values[order[min(found, values.size - 1)]])
