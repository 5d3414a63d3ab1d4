"""Orders as columns: times, items, quantities, and what else a source fixes in advance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.randomness.distribution import Floats

Ints = NDArray[np.int64]
PER_LINE = {"items", "quantities", "cancel_at", "cancel_quantity", "changed", "lowered", "prices"}
"""Columns with one value per line; the others have one per order."""


@dataclass
class OrderBook:
    """n orders with L lines in all, in order of time; the lines of an order are consecutive.

    A column that is None is not fixed by the source; only recorded orders fix the optional ones.
    """

    times: Floats
    """When each order is placed, days, shape (n,)."""
    counts: Ints
    """Lines of each order, shape (n,)."""
    items: Ints
    """Item index of each line, shape (L,)."""
    quantities: Ints
    """Units of each line, shape (L,)."""
    patience: Floats | None = None
    """Days each customer waits, shape (n,)."""
    need_by: Floats | None = None
    """Days within which each customer needs everything delivered (inf: not given), shape (n,)."""
    wanted: Floats | None = None
    """Days from each order to the day on which its customer wants the goods (inf: at once), shape (n,)."""
    hold: Floats | None = None
    """Days for which each order is held (0: it is not), shape (n,)."""
    released: NDArray[np.bool_] | None = None
    """Whether each order is released when its hold ends, shape (n,)."""
    transits: Floats | None = None
    """Transit of an order's p-th parcel, days, shape (n, parcels)."""
    one_parcel: NDArray[np.bool_] | None = None
    """Whether the customer requested a single, complete parcel, shape (n,)."""
    priority: Ints | None = None
    """Priority of each order, 1 first, shape (n,)."""
    customer: Ints | None = None
    """Number of the customer of each order, shape (n,)."""
    recorded: Ints | None = None
    """Number of each order among those that were recorded, shape (n,)."""
    cancel_at: Floats | None = None
    """When the customer cancels the line (nan: never), days, shape (L,)."""
    cancel_quantity: Ints | None = None
    """Units cancelled, shape (L,)."""
    request: Ints | None = None
    """The same number for an order and those that add units to it, shape (n,)."""
    changed: Floats | None = None
    """When the customer asks for another quantity of the line (nan: never), days, shape (L,)."""
    lowered: NDArray[np.bool_] | None = None
    """Whether the customer takes the units back before they leave: what has left stays, shape (L,)."""
    prices: Floats | None = None
    """Price of a unit, currency (nan: the item's), shape (L,)."""

    def __len__(self) -> int:
        return len(self.times)

    @property
    def line_prices(self) -> Floats:
        """The price of a unit of each line (nan: the item's), shape (L,)."""
        return np.full(len(self.items), np.nan) if self.prices is None else self.prices

    @property
    def recorded_numbers(self) -> NDArray[np.int32]:
        """The number of each order among the recorded ones (-1: it was not recorded), shape (n,)."""
        return np.full(len(self), -1, dtype=np.int32) if self.recorded is None else self.recorded.astype(np.int32)

    @property
    def wanted_days(self) -> Floats:
        """The days on which the goods of each order are wanted (nan: at once), shape (n,)."""
        if self.wanted is None:
            return np.full(len(self), np.nan)
        return np.where(np.isinf(self.wanted), np.nan, self.times + self.wanted)

    def lines_of(self, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The mask of lines that belong to the chosen orders."""
        return np.repeat(chosen, self.counts)

    def take(self, orders: Any, lines: Any) -> OrderBook:
        """The orders and lines chosen by a mask or slice each, which must agree."""
        columns: dict[str, Any] = {}
        for f in fields(self):
            column = getattr(self, f.name)
            columns[f.name] = None if column is None else column[lines if f.name in PER_LINE else orders]
        return OrderBook(**columns)

    def select(self, chosen: NDArray[np.bool_]) -> OrderBook:
        """The orders where `chosen` is true."""
        return self.take(chosen, self.lines_of(chosen))

    def keep_lines(self, lines: NDArray[np.bool_]) -> OrderBook:
        """Only the lines where `lines` is true; orders without a line are dropped."""
        if lines.all() and self.counts.all():
            return self
        order = np.repeat(np.arange(len(self)), self.counts)
        counts = np.bincount(order[lines], minlength=len(self)).astype(np.int64)
        return replace(self.take(counts > 0, lines), counts=counts[counts > 0])


def or_at_once(days: Floats | None, n: int) -> Floats:
    """Days from each order to a later day, 0 where none is named, shape (n,)."""
    return np.zeros(n) if days is None else np.where(np.isinf(days), 0.0, days)


def lines_of_orders(counts: NDArray[np.integer[Any]], orders: NDArray[np.integer[Any]]) -> Ints:
    """Indices of the lines of these orders, in their order; `counts` has the lines of every order in the book."""
    starts = np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))[:-1]
    chosen = counts[orders].astype(np.int64)
    heads = np.concatenate(([0], np.cumsum(chosen)))[:-1]
    return np.repeat(starts[orders] - heads, chosen) + np.arange(int(chosen.sum()))


class OrderSource(Protocol):
    """A source of orders in order of time."""

    def until(self, end: float) -> OrderBook:
        """The remaining orders that are placed before `end` (days)."""


class Times:
    """Arrival times, taken window by window from endless ascending blocks.

    Blocks can be empty only where `opens` is given: block k then has the times of [opens + k, opens + k + 1) days.
    """

    def __init__(self, blocks: Iterator[Floats], opens: float | None = None) -> None:
        self.blocks, self.rest = blocks, np.empty(0)
        self.opens, self.days = opens, 0

    def until(self, end: float) -> Floats:
        """The remaining times before `end` (days)."""
        parts = [self.rest]
        while self._goes_on(parts[-1], end):
            block = next(self.blocks, None)
            if block is None:
                break
            parts.append(block)
            self.days += 1
        times = np.concatenate(parts)
        cut = int(np.searchsorted(times, end, side="left"))
        self.rest = times[cut:]
        return times[:cut]

    def _goes_on(self, last: Floats, end: float) -> bool:
        if self.opens is not None:
            return self.opens + self.days < end
        return not last.size or bool(last[-1] < end)
