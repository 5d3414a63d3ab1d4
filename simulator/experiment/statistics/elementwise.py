"""Confidence intervals of many means at once: `intervals.estimate`, element by element."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.experiment.statistics.intervals import t_quantile
from simulator.record.ledger import Bools, Floats


def half_widths(mean: Floats, squares: Floats, n: NDArray[np.int64], confidence: float, share: Bools) -> Floats:
    """Half the length of the Student interval of each mean; nan where there are fewer than two values.

    Args:
        mean: means, any shape.
        squares: sums of squared deviations from the mean.
        n: number of values.
        confidence: confidence level of each interval.
        share: where the interval is computed on the logit scale, because the mean is one of shares.
    """
    known, which = np.unique(n, return_inverse=True)
    p = (1 + confidence) / 2
    t = np.array([t_quantile(p, int(k) - 1) if k > 1 else np.nan for k in known])[which.reshape(n.shape)]
    several = np.maximum(n, 2)
    half: Floats = t * np.sqrt(np.maximum(squares, 0.0) / (several - 1) / several)
    inside = share & (half > 0) & (mean > 0) & (mean < 1)
    m = np.where(inside, mean, 0.5)
    middle, arm = np.log(m / (1 - m)), np.where(inside, half, 0.0) / (m * (1 - m))
    low, high = (1 / (1 + np.exp(-np.clip(middle + sign * arm, -700.0, 700.0))) for sign in (-1, 1))
    return np.where(inside, (high - low) / 2, half)
