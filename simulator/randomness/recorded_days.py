"""Days that orders on record name: by when everything is needed, and when goods are wanted."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from simulator.foundation.columns import DataColumn, last_moments, like_dates
from simulator.foundation.units import shown
from simulator.randomness.distribution import Floats
from simulator.randomness.orderbook import Ints


def needed_by(column: DataColumn, placed: Floats, sort: Ints, head: Ints) -> Floats:
    """Days from each order until its customer needs everything (inf: not given), shape (n,).

    Args:
        placed: when each order is placed, shape (n,).
        sort: the rows, order by order.
        head: where the rows of each order begin in `sort`, shape (n,).

    Raises:
        PydanticCustomError: a cell is invalid, rows of an order differ, or a date is before the order.
    """
    dated = any(map(like_dates, column.cells))
    days = (last_moments(column) if dated else column.durations(endless=True, optional=True))[sort]
    order = np.repeat(np.arange(head.size), np.diff(np.append(head, sort.size)))
    filled = ~np.isnan(days)
    needed = np.minimum.reduceat(np.where(filled, days, np.inf), head)

    def refuse(lines: NDArray[np.bool_], message: Callable[[int], str]) -> None:
        if lines.any():
            line = int(np.flatnonzero(lines)[np.argmin(sort[lines])])  # the first in the file
            row = int(sort[line])
            raise column.wrong(row, f"{shown(column.cells[row])} {message(line)}", int(lines.sum()) - 1)

    def other(line: int) -> str:
        agrees = filled & (order == order[line]) & (days == needed[order])
        row = int(sort[agrees].min())
        text = f"differs from {shown(column.cells[row])} in row {row + 2} of the same order"
        return f"{text}; an order has one day by which all of it is needed"

    refuse(filled & (days != needed[order]), other)
    if dated:
        needed = needed - placed
        refuse(filled & (needed < 0)[order], lambda _: "is before the order was placed")
    return needed


def wanted_on(column: DataColumn, placed: Floats, rows: Ints, needed: Floats) -> Floats:
    """Days from each order to the moment at which its goods are wanted: of a date, its first one, if that is not over.

    Args:
        placed: when each order is placed, shape (n,).
        rows: a row of each order, shape (n,).
        needed: days to the last moment at which they are in time, shape (n,).
    """
    if not any(map(like_dates, column.cells)):
        return needed
    found = np.maximum(column.days(optional=True)[rows] - placed, 0.0)
    return np.where(np.isnan(found), np.inf, found)


def in_time_until(column: DataColumn, needed: Floats, wanted: Floats, day: Floats, rows: Ints) -> Floats:
    """Days to the last moment at which goods for a later day are in time: as given, or the end of the wanted `day`.

    Args:
        needed, wanted: days from each order until it is needed, and wanted (inf: not given), shape (n,).
        rows: a row of each order, shape (n,).

    Raises:
        PydanticCustomError: goods are wanted after the day by which they are needed.
    """
    early = (needed < wanted) & np.isfinite(wanted)
    if early.any():
        row = int(rows[early].min())
        message = f"{shown(column.cells[row])} is before the day on which the goods are wanted"
        raise column.wrong(row, message, int(early.sum()) - 1)
    return np.where(np.isinf(needed), day, needed)
