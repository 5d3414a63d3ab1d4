"""Returns: goods that customers send back, what of them can be sold again, and what they want in exchange."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simulator.engine.backlog import Order
from simulator.model.nouns import Adjustment, Exit
from simulator.record.ledger import Floats, Ints
from simulator.scenario.schema.shoppers import Returns
from simulator.world.clock import Phase
from simulator.world.state import ReplicationState

RETRY = 1.0
"""Days until the next attempt to send what a customer wants in exchange."""


class Fate(NamedTuple):
    """What a customer does with the units of a line, drawn once and the same under every policy."""

    after: float
    """Days from delivery until returned units are back."""
    returned: Floats
    """Uniform numbers, one per unit: it is returned if below the share; shape (units,)."""
    sellable: Floats
    exchanged: Floats


class Batch(NamedTuple):
    """Units of a line on their way back: how many, how many of them can be sold again, how many are exchanged."""

    order: Order
    line: int
    item: int
    units: int
    sellable: int
    exchanged: int


class GoodsReturns:
    """Draws which delivered units come back, and books them: on the shelf, written off, exchanged.

    Kept are substitutes, goods that were sent in exchange, goods of orders from before the start, and goods of orders
    of which recorded data say what is called off.
    """

    def __init__(self, state: ReplicationState) -> None:
        self.flow, self.ledger, self.clock, self.streams = state.flow, state.ledger, state.clock, state.streams
        self.specs = [state.scenario.customers[name].returns for name in state.numbering.segments]
        self._seen: dict[tuple[int, int], int] = {}
        """(order, line) -> units delivered so far."""

    def delivered(self, order: Order, entries: Sequence[Sequence[int]], delivery: float) -> None:
        """A parcel with these entries (line, item, units) is with its carrier: what of it will come back, and when."""
        spec = self.specs[order.terms.segment] if order.number >= 0 else None
        if spec is None or not spec.share or order.arrival.recalls is not None:
            return  # of orders with recorded cancellations, the data say what comes back
        for line, item, units in entries:
            if line < 0 or order.arrival.items[line] != item:  # sent in exchange, or a substitute
                continue
            key = (order.number, line)
            first = self._seen.get(key, 0)
            last = min(first + units, order.arrival.quantities[line])
            self._seen[key] = last
            fate = self._fate(spec, order, line)
            back = np.arange(first, last)[fate.returned[first:last] < spec.share]
            if back.size:
                batch = self._batch(spec, order, line, item, fate, back)
                self.clock.at(delivery + fate.after, Phase.CANCEL, self.come_back, batch)

    def recorded(self, order: Order, line: int, item: int, units: int, now: float) -> None:
        """Units that recorded data call off after they have left are back."""
        spec = self.specs[order.terms.segment] if order.number >= 0 else None
        if spec is None:
            self.come_back(Batch(order, line, item, units, units, 0), now)
            return
        fate = self._fate(spec, order, line)
        last = order.arrival.quantities[line]
        self.come_back(self._batch(spec, order, line, item, fate, np.arange(last - units, last)), now)

    def _fate(self, spec: Returns, order: Order, line: int) -> Fate:
        rng = self.streams.keyed("returns", order.terms.owner, str(order.arrival.serial), str(line))
        returned, sellable, exchanged = rng.random((3, order.arrival.quantities[line]))
        return Fate(float(spec.after.block(rng, 1)[0]), returned, sellable, exchanged)

    @staticmethod
    def _batch(spec: Returns, order: Order, line: int, item: int, fate: Fate, back: Ints) -> Batch:
        sellable = int((fate.sellable[back] < spec.sellable).sum())
        exchanged = int((fate.exchanged[back] < spec.exchange).sum())
        return Batch(order, line, item, int(back.size), sellable, exchanged)

    def come_back(self, batch: Batch, now: float) -> None:
        """Returned goods are back: sellable ones are on the shelf again, and go to the backlog first."""
        order, line, item, units, sellable, exchanged = batch
        self.ledger.returned.write(now, order.number, line, item, units, order.placed)
        if units > sellable:
            self.ledger.unsellable.write(now, order.number, line, item, units - sellable)
        if sellable:
            self.ledger.adjusted.write(now, item, sellable, sellable, Adjustment.RETURNED)
            self.flow.engine.adjust(self.flow.engine.shelves[item], sellable, sellable)
            self.flow.stock_is_allocated(now)
        if exchanged:
            self.exchange((order, line, item, exchanged), now)

    def exchange(self, wanted: tuple[Order, int, int, int], now: float) -> None:
        """Sends the same item once more as soon as it is in stock and nobody waits for it."""
        order, line, item, units = wanted
        if not self.flow.engine.take_one(self.flow.engine.shelves[item], units, order.terms.reserve):
            self.clock.after(RETRY, Phase.CANCEL, self.exchange, wanted)
            return
        self.ledger.recovered.write(now, order.number, line, item, units, Exit.EXCHANGED)
        order.packed += units
        self.flow.goods_leave(order, now)
        self.flow.stock_is_reviewed(now)
