"""The columns of orders that customers bring: when, which items, how many, and what else was settled at birth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.randomness.distribution import Floats

Ints = NDArray[np.int64]


@dataclass
class OrderBook:
    """n orders with L lines in all, in order of time; lines of one order stand together.

    Columns that are None were not settled by the source (a recorded order book may settle them, a drawn one never).
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
    transits: Floats | None = None
    """Transit of an order's p-th parcel, days, shape (n, parcels)."""
    one_parcel: NDArray[np.bool_] | None = None
    """Whether the customer asked for a single, complete parcel, shape (n,)."""
    priority: Ints | None = None
    """Priority of each order, 1 first, shape (n,)."""
    cancel_at: Floats | None = None
    """When the customer called the line off (nan: never), days, shape (L,)."""
    cancel_quantity: Ints | None = None
    """Units called off, shape (L,)."""

    def __len__(self) -> int:
        return len(self.times)

    def lines_of(self, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The mask of lines that belong to the chosen orders."""
        return np.repeat(chosen, self.counts)

    def select(self, chosen: NDArray[np.bool_]) -> OrderBook:
        """The orders where `chosen` is true."""
        lines = self.lines_of(chosen)
        per_line = {"items", "quantities", "cancel_at", "cancel_quantity"}
        kept: dict[str, Any] = {}
        for f in fields(self):
            column = getattr(self, f.name)
            kept[f.name] = None if column is None else column[lines if f.name in per_line else chosen]
        return OrderBook(**kept)

    def keep_lines(self, lines: NDArray[np.bool_]) -> OrderBook:
        """Only the lines where `lines` is true; orders left without a line vanish, and so do those that had none."""
        if lines.all() and self.counts.all():
            return self
        order = np.repeat(np.arange(len(self)), self.counts)
        counts = np.bincount(order[lines], minlength=len(self)).astype(np.int64)
        book = replace(self, counts=counts, items=self.items[lines], quantities=self.quantities[lines])
        if self.cancel_at is not None and self.cancel_quantity is not None:
            book.cancel_at, book.cancel_quantity = self.cancel_at[lines], self.cancel_quantity[lines]
        return book.select(counts > 0)


def lines_of_orders(counts: NDArray[np.integer[Any]], orders: NDArray[np.integer[Any]]) -> Ints:
    """Places of the lines of these orders, in their order; `counts` has the lines of every order of the book."""
    starts = np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))[:-1]
    chosen = counts[orders].astype(np.int64)
    heads = np.concatenate(([0], np.cumsum(chosen)))[:-1]
    return np.repeat(starts[orders] - heads, chosen) + np.arange(int(chosen.sum()))


class OrderSource(Protocol):
    """Something that yields orders in order of time."""

    def until(self, end: float) -> OrderBook:
        """The orders not yet taken that are placed before `end` (days)."""


class Times:
    """Arrival times taken a window at a time from endless ascending blocks.

    Where blocks may be empty (`opens` is given), block k holds the times of [opens + k, opens + k + 1) days.
    """

    def __init__(self, blocks: Iterator[Floats], opens: float | None = None) -> None:
        self.blocks, self.rest = blocks, np.empty(0)
        self.opens, self.days = opens, 0

    def until(self, end: float) -> Floats:
        """The times not yet taken that lie before `end` (days)."""
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
