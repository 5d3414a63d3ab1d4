"""Sorting and merging, faster than by comparing: by numpy, or by the compiled library."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.foundation.compiled.changes import Changes
from simulator.foundation.compiled.library import address, function_of

Floats = NDArray[np.float64]
FEW = 2_000
"""Numbers that are sorted by comparing."""
RUNS = 16
"""Numbers that come in fewer runs than one for this many are merged, which numpy does well."""
SPREAD = 8
"""Numbers that are counted are at most this many times as large as there are numbers."""


def stable_order(numbers: NDArray[Any]) -> NDArray[np.intp]:
    """The same as `np.argsort(numbers, kind="stable")`.

    The library counts whole numbers into their places. numpy sorts 16 bits in time proportional to the numbers. Numbers
    of 64 bits (from 0 on, for floats also their bits are in the order of the numbers) are sorted by the lowest 16 bits,
    then stably by the next, and so on.
    """
    if numbers.size < FEW or sys.byteorder != "little" or numbers.dtype not in (np.float64, np.int64):
        return np.argsort(numbers, kind="stable")
    counted = _counted(numbers) if numbers.dtype == np.int64 else None
    if counted is not None:
        return counted
    if RUNS * np.count_nonzero(numbers[1:] < numbers[:-1]) < numbers.size or not numbers.min() >= 0:
        return np.argsort(numbers, kind="stable")
    parts = (numbers + 0).view(np.uint16).reshape(-1, 4)  # adding makes -0.0 to 0.0
    order: NDArray[np.intp] | None = None
    for place in range(4):
        part = parts[:, place]
        if numbers.dtype == np.int64 and not part.any():
            continue
        order = np.argsort(part, kind="stable") if order is None else order[np.argsort(part[order], kind="stable")]
    return np.arange(numbers.size) if order is None else order


def worth_of_parcels(
    of: NDArray[np.int64], units: Floats, price: Floats, group: NDArray[np.int64], parcel: Floats
) -> Floats:
    """The price of what every parcel holds: put the units of a group in a row; its first parcel holds the first of
    them, and so on.

    Args:
        of, units, price: group, units and price of a unit of goods, sorted by group.
        group, parcel: group and units of every parcel, sorted by group.
    """
    worth, function = np.empty(group.size), function_of("worth_of_parcels", 9)
    if function is not None:
        room = np.empty(2 * of.size + 2)
        goods, parcels = map(address, (of, units, price)), map(address, (group, parcel))
        function(*goods, of.size, *parcels, group.size, address(room), address(worth))
        return worth
    # All groups share one row, the running sum of units (`given`) with that of their price (`value`); a parcel is a
    # stretch of that row, and its price the difference of `value` between the two ends.
    end = np.cumsum(parcel)
    heads = np.flatnonzero(np.append(True, group[1:] != group[:-1]))
    heads = np.repeat(heads, np.diff(heads, append=group.size))
    inside = end - np.concatenate(([0.0], end))[heads]  # units of the group up to and including this parcel
    given, value = (np.concatenate(([0.0], np.cumsum(x))) for x in (units, units * price))
    start = given[np.searchsorted(of, group, side="left")]
    worth[:] = np.interp(start + inside, given, value) - np.interp(start + inside - parcel, given, value)
    return worth


def _counted(numbers: NDArray[np.int64]) -> NDArray[np.intp] | None:
    most, function = int(numbers.max()), function_of("counted_order", 4)
    if function is None or not 0 <= most <= SPREAD * numbers.size:
        return None
    numbers, order = np.ascontiguousarray(numbers), np.empty(numbers.size, dtype=np.intp)
    return order if function(address(numbers), numbers.size, most, address(order)) else None


def running_sum(parts: list[tuple[Floats, Floats]]) -> tuple[Floats, Floats] | None:
    """The sum of changes from 0 at time 0 on, one value for each instant; None where the library is not there, or a
    time lies before 0.

    Args:
        parts: times, in any order, and changes; one part after the other where they fall on one instant. Each part is
            put in order of time within the list: a long run has no memory for both.
    """
    for _ in range(len(parts)):
        parts.append(_in_order(*parts.pop(0)))
    nowhere = np.empty(0, dtype=np.int32)
    return Merged(Changes((times, nowhere, changes) for times, changes in parts), np.empty(0)).path()


def _in_order(times: Floats, changes: Floats) -> tuple[Floats, Floats]:
    if not (times[1:] < times[:-1]).any():
        return times, changes
    order = stable_order(times)
    return times[order], changes[order]


class Merged:
    """Changes of a level, kinds of facts one after the other, each in order of time.

    Args:
        changes: times (days), item numbers and signed units of every kind of fact.
        first: the level of every item at time 0.
    """

    def __init__(self, changes: Changes, first: Floats) -> None:
        self._first, self._changes = first, changes
        self.size = first.size + changes.size

    def steps(self) -> tuple[NDArray[np.int64], Floats, Floats] | None:
        """Where the rows of each item end, and the time and level of every row, by item and time; None if the library
        is not there, or the facts of a kind are not in order."""
        ends = np.empty(self._first.size, dtype=np.int64)
        times, units = np.empty(self.size), np.empty(self.size)
        done = self._changes.call("merged_steps", self._first.size, self._first, ends, times, units)
        return (ends, times, units) if done else None

    def path(self) -> tuple[Floats, Floats] | None:
        """Every instant at which the level of all items together changes, and what it changes to; None as above."""
        times, values = np.empty(self.size + 1), np.empty(self.size + 1)  # and time 0
        n = self._changes.call("merged_path", self._first.size, self._first, times, values)
        times.resize(n, refcheck=False)
        values.resize(n, refcheck=False)
        return (times, values) if n else None
