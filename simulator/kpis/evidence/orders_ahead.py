"""Orders for a later day in runs without records: each is summed up in the window in which it opens."""

from __future__ import annotations

import numpy as np

from simulator.record.ledger import COLUMNS, SHORT, Demand, FactTable, Floats, Ints, Ledger

OF_PLACING = tuple(name for name, columns in COLUMNS.items() if columns[: len(SHORT)] == SHORT)
"""Tables of facts that belong to the moment at which an order takes its units."""


class OrdersAhead:
    """Orders that have been placed and not opened, with what is known of them."""

    def __init__(self) -> None:
        self.books: list[Demand] = []
        self.numbers: Ints = np.empty(0, dtype=np.int64)
        """Of the orders, in the order of the books."""
        self.rows: dict[str, Floats] = {name: np.empty((0, len(COLUMNS[name]))) for name in OF_PLACING}

    def exchange(self, chunk: Ledger, first: int, now: float) -> Ints:
        """Leaves the orders in a chunk that have opened before now, renumbered from 0, and keeps the others.

        Args:
            chunk: a window of the order book and the facts in it, where orders have their numbers in the run.
            first: number of the first order of the chunk's books.

        Returns:
            The numbers in the run of the orders that are left.
        """
        new = sum(len(book.times) for book in chunk.books)
        numbers = np.concatenate((self.numbers, np.arange(first, first + new)))
        book = Demand.join([*self.books, *chunk.books])
        opened = np.zeros(0, dtype=bool) if book.opens is None else book.opens < now
        lines = np.repeat(opened, book.counts)
        chunk.books = [book.take(np.flatnonzero(opened), np.flatnonzero(lines))] if new or self.books else []
        self.books = [book.take(np.flatnonzero(~opened), np.flatnonzero(~lines))] if new or self.books else []
        self.numbers, found = numbers[~opened], numbers[opened]
        for name in OF_PLACING:
            rows = np.concatenate((self.rows[name], getattr(chunk, name).since(0)))
            order = rows[:, 0]
            mine = (order < 0) | np.isin(order, found)
            self.rows[name], rows = rows[~mine], rows[mine]
            own = rows[:, 0] >= 0
            rows[own, 0] = np.searchsorted(found, rows[own, 0])
            table = FactTable(*COLUMNS[name])
            table.add(rows.tobytes())
            setattr(chunk, name, table)
        return found
