"""Positions of values on paper, and the values that label an axis."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

DAYS_OF_A_YEAR = 365.25


class Scale(NamedTuple):
    """Maps values from low to high linearly to positions from start to end."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def all(self, values: Iterable[float]) -> list[float]:
        """The position of each of many values."""
        found = np.fromiter(values, np.float64)
        positions: list[float] = (
            self.start + (found - self.low) / (self.high - self.low) * (self.end - self.start)
        ).tolist()
        return positions


class Tick(NamedTuple):
    """A labelled value of an axis."""

    value: float
    label: str


def steps(low: float, high: float, most: int = 6) -> list[float]:
    """At most so many round values from low to high: 1, 2, 2.5 or 5 times a power of ten apart.

    >>> steps(0.0, 97.0, 5)
    [0.0, 20.0, 40.0, 60.0, 80.0]
    """
    span = high - low
    if span <= 0:
        return [low]
    power = 10.0 ** math.floor(math.log10(span / most))
    step = next(power * k for k in (1, 2, 2.5, 5, 10, 20) if span / (power * k) < most)
    first = math.ceil(low / step - 1e-9)
    return [k * step + 0.0 for k in range(first, math.floor(high / step + 1e-9) + 1)]


def plain_ticks(low: float, high: float, most: int = 6, factor: float = 1.0) -> list[Tick]:
    """Round values with their labels, which show the value times `factor` (100 for per cent)."""
    found = steps(low * factor, high * factor, most)
    apart = found[1] - found[0] if len(found) > 1 else abs(found[0]) or 1.0
    if apart >= 1e6:
        return [Tick(v / factor, f"{v / 1e6:,.10g} m") for v in found]
    places = max(0, -math.floor(math.log10(apart) + 1e-9))
    if apart == 2.5 * 10.0 ** math.floor(math.log10(apart) + 1e-9):
        places += 1 if apart < 10 else 0
    return [Tick(v / factor, f"{v:,.{places}f}") for v in found]


def time_ticks(low: float, high: float, start: dt.date | None, most: int = 8) -> list[Tick]:
    """Days; or first days of months, if day 0 has a date and the span is some months to some years."""
    if start is None or not 45 <= high - low <= 6 * DAYS_OF_A_YEAR:
        return plain_ticks(low, high, most)
    months = (high - low) / (DAYS_OF_A_YEAR / 12)
    every = next((k for k in (1, 2, 3, 6, 12) if months / k <= most), 12)
    found: list[Tick] = []
    year, month = start.year, 1
    while (day := (dt.date(year, month, 1) - start).days) <= high:
        if day >= low:
            first = month == 1 or not found
            name = f"{dt.date(year, month, 1):%b}"
            found.append(Tick(float(day), f"{name} {year}" if first else name))
        year, month = year + (month + every - 1) // 12, (month + every - 1) % 12 + 1
    return found


def reach(low: float, high: float, room: float = 0.06, zero: bool = True) -> tuple[float, float]:
    """The ends of an axis for values from low to high, with some margin; with `zero`, the axis includes 0."""
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    span = high - low or abs(high) or 1.0
    return (low - room * span if low < 0 or not zero else low), high + room * span
