"""Fixed times at which something leaves: every so many days from a first one."""

from __future__ import annotations

from math import ceil, inf
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Timetable(NamedTuple):
    """Departures on the days first + k × every, for k = 0, 1, 2, …"""

    every: float
    """Days between two departures, above 0."""
    first: float = 0.0
    """Day of the first departure."""

    def departure(self, number: int) -> float:
        """Day of the departure with this number, from 0."""
        return self.first + number * self.every

    def next_number(self, day: float) -> int:
        """Number of the first departure on a day or after it.

        >>> Timetable(7.0, 2.0).next_number(2.0), Timetable(7.0, 2.0).next_number(2.1)
        (0, 1)
        """
        number = max(ceil((day - self.first) / self.every - 1e-9), 0)
        while self.departure(number) < day:  # rounding errors of the division
            number += 1
        return number

    def next(self, day: float) -> float:
        """Day of the first departure on a day or after it; inf: never, for what is never ready."""
        return self.departure(self.next_number(day)) if day < inf else inf

    def next_each(self, days: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same for an array of days, shape (n,)."""
        number = np.maximum(np.ceil((days - self.first) / self.every - 1e-9), 0.0)
        found = self.first + number * self.every
        return np.where(found < days, self.first + (number + 1) * self.every, found)
