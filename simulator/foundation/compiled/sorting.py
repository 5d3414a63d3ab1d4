"""Sorting and merging, faster than by comparing: by numpy, or by the compiled library."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.foundation.compiled.library import compiled_library

Floats = NDArray[np.float64]
FEW = 2_000
"""Numbers that are sorted by comparing."""
RUNS = 16
"""Numbers that come in fewer runs than one for this many are merged, which numpy does well."""


def stable_order(numbers: NDArray[Any]) -> NDArray[np.intp]:
    """The same as `np.argsort(numbers, kind="stable")`.

    numpy sorts 16 bits in time proportional to the numbers. Numbers of 64 bits (from 0 on, for floats also their bits
    are in the order of the numbers) are sorted by the lowest 16 bits, then stably by the next, and so on.
    """
    few = numbers.size < FEW or sys.byteorder != "little" or numbers.dtype not in (np.float64, np.int64)
    if few or RUNS * np.count_nonzero(numbers[1:] < numbers[:-1]) < numbers.size or not numbers.min() >= 0:
        return np.argsort(numbers, kind="stable")
    parts = (numbers + 0).view(np.uint16).reshape(-1, 4)  # adding makes -0.0 to 0.0
    order: NDArray[np.intp] | None = None
    for place in range(4):
        part = parts[:, place]
        if numbers.dtype == np.int64 and not part.any():
            continue
        order = np.argsort(part, kind="stable") if order is None else order[np.argsort(part[order], kind="stable")]
    return np.arange(numbers.size) if order is None else order


class _Moves(ctypes.Structure):
    """Facts of one kind that change a level, as in kernel.h."""

    _fields_ = [
        ("time", ctypes.c_void_p),
        ("item", ctypes.c_void_p),
        ("units", ctypes.c_void_p),
        ("whole", ctypes.c_void_p),
        ("n", ctypes.c_int64),
    ]


class Merged:
    """Changes of a level, kinds of facts one after the other, each in order of time.

    Args:
        changes: times (days), item numbers and signed units of every kind.
        first: the level of every item at time 0.
    """

    def __init__(self, changes: Iterable[tuple[Floats, NDArray[Any], NDArray[Any]]], first: Floats) -> None:
        self._first, self._kept = first, [_columns(*change) for change in changes if change[0].size]
        self._moves = (_Moves * len(self._kept))(*map(_addresses, self._kept))
        self.size = first.size + sum(time.size for time, _, _ in self._kept)

    def steps(self) -> tuple[NDArray[np.int64], Floats, Floats] | None:
        """Where the rows of each item end, and the time and level of every row, by item and time; None if the library
        is not there, or the facts of a kind are not in order."""
        ends = np.empty(self._first.size, dtype=np.int64)
        times, units = np.empty(self.size), np.empty(self.size)
        return (ends, times, units) if self._called("merged_steps", ends, times, units) else None

    def path(self) -> tuple[Floats, Floats] | None:
        """Every instant at which the level of all items together changes, and what it changes to; None as above."""
        times, values = np.empty(self.size), np.empty(self.size)
        n = self._called("merged_path", times, values)
        return (times[:n].copy(), values[:n].copy()) if n else None

    def _called(self, name: str, *out: NDArray[Any]) -> int:
        if (function := _function(name)) is None:
            return 0
        found: int = function(self._moves, len(self._kept), self._first.size, *map(_address, (self._first, *out)))
        return found


@cache
def _function(name: str) -> Any:
    found = compiled_library()
    if found is None:
        return None
    function = getattr(found, name)
    many = 3 if name == "merged_steps" else 2
    function.argtypes = [ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, *[ctypes.c_void_p] * (many + 1)]
    function.restype = ctypes.c_int64
    return function


def _columns(time: Floats, item: NDArray[Any], units: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """The columns in the types that the library reads."""
    whole = units.dtype == np.int32
    return (
        np.ascontiguousarray(time, dtype=np.float64),
        np.ascontiguousarray(item, dtype=np.int32),
        np.ascontiguousarray(units, dtype=np.int32 if whole else np.float64),
    )


def _address(array: NDArray[Any]) -> int:
    found: int = array.__array_interface__["data"][0]  # faster than array.ctypes
    return found


def _addresses(columns: tuple[NDArray[Any], NDArray[Any], NDArray[Any]]) -> _Moves:
    time, item, units = columns
    whole = units.dtype == np.int32
    return _Moves(
        _address(time),
        _address(item),
        None if whole else _address(units),
        _address(units) if whole else None,
        time.size,
    )
