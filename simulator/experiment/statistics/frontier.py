"""Cost against service, or any two or more KPIs against each other: which options no other one beats."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from simulator.experiment.statistics.intervals import t_quantile

Place = Literal["frontier", "close", "beaten"]
"""On the frontier; beaten in the means, but not significantly; beaten."""
Values = NDArray[np.float64]


def places(losses: Sequence[Values], confidence: float = 0.95) -> list[Place]:
    """Where each option stands among all.

    Option a beats option b when a's mean is no worse in every KPI and better in one. It does so significantly when the
    paired intervals of the differences say it of every KPI in which their means differ.

    Args:
        losses: by KPI, shape (options, replications): less is better. Options with nan are `beaten` by nobody and beat
            nobody: they have no place, and must be left out before.
        confidence: of the paired intervals, one by one.

    >>> places([np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]), np.array([[3.0, 3.0], [1.0, 1.0], [2.0, 2.0]])])
    ['frontier', 'frontier', 'beaten']
    """
    means = np.stack([loss.mean(axis=1) for loss in losses], axis=1)
    found: list[Place] = []
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
