"""Available to promise (ATP): units of stock and receipts that are not promised yet, looking ahead."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

Dated = tuple[float, int]
"""(day, units)."""


def available_to_promise(stock: int, receipts: Sequence[Dated], commitments: Sequence[Dated]) -> list[Dated]:
    """The units that can be promised for each day without breaking an earlier promise, cumulative.

    Cumulative ATP of a day is the minimum, over that day and all later ones, of stock and receipts so far less the
    units promised so far: a unit that a later promise depends on is not free, although it is in stock (look-ahead ATP).

    Args:
        stock: units on hand now, day 0.
        receipts, commitments: units received and units promised, each (day, units), in any order.

    Returns:
        (day, units) in order of day, one row for each day on which more becomes available; the first is day 0.

    >>> available_to_promise(50, [(5, 40), (12, 60)], [(2, 30), (7, 45)])
    [(0.0, 15), (12, 75)]
    """
    days = sorted({0.0, *(day for day, _ in receipts), *(day for day, _ in commitments)})
    change = dict.fromkeys(days, 0)
    change[0.0] += stock
    for day, units in receipts:
        change[day] += units
    for day, units in commitments:
        change[day] -= units
    balance = list(accumulate(change[day] for day in days))
    least = list(accumulate(reversed(balance), min))[::-1]
    rows: list[Dated] = []
    for day, units in zip(days, least, strict=True):
        free = max(units, 0)
        if not rows or free > rows[-1][1]:
            rows.append((day, free))
    return rows


def earliest_deliveries(available: Sequence[Dated], units: int, wanted: float = 0.0) -> list[Dated]:
    """The earliest deliveries of an order: the units free on the day it is wanted, then the rest as it becomes free.

    Args:
        available: as `available_to_promise` gives it.
        units: units ordered.
        wanted: the first day on which the customer wants them.

    Returns:
        (day, units) that sum to the units that can be promised; a complete delivery is on the last of the days.

    >>> earliest_deliveries([(0.0, 15), (12, 75)], 30, wanted=3)
    [(3, 15), (12, 15)]
    """
    found: list[Dated] = []
    left, taken = units, 0
    for day, free in available:
        now = min(left, free - taken)
        if now > 0:
            when = max(day, wanted)
            if found and found[-1][0] == when:
                found[-1] = (when, found[-1][1] + now)
            else:
                found.append((when, now))
            left, taken = left - now, taken + now
    return found
