"""The interface of baskets: the lines of n orders in one draw, and the mean units of each item per order."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from typing import NamedTuple, Self

import numpy as np

from simulator.foundation.errors import UserError
from simulator.foundation.plugin import Plugin
from simulator.foundation.quantities import Sizes
from simulator.randomness.distribution import Floats
from simulator.randomness.orderbook import Ints
from simulator.randomness.streams import Streams

MOST_UNITS = 1e9
"""Units on one line; more is a mistake in the distribution."""
PARTS = 10**9
"""Parts of a step that are carried; decimal ones, so that 0.3 is what it says."""
MOST_STEPS = 8e9
"""Steps of which the parts are added up at once, in 64 bits."""
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

    def in_steps(self, sizes: Sizes) -> Self:
        """The same basket with its quantities in steps of the items' granularities.

        Raises:
            ValueError: the kind has no such form.
        """
        raise ValueError(f"`kind: {getattr(self, 'kind', '')}` orders whole units only")

    def lines_per_order(self) -> float:
        """Mean lines of one order, an upper estimate."""
        return float(len(self.names()))

    @abstractmethod
    def units_per_order(self) -> dict[str, float]:
        """Mean units of each item in one order (an estimate where no closed form exists)."""


class StepRounding:
    """Turns drawn quantities into what is ordered: whole units, or whole steps of items with a granularity.

    Steps carry what rounding adds or takes to the next line of the item, so that the sum of what is ordered stays
    within half a step of the sum of what was drawn: quantities are never rounded away, however coarse the steps.

    Args:
        sizes: granularity by number of the item; the others are rounded half up to whole units, line by line.
    """

    def __init__(self, sizes: Mapping[int, float]) -> None:
        self.sizes, self.carried = sizes, dict.fromkeys(sizes, 0)

    def __call__(self, items: Ints, draws: Floats) -> Ints:
        """What is ordered on lines of these items, in their order, shape (L,)."""
        found = whole_units(draws)
        for item, size in self.sizes.items():
            mine = np.flatnonzero(items == item)
            if mine.size:
                steps = draws[mine] / size
                whole_units(steps)  # no line is too long in steps, either
                found[mine] = self._ordered(item, steps)
        return found

    def _ordered(self, item: int, steps: Floats) -> Ints:
        if steps.size > 1 and steps.sum() > MOST_STEPS:
            half = steps.size // 2
            return np.concatenate((self._ordered(item, steps[:half]), self._ordered(item, steps[half:])))
        # Whole parts of a step add up to the same number however many lines are drawn at once.
        due = np.cumsum(np.rint(steps * PARTS).astype(np.int64)) + self.carried[item]
        ordered = (due + PARTS // 2) // PARTS
        self.carried[item] = int(due[-1] - ordered[-1] * PARTS)
        return np.diff(ordered, prepend=0)


def by_number(sizes: Sizes, names: Iterable[str], items: Catalogue) -> dict[int, float]:
    """The granularities of these items by their number."""
    return {items.numbers[name]: sizes[name] for name in names if name in sizes}


def whole_units(draws: Floats) -> Ints:
    """Draws rounded half up to whole units, never below 0.

    Raises:
        UserError: a draw exceeds 1e9 units.
    """
    if draws.size and not draws.max() <= MOST_UNITS:
        raise UserError(f"a basket orders {draws.max():g} units on one line; must be at most {MOST_UNITS:g}")
    return np.maximum(np.floor(draws + 0.5), 0).astype(np.int64)
