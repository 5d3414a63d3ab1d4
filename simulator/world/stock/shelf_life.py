"""Shelf life: units that are not sold in time are written off; the oldest are sold first."""

from __future__ import annotations

from collections import deque

from simulator.engine.backlog import Shelf
from simulator.model.nouns import Adjustment
from simulator.world.clock import Phase
from simulator.world.state import ReplicationState
from simulator.world.suppliers.purchase import Purchase


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
    """First in, first out: the units on hand are the last ones received, so no single unit needs to be tracked."""

    def __init__(self, state: ReplicationState, lives: dict[int, float]) -> None:
        self.state, self.clock, self.lives = state, state.clock, lives
        self.fresh: dict[int, deque[int]] = {item: deque() for item in lives}
        """Units of each receipt that has not expired, oldest first; the opening stock is the first one."""
        for item in lives:
            shelf = state.engine.shelves[item]
            if shelf.on_hand:
                self._expect(shelf, shelf.on_hand, 0.0)
        state.flow.followers.received.add(self.received)

    def received(self, purchase: Purchase, now: float) -> None:
        """Sets the timer of a receipt."""
        if purchase.shelf.item in self.lives and purchase.arriving:
            self._expect(purchase.shelf, purchase.arriving, now)

    def _expect(self, shelf: Shelf, units: int, now: float) -> None:
        self.fresh[shelf.item].append(units)
        self.clock.at(now + self.lives[shelf.item], Phase.SWITCH, self.expire, shelf)

    def expire(self, shelf: Shelf, now: float) -> None:
        """The oldest receipt expires: units on hand beyond all later receipts are what is left of it."""
        fresh = self.fresh[shelf.item]
        fresh.popleft()
        units = shelf.on_hand - sum(fresh)
        if units > 0:
            self.state.ledger.adjusted.write(now, shelf.item, -units, -units, Adjustment.EXPIRED)
            self.state.engine.adjust(shelf, -units, -units)
            if self.state.engine.due:
                self.state.flow.stock_is_reviewed(now)
