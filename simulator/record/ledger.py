"""The append-only facts of one replication, column by column; nothing is ever changed or reset."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, fields
from struct import Struct
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from simulator.record.gauge import Gauge
    from simulator.record.totals import Totals

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Table:
    """Facts of one kind: rows of doubles in one flat array, 8 bytes a field.

    A row is written as `table.add(table.pack(a, b, …))` in the order of `columns` (packing is 2.5 times as fast as
    extending an array by a tuple); whole numbers are exact up to 2^53.
    """

    __slots__ = ("_rows", "add", "columns", "pack")

    def __init__(self, *columns: str) -> None:
        self.columns = columns
        self._rows = array("d")
        self.pack: Callable[..., bytes] = Struct(f"={len(columns)}d").pack
        self.add: Callable[[bytes], None] = self._rows.frombytes

    def write(self, *row: float) -> None:
        """One row, where speed does not matter."""
        self.add(self.pack(*row))

    def __len__(self) -> int:
        return len(self._rows) // len(self.columns)

    def since(self, row: int) -> Floats:
        """A copy of the rows from `row` on, shape (rows, columns)."""
        width = len(self.columns)
        return np.array(self._rows[row * width :]).reshape(-1, width)

    def about(self, order: int) -> Floats:
        """A copy of the rows about an order, shape (rows, columns)."""
        if not self._rows:
            return np.empty((0, len(self.columns)))
        rows = np.frombuffer(self._rows, dtype=np.float64).reshape(-1, len(self.columns))
        found: Floats = rows[rows[:, self.columns.index("order")] == order]
        return found

    def harvest(self, first: int = 0) -> Table:
        """Takes the rows out, into a table of their own; orders are renumbered from `first` (those below 0 are not)."""
        rows = np.array(np.frombuffer(self._rows, dtype=np.float64)) if self._rows else np.empty(0)
        del self._rows[:]
        if first:
            orders = rows.reshape(-1, len(self.columns))[:, self.columns.index("order")]
            orders[orders >= 0] -= first
        taken = Table(*self.columns)
        taken.add(rows.tobytes())
        return taken

    def freeze(self) -> dict[str, Floats]:
        """The columns as views of the rows; the table must not be written any more."""
        rows = np.frombuffer(self._rows, dtype=np.float64) if self._rows else np.empty(0)
        table = rows.reshape(-1, len(self.columns))
        return {name: table[:, k] for k, name in enumerate(self.columns)}


@dataclass
class Demand:
    """Orders as they were placed, in order of time; their number is their place. L lines stand order by order."""

    times: Floats
    """Days, shape (n,)."""
    segments: NDArray[np.int16]
    """Number of the segment, shape (n,)."""
    counts: NDArray[np.int32]
    """Lines of each order, shape (n,)."""
    items: NDArray[np.int32]
    """Number of the item, shape (L,)."""
    quantities: NDArray[np.int32]
    """Units asked for, shape (L,)."""
    need_by: Floats | None = None
    """Days within which the customer needs everything (inf: none given), shape (n,); None: no segment says."""

    @staticmethod
    def join(books: list[Demand]) -> Demand:
        """All windows of the order book as one; consumes the list, column by column, to need little memory."""
        if not books:
            none = np.empty(0)
            return Demand(none, none.astype("i2"), none.astype("i4"), none.astype("i4"), none.astype("i4"))

        def column(name: str) -> Any:
            parts = [getattr(book, name) for book in books]
            for book in books:
                setattr(book, name, None)
            return None if parts[0] is None else np.concatenate(parts)

        whole = Demand(*(column(field.name) for field in fields(Demand)))
        books.clear()
        return whole


SHORT = ("order", "line", "item", "units")
"""The columns of what the shelf did not have when an order was placed."""


class Ledger:
    """What happened, in the order in which it happened.

    Times are days; `order` is the number of the order (below 0: a backlog from before the start), `line` its place in
    the order, `item`, `supplier` the number of the object. At-once fills are not written: they are what was asked for
    less what was backordered or refused.
    """

    def __init__(self) -> None:
        self.books: list[Demand] = []
        self.gauges: list[Gauge] = []
        """Those who read along."""
        self.backordered = Table(*SHORT)
        """Units that went on backorder when the order was placed."""
        self.refused = Table(*SHORT, "exit")
        """Units that were asked for and not ordered, and how they left (`Exit`)."""
        self.recovered = Table("time", "order", "line", "item", "units", "exit")
        """Units taken off the shelf in place of what had left at checkout: of a substitute at once (`exit` says
        SUBSTITUTED), or of the item itself when a wait-listed customer came back (WAITLISTED)."""
        self.fills = Table("time", "order", "line", "item", "units", "placed")
        """Backordered units filled from stock."""
        self.holds = Table("time", "order", "until", "units")
        """From when on goods of an order lie filled and held for the rest of it, the day on which they leave at the
        latest (inf: not known) and how many they are; one row a parcel that is held."""
        self.confirmed = Table("time", "order", "line", "item", "units")
        """Units of a backorder confirmed (or, below 0, taken away again); what is filled was confirmed before. Only
        where the allocation policy keeps confirmations; a cancellation is not written here."""
        self.exceptions = Table("time", "order", "line", "item", "units")
        """Lines that a run of backorder processing did not give what it owes them, and units short of the line."""
        self.parcels = Table("shipped", "delivered", "order", "units")
        """Parcels handed to the carrier, and when they are at the door (perhaps after the horizon)."""
        self.lost = Table("time", "missed", "order", "units")
        """Parcels that were handed over and never arrive (they do not stand in `parcels`), and when they are missed."""
        self.stalled = Table("time", "order", "units", "days")
        """Parcels that get stuck on the way, when they are handed over, and for how many days."""
        self.replaced = Table("time", "order", "item", "units")
        """Units taken from stock once more, in place of lost ones."""
        self.picks = Table("started", "done", "order")
        """Parcels made up by the pickers; only where picking takes time."""
        self.cancelled = Table("time", "order", "line", "item", "units", "cause", "held", "placed")
        """Units cancelled; `held` is 1 where they had been filled and went back to the shelf."""
        self.returned = Table("time", "order", "line", "item", "units")
        """Units that the record calls off after they had left: returned goods, which do not enter the stock again."""
        self.surplus = Table("time", "order", "line", "item", "units", "placed")
        """Units that a buyer had ordered beyond the need, and sent back: they lie on the shelf again."""
        self.promises = Table("time", "order", "date", "told")
        """Dates given to orders that wait (inf: no date any more); `told` is 1 where the customer knows it."""
        self.notices = Table("time", "order", "message", "read", "date")
        """Messages sent about orders that wait or waited (`Message`), whether they were read, the date they named."""
        self.answers = Table("time", "order", "answer")
        """What customers said to offers and questions (`Answer`)."""
        self.contacts = Table("time", "order", "page", "started", "done")
        """Customers who asked where their order is: whether a page answered (1), else when an agent began and ended."""
        self.experiences = Table("time", "order", "segment", "experience", "days")
        """What customers have been through (`Experience`) and how many days they waited; where anybody remembers it."""
        self.reviews = Table("time", "order", "bad")
        """Reviews, and whether they are bad."""
        self.purchases = Table("time", "item", "supplier", "units")
        """Purchases as they were decided; the number of a purchase is its row."""
        self.withdrawn = Table("time", "item", "supplier", "units", "purchase")
        """Units taken out of a purchase under way because a customer had cancelled."""
        self.receipts = Table("time", "item", "supplier", "units", "lost", "purchase", "bought")
        """Goods received, what a yield below 1 lost, and when they were bought."""
        self.adjusted = Table("time", "item", "units", "record", "why")
        """Changes of the stock on hand, and of its record, outside of purchases and orders (`Adjustment`)."""
        self.oversold = Table("time", "order", "line", "item", "units")
        """Backordered units that the storefront had shown as there."""
        self.forecasts = Table("time", "item", "forecast", "actual")
        """Units forecast for the period that ends, and what was asked for in it."""
        self.hurried = Table("time", "item", "supplier", "units", "cost", "days", "kind", "purchase")
        """Purchases that were brought forward or bought on the spot: what that cost beyond the usual price, and by how
        many days their units come earlier (`Hurry`)."""
        self.happened = Table("start", "end", "event")
        """When each event of the scenario happens, by its number among all events; written before the start."""

        self.shipped = Table("time", "item", "supplier", "units", "purchase")
        """Goods that left a supplier."""
        self.rolled = Table("time", "supplier", "units")
        """Units that found no room on a departure, and wait for the next."""
        self.worked = Table("started", "ended", "item", "supplier", "speed")
        """Time that a supplier's line worked on a purchase, and at which speed."""
        self.served = Table("order", "purchase", "units")
        """At a supplier with stock: which purchase of its buyer an order is, and its units."""

    def harvest(self, first: int) -> Ledger:
        """Takes all facts out, into a ledger of their own; what was short is renumbered to the orders in it."""
        for gauge in self.gauges:
            gauge.before_harvest()
        taken = Ledger()
        taken.books, self.books = self.books, []
        for name, table in vars(taken).items():
            if isinstance(table, Table):
                renumber = first if table.columns[: len(SHORT)] == SHORT else 0
                setattr(taken, name, getattr(self, name).harvest(renumber))
        return taken

    def close(self) -> Totals | None:
        """The books are closed; totals where facts were not kept."""
        return None

    def order_book(self, book: Demand) -> None:
        """Orders that are about to be placed; the part at and after the horizon must have been cut off."""
        self.books.append(book)
