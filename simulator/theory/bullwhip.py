"""Bullwhip: variance of orders over variance of demand, for an order-up-to level that follows a forecast."""

from __future__ import annotations


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
