"""Working days, Monday to Friday."""

from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.typing import NDArray

WEEK = 7.0
"""Days."""
WORKING_SHARE = 5 / 7
"""Share of the days of a week that are working days."""


def working_days_later(times: NDArray[np.float64], days: float, start: dt.datetime | None) -> NDArray[np.float64]:
    """The time `days` whole working days after each of the times (days from the start), at the same hour.

    A Saturday or Sunday counts as the Friday before it. If the run has no dates (`start` is None), five days of every
    seven are working days.

    >>> monday = dt.datetime(2025, 1, 6)
    >>> working_days_later(np.array([0.5, 4.0, 5.0]), 7, monday).tolist()
    [9.5, 15.0, 15.0]
    """
    if start is None:
        return times + days / WORKING_SHARE
    midnight = np.datetime64(start.date())
    hour = (start - dt.datetime.combine(start.date(), dt.time())) / dt.timedelta(days=1)
    whole = np.floor(times + hour)
    then = np.busday_offset(midnight + whole.astype(np.int64), int(days), roll="backward")
    passed: NDArray[np.float64] = (then - midnight).astype(np.float64)
    return times + (passed - whole)


def since_monday(start: dt.datetime | None) -> float:
    """Days from Monday 0:00 to a date and time; 0 for None.

    >>> since_monday(dt.datetime(2025, 1, 7, 12))
    1.5
    """
    return 0.0 if start is None else start.weekday() + (start.hour * 60 + start.minute + start.second / 60) / 1440
