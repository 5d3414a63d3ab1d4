"""How much of an interval comes from having only so many data: random effects of resampled inputs.

The data are drawn again with replacement several times, and each sample is simulated twice. What two replications of
a sample have in common comes from the data, what differs is the noise of the simulation (Ankenman & Nelson 2012, "A
quick assessment of input uncertainty"; Cheng & Holland 1997).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from simulator.experiment.statistics.intervals import Estimate, t_quantile
from simulator.kpis.kpi import Undefined, Value

FEWEST = 5
"""Pairs with a value, below which nothing is said."""


class IntervalParts(NamedTuple):
    """The half-width of an interval and its two causes, in the unit of the KPI."""

    noise: float
    """From the simulation: more replications make it smaller."""
    data: float
    """From the data: only more data make it smaller; 0 where the noise hides it."""

    @property
    def together(self) -> float:
        """Of the interval for both."""
        return math.hypot(self.noise, self.data)

    @property
    def share(self) -> float:
        """Share of the variance that comes from the data; 0 where there is none at all."""
        return self.data**2 / self.together**2 if self.together else 0.0

    def to_plain(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {"noise": self.noise, "data": self.data, "together": self.together}


def interval_parts(found: Estimate, resampled: Sequence[Value], confidence: float) -> IntervalParts | None:
    """Both causes of an interval.

    Args:
        found: the estimate with the data as they are; its half-width is the noise.
        resampled: values of replications 0, 1, 2, … with resampled data; two that follow one another share a sample.
        confidence: of the interval.

    Returns:
        None if there are too few values.
    """
    pairs = [
        (float(a), float(b))
        for a, b in zip(resampled[::2], resampled[1::2], strict=False)
        if not isinstance(a, Undefined) and not isinstance(b, Undefined)
    ]
    if found.half_width is None or len(pairs) < FEWEST:
        return None
    values = np.array(pairs)
    within = float(((values[:, 0] - values[:, 1]) ** 2).mean() / 2)
    between = 2 * float(values.mean(axis=1).var(ddof=1))
    variance = max(between - within, 0.0) / 2
    return IntervalParts(found.half_width, t_quantile((1 + confidence) / 2, len(pairs) - 1) * math.sqrt(variance))
