"""Values with weights, such as the waits of units, and their quantiles."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simulator.foundation.sorting import stable_order
from simulator.record.ledger import Floats


@dataclass(frozen=True)
class WeightedSample:
    """Values with weights, shape (n,) each."""

    values: Floats
    weights: Floats

    @cached_property
    def _sorted(self) -> tuple[Floats, Floats]:
        """The values in ascending order, and the weight at or below each of them."""
        order = stable_order(self.values)
        return self.values[order], np.cumsum(self.weights[order])

    def quantile(self, p: float) -> float:
        """The smallest value with at least the share p of the weight at or below it."""
        values, running = self._sorted
        place = int(np.searchsorted(running, p * running[-1] * (1 - 1e-12), side="left"))
        return float(values[min(place, values.size - 1)])
