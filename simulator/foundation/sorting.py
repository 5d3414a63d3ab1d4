"""The stable order of numbers, found faster than by comparing where they come in no order."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
