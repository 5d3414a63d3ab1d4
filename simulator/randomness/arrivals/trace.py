"""Recorded orders: a CSV or Parquet file with one row per order line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self, cast

import numpy as np
from pydantic import Field, PrivateAttr, model_validator

from simulator.foundation import columns, datafiles, quantities, tables, units
from simulator.foundation.cache import Arrays, keep_arrays, kept_arrays
from simulator.foundation.datafiles import DataTable, current_files
from simulator.foundation.quantities import Sizes, known_sizes, whole_steps
from simulator.foundation.units import Text, current_start, wrong
from simulator.randomness import change_requests, orderbook, recorded_days
from simulator.randomness.arrival import Arrivals
from simulator.randomness.basket import Basket, Catalogue, Drawer
from simulator.randomness.change_requests import ADDED, RecordedLines
from simulator.randomness.distribution import Floats
from simulator.randomness.orderbook import Ints, OrderBook, OrderSource
from simulator.randomness.recorded_days import in_time_until, needed_by, wanted_on
from simulator.randomness.replay import Replay, Resampled
from simulator.randomness.streams import Streams

WORTH_KEEPING = 10_000
"""Lines; a shorter file is read in less than a tenth of a second, and remembered by the process alone."""
_remembered: dict[str, Arrays] = {}
"""Eight short files, the last to be used last: each round of a game, and each move of a slider, reads the same one."""
TEXTS = "(texts)"
FAR_APART = 1.0
"""Days between the first and the last row of one order from which on they are probably different orders."""


class Trace(DataTable, Arrivals, kind="trace"):
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

    time: Text
    """Column of times: ISO dates (which need `clock.start`) or days from the start."""
    order: Text
    """Column of order names, never empty: rows with the same name are one order, placed at its first row's time."""
    item: Text
    """Column of items."""
    quantity: Text
    """Column of positive quantities: whole, or multiples of the item's `granularity`."""
    customer: Text | None = None
    """Column of customers: to notice orders with the rows of several, and for `acceptance: per_customer`."""
    priority: Text | None = None
    """Column of priorities, 1 first; the segment's where it is empty."""
    patience: Text | None = None
    """Column of days each order waits, `inf` for ever; without it the segment's `patience` is drawn."""
    need_by: Text | None = None
    """Column of the day by which the customer needs everything: days from the order, or dates, which last until the
    end of their day; empty where there is none. Rows of one order must agree. Without it the segment's `need_by` is
    drawn."""
    wanted: Text | None = None
    """Column of the day on which the customer wants the goods: days from the order, or dates; empty where at once.
    Rows of one order with different days (call-offs) are separate deliveries, each an order of its own."""
    one_parcel: Text | None = None
    """Column of 1 where the customer requested one complete parcel, otherwise 0 or empty."""
    transit: Annotated[list[Text], Field(min_length=1)] | None = None
    """Columns of transit days of an order's first, second, … parcel; drawn from the carrier unless given."""
    cancel_time: Text | None = None
    """Column of times at which the customer cancelled the line; empty where never."""
    cancel_quantity: Text | None = None
    """Column of units cancelled; the whole line where it is empty or not given."""
    change_time: Text | None = None
    """Column of times at which the customer asked for another quantity of the line; empty where never."""
    change_quantity: Text | None = None
    """Column of the quantity then asked for. Raised: the old units keep their place, and the new ones are an order of
    their own from that time on. Lowered (0: out of the order): units that have not left are called off."""
    price: Text | None = None
    """Column of the price of a unit of the line, currency, after all discounts; the item's `price` where it is empty or
    not given. It counts in KPIs; rules that decide by price go by the item's."""
    _book: OrderBook = PrivateAttr()
    _names: tuple[str, ...] = PrivateAttr()
    _dropped: int = PrivateAttr(default=0)
    _notes: list[tuple[str, str]] = PrivateAttr(default_factory=list)
    _orders: list[str] = PrivateAttr(default_factory=list)
    _customers: list[str] = PrivateAttr(default_factory=list)

    @model_validator(mode="after")
    def _load(self) -> Self:
        files = current_files()
        read = [self.model_dump(), files.digest(self.file), str(current_start()), _parser()]
        key = json.dumps([*read, *filter(None, [known_sizes()])])
        kept = _remembered.pop(key, None) or kept_arrays(key)
        if kept is None or not self._restore(kept):
            self._read()
            kept = self._to_keep()
            if self._book.items.size >= WORTH_KEEPING:
                keep_arrays(key, kept)
        if self._book.items.size < WORTH_KEEPING:
            _remembered[key] = kept
            if len(_remembered) > 8:
                del _remembered[next(iter(_remembered))]
        return self

    def _to_keep(self) -> Arrays:
        """All that was read, as arrays; the texts as JSON."""
        book = {f.name: getattr(self._book, f.name) for f in fields(self._book)}
        texts = json.dumps([self._names, self._dropped, self._notes, self._orders, self._customers]).encode()
        return {
            **{name: column for name, column in book.items() if column is not None},
            TEXTS: np.frombuffer(texts, dtype=np.uint8),
        }

    def _restore(self, kept: Arrays) -> bool:
        """The inverse of `_to_keep`; False if these arrays are not from there."""
        try:
            names, self._dropped, notes, self._orders, self._customers = json.loads(kept[TEXTS].tobytes())
            self._book = OrderBook(**{name: column for name, column in kept.items() if name != TEXTS})
        except (KeyError, TypeError, ValueError):
            return False
        self._names, self._notes = tuple(names), [(key, text) for key, text in notes]
        return True

    @classmethod
    def of(cls, book: OrderBook, names: tuple[str, ...]) -> Self:
        """A trace from an order book in memory; `names[k]` is the item with number k in the book."""
        trace = cls.model_construct(file="(in memory)", time="", order="", item="", quantity="")
        trace._book, trace._names = book, names
        return cast(Self, trace)

    def in_steps(self, sizes: Sizes) -> Self:
        own = np.array([sizes.get(name, 1.0) for name in self._names])
        if (own == 1.0).all():
            return self
        book, per_unit = self._book, own[self._book.items]
        found = self.model_copy()
        found._book = replace(
            book,
            quantities=whole_steps(book.quantities, per_unit),
            cancel_quantity=None if book.cancel_quantity is None else whole_steps(book.cancel_quantity, per_unit),
            prices=None if book.prices is None else book.prices * per_unit,
        )
        return found

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

    @property
    def notes(self) -> tuple[tuple[str, str], ...]:
        """(key, warning) for whatever the file leaves in doubt."""
        return tuple(self._notes)

    @property
    def names_dates(self) -> bool:
        return self._book.need_by is not None

    @property
    def wants_later(self) -> bool:
        return self._book.wanted is not None

    @property
    def names_changes(self) -> bool:
        return self._book.changed is not None

    @property
    def names_prices(self) -> bool:
        return self._book.prices is not None

    @property
    def order_names(self) -> Sequence[str]:
        return self._orders

    @property
    def customer_names(self) -> Sequence[str]:
        return self._customers

    def names(self) -> tuple[str, ...]:
        """The recorded items, in the order of their numbers."""
        return self._names

    def _read(self) -> None:
        column = self.column
        skus = column(self.item).names()
        # An order takes the time of its first row, and orders are numbered by time (ties: by their first row). Sorting
        # the rows stably by that number makes the lines of an order consecutive and keeps their order in the file.
        names = column(self.order).names(marks=True)
        if self.wanted:
            days = column(self.wanted).cells
            names = [f"{name}\x1f{day.strip()}" for name, day in zip(names, days, strict=True)]
        lines = self._lines(names, skus)
        times = lines.times
        number, first = _numbered(lines.names)
        placed = times[first]
        rank = np.empty(first.size, dtype=np.int64)
        rank[np.lexsort((first, placed))] = np.arange(first.size)
        number = rank[number]
        place = np.argsort(number, kind="stable")
        sort = lines.rows[place]  # the row of the file of every line
        counts = np.bincount(number, minlength=first.size).astype(np.int64)
        head = np.concatenate(([0], np.cumsum(counts)[:-1]))
        leaders = sort[head]  # one row for each order, in order of time
        keep = placed[np.argsort(rank)] >= 0

        def of_orders(key: str, values: Any) -> Any:
            """The value in the first row of each order; notes where the others differ."""
            ordered = values[sort]
            differ = np.maximum.reduceat(ordered, head) != np.minimum.reduceat(ordered, head)
            self._note(key, differ & keep, leaders, "has rows that differ in it: its first row counts")
            return values[leaders]

        self._names = tuple(sorted(set(skus)))
        numbers = {name: k for k, name in enumerate(self._names)}
        items = np.array([numbers[name] for name in skus], dtype=np.int64)
        book = OrderBook(np.sort(placed), counts, items[sort], lines.quantities[place])
        apart = np.maximum.reduceat(times[place], head) - np.minimum.reduceat(times[place], head)
        far = "has rows a day or more apart: it is placed whole with its first row; give later rows other order names"
        self._note("time", (apart >= FAR_APART) & keep, leaders, far)
        if self.customer:
            book.customer = of_orders("customer", _numbered(list(column(self.customer).cells))[0])
        if self.patience:
            book.patience = of_orders("patience", column(self.patience).durations(endless=True))
        if self.need_by:
            book.need_by = needed_by(column(self.need_by), np.sort(placed), sort, head)
        if self.wanted:
            later = column(self.wanted)
            until = needed_by(later, np.sort(placed), sort, head)
            book.wanted = wanted_on(later, np.sort(placed), sort[head], until)
            if book.need_by is not None and self.need_by is not None:
                until = in_time_until(column(self.need_by), book.need_by, book.wanted, until, leaders)
            book.need_by = until
        if self.priority:
            book.priority = of_orders("priority", column(self.priority).whole(1, blank=0))
        if self.one_parcel:
            book.one_parcel = of_orders("one_parcel", column(self.one_parcel).whole(0, blank=0)) > 0
        if self.transit:
            book.transits = np.column_stack([of_orders("transit", column(c).durations()) for c in self.transit])
        if lines.cancel_at is not None and lines.cancel_quantity is not None:
            units = np.where(lines.cancel_quantity > 0, lines.cancel_quantity, lines.quantities)
            book.cancel_at, book.cancel_quantity = lines.cancel_at[place], np.minimum(units, lines.quantities)[place]
        if lines.changed is not None and lines.lowered is not None:
            book.changed, book.lowered = lines.changed[place], lines.lowered[place]
            book.request = _numbered([name.partition(ADDED)[0] for name in lines.names])[0][place[head]]
        if self.price:
            book.prices = column(self.price).amounts()[sort]
        self._dropped = int(book.counts[~keep].sum())
        self._book = book.select(keep) if self._dropped else book
        self._book.recorded = np.arange(len(self._book))
        self._orders = [names[row].partition("\x1f")[0] for row in leaders[keep].tolist()]
        if self.customer:
            customers = list(column(self.customer).cells)
            self._customers = [customers[row] for row in leaders[keep].tolist()]
        if not len(self._book):
            raise wrong(f"{self.label}: all orders are before clock.start")

    def _lines(self, names: list[str], skus: list[str]) -> RecordedLines:
        """The order lines with what is cancelled and changed of them; `names` are of the orders, by row, and `skus` of
        the items."""
        column = self.column
        times, quantities = column(self.time).days(), column(self.quantity).quantities(skus, 1)
        found = RecordedLines(np.arange(quantities.size), names, times, quantities)
        if self.cancel_time:
            units = (
                column(self.cancel_quantity).quantities(skus, 1, blank=0) if self.cancel_quantity else 0 * quantities
            )
            found = found._replace(cancel_at=column(self.cancel_time).days(optional=True), cancel_quantity=units)
        elif self.cancel_quantity:
            raise wrong("`cancel_quantity` needs `cancel_time`")
        if bool(self.change_time) != bool(self.change_quantity):
            raise wrong("`change_time` and `change_quantity` need each other: when, and which quantity then")
        if self.change_time and self.change_quantity:
            found = found.with_changes(column(self.change_time), column(self.change_quantity), skus)
        return found

    def _note(self, key: str, orders: Any, leaders: Ints, fault: str) -> None:
        """Remember a warning about these orders (a mask), with the first one as an example."""
        if count := int(orders.sum()):
            row = int(leaders[int(np.argmax(orders))])
            name = self.column(self.order).cells[row][:40]
            more = f" (and {count - 1:,} more order{'s' * (count != 2)})" if count > 1 else ""
            self._notes.append((key, f"{self.label}:{row + 2}: order {name!r} {fault}{more}"))

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

    def units_per_day(self, horizon: float, basket: Basket | None) -> dict[str, float]:
        """Mean units of each item per day over [0, horizon)."""
        lines = self._book.lines_of(self._book.times < horizon)
        units = np.bincount(self._book.items[lines], weights=self._book.quantities[lines], minlength=len(self._names))
        return dict(zip(self._names, (units / horizon).tolist(), strict=True))

    def source(self, streams: Streams, owner: str, basket: Basket | None, items: Catalogue) -> OrderSource:
        return Replay(self._book, self._numbers(items))


@cache
def _parser() -> str:
    """SHA-256 of the code that reads order books: another version shares nothing with this one."""
    sources: list[str] = [__file__, columns.__file__, datafiles.__file__, units.__file__, orderbook.__file__]
    sources.append(quantities.__file__)
    sources += [recorded_days.__file__, change_requests.__file__]
    sources += sorted(map(str, Path(tables.__path__[0]).glob("*.py")))
    return hashlib.sha256(b"".join(Path(source).read_bytes() for source in sources)).hexdigest()


def _numbered(names: list[str]) -> tuple[Ints, Ints]:
    """The number of each name, and the row in which each number comes first."""
    numbers: dict[str, int] = {}
    rows = np.array([numbers.setdefault(name, len(numbers)) for name in names], dtype=np.int64)
    _, first = np.unique(rows, return_index=True)
    return rows, first
