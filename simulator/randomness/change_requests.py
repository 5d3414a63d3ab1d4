"""Change requests on record: a raised quantity adds an order, a lowered one is a call-off that spares what has left."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.foundation.columns import DataColumn
from simulator.foundation.units import shown
from simulator.randomness.distribution import Floats
from simulator.randomness.orderbook import Ints

ADDED = "\x1eadded at "
"""Between the name of an order and the time at which units were added to it, in the name of what was added."""


class RecordedLines(NamedTuple):
    """Order lines as they are played: those of the file, then those that raised quantities add; L in all."""

    rows: Ints
    """The row of the file that each comes from, from 0, shape (L,)."""
    names: list[str]
    """The name of its order."""
    times: Floats
    """When it is placed, days, shape (L,)."""
    quantities: Ints
    """Units asked for, shape (L,)."""
    cancel_at: Floats | None = None
    """When units are called off (nan: never), days, shape (L,)."""
    cancel_quantity: Ints | None = None
    """Units called off, 0 for the whole line, shape (L,)."""
    changed: Floats | None = None
    """When the customer asks for another quantity (nan: never), days, shape (L,); None without change requests."""
    lowered: NDArray[np.bool_] | None = None
    """Whether the call-off is a lowered quantity, shape (L,); None without change requests."""

    def with_changes(self, when: DataColumn, what: DataColumn, items: list[str]) -> RecordedLines:
        """The lines with the change requests in these columns: when the customer asks, and the new quantity;
        `items` are by row.

        A raised quantity adds a line to a new order at the time of the request: the units asked for first keep their
        place. Of a lowered one, units are called off. If units of the line are also cancelled later, the added ones are
        cancelled first.

        Raises:
            PydanticCustomError: a cell is invalid, a request has no quantity or is before its order, or units of a
                lowered line are also cancelled.
        """
        changed, wanted = when.days(optional=True), what.quantities(items, 0, blank=-1)
        asked = ~np.isnan(changed)
        changed[asked & (wanted == self.quantities)] = np.nan
        more = np.where(asked, wanted - self.quantities, 0)
        cancelled = np.zeros(asked.size, dtype=bool) if self.cancel_at is None else ~np.isnan(self.cancel_at)
        _refuse(what, asked & (wanted < 0), "a change request needs a quantity; 0 takes the line out of the order")
        _refuse(when, ~asked & (wanted >= 0), "a changed quantity needs the time of the request")
        _refuse(when, changed < self.times, "is before the order was placed")
        both = "lowers a line of which units are also cancelled: give the units that are left as the changed quantity"
        _refuse(what, (more < 0) & cancelled, both)
        lowered, rows = more < 0, np.flatnonzero(more > 0)
        at = np.full(asked.size, np.nan) if self.cancel_at is None else self.cancel_at
        units = np.zeros(asked.size, dtype=np.int64) if self.cancel_quantity is None else self.cancel_quantity
        # Units that are cancelled after the request go out of what was added first.
        late = (more > 0) & (at >= changed)
        units = np.where(units == 0, np.maximum(self.quantities, wanted), units)  # also all that was added to the line
        new = np.where(late, np.minimum(units, more), 0)
        at, old = np.where(lowered, changed, at), units - new
        return RecordedLines(
            np.append(self.rows, rows),
            self.names + [f"{self.names[row]}{ADDED}{changed[row]!r}" for row in rows.tolist()],
            np.append(self.times, changed[rows]),
            np.append(self.quantities, more[rows]),
            np.append(np.where(old + lowered > 0, at, np.nan), np.where(new[rows] > 0, at[rows], np.nan)),
            np.append(np.where(lowered, -more, old), new[rows]),
            np.append(changed, np.full(rows.size, np.nan)),
            np.append(lowered, np.zeros(rows.size, dtype=bool)),
        )


def _refuse(column: DataColumn, rows: NDArray[np.bool_], message: str) -> None:
    found = np.flatnonzero(rows)
    if found.size:
        row = int(found[0])
        raise column.wrong(row, f"{shown(column.cells[row])} {message}", int(found.size) - 1)
