"""Recorded orders: a CSV or Parquet file with one row per order line."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Self, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PrivateAttr, model_validator

from simulator.foundation.datafiles import DataFiles, current_files, to_numbers
from simulator.foundation.units import Text, current_start, date, wrong
from simulator.randomness.arrival import Arrivals
from simulator.randomness.basket import Basket, Catalogue, Drawer, OrderLines
from simulator.randomness.distribution import Floats
from simulator.randomness.orderbook import Ints, OrderBook, OrderSource, lines_of_orders
from simulator.randomness.streams import Streams

_LIKE_A_DATE = re.compile(r"\s*\d+(-\d|[./]\d+[./]|:\d)")
"""Text that looks like a date or time of day in any notation, and is therefore not a number of days."""


class Trace(Arrivals, kind="trace"):
    """Orders as recorded; rows of one order form one basket, rows out of order are sorted stably."""

    example: ClassVar = {
        "kind": "trace",
        "file": "data/orders.csv",
        "time": "ts",
        "order": "invoice",
        "item": "sku",
        "quantity": "qty",
    }
    recorded = True

    file: Text
    """CSV or Parquet file, relative to the scenario file."""
    time: Text
    """Column of times: ISO dates (which need `clock.start`) or days from the start."""
    order: Text
    """Column of order names; an order is placed at its first row's time."""
    item: Text
    """Column of items."""
    quantity: Text
    """Column of whole, positive quantities."""
    customer: Text | None = None
    """Column of customers (not used)."""
    priority: Text | None = None
    """Column of priorities, 1 first."""
    patience: Text | None = None
    """Column of days each order waits; without it the segment's `patience` is drawn."""
    one_parcel: Text | None = None
    """Column of 1 where the customer requested one complete parcel, otherwise 0."""
    transit: Annotated[list[Text], Field(min_length=1)] | None = None
    """Columns of transit days of an order's first, second, … parcel; drawn from the carrier unless given."""
    cancel_time: Text | None = None
    """Column of times at which the customer cancelled the line; empty where never."""
    cancel_quantity: Text | None = None
    """Column of units cancelled; the whole line where it is empty or not given."""
    _book: OrderBook = PrivateAttr()
    _names: tuple[str, ...] = PrivateAttr()
    _dropped: int = PrivateAttr(default=0)

    @model_validator(mode="after")
    def _load(self) -> Self:
        self._read(current_files())
        return self

    @classmethod
    def of(cls, book: OrderBook, names: tuple[str, ...]) -> Self:
        """A trace from an order book in memory; `names[k]` is the item with number k in the book."""
        trace = cls.model_construct(file="(in memory)", time="", order="", item="", quantity="")
        trace._book, trace._names = book, names
        return cast(Self, trace)

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Trace) and self.model_dump() == other.model_dump()

    __hash__ = None  # type: ignore[assignment]

    @property
    def book(self) -> OrderBook:
        """All recorded orders from the clock's start on; items are numbered by `names`."""
        return self._book

    @property
    def dropped(self) -> int:
        """Rows before the clock's start, left out."""
        return self._dropped

    def names(self) -> tuple[str, ...]:
        """The recorded items, in the order of their numbers."""
        return self._names

    def _read(self, files: DataFiles) -> None:
        rows = files.column(self.file, self.item)
        times = self._days(files, self.time)
        quantities = self._whole(files, self.quantity, 1)
        # An order takes the time of its first row, and orders are numbered by time (ties: by their first row). Sorting
        # the rows stably by that number makes the lines of an order consecutive and keeps their order in the file.
        orders = np.array(files.column(self.file, self.order))
        _, first, number = np.unique(orders, return_index=True, return_inverse=True)
        placed = times[first]
        rank = np.empty(first.size, dtype=np.int64)
        rank[np.lexsort((first, placed))] = np.arange(first.size)
        number = rank[number]
        sort = np.argsort(number, kind="stable")
        counts = np.bincount(number, minlength=first.size).astype(np.int64)
        head = np.concatenate(([0], np.cumsum(counts)[:-1]))
        leaders = sort[head]  # one row for each order, in order of time

        names, items = np.unique(np.array(rows), return_inverse=True)
        self._names = tuple(names.tolist())
        book = OrderBook(np.sort(placed), counts, items[sort].astype(np.int64), quantities[sort])
        if self.patience:
            book.patience = self._durations(files, self.patience)[leaders]
        if self.priority:
            book.priority = self._whole(files, self.priority, 1)[leaders]
        if self.one_parcel:
            book.one_parcel = self._whole(files, self.one_parcel, 0)[leaders] > 0
        if self.transit:
            book.transits = np.column_stack([self._durations(files, c)[leaders] for c in self.transit])
        if self.cancel_time:
            book.cancel_at = self._days(files, self.cancel_time, blank=True)[sort]
            cancelled = quantities
            if self.cancel_quantity:
                cells = files.column(self.file, self.cancel_quantity)
                given = np.array([c != "" for c in cells])
                cancelled = quantities.copy()
                cancelled[given] = self._whole(files, self.cancel_quantity, 1, blank=True)[given]
            book.cancel_quantity = np.minimum(cancelled, quantities)[sort]
        elif self.cancel_quantity:
            raise wrong("`cancel_quantity` needs `cancel_time`")
        keep = book.times >= 0
        self._dropped = int(book.counts[~keep].sum())
        self._book = book.select(keep) if self._dropped else book
        if not len(self._book):
            raise wrong(f"{self.file}: all orders are before clock.start")

    def _days(self, files: DataFiles, column: str, blank: bool = False) -> Floats:
        cells = files.column(self.file, column)
        shown = [c for c in cells if c] if blank else cells
        filled = np.array([bool(c) for c in cells]) if blank else slice(None)
        found = np.full(len(cells), np.nan)
        if not shown:
            return found
        if not _LIKE_A_DATE.match(shown[0]):
            found[filled] = to_numbers(shown, self.file, column)
            return found
        start = current_start()
        if start is None:
            raise wrong(f"{self.file}: column {column!r} has dates, which need clock.start")
        # numpy parses whole columns fast, but converts time zones silently and does not name the row of a bad date:
        # such columns are parsed again row by row.
        try:
            if any(c[-1] == "Z" or "+" in c for c in shown):
                raise ValueError
            moments = np.array(shown, dtype="datetime64[s]")
        except ValueError:
            for row, text in enumerate(cells, 2):
                if text or not blank:
                    try:
                        date(text)
                    except ValueError as error:
                        raise wrong(f"{self.file}:{row}: column {column!r}: {error}") from None
            moments = np.array([dt.datetime.fromisoformat(c) for c in shown], dtype="datetime64[s]")
        seconds = (moments - np.datetime64(start, "s")).astype(np.float64)
        found[filled] = seconds / 86400.0
        return found

    def _durations(self, files: DataFiles, column: str) -> Floats:
        found = files.numbers(self.file, column)
        if (found < 0).any():
            row = int(np.flatnonzero(found < 0)[0])
            raise wrong(f"{self.file}:{row + 2}: column {column!r}: {found[row]:g} is out of range; must be at least 0")
        return found

    def _whole(self, files: DataFiles, column: str, least: int, blank: bool = False) -> Ints:
        cells = files.column(self.file, column)
        found = to_numbers([c or "1" for c in cells] if blank else cells, self.file, column)
        bad: NDArray[np.bool_] = (found != np.floor(found)) | (found < least) | (np.abs(found) > 2**53)
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            raise wrong(
                f"{self.file}:{row + 2}: column {column!r}: {cells[row][:40]!r} is not a whole number >= {least}"
            )
        return found.astype(np.int64)

    def blocks(self, rng: np.random.Generator) -> Iterator[Floats]:
        yield self._book.times

    def per_day(self, horizon: float) -> float:
        return float(np.searchsorted(self._book.times, horizon)) / horizon

    def intensity(self, times: Floats, horizon: float) -> Floats:
        """Recorded orders of the same day."""
        daily = np.bincount(self._book.times.astype(np.int64), minlength=int(horizon) + 2)
        return daily[times.astype(np.int64)].astype(np.float64)

    def crowd(self, streams: Streams, owner: str, basket: Basket | None, items: Catalogue) -> Drawer:
        return Resampled(self._book, self._numbers(items), streams.stream("resampled", owner))

    def _numbers(self, items: Catalogue) -> Ints:
        return np.array([items.numbers[name] for name in self._names], dtype=np.int64)

    def units_per_day(self, horizon: float) -> dict[str, float]:
        """Mean units of each item per day over [0, horizon)."""
        lines = self._book.lines_of(self._book.times < horizon)
        units = np.bincount(self._book.items[lines], weights=self._book.quantities[lines], minlength=len(self._names))
        return dict(zip(self._names, (units / horizon).tolist(), strict=True))

    def source(self, streams: Streams, owner: str, basket: Basket | None, items: Catalogue) -> OrderSource:
        return Replay(self._book, self._numbers(items))


class Resampled(Drawer):
    """Baskets of recorded orders, sampled with equal chance."""

    def __init__(self, book: OrderBook, numbers: Ints, rng: np.random.Generator) -> None:
        self.book, self.numbers, self.rng = book, numbers, rng

    def draw(self, n: int) -> OrderLines:
        chosen = (self.rng.random(n) * len(self.book)).astype(np.int64)
        lines = lines_of_orders(self.book.counts, chosen)
        return self.book.counts[chosen], self.numbers[self.book.items[lines]], self.book.quantities[lines]


class Replay:
    """The recorded orders, taken window by window."""

    def __init__(self, book: OrderBook, numbers: Ints) -> None:
        self.book, self.numbers, self.taken = book, numbers, 0
        self.ends = np.concatenate(([0], np.cumsum(book.counts)))

    def until(self, end: float) -> OrderBook:
        first, stop = self.taken, int(np.searchsorted(self.book.times, end, side="left"))
        self.taken = stop = max(stop, first)
        taken = self.book.take(slice(first, stop), slice(self.ends[first], self.ends[stop]))
        return replace(taken, items=self.numbers[taken.items])
