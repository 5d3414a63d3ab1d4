"""Baskets of several different items, popular ones more often."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, PrivateAttr

from simulator.foundation.quantities import Sizes
from simulator.foundation.units import Number, Text, wrong
from simulator.randomness.basket import Catalogue, Drawer, OrderLines, StepRounding, by_number, whole_units
from simulator.randomness.baskets.single import ONE, InSteps
from simulator.randomness.distribution import Distribution, Floats, Quantities
from simulator.randomness.streams import Streams

DEMAND = "demand"
ROWS, CELLS = 8192, 1 << 20
"""Orders, and orders x items, per block of draws; results do not depend on them."""


class WeightedItems(Drawer):
    """Items drawn one after another by weight, without repetition.

    Each item has an exponential time with its weight as rate; taking the items in the order of these times gives the
    same distribution as successive draws, and whole blocks of orders can be sorted at once.
    """

    def __init__(
        self,
        items: list[int],
        weights: list[float],
        lines: Distribution,
        quantity: Distribution,
        streams: tuple[np.random.Generator, np.random.Generator, np.random.Generator],
        sizes: Mapping[int, float],
    ) -> None:
        self.rounding = StepRounding(sizes)
        self.items = np.array(items, dtype=np.int64)
        self.weights = np.array(weights)
        line_rng, self.item_rng, quantity_rng = streams
        self.finish: Floats = np.empty((0, len(items)))
        """When each item of each order of a block would finish the race."""
        self.lines, self.quantity = lines.drawer(line_rng), quantity.drawer(quantity_rng)

    def draw(self, n: int) -> OrderLines:
        counts = np.clip(whole_units(self.lines(n)), 0, self.items.size)
        rows = max(1, min(ROWS, CELLS // self.items.size))
        parts = [self._race(counts[at : at + rows]) for at in range(0, n, rows)]
        items = self.items[np.concatenate(parts)] if parts else np.empty(0, dtype=np.int64)
        return counts, items, self.rounding(items, self.quantity(items.size))

    def _race(self, counts: Any) -> Any:
        # Millions of numbers a block: they are drawn and divided in place, in memory that the next block uses again.
        if self.finish.shape[0] < counts.size:
            self.finish = np.empty((counts.size, self.items.size))
        finish = self.finish[: counts.size]
        self.item_rng.standard_exponential(out=finish)
        finish /= self.weights
        most = int(counts.max(initial=0))
        if most == 1:
            first = np.argmin(finish, axis=1)[:, None]
        elif most < self.items.size:
            first = np.argpartition(finish, most, axis=1)[:, :most]
            order = np.argsort(np.take_along_axis(finish, first, axis=1), axis=1)
            first = np.take_along_axis(first, order, axis=1)
        else:
            first = np.argsort(finish, axis=1)
        return first[np.arange(most) < counts[:, None]]


class Weighted(InSteps, kind="weighted"):
    """Different items by weight; the number of lines and the units on each are random."""

    example: ClassVar = {
        "kind": "weighted",
        "items": {"mug": 5, "plate": 3},
        "lines": {"kind": "geometric", "mean": 1.6},
        "quantity": {"kind": "geometric", "mean": 1.4},
    }

    items: Annotated[dict[Text, Annotated[Number, Field(ge=0)]], Field(min_length=1)] | Literal["demand"]
    """Item to weight; an item of weight 0 is never ordered. `demand`: every item, with its `demand` as its weight."""
    lines: Quantities = ONE
    """Lines in one order; at most the number of items."""
    quantity: Quantities = ONE
    """Units on one line; rounded to whole units, a line of 0 units is dropped. Of an item with a `granularity`,
    rounded to whole steps, and what is too much or too little is carried to its next line."""
    _units: dict[str, float] | None = PrivateAttr(default=None)

    def model_post_init(self, context: Any) -> None:
        if self.items != DEMAND and not sum(self.weights.values()) > 0:
            raise wrong("the weights are all 0; one must be above 0")

    @property
    def weights(self) -> dict[str, float]:
        """The weight of every item; none before `by_demand`."""
        return {} if isinstance(self.items, str) else self.items

    def in_steps(self, sizes: Sizes) -> Self:
        found = super().in_steps(sizes)
        found._units = None
        return found

    def by_demand(self, demand: Mapping[str, float]) -> Weighted:
        """The basket in which `demand` stands for these weights."""
        return self.model_copy(update={"items": dict(demand)}) if self.items == DEMAND else self

    def names(self) -> tuple[str, ...]:
        return tuple(name for name, weight in self.weights.items() if weight > 0)

    def drawer(self, streams: Streams, owner: str, items: Catalogue) -> Drawer:
        names = sorted(self.names(), key=items.numbers.__getitem__)
        rngs = (streams.stream("lines", owner), streams.stream("items", owner), streams.stream("quantity", owner))
        weights = [self.weights[n] for n in names]
        sizes = by_number(self._sizes, names, items)
        return WeightedItems([items.numbers[n] for n in names], weights, self.lines, self.quantity, rngs, sizes)

    def lines_per_order(self) -> float:
        return min(self.lines.moments().mean, float(len(self.weights)))

    def units_per_order(self) -> dict[str, float]:
        """Estimated from 4,000 orders with a fixed seed: successive sampling has no simple closed form."""
        if self._units is None:
            names = sorted(self.names())
            drawer = self.drawer(Streams(0), "estimate", Catalogue.of(names))
            _, items, quantities = drawer.draw(4000)
            units = np.bincount(items, weights=quantities, minlength=len(names)) / 4000
            object.__setattr__(self, "_units", dict(zip(names, units.tolist(), strict=True)))
        return self._units or {}
