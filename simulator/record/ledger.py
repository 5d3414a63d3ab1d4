"""The append-only facts of one replication, column by column; nothing is ever changed or reset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from math import inf
from typing import Annotated, Any, Generic, NamedTuple, Protocol, TypeVar, get_type_hints

import numpy as np
from numpy.typing import NDArray

from simulator.record.columns import Bools as Bools
from simulator.record.columns import FactColumns as FactColumns
from simulator.record.columns import FactTable as FactTable
from simulator.record.columns import Floats as Floats
from simulator.record.columns import Ints as Ints
from simulator.record.columns import OwnPages

NEVER_SHOWN = np.inf
"""In place of a date that a customer is not shown."""
BEFORE = -np.inf
"""When a purchase from before the start was made: before all else, on a day that is not known."""

PER_LINE = {"items", "quantities", "prices", "changed"}
"""Columns of `Demand` with one value per line; the others have one per order."""


@dataclass
class Demand:
    """n orders in order of time, numbered by their place, with L lines in all, grouped by order."""

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
    """Days within which the customer needs everything (inf: not given), shape (n,); None if no segment has dates."""

    wanted: Floats | None = None
    """Day on which the customer wants the goods (nan: at once), shape (n,); None if no segment wants any later, and so
    for the next three."""
    opens: Floats | None = None
    """Day on which stock is reserved, or the order goes on backorder, shape (n,)."""
    leaves: Floats | None = None
    """Day before which no goods leave (-inf: none), shape (n,)."""
    due: Floats | None = None
    """Day from which a wait counts: from then on goods come after the wanted day, shape (n,)."""
    prices: Floats | None = None
    """Price of a unit, currency (nan: the item's), shape (L,); None if no segment has prices of its own."""

    request: Ints | None = None
    """The same number for an order and those that add units to it, -1 for all others, shape (n,); None if no segment
    has change requests, and so for the next one."""
    changed: Floats | None = None
    """When the customer asks for another quantity of the line (nan: never), days, shape (L,)."""
    recorded: NDArray[np.int32] | None = None
    """Number of each order among the recorded ones of its segment (-1: it was not recorded), shape (n,); None if no
    segment has recorded orders."""

    held_until: Floats | None = None
    """Day on which the hold of an order ends (nan: it is not held), shape (n,); None if no segment has holds."""
    cleared: Bools | None = None
    """Whether an order is released when its hold ends, shape (n,); None if no segment has holds."""

    def take(self, orders: Ints, lines: Ints) -> Demand:
        """These orders, with their lines, in this order."""

        def column(name: str) -> Any:
            found = getattr(self, name)
            return None if found is None else found[lines if name in PER_LINE else orders]

        return Demand(*(column(field.name) for field in fields(Demand)))

    @staticmethod
    def join(books: list[Demand]) -> Demand:
        """Joins all windows of the order book; empties the list, column by column, to save memory. A single window is
        handed on as it is: nobody writes to a book."""
        if not books:
            none = np.empty(0)
            return Demand(none, none.astype("i2"), none.astype("i4"), none.astype("i4"), none.astype("i4"))

        def column(name: str) -> Any:
            parts = [getattr(book, name) for book in books]
            for book in books:
                setattr(book, name, None)
            if parts[0] is None:
                return None
            return np.concatenate(parts) if len(parts) > 1 else np.ascontiguousarray(parts[0])

        whole = Demand(*(column(field.name) for field in fields(Demand)))
        books.clear()
        return whole


LONG = 16
"""Windows of the order book from which on a run is long, and what is kept of it for its end is kept apart."""
T = TypeVar("T")
SHORT = ("order", "line", "item", "units")
"""The first columns of what the shelf did not have when an order was placed."""


class FactTables(Generic[T]):
    """The kinds of facts, each a table with these columns: `FactTable` while it is written, `FactColumns` afterwards.

    Times are days from the start. `order` is the number of the order (below 0: a backlog from before the start),
    `line` its place in the order; `item`, `supplier` and so on are the numbers of the objects. Units filled at once are
    not written: they are what was demanded less what was backordered or refused.
    """

    backordered: Annotated[T, "order line item units"]
    """Units that went on backorder when the order was placed."""
    refused: Annotated[T, "order line item units exit"]
    """Units that were demanded but not ordered, and how they left (`Exit`)."""
    recovered: Annotated[T, "time order line item units exit"]
    """Units taken off the shelf in place of units that had left at checkout: of a substitute at once (`exit` is
    SUBSTITUTED), or of the item itself when a wait-listed customer came back (WAITLISTED) or sent units back and wanted
    others (EXCHANGED)."""
    fills: Annotated[T, "time order line item units placed"]
    """Backordered units filled from stock."""
    assembled: Annotated[T, "time item units"]
    """Kits assembled from components on the shelf (below 0: taken apart)."""
    aside: Annotated[T, "time order line item units"]
    """Components on hand put aside for a waiting line of kits (below 0: put back, or used)."""
    lacking: Annotated[T, "order line item units"]
    """Units of a component that were not on hand when a line of kits was ordered."""
    split_choices: Annotated[T, "time order parts days"]
    """Orders whose customer was asked whether what is there leaves at once (`parts` is 1) or waits for the rest, which
    is shown to come in so many days (inf: no date)."""
    holds: Annotated[T, "time order until units"]
    """Goods of an order that are filled and held for the rest of it: since when, the latest day on which they leave
    (inf: unknown), and how many; one row for each parcel that is held."""
    confirmed: Annotated[T, "time order line item units"]
    """Backordered units that were confirmed (below 0: whose confirmation was withdrawn), always before they are filled.
    Written only if the allocation policy keeps confirmations; cancellations are not written here."""
    exceptions: Annotated[T, "time order line item units"]
    """Lines to which a run of backorder processing did not give what it owes them, and the units missing."""
    parcels: Annotated[T, "shipped delivered order units"]
    """Parcels handed to the carrier, and when they reach the customer (possibly after the horizon)."""
    lost: Annotated[T, "time missed order units"]
    """Parcels that were handed over and never arrive (they are not in `parcels`), and when they are missed."""
    stalled: Annotated[T, "time order units days"]
    """Parcels that get stuck in transit: when they are handed over, and for how many days."""
    replaced: Annotated[T, "time order item units"]
    """Units taken from stock again to replace lost ones."""
    picks: Annotated[T, "started done order"]
    """Parcels packed by the pickers; written only if picking takes time."""
    cancelled: Annotated[T, "time order line item units cause held placed"]
    """Units cancelled, and why (`Cause`); `held` is 1 if they had been filled and went back to the shelf."""
    drop_shipped: Annotated[T, "parcel supplier"]
    """Parcels that a vendor sends, by their row in `parcels`; written only where others leave from the warehouse."""
    sourced: Annotated[T, "order line item units home part taken"]
    """Units of a line that are asked of the stock `item` at another site, not of `home` at the customer's own, and
    those of them that were taken there at once. While facts are written, such units have a line number of their own,
    the `part`."""
    sent_from: Annotated[T, "parcel site"]
    """The sites from which parcels leave, by their row in `parcels`; only where sites serve each other's customers."""
    transfers: Annotated[T, "time arrives item origin units"]
    """Units sent to the stock `item` at one site from the stock `origin` at another, and when they arrive."""
    returned: Annotated[T, "time order line item units placed"]
    """Goods that customers send back after delivery; they are on the shelf again, unless they are `unsellable`."""
    unsellable: Annotated[T, "time order line item units"]
    """Returned units that cannot be sold again; they are written off."""
    surplus: Annotated[T, "time order line item units placed"]
    """Units that a buyer had ordered beyond the need and sent back; they are on the shelf again."""
    promises: Annotated[T, "time order date told"]
    """Dates given to waiting orders (inf: no date any longer); `told` is 1 if the customer knows it."""
    notices: Annotated[T, "time order message read date"]
    """Messages sent about orders that wait or waited (`Message`), whether they were read, and the date in them."""
    answers: Annotated[T, "time order answer"]
    """Customers' answers to offers and questions (`Answer`)."""
    contacts: Annotated[T, "time order page started done"]
    """Customers who asked where their order is: `page` is 1 if the tracking page answered, otherwise an agent did, from
    `started` to `done`."""
    experiences: Annotated[T, "time order segment experience days"]
    """What customers experienced (`Experience`), and how many days they waited; written only if it affects demand."""
    reviews: Annotated[T, "time order bad"]
    """Reviews; `bad` is 1 for a bad one."""
    purchases: Annotated[T, "time item supplier units"]
    """Purchases as they were decided (`BEFORE` the start, or when); the number of a purchase is its row."""
    withdrawn: Annotated[T, "time item supplier units purchase"]
    """Units taken out of an outstanding purchase because a customer had cancelled."""
    receipts: Annotated[T, "time item supplier units lost purchase bought"]
    """Goods received, units lost to a yield below 1, and when they were bought (`BEFORE` the start, or when)."""
    adjusted: Annotated[T, "time item units record why"]
    """Changes of the stock on hand, and of its record, other than by purchases and orders (`Adjustment`)."""
    oversold: Annotated[T, "time order line item units"]
    """Backordered units that the storefront had shown as available."""
    forecasts: Annotated[T, "time item forecast actual"]
    """Units forecast for the period that ends, and units demanded in it."""
    hurried: Annotated[T, "time item supplier units cost days kind purchase"]
    """Purchases that were brought forward or bought on the spot (`HurryKind`): the cost above the usual price, and by
    how many days their units arrive earlier."""
    happened: Annotated[T, "start end event"]
    """When each event of the scenario happens, by its number among all events; written before the start."""

    switched: Annotated[T, "time entry on"]
    """When an entry of the policy's schedule, by its number, comes into force (`on` is 1) or ends."""
    blocked: Annotated[T, "time order line item units why"]
    """Units that the acceptance policy refused, and by which rule (`Refusal`); written only if its decisions differ or
    have caps, otherwise there is only one rule."""

    shipped: Annotated[T, "time item supplier units purchase"]
    """Goods that left a supplier."""
    rolled: Annotated[T, "time supplier units"]
    """Units that did not fit on a departure and wait for the next one."""
    worked: Annotated[T, "started ended item supplier speed"]
    """Time that a supplier's line worked on a purchase, and at which speed."""
    served: Annotated[T, "order purchase units"]
    """At a supplier with stock: the purchase of its buyer that an order stands for, and its units."""


COLUMNS: dict[str, tuple[str, ...]] = {
    name: tuple(declared.__metadata__[0].split())
    for name, declared in get_type_hints(FactTables, include_extras=True).items()
}
"""The columns of each table."""


class Reader(Protocol):
    """Reads the facts while they are written."""

    def before_harvest(self) -> None:
        """Called before the facts are taken out of the ledger."""


class Postponed(Protocol):
    """Keeps orders that have been placed and not opened until they open."""

    def exchange(self, chunk: Ledger, first: int, now: float) -> Ints:
        """Leaves the orders in a chunk that have opened before now, and returns their numbers."""


class Summary(Protocol):
    """Sums kept in place of facts, for replications too long for memory to hold every fact."""

    def add(self, chunk: Ledger, numbers: Ints | None = None) -> None:
        """Adds the facts of one window of the order book, whose orders are numbered from 0; `numbers` are those in the
        run, where orders open later than they are placed."""

    def cut(self, since: Floats, units: Floats) -> None:
        """Adds the units of counted orders still open at the horizon, by the time from which they have waited."""

    def audit(self, final: Sequence[ItemLevels]) -> None:
        """Raises AuditError unless the sums lead to these levels."""

    def arrays(self) -> dict[str, Floats]:
        """The sums by name, for the digest."""


class ItemLevels(NamedTuple):
    """An item's levels at the end, as the engine holds them (units)."""

    on_hand: int
    on_order: int
    backordered: int
    phantom: int = 0
    aside: int = 0  # units on hand that are put aside for waiting kits


class Ledger(FactTables[FactTable]):
    """What happened, in the order in which it happened; summed up and forgotten window by window with a `summary`."""

    def __init__(self, summary: Summary | None = None) -> None:
        self.summary = summary
        self.books: list[Demand] = []
        self._pages: dict[str, OwnPages] = {}
        """By column of the order book, in a long run."""
        self.readers: list[Reader] = []
        self.ahead: Postponed | None = None
        """Orders that have not opened, where there are such orders and facts are summed up."""
        self._first = 0
        for name, columns in COLUMNS.items():
            setattr(self, name, FactTable(*columns))

    def order_book(self, book: Demand, now: float = inf) -> None:
        """Adds orders that are about to be placed, none before `now` (only needed where orders open later); those at
        and after the horizon must have been cut off."""
        self.fold(now)
        if len(self.books) >= LONG:
            for field in fields(Demand):
                column = getattr(book, field.name)
                if column is not None and len(column):
                    setattr(book, field.name, self._pages.setdefault(field.name, OwnPages()).keep(column))
            for name in COLUMNS:
                getattr(self, name).stow()
        self.books.append(book)

    def fold(self, now: float = inf) -> None:
        """Moves the facts so far into the summary, but for those of orders that have not opened before `now`; without a
        summary, they stay."""
        if self.summary is None:
            return
        for reader in self.readers:
            reader.before_harvest()
        chunk = Ledger()
        chunk.books, self.books = self.books, []
        for name, columns in COLUMNS.items():
            first = self._first if columns[: len(SHORT)] == SHORT and self.ahead is None else 0
            setattr(chunk, name, getattr(self, name).harvest(first))
        first, self._first = self._first, self._first + sum(len(book.times) for book in chunk.books)
        self.summary.add(chunk, None if self.ahead is None else self.ahead.exchange(chunk, first, now))
