"""A gauge on the ledger: units by item since the last reading, for policies that plan from what has happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.model.nouns import NEVER_CAME
from simulator.record.ledger import COLUMNS, Demand, Floats, Ints, Ledger

TABLES = ("refused", "recovered", "backordered", "fills")


class Seen(NamedTuple):
    """Units by item since the last reading, shape (items,) each; what is asked for in kits counts for the components,
    too."""

    asked: Floats
    """Demand: asked for by customers, whatever became of it, at the site that serves them. Orders that never came do
    not count."""
    refused: Floats
    """Asked for but not ordered: left at checkout."""
    recovered: Floats
    """Sold in place of what had left: substitutes, and wait-listed customers who came back."""
    backordered: Floats
    """Ordered when out of stock."""
    fills: Floats
    """Filled from the backlog."""

    @property
    def orders(self) -> Floats:
        """Units ordered: the demand, less what left at checkout, plus what was sold in its place."""
        return self.asked - self.refused + self.recovered

    @property
    def sales(self) -> Floats:
        """Units handed to customers: taken off the shelf at once, or filled from the backlog."""
        return self.orders - self.backordered + self.fills


class Gauge:
    """Reads the ledger while it is written; the time of a reading is proportional to the facts since the last one."""

    def __init__(self, ledger: Ledger, items: int, kits: Mapping[int, Sequence[tuple[int, int]]] | None = None) -> None:
        """`kits`: the components of each kit, and units of them in one kit."""
        self.ledger, self.items, self.kits = ledger, items, kits or {}
        self._sums = {name: np.zeros(items) for name in ("asked", *TABLES)}
        self._rows = dict.fromkeys(TABLES, 0)
        self._sourced = 0
        self._book, self._order, self._line = 0, 0, 0
        ledger.readers.append(self)

    def read(self, now: float) -> Seen:
        """Returns what has happened since the last reading, orders placed at `now` included."""
        self._count(now)
        for sums in self._sums.values():
            for kit, parts in self.kits.items():
                for part, each in parts:
                    sums[part] += each * sums[kit]
        seen = Seen(**self._sums)
        self._sums = {name: np.zeros(self.items) for name in self._sums}
        return seen

    def before_harvest(self) -> None:
        """Counts all facts, which are about to be taken out: all of them have happened."""
        self._count(np.inf)
        self._rows = dict.fromkeys(TABLES, 0)
        self._sourced = 0
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
            rows = getattr(self.ledger, name).since(self._rows[name])
            if len(rows):
                self._rows[name] += len(rows)
                columns = dict(zip(COLUMNS[name], rows.T, strict=True))
                items, units = columns["item"].astype(np.int64), columns["units"]
                self._add(name, items, units)
                if name == "refused":
                    never = np.isin(columns["exit"], NEVER_CAME)
                    for sums in ("asked", "refused"):
                        self._add(sums, items[never], -units[never])

        sourced = self.ledger.sourced.since(self._sourced)
        if len(sourced):
            self._sourced += len(sourced)
            columns = dict(zip(COLUMNS["sourced"], sourced.T, strict=True))
            for site, sign in (("item", 1), ("home", -1)):
                self._add("asked", columns[site].astype(np.int64), sign * columns["units"])

    def _count_orders(self, book: Demand, stop: int) -> None:
        lines = self._line + int(book.counts[self._order : stop].sum())
        self._add("asked", book.items[self._line : lines].astype(np.int64), book.quantities[self._line : lines])
        self._order, self._line = max(stop, self._order), lines

    def _add(self, name: str, items: Ints, units: NDArray[np.generic]) -> None:
        self._sums[name] += np.bincount(items, weights=units, minlength=self.items)
