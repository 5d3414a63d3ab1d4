"""Recorded orders played again: in their order, or their baskets sampled."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulator.randomness.basket import Drawer, OrderLines
from simulator.randomness.orderbook import Ints, OrderBook, lines_of_orders


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
