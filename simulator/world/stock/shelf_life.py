"""Shelf life: units that are not sold in time are written off; the oldest are sold first."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence

from simulator.engine.backlog import Order, Release, Shelf
from simulator.model.nouns import Adjustment
from simulator.world.clock import Phase
from simulator.world.orders.followers import Fills
from simulator.world.state import ReplicationState
from simulator.world.suppliers.purchase import Purchase

Batches = list[list[float]]
"""[day of expiry, units], oldest first."""

REMEMBERED = 64
"""Batches sold that are remembered, for goods that come back."""


def build_shelf_lives(state: ReplicationState) -> None:
    """Writes off expired units of items with a shelf life."""
    lives = {
        shelf.item: spec.shelf_life
        for shelf, (_, name) in zip(state.engine.shelves, state.numbering.shelves, strict=True)
        if (spec := state.scenario.items[name]).shelf_life is not None
    }
    if lives:
        ShelfLives(state, lives)


class ShelfLives:
    """Knows how old the units on hand are, and those that are filled and have not left.

    Sales are not followed one by one: whatever is missing at the next look was sold, the oldest first.
    """

    def __init__(self, state: ReplicationState, lives: dict[int, float]) -> None:
        self.state, self.clock, self.engine, self.lives = state, state.clock, state.engine, lives
        self.fresh: dict[int, Batches] = {item: [] for item in lives}
        """Units on hand at the last look, by item."""
        self.sold: dict[int, Batches] = {item: [] for item in lives}
        """Units that are not on hand any more, the last ones last."""
        self.kept: dict[tuple[int, int], Batches] = {}
        """(order, line) -> units filled that have not left."""
        for item in lives:
            shelf = state.engine.shelves[item]
            if shelf.on_hand:
                self._expect(shelf, shelf.on_hand, 0.0)
        followers = state.flow.followers
        followers.arrives.add(self.arrives)
        followers.ordered.add(self.ordered)
        followers.filled.add(self.filled)
        followers.leaves.add(self.leaves)
        state.engine.spoils = self.spoils

    def arrives(self, purchase: Purchase, now: float) -> None:
        """Sets the timer of a receipt, whose units are about to be put on the shelf."""
        if purchase.shelf.item in self.lives and purchase.arriving:
            self._look(purchase.shelf)
            self._expect(purchase.shelf, purchase.arriving, now)

    def _expect(self, shelf: Shelf, units: int, now: float) -> None:
        expiry = now + self.lives[shelf.item]
        self.fresh[shelf.item].append([expiry, units])
        self.clock.at(expiry, Phase.SWITCH, self.expire, shelf)

    def _look(self, shelf: Shelf) -> None:
        """Takes the units that are gone since the last look out of the oldest batches; units that came back otherwise
        than from an order (found again, returned) are as old as those that went last."""
        fresh, sold = self.fresh[shelf.item], self.sold[shelf.item]
        gone = sum(units for _, units in fresh) - shelf.on_hand
        if gone > 0:
            for batch in _cut(fresh, gone):
                if sold and sold[-1][0] == batch[0]:
                    sold[-1][1] += batch[1]
                else:
                    sold.append(batch)
            del sold[:-REMEMBERED]
        elif gone < 0:
            back = _cut_last(sold, -gone)
            new = -gone - sum(units for _, units in back)
            for batch in [*back, [self.clock.now + self.lives[shelf.item], new]]:
                insort(fresh, batch)

    def _last_sold(self, shelf: Shelf, units: int) -> Batches:
        """Batches of the last units that were sold."""
        return _cut_last([batch[:] for batch in self.sold[shelf.item]], units)

    # ------------------------------------------------------------------------------------ filled and not left
    def ordered(self, order: Order, now: float) -> None:
        """Notes the age of what is held of a new order."""
        if order.held:
            for line, (item, units) in self.engine.held(order).items():
                if item in self.lives:
                    self._look(self.engine.shelves[item])
                    self.kept[order.number, line] = self._last_sold(self.engine.shelves[item], units)

    def filled(self, fills: Fills, now: float) -> None:
        """Notes the age of what waiting lines were given."""
        for item in dict.fromkeys(line.shelf.item for line, _ in fills):
            if item not in self.lives:
                continue
            mine = [(line, units) for line, units in fills if line.shelf.item == item]
            self._look(self.engine.shelves[item])
            batches = self._last_sold(self.engine.shelves[item], sum(units for _, units in mine))
            for line, units in mine:
                self.kept.setdefault((line.order.number, line.number), []).extend(_cut(batches, units))

    def leaves(self, order: Order, now: float) -> None:
        """What was filled leaves, and does not come back."""
        contents = self.state.flow.contents
        stays = set() if contents is None else contents.stays(order, now)
        for line in range(len(order.arrival.items)):
            if line not in stays:
                self.kept.pop((order.number, line), None)

    def spoils(self, order: Order, released: Sequence[Release]) -> list[tuple[Shelf, int]]:
        """Filled units are about to go back to the shelf: writes off those that have expired meanwhile."""
        found = []
        for line, shelf, units, held in released:
            if held and shelf.item in self.lives:
                self._look(shelf)
                back = _cut_last(self.kept.get((order.number, line), []), units)
                for expiry, some in back:
                    if expiry <= self.clock.now:
                        found.append((shelf, int(some)))
                        self._write_off(shelf, int(some))
                    else:
                        insort(self.fresh[shelf.item], [expiry, some])
        return found

    # ------------------------------------------------------------------------------------ expiry
    def expire(self, shelf: Shelf, now: float) -> None:
        """Writes off what is left of the batches that expire now."""
        self._look(shelf)
        fresh = self.fresh[shelf.item]
        units = int(sum(some for expiry, some in fresh if expiry <= now))
        if units > 0:
            fresh[:] = [batch for batch in fresh if batch[0] > now]
            self._write_off(shelf, units)
            self.engine.adjust(shelf, -units, -units)
            if self.engine.due:
                self.state.flow.stock_is_reviewed(now)

    def _write_off(self, shelf: Shelf, units: int) -> None:
        self.state.ledger.adjusted.write(self.clock.now, shelf.item, -units, -units, Adjustment.EXPIRED)


def _cut(batches: Batches, units: float) -> Batches:
    """Takes `units` units out of the first batches (all of them if there are fewer)."""
    found: Batches = []
    while units > 0 and batches:
        expiry, some = batches[0]
        less = min(some, units)
        units -= less
        found.append([expiry, less])
        if less == some:
            batches.pop(0)
        else:
            batches[0][1] -= less
    return found


def _cut_last(batches: Batches, units: float) -> Batches:
    """As `_cut`, from the last batches; what it took is in the order of the batches."""
    batches.reverse()
    found = _cut(batches, units)
    batches.reverse()
    return found[::-1]
