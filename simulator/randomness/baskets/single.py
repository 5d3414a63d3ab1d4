"""Baskets with fixed items: one item, or the same bundle every time."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from simulator.foundation.units import Text
from simulator.randomness.basket import Basket, Catalogue, Drawer, OrderLines, whole_units
from simulator.randomness.distribution import Distribution, Quantities
from simulator.randomness.distributions.continuous import Constant
from simulator.randomness.streams import Streams

ONE = Constant.model_construct(value=1.0)


class FixedItems(Drawer):
    """Every order contains the same items, each with its own quantity."""

    def __init__(self, items: list[tuple[int, Distribution, np.random.Generator]]) -> None:
        self.items = [(item, law.drawer(rng)) for item, law, rng in items]

    def draw(self, n: int) -> OrderLines:
        width = len(self.items)
        items = np.tile(np.array([item for item, _ in self.items], dtype=np.int64), n)
        quantities = np.empty((n, width), dtype=np.int64)
        for column, (_, draw) in enumerate(self.items):
            quantities[:, column] = whole_units(draw(n))
        return np.full(n, width, dtype=np.int64), items, quantities.reshape(-1)


class Single(Basket, kind="single"):
    """One line of one item."""

    example: ClassVar = {"kind": "single", "item": "mug"}

    item: Text
    """The item."""
    quantity: Quantities = ONE
    """Units ordered; rounded to whole units, 0 means that nothing is ordered."""

    def names(self) -> tuple[str, ...]:
        return (self.item,)

    def drawer(self, streams: Streams, owner: str, items: Catalogue) -> Drawer:
        return FixedItems([(items.numbers[self.item], self.quantity, streams.stream("quantity", owner))])

    def units_per_order(self) -> dict[str, float]:
        return {self.item: self.quantity.moments().mean}


class Bundle(Basket, kind="bundle"):
    """The same items in every order, each with its own quantity."""

    example: ClassVar = {"kind": "bundle", "items": {"mug": 2, "plate": {"kind": "geometric", "mean": 1.5}}}

    items: Annotated[dict[Text, Quantities], Field(min_length=1)]
    """Item to units ordered."""

    def names(self) -> tuple[str, ...]:
        return tuple(self.items)

    def drawer(self, streams: Streams, owner: str, items: Catalogue) -> Drawer:
        names = sorted(self.items, key=items.numbers.__getitem__)
        laws = [(self.items[n], streams.stream("quantity", owner, items.streams[n])) for n in names]
        return FixedItems([(items.numbers[n], *law) for n, law in zip(names, laws, strict=True)])

    def units_per_order(self) -> dict[str, float]:
        return {name: law.moments().mean for name, law in self.items.items()}
