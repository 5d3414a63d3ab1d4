"""What every arrival pattern promises: a source of orders in order of time, and how many a day to expect."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from simulator.foundation.plugin import Plugin
from simulator.randomness.basket import Basket, Catalogue, Drawer
from simulator.randomness.distribution import Floats
from simulator.randomness.orderbook import OrderBook, OrderSource, Times
from simulator.randomness.streams import Streams


class DrawnOrders:
    """Orders at drawn times with drawn baskets; a line of 0 units is no line, an order without lines no order."""

    def __init__(self, times: Times, basket: Drawer) -> None:
        self.times, self.basket = times, basket

    def until(self, end: float) -> OrderBook:
        times = self.times.until(end)
        book = OrderBook(times, *self.basket.draw(times.size))
        return book.keep_lines(book.quantities > 0)


class Arrivals(Plugin, family="arrivals"):
    """When orders come."""

    recorded: ClassVar[bool] = False
    """True when the source brings whole orders, so that no basket is drawn."""

    @abstractmethod
    def blocks(self, rng: np.random.Generator) -> Iterator[Floats]:
        """Endless blocks of ascending times, days from the clock's start."""

    def times(self, rng: np.random.Generator) -> Times:
        """This replication's times, to be taken a window at a time."""
        return Times(self.blocks(rng))

    @abstractmethod
    def per_day(self, horizon: float) -> float:
        """Mean orders per day over [0, horizon)."""

    def intensity(self, times: Floats, horizon: float) -> Floats:
        """Mean orders per day at given times, the base of what a demand spike multiplies."""
        return np.full(times.size, self.per_day(horizon))

    def crowd(self, streams: Streams, owner: str, basket: Basket | None, items: Catalogue) -> Drawer:
        """Draws what further orders of the same kind hold."""
        assert basket is not None, "validated with the scenario"
        return basket.drawer(streams, owner, items)

    def source(self, streams: Streams, owner: str, basket: Basket | None, items: Catalogue) -> OrderSource:
        """This replication's orders of one segment, on the segment's own streams."""
        assert basket is not None, "validated with the scenario"
        return DrawnOrders(self.times(streams.stream("arrivals", owner)), basket.drawer(streams, owner, items))
