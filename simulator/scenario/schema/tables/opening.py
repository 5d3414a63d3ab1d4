"""Today's books in a scenario: open orders, stock and purchases under way, read from the files that a shop exports."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple, Self

import numpy as np
from pydantic import PrivateAttr, model_validator

from simulator.foundation.columns import last_moments
from simulator.foundation.datafiles import DataTable
from simulator.foundation.plugin import Spec
from simulator.foundation.quantities import Sizes, as_steps, whole_steps
from simulator.foundation.units import Text, current_start
from simulator.model.opening import Floats, Ints, OpenBook
from simulator.randomness.distribution import Waits
from simulator.scenario.schema.tables.readings import FileNotes, Readings, cell, repeated, stripped


class OpenOrders(DataTable):
    """The orders that are open today: one row for each order line, with the units that are still to be shipped."""

    order: Text
    """Column of order numbers, never empty: rows with the same number are lines of one order."""
    placed: Text
    """Column of days on which the orders were placed: ISO dates (which need `clock.start`, which is today) or days
    from the start, below 0; not after today."""
    item: Text
    """Column of items."""
    quantity: Text
    """Column of units still to be shipped: positive, whole or multiples of the item's `granularity`; leave lines out
    that have been shipped."""
    segment: Text | None = None
    """Column of customer segments; the first segment of the scenario where it is empty or not given."""
    promised: Text | None = None
    """Column of the days by which customers were promised the goods; empty where no day was promised. A date without
    a time lasts until the end of that day. An order with several dates keeps the latest."""
    priority: Text | None = None
    """Column of priorities, 1 first; that of the segment where it is empty."""
    site: Text | None = None
    """Column of the `warehouses` at which the line waits for goods; the customer's own where it is empty or not
    given."""
    _book: OpenBook = PrivateAttr()
    _notes: list[FileNotes] = PrivateAttr(default_factory=list)

    @property
    def book(self) -> OpenBook:
        """The open orders, the oldest first."""
        return self._book

    @property
    def notes(self) -> Sequence[FileNotes]:
        """Warnings about rows that are odd."""
        return self._notes

    @model_validator(mode="after")
    def _load(self) -> Self:
        rows = Readings(self)
        names = rows.read("order", lambda column: column.names(marks=True))
        placed = rows.read("placed", lambda column: column.days())
        items = rows.read("item", lambda column: column.names())
        quantities = rows.read("quantity", lambda column: column.quantities(items, 1))
        segments = rows.read("segment", stripped)
        promised = rows.read("promised", last_moments)
        priority = rows.read("priority", lambda column: column.whole(1, blank=0))
        sites = rows.read("site", stripped)
        if placed is not None:
            rows.refuse("placed", placed > 0, lambda row: f"{cell(self, 'placed', row)} {_after_today()}")
        if placed is not None and promised is not None:
            early = promised < np.floor(placed)  # nan: none was promised
            rows.refuse("promised", early, lambda row: f"{cell(self, 'promised', row)} is before the order was placed")
        rows.finish()
        assert names is not None
        assert placed is not None
        assert items is not None
        assert quantities is not None
        n = len(names)
        self._book = self._grouped(
            names,
            placed,
            items,
            quantities,
            segments or [""] * n,
            np.zeros(n, dtype=np.int64) if priority is None else priority,
            np.full(n, math.nan) if promised is None else promised,
        )
        if sites is not None:
            self._book = replace(self._book, sites=tuple(sites[row - 2] for row in self._book.rows.tolist()))
        return self

    def _grouped(
        self,
        names: list[str],
        placed: Floats,
        items: list[str],
        quantities: Ints,
        segments: list[str],
        priority: Ints,
        promised: Floats,
    ) -> OpenBook:
        """The rows as orders, the oldest first; orders of one instant stay in the order of the file."""
        mine: dict[str, list[int]] = defaultdict(list)
        for row, name in enumerate(names):
            mine[name].append(row)
        orders = sorted(mine, key=lambda name: (placed[mine[name][0]], mine[name][0]))
        rows = [row for name in orders for row in mine[name]]
        first = [mine[name][0] for name in orders]
        for key, values in (("placed", placed), ("segment", segments), ("priority", priority)):
            differ = [name for name in orders if len({values[row] for row in mine[name]}) > 1]
            if differ:
                self._note(key, mine[differ[0]][0], differ, "has rows that differ in it: its first row counts")
        twice = repeated(list(zip(names, items, quantities.tolist(), promised.tolist(), strict=True)))
        if twice:
            said = "is given twice, with the same item, units and dates: both count"
            self._note("order", twice[0], [names[row] for row in twice], said)
        return OpenBook(
            tuple(orders),
            placed[first],
            np.array([len(mine[name]) for name in orders], dtype=np.int64),
            tuple(items[row] for row in rows),
            quantities[rows],
            tuple(segments[row] for row in first),
            priority[first],
            promised[rows],
            np.array(rows, dtype=np.int64) + 2,
        )

    def in_steps(self, sizes: Sizes) -> Self:
        """The same orders in steps of the items' granularities."""
        own = np.array([sizes.get(name, 1.0) for name in self._book.items])
        found = self.model_copy()
        found._book = replace(self._book, quantities=whole_steps(self._book.quantities, own))
        return found

    def _note(self, key: str, row: int, orders: Sequence[str], fault: str) -> None:
        more = f" (and {len(orders) - 1:,} more)" if len(orders) > 1 else ""
        self._notes.append(FileNotes(key, f"{self.label}:{row + 2}: order {orders[0][:40]!r} {fault}{more}"))


class OpeningStock(DataTable):
    """The stock of today: one row for each item (and site)."""

    item: Text
    """Column of items."""
    quantity: Text
    """Column of units on hand, 0 or more, whole or multiples of the item's `granularity`: what customers wait for is in
    `orders`."""
    site: Text | None = None
    """Column of the `warehouses`; the first one where it is empty or not given."""
    _found: list[tuple[str, str, int]] = PrivateAttr(default_factory=list)

    @property
    def found(self) -> Sequence[tuple[str, str, int]]:
        """(site, item, units) of every row in its order; '' for the first site."""
        return self._found

    def in_steps(self, sizes: Sizes) -> Self:
        """The same stock in steps of the items' granularities."""
        found = self.model_copy()
        found._found = [(site, item, as_steps(units, item, sizes)) for site, item, units in self._found]
        return found

    @model_validator(mode="after")
    def _load(self) -> Self:
        rows = Readings(self)
        items = rows.read("item", lambda column: column.names())
        units = rows.read("quantity", lambda column: column.quantities(items, 0))
        sites = rows.read("site", stripped)
        if items is not None:
            keys = list(zip(items, sites or [""] * len(items), strict=True))
            again = np.isin(np.arange(len(keys)), repeated(keys))
            rows.refuse("item", again, lambda row: f"{cell(self, 'item', row)} stands in a row above already")
        rows.finish()
        assert items is not None
        assert units is not None
        self._found = list(zip(sites or [""] * len(items), items, units.tolist(), strict=True))
        return self


class KnownDelivery(NamedTuple):
    """A purchase from before the start, as a file has it."""

    item: str
    units: int
    supplier: str
    """'' for the first that sells the item."""
    due: float
    """Days from the start; below 0 where it is overdue."""
    name: str
    site: str
    row: int
    """In the file; the first below the header is 2."""

    @property
    def label(self) -> str:
        """Its number, or else its row."""
        return self.name or f"row {self.row}"


class OpeningPurchases(DataTable):
    """The purchases under way today: one row for each line that has not been received."""

    item: Text
    """Column of items."""
    quantity: Text
    """Column of units still to be received: positive, whole or multiples of the item's `granularity`."""
    supplier: Text | None = None
    """Column of suppliers; the first in the scenario that sells the item where it is empty or not given."""
    due: Text
    """Column of the days on which the goods should come: ISO dates (which need `clock.start`) or days from the start.
    A day before today is refused unless `late` says how late deliveries come: write the day on which it is expected
    now."""
    purchase: Text | None = None
    """Column of the numbers of the purchases, by which the outlook names them."""
    site: Text | None = None
    """Column of the `warehouses` that bought; the first one where it is empty or not given."""
    late: Waits | None = None
    """Days by which a delivery comes later than on its day, drawn for each purchase; 0 unless given. Of a purchase that
    is overdue it is known that it is later than that."""
    _found: list[KnownDelivery] = PrivateAttr(default_factory=list)
    _notes: list[FileNotes] = PrivateAttr(default_factory=list)

    @property
    def found(self) -> Sequence[KnownDelivery]:
        """The purchases in the order of the file."""
        return self._found

    @property
    def notes(self) -> Sequence[FileNotes]:
        """Warnings about rows that are odd."""
        return self._notes

    def in_steps(self, sizes: Sizes) -> Self:
        """The same purchases in steps of the items' granularities."""
        found = self.model_copy()
        found._found = [bought._replace(units=as_steps(bought.units, bought.item, sizes)) for bought in self._found]
        return found

    @model_validator(mode="after")
    def _load(self) -> Self:
        rows = Readings(self)
        items = rows.read("item", lambda column: column.names())
        units = rows.read("quantity", lambda column: column.quantities(items, 1))
        due = rows.read("due", lambda column: column.days())
        n = 0 if items is None else len(items)
        texts = {key: rows.read(key, stripped) for key in ("supplier", "purchase", "site")}
        if due is not None and self.late is None:
            rows.refuse("due", due < 0, lambda row: f"{cell(self, 'due', row)} {_before_today()}")
        rows.finish()
        assert items is not None
        assert units is not None
        assert due is not None
        suppliers, names, sites = (texts[key] or [""] * n for key in ("supplier", "purchase", "site"))
        whole = list(zip(items, units.tolist(), suppliers, due.tolist(), names, sites, range(2, n + 2), strict=True))
        self._found = [KnownDelivery(*row) for row in whole]
        twice = repeated([row[:-1] for row in whole]) if self.purchase else []
        if twice:
            more = f" (and {len(twice) - 1:,} more)" if len(twice) > 1 else ""
            text = f"{self.label}:{twice[0] + 2}: purchase {names[twice[0]][:40]!r} is given twice, with the same item"
            self._notes.append(FileNotes("purchase", f"{text}, units and day: both count{more}"))
        return self


class OpeningBooks(Spec):
    """Today's books: what is open, on hand and on order when the run starts, in the numbers of the user."""

    orders: OpenOrders | None = None
    """Orders that are open; they keep their number, age, promised day and place in the queue."""
    stock: OpeningStock | None = None
    """Stock on hand, in addition to the `stock` of the warehouses; an item has its stock in one of the two."""
    purchases: OpeningPurchases | None = None
    """Purchases on their way, in addition to those `under_way` at the suppliers."""

    def on_hand(self, site: str) -> dict[str, int]:
        """Units on hand by item at a site; '' for the first."""
        found = () if self.stock is None else self.stock.found
        return {item: units for where, item, units in found if where == site}

    def bought(self) -> Iterator[KnownDelivery]:
        """The purchases in the order of their file."""
        yield from () if self.purchases is None else self.purchases.found


def _today() -> str:
    start = current_start()
    return "day 0" if start is None else f"clock.start, {start:%Y-%m-%d}"


def _after_today() -> str:
    return f"is after {_today()}, which is today; an order that comes later belongs to `customers`"


def _before_today() -> str:
    return (
        f"is before {_today()}: the purchase is overdue; write the day on which it is expected now, or say with `late` "
        "how late deliveries come"
    )
