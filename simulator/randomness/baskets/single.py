"""Baskets with fixed items: one item, or the same bundle every time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Self

import numpy as np
from pydantic import Field, PrivateAttr

from simulator.foundation.quantities import Sizes
from simulator.foundation.units import Text
from simulator.randomness.basket import Basket, Catalogue, Drawer, OrderLines, StepRounding, by_number
from simulator.randomness.distribution import Distribution, Quantities
from simulator.randomness.distributions.continuous import Constant
from simulator.randomness.streams import Streams

ONE = Constant.model_construct(value=1.0)


class FixedItems(Drawer):
    """Every order contains the same items, each with its own quantity."""

    def __init__(self, items: list[tuple[int, Distribution, np.random.Generator]], sizes: Mapping[int, float]) -> None:
        self.items = [(item, law.drawer(rng)) for item, law, rng in items]
        self.rounding = StepRounding(sizes)

    def draw(self, n: int) -> OrderLines:
        width = len(self.items)
        items = np.tile(np.array([item for item, _ in self.items], dtype=np.int64), n)
        quantities = np.empty((n, width), dtype=np.int64)
        for column, (_, draw) in enumerate(self.items):
            quantities[:, column] = self.rounding(items[column::width], draw(n))
        return np.full(n, width, dtype=np.int64), items, quantities.reshape(-1)


class InSteps(Basket):
    """A basket whose items may have granularities."""

    _sizes: Sizes = PrivateAttr(default_factory=dict)

    def in_steps(self, sizes: Sizes) -> Self:
        found = self.model_copy()
        found._sizes = sizes
        return found


class Single(InSteps, kind="single"):
    """One line of one item."""

    example: ClassVar = {"kind": "single", "item": "mug"}

    item: Text
    """The item."""
    quantity: Quantities = ONE
    """Units ordered; rounded to whole units, 0 means that nothing is ordered. Of an item with a `granularity`, rounded
    to whole steps: what that adds or takes is carried to its next order."""

    def names(self) -> tuple[str, ...]:
        return (self.item,)

    def drawer(self, streams: Streams, owner: str, items: Catalogue) -> Drawer:
        law = items.numbers[self.item], self.quantity, streams.stream("quantity", owner)
        return FixedItems([law], by_number(self._sizes, self.names(), items))

    def units_per_order(self) -> dict[str, float]:
        return {self.item: self.quantity.moments().mean / self._sizes.get(self.item, 1.0)}


class Bundle(InSteps, kind="bundle"):
    """The same items in every order, each with its own quantity."""

    example: ClassVar = {"kind": "bundle", "items": {"mug": 2, "plate": {"kind": "geometric", "mean": 1.5}}}

    items: Annotated[dict[Text, Quantities], Field(min_length=1)]
    """Item to units ordered."""

    def names(self) -> tuple[str, ...]:
        return tuple(self.items)

    def drawer(self, streams: Streams, owner: str, items: Catalogue) -> Drawer:
        names = sorted(self.items, key=items.numbers.__getitem__)
        laws = [(self.items[n], streams.stream("quantity", owner, items.streams[n])) for n in names]
        numbered = [(items.numbers[n], *law) for n, law in zip(names, laws, strict=True)]
        return FixedItems(numbered, by_number(self._sizes, names, items))

    def units_per_order(self) -> dict[str, float]:
        return {name: law.moments().mean / self._sizes.get(name, 1.0) for name, law in self.items.items()}
