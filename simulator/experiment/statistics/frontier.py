"""The Pareto frontier of two or more KPIs, with statistical significance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from simulator.experiment.statistics.intervals import t_quantile

FrontierPlace = Literal["frontier", "close", "beaten"]
"""On the frontier; beaten, but not significantly; significantly beaten."""
Values = NDArray[np.float64]


def places(losses: Sequence[Values], confidence: float = 0.95) -> list[FrontierPlace]:
    """The position of each option relative to the frontier.

    Option a beats option b if its mean is at least as good in every KPI and better in one. It does so significantly if
    the paired intervals of the differences exclude 0 for every KPI in which the means differ.

    Args:
        losses: by KPI, shape (options, replications): less is better. Options with nan must be left out.
        confidence: confidence of each paired interval.

    >>> places([np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]), np.array([[3.0, 3.0], [1.0, 1.0], [2.0, 2.0]])])
    ['frontier', 'frontier', 'beaten']
    """
    means = np.stack([loss.mean(axis=1) for loss in losses], axis=1)
    found: list[FrontierPlace] = []
    for k, mean in enumerate(means):
        better = np.all(means <= mean, axis=1) & np.any(means < mean, axis=1)
        if not better.any():
            found.append("frontier")
            continue
        surely = np.ones(int(better.sum()), dtype=bool)
        for loss in losses:
            surely &= _below(loss[better] - loss[k], confidence)
        found.append("beaten" if surely.any() else "close")
    return found


def _below(differences: Values, confidence: float) -> NDArray[np.bool_]:
    """Rows that are significantly below 0, or 0 throughout; shape (rows, replications)."""
    n = differences.shape[1]
    mean = differences.mean(axis=1)
    zero: NDArray[np.bool_] = np.all(differences == 0, axis=1)
    if n < 2:
        return zero
    half_width = t_quantile((1 + confidence) / 2, n - 1) * differences.std(axis=1, ddof=1) / math.sqrt(n)
    below: NDArray[np.bool_] = zero | (mean < -half_width)
    return below
