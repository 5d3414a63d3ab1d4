"""Facts that change a level, as the library reads them: what follows from them in one pass, without arrays between."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.foundation.compiled.library import address, function_of

Floats = NDArray[np.float64]


class _Moves(ctypes.Structure):
    """Facts of one kind that change a level, as in kernel.h."""

    _fields_ = [
        ("time", ctypes.c_void_p),
        ("item", ctypes.c_void_p),
        ("units", ctypes.c_void_p),
        ("whole", ctypes.c_void_p),
        ("n", ctypes.c_int64),
    ]


class Changes:
    """Changes of a level: times (days), item numbers and signed units, the facts of one kind after those of another."""

    def __init__(self, changes: Iterable[tuple[Floats, NDArray[Any], NDArray[Any]]]) -> None:
        self._kept = [_columns(*change) for change in changes if change[0].size]
        self._moves = (_Moves * len(self._kept))(*map(_addresses, self._kept))
        self.size = sum(time.size for time, _, _ in self._kept)

    def call(self, name: str, *arguments: NDArray[Any] | int) -> int:
        """Call a function of the library with these changes; return its answer, or 0 if there is no library."""
        if (function := function_of(name, 2 + len(arguments))) is None:
            return 0
        given = (each if isinstance(each, int) else address(each) for each in arguments)
        found: int = function(ctypes.addressof(self._moves), len(self._kept), *given)
        return found

    def areas(self, start: float, end: float, total: Floats) -> bool:
        """Adds units x days left of [start, end) after each change, by item; False, and nothing, without a library."""
        return bool(self.call("areas_by_item", total.size, np.array([start, end], dtype=np.float64), total))

    def by_cell(self, rates: Floats | None, start: float, width: float, steps: Floats, inside: Floats | None) -> bool:
        """Adds up the changes in every cell of a grid, each unit times the rate of its item; what happens before
        `start` happens then. False, and nothing, without a library.

        Args:
            steps: what changes in each cell.
            inside: that times the days left in the cell.
        """
        grid = np.array([start, width], dtype=np.float64)
        given = (0 if rates is None else rates, grid, steps.size, 0 if inside is None else inside, steps)
        return bool(self.call("sums_by_cell", *given))


def _columns(time: Floats, item: NDArray[Any], units: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """The columns in the types that the library reads."""
    whole = units.dtype == np.int32
    return (
        np.ascontiguousarray(time, dtype=np.float64),
        np.ascontiguousarray(item, dtype=np.int32),
        np.ascontiguousarray(units, dtype=np.int32 if whole else np.float64),
    )


def _addresses(columns: tuple[NDArray[Any], NDArray[Any], NDArray[Any]]) -> _Moves:
    time, item, units = columns
    whole = units.dtype == np.int32
    return _Moves(
        address(time),
        address(item),
        None if whole else address(units),
        address(units) if whole else None,
        time.size,
    )
