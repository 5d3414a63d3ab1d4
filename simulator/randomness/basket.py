"""The interface of baskets: the lines of n orders in one draw, and the mean units of each item per order."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from simulator.foundation.errors import UserError
from simulator.foundation.plugin import Plugin
from simulator.randomness.distribution import Floats
from simulator.randomness.orderbook import Ints
from simulator.randomness.streams import Streams

MOST_UNITS = 1e9
"""Units on one line; more is a mistake in the distribution."""
OrderLines = tuple[Ints, Ints, Ints]
"""Line counts (n,), item indices (L,), quantities (L,)."""


class Catalogue(NamedTuple):
    """Numbers and random streams of the items."""

    numbers: Mapping[str, int]
    """Item -> its number."""
    streams: Mapping[str, str]
    """Item -> name of its random stream."""

    @classmethod
    def of(cls, names: Iterable[str]) -> Catalogue:
        """Items numbered in this order, each with a random stream of its own name."""
        numbers = {name: number for number, name in enumerate(names)}
        return cls(numbers, {name: name for name in numbers})


class Drawer:
    """Draws the lines of one segment's orders; made once per replication."""

    @abstractmethod
    def draw(self, n: int) -> OrderLines:
        """The lines of the next n orders."""


class Basket(Plugin, family="basket"):
    """What one order contains."""

    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """The items that can be ordered."""

    @abstractmethod
    def drawer(self, streams: Streams, owner: str, items: Catalogue) -> Drawer:
        """A drawer on the owner's streams."""

    def lines_per_order(self) -> float:
        """Mean lines of one order, an upper estimate."""
        return float(len(self.names()))

    @abstractmethod
    def units_per_order(self) -> dict[str, float]:
        """Mean units of each item in one order (an estimate where no closed form exists)."""


def whole_units(draws: Floats) -> Ints:
    """Draws rounded half up to whole units, never below 0.

    Raises:
        UserError: a draw exceeds 1e9 units.
    """
    if draws.size and not draws.max() <= MOST_UNITS:
        raise UserError(f"a basket orders {draws.max():g} units on one line; must be at most {MOST_UNITS:g}")
    return np.maximum(np.floor(draws + 0.5), 0).astype(np.int64)
