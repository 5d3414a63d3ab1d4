"""A gauge on the ledger: units by item since it was last read, for those who plan from what has happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.model.nouns import NEVER_CAME

if TYPE_CHECKING:
    from simulator.record.ledger import Demand, Floats, Ints, Ledger

TABLES = ("refused", "recovered", "backordered", "fills")


class Seen(NamedTuple):
    """Units by item since the last reading, shape (items,) each."""

    asked: Floats
    """Asked for by customers, whatever became of it: demand. Orders that reputation kept away never came."""
    refused: Floats
    """Left at checkout: asked for, and not ordered."""
    recovered: Floats
    """Sold in place of what had left: substitutes, and wait-listed customers who came back."""
    backordered: Floats
    """Ordered, and not there."""
    fills: Floats
    """Filled from the backlog."""

    @property
    def orders(self) -> Floats:
        """Units ordered: what was asked for less what left at checkout, and what was sold in its place."""
        return self.asked - self.refused + self.recovered

    @property
    def sales(self) -> Floats:
        """Units that were handed to customers: taken off the shelf at once, or filled from the backlog."""
        return self.orders - self.backordered + self.fills


class Gauge:
    """Reads the ledger as it is written; a reading costs what has happened since the last one."""

    def __init__(self, ledger: Ledger, items: int) -> None:
        self.ledger, self.items = ledger, items
        self._sums = {name: np.zeros(items) for name in ("asked", *TABLES)}
        self._rows = dict.fromkeys(TABLES, 0)
        self._book, self._order, self._line = 0, 0, 0
        ledger.gauges.append(self)

    def read(self, now: float) -> Seen:
        """What has happened since the last reading, orders placed at `now` among it."""
        self._count(now)
        seen = Seen(**self._sums)
        self._sums = {name: np.zeros(self.items) for name in self._sums}
        return seen

    def before_harvest(self) -> None:
        """The facts are about to be taken out: all of them have happened."""
        self._count(np.inf)
        self._rows = dict.fromkeys(TABLES, 0)
        self._book = self._order = self._line = 0

    def _count(self, now: float) -> None:
        books = self.ledger.books
        while self._book < len(books):
            book = books[self._book]
            self._count_orders(book, int(np.searchsorted(book.times, now, side="right")))
            if self._order < len(book.times):
                break
            self._book, self._order, self._line = self._book + 1, 0, 0
        for name in TABLES:
            table = getattr(self.ledger, name)
            rows = table.since(self._rows[name])
            if len(rows):
                self._rows[name] += len(rows)
                items, units = (
                    rows[:, table.columns.index("item")].astype(np.int64),
                    rows[:, table.columns.index("units")],
                )
                self._add(name, items, units)
                if name == "refused":
                    never = np.isin(rows[:, table.columns.index("exit")], NEVER_CAME)
                    for sums in ("asked", "refused"):
                        self._add(sums, items[never], -units[never])

    def _count_orders(self, book: Demand, stop: int) -> None:
        lines = self._line + int(book.counts[self._order : stop].sum())
        self._add("asked", book.items[self._line : lines].astype(np.int64), book.quantities[self._line : lines])
        self._order, self._line = max(stop, self._order), lines

    def _add(self, name: str, items: Ints, units: NDArray[np.generic]) -> None:
        self._sums[name] += np.bincount(items, weights=units, minlength=self.items)
