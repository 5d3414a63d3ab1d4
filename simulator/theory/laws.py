"""Distributions behind the closed forms: Poisson, normal, truncated normal; probabilities, quantiles, losses."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
STANDARD = NormalDist()


def poisson(mean: float, size: int) -> Floats:
    """P(D = d) for d = 0 … size - 1, shape (size,).

    >>> [round(float(p), 4) for p in poisson(2.0, 4)]
    [0.1353, 0.2707, 0.2707, 0.1804]
    """
    d = np.arange(size)
    if mean == 0:
        return np.asarray(d == 0, dtype=np.float64)
    log_factorial = np.cumsum(np.log(np.maximum(d, 1)))
    found: Floats = np.exp(d * math.log(mean) - mean - log_factorial)
    return found


def _reach(mean: float, level: int) -> int:
    """A number above `level` that Poisson demand exceeds with a probability below 1e-18."""
    return max(level, 0) + int(mean + 12 * math.sqrt(mean)) + 60


def poisson_at_most(mean: float, level: int) -> float:
    """P(D ≤ level) of Poisson demand.

    >>> round(poisson_at_most(10.0, 13), 6)
    0.864464
    """
    return math.fsum(poisson(mean, level + 1)) if level >= 0 else 0.0


def poisson_above(mean: float, level: int) -> float:
    """P(D > level) of Poisson demand, to full relative precision in the tail."""
    if level < 0:
        return 1.0
    return math.fsum(poisson(mean, _reach(mean, level))[level + 1 :])


def poisson_short(mean: float, level: int) -> float:
    """E[(D - level)+] of Poisson demand, units (Zipkin, Foundations of Inventory Management, C.2.2).

    >>> round(poisson_short(10.0, 14), 6)
    0.186937
    """
    if level <= 0:
        return mean - level
    chances = poisson(mean, _reach(mean, level))
    return math.fsum(chances * np.maximum(np.arange(chances.size) - level, 0))


def normal_quantile(p: float) -> float:
    """The z below which a standard normal number lies with probability p.

    >>> round(normal_quantile(0.95), 6)
    1.644854
    """
    return STANDARD.inv_cdf(p)


def normal_short(level: float, mean: float, sd: float) -> float:
    """E[(D - level)+] of normal demand, units: sd (φ(z) - z (1 - Φ(z))).

    >>> round(normal_short(56.604, 50.0, 8.0), 4)
    0.9192
    """
    z = (level - mean) / sd
    return sd * (STANDARD.pdf(z) - z * STANDARD.cdf(-z))


def cut_normal(mean: float, sd: float) -> Callable[[float], float]:
    """P(X ≤ x) of a normal distribution truncated to values at or above 0."""
    law = NormalDist(mean, sd)
    below = law.cdf(0.0)
    return lambda x: max(law.cdf(x) - below, 0.0) / (1 - below)


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """The zero of a decreasing function on [low, high], to the last digit, by bisection."""
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if function(middle) > 0 else (low, middle)
    return middle
