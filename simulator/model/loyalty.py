"""How a delay changes a customer's later orders: by how much, and how the effect fades over four years."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

YEAR = 365.0
YEARS = 4.0
"""How long effects last: the period over which they were measured (Bhan and Anderson 2023)."""
Floats = NDArray[np.float64]


class Experience(IntEnum):
    """What a customer has experienced with an order."""

    LATE = 0
    """Had to wait for the goods, and got them."""
    HANDLED_WELL = 1
    """Had to wait, was given a date, and the goods shipped by then."""
    GAVE_UP = 2
    """Had to wait, and the order was cancelled."""
    REFUSED = 3
    """Got nothing: the item could not be ordered, or was not worth the wait."""
    RIVAL = 4
    """Bought it from a rival."""


@dataclass(frozen=True)
class Loyalty:
    """Changes in the orders that a customer places in the year after an experience, as shares (-0.021: 2.1 % fewer)."""

    late: float = 0.0
    very_late: float = 0.0
    very_late_after: float = math.inf
    """Days of waiting from which a delay is very late."""
    handled_well: float | None = None
    """Replaces both after a delay that was handled well; None: handling makes no difference."""
    refused: float = 0.0
    lost: float = 0.0
    """Share of customers who bought from a rival and never come back."""
    lasting: float = 1.0
    """Mean effect over four years, as a share of the first year's effect."""
    orders_per_year: float = 1.0
    """Orders that a customer usually places per year."""

    def effect(self, experience: Experience, days: float) -> float:
        """Change in next year's orders, as a share, after waiting this many days."""
        if experience == Experience.RIVAL:
            return -self.lost
        if experience == Experience.REFUSED:
            return self.refused
        if experience == Experience.HANDLED_WELL and self.handled_well is not None:
            return self.handled_well
        return self.very_late if days > self.very_late_after else self.late

    def fade(self, experience: Experience) -> float:
        """What is left of an effect a year later, as a share; customers lost to a rival stay there."""
        return 1.0 if experience == Experience.RIVAL else yearly_fade(self.lasting)


FORGETFUL = Loyalty()
"""Customers whom a delay does not affect."""


@lru_cache(maxsize=256)
def yearly_fade(lasting: float) -> float:
    """x with (1 + x + x^2 + x^3) / 4 = lasting: each year's effect is x times that of the year before.

    >>> round(yearly_fade(4.6 / 6.1), 4)
    0.8141
    """
    low, high = 0.0, 1.0
    for _ in range(60):
        x = (low + high) / 2
        low, high = (x, high) if (1 + x + x**2 + x**3) / YEARS < lasting else (low, x)
    return (low + high) / 2


def strength(fade: float) -> float:
    """The effect at the beginning, if its mean over the first year is 1."""
    k = -math.log(fade) if fade > 0 else math.inf
    return 1.0 if k < 1e-9 else k / (1 - fade)


def still_to_come(age: Floats, fade: float) -> Floats:
    """Years' worth of the first year's effect that lie between `age` (days since the experience) and four years.

    >>> [round(float(v), 3) for v in still_to_come(np.array([0.0, 365.0, 1460.0]), 1.0)]
    [4.0, 3.0, 0.0]
    """
    years = np.clip(age / YEAR, 0.0, YEARS)
    if fade > 1 - 1e-9:
        left: Floats = YEARS - years
        return left
    k = -math.log(fade)
    found: Floats = (np.exp(-k * years) - math.exp(-k * YEARS)) / (1 - fade)
    return found
