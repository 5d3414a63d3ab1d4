"""Bullwhip: variance of orders over variance of demand, for an order-up-to level that follows a forecast."""

from __future__ import annotations

import math


def moving_average(covered: float, periods: int) -> float:
    """Bullwhip with a moving-average forecast of independent demand (Chen et al. 2000; exact without safety stock).

    Args:
        covered: L, periods of demand that an order must cover.
        periods: p, periods in the average.

    >>> round(moving_average(3, 5), 6)
    2.92
    """
    return 1 + 2 * covered / periods + 2 * covered**2 / periods**2


def smoothing(covered: float, alpha: float) -> float:
    """Bullwhip with exponential smoothing (Chen, Ryan & Simchi-Levi 2000).

    >>> round(smoothing(3, 0.2), 6)
    2.6
    """
    return 1 + 2 * alpha * covered + 2 * alpha**2 * covered**2 / (2 - alpha)


def in_a_row(covered: list[float], periods: int, shared: bool = False) -> float:
    """Bullwhip of stages in series; if customer demand is `shared`, all stages forecast from it.

    >>> round(in_a_row([3, 3, 3], 5), 3), round(in_a_row([3, 3, 3], 5, shared=True), 2)
    (24.897, 11.08)
    """
    if shared:
        return moving_average(sum(covered), periods)
    return math.prod(moving_average(stage, periods) for stage in covered)
