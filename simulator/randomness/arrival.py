"""The interface of arrival patterns: a source of orders in order of time, and the mean orders per day."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar, Self

import numpy as np

from simulator.foundation.plugin import Plugin
from simulator.foundation.quantities import Sizes
from simulator.randomness.basket import Basket, Catalogue, Drawer
from simulator.randomness.distribution import Floats
from simulator.randomness.orderbook import OrderBook, OrderSource, Times
from simulator.randomness.streams import Streams


class DrawnOrders:
    """Orders at drawn times with drawn baskets; lines of 0 units and orders without lines are dropped."""

    def __init__(self, times: Times, basket: Drawer) -> None:
        self.times, self.basket = times, basket

    def until(self, end: float) -> OrderBook:
        times = self.times.until(end)
        book = OrderBook(times, *self.basket.draw(times.size))
        return book.keep_lines(book.quantities > 0)


class Arrivals(Plugin, family="arrivals"):
    """When orders arrive."""

    recorded: ClassVar[bool] = False
    """Whether the source has complete orders, so that no basket is drawn."""

    def in_steps(self, sizes: Sizes) -> Self:
        """The same source with its quantities, if it has some, in steps of the items' granularities.

        Raises:
            ValueError: the kind has quantities, but no such form.
        """
        if self.recorded:
            raise ValueError(f"`kind: {getattr(self, 'kind', '')}` orders whole units only")
        return self

    @property
    def names_dates(self) -> bool:
        """Whether the source says by which day the customer of an order needs everything."""
        return False

    @property
    def wants_later(self) -> bool:
        """Whether the source says on which later day the customer of an order wants the goods."""
        return False

    @property
    def names_changes(self) -> bool:
        """Whether the source says that customers change quantities after they have ordered."""
        return False

    @property
    def names_prices(self) -> bool:
        """Whether the source says at which price the units of a line are sold."""
        return False

    @property
    def order_names(self) -> Sequence[str]:
        """The user's own number of each recorded order; none where orders are drawn."""
        return ()

    @property
    def customer_names(self) -> Sequence[str]:
        """The customer of each recorded order; none where the record does not say."""
        return ()

    @abstractmethod
    def blocks(self, rng: np.random.Generator) -> Iterator[Floats]:
        """Endless blocks of ascending times, in days from the clock's start."""

    def times(self, rng: np.random.Generator) -> Times:
        """This replication's times, taken window by window."""
        return Times(self.blocks(rng))

    @abstractmethod
    def per_day(self, horizon: float) -> float:
        """Mean orders per day over [0, horizon)."""

    def units_per_day(self, horizon: float, basket: Basket | None) -> dict[str, float]:
        """Mean units of each item per day over [0, horizon), from orders with this basket."""
        orders, units = self.per_day(horizon), {} if basket is None else basket.units_per_order()
        return {item: orders * mean for item, mean in units.items()}

    def intensity(self, times: Floats, horizon: float) -> Floats:
        """Mean orders per day at given times, which a demand spike multiplies."""
        return np.full(times.size, self.per_day(horizon))

    def crowd(self, streams: Streams, owner: str, basket: Basket | None, items: Catalogue) -> Drawer:
        """A drawer for the contents of additional orders, such as those of a demand spike."""
        assert basket is not None, "validated with the scenario"
        return basket.drawer(streams, owner, items)

    def source(self, streams: Streams, owner: str, basket: Basket | None, items: Catalogue) -> OrderSource:
        """This replication's orders of one segment, on the segment's own streams."""
        assert basket is not None, "validated with the scenario"
        return DrawnOrders(self.times(streams.stream("arrivals", owner)), basket.drawer(streams, owner, items))
