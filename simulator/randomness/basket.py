"""What every basket promises: the lines of n orders in one draw, and what it asks of each item on average."""

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
"""Units on one line; more is a mistake in the law."""
OrderLines = tuple[Ints, Ints, Ints]
"""Line counts (n,), item indices (L,), quantities (L,)."""


class Catalogue(NamedTuple):
    """The items as draws refer to them."""

    numbers: Mapping[str, int]
    """Item -> its number."""
    streams: Mapping[str, str]
    """Item -> the name of its random numbers."""

    @classmethod
    def of(cls, names: Iterable[str]) -> Catalogue:
        """Items numbered in this order, each with random numbers of its own name."""
        numbers = {name: number for number, name in enumerate(names)}
        return cls(numbers, {name: name for name in numbers})


class Drawer:
    """Draws the lines of one segment's orders; made once a replication."""

    @abstractmethod
    def draw(self, n: int) -> OrderLines:
        """The lines of the next n orders."""


class Basket(Plugin, family="basket"):
    """What one order holds."""

    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """The items that may be asked for."""

    @abstractmethod
    def drawer(self, streams: Streams, owner: str, items: Catalogue) -> Drawer:
        """A drawer on the owner's streams."""

    @abstractmethod
    def units_per_order(self) -> dict[str, float]:
        """Mean units of each item in one order (an estimate where no closed form exists)."""


def whole_units(draws: Floats) -> Ints:
    """Draws rounded half up to whole units, never below 0.

    Raises:
        UserError: a draw of more than a thousand million units.
    """
    if draws.size and not draws.max() <= MOST_UNITS:
        raise UserError(f"a basket asks for {draws.max():g} units; its law reaches beyond {MOST_UNITS:g}")
    return np.maximum(np.floor(draws + 0.5), 0).astype(np.int64)
