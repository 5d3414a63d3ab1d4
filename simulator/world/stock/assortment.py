"""When items may be ordered and shipped: releases, seasons with their opening and end, delisting."""

from __future__ import annotations

import math

from simulator.engine.backlog import Order, Shelf
from simulator.events.effect import Delisting
from simulator.model.nouns import Adjustment, Cause
from simulator.scenario.schema.items import Item
from simulator.world.clock import Phase
from simulator.world.state import ReplicationState
from simulator.world.suppliers.purchase import Purchase

SWITCH = int(Phase.SWITCH)


def policy_limit(state: ReplicationState, shelf: Shelf, order: Order | None = None) -> float:
    """Units that the policy allows on backorder, for an order or for customers whose segment has no decision."""
    acceptance = state.decided.acceptance
    return (acceptance.now(shelf.item) if order is None else acceptance.of_line(order, shelf.item)).limit


def changes(spec: Item) -> list[float]:
    """Days on which the backorders that are allowed of an item change, but for the end of its season."""
    days = [spec.release] if spec.release is not None and spec.reserve == "at_ship" else []
    if spec.season is not None and spec.season.opening > 0:
        days.append(spec.season.opening)
    return days


class Assortment:
    """Opens and closes the order book of every shelf; goods that arrive before `ships_from` are stored until then."""

    def __init__(self, state: ReplicationState) -> None:
        self.state, self.clock, self.flow = state, state.clock, state.flow
        self.ended: set[int] = set()
        """Items that are no longer sold, whatever the calendar says."""
        state.board.register(Delisting, "items", state.scenario.items, lambda e: self.delist(e.target.name))
        state.flow.followers.received.add(self.received)
        state.flow.followers.policy_changes.add(self.policy_changes)
        acceptance = state.decided.acceptance
        if acceptance.by_order or any(one.whole_lines for one in acceptance.all):
            state.engine.limits = lambda order, shelf: (
                self.limit(shelf, self.clock.now, order),
                acceptance.of_line(order, shelf.item).whole_lines,
            )
        for shelf, (_, name) in zip(state.engine.shelves, state.numbering.shelves, strict=True):
            spec = state.scenario.items[name]
            if spec.ships_from > 0:
                self.flow.embargo[shelf.item] = spec.ships_from
            if spec.season is not None:
                self.clock.at(spec.season.to, SWITCH, self.ends, shelf)
            for day in changes(spec):
                self.clock.at(day, SWITCH, self.set_limit, shelf)
            self.set_limit(shelf, 0.0)

    def set_limit(self, shelf: Shelf, now: float) -> None:
        """Sets the backorders that are allowed from now on."""
        self.state.engine.set_limit(shelf, self.limit(shelf, now))

    def policy_changes(self, now: float) -> None:
        """The policy may allow other backorders from now on."""
        for shelf in self.state.engine.shelves:
            self.set_limit(shelf, now)

    def limit(self, shelf: Shelf, now: float, order: Order | None = None) -> float:
        """Backorders that are allowed, for an order or in general.

        They follow from the day alone and are never remembered: none once the item has ended or before its season
        opens; before a release that takes pre-orders, any number; else those of the policy.
        """
        _, name = self.state.numbering.shelves[shelf.item]
        spec = self.state.scenario.items[name]
        if shelf.item in self.ended or (spec.season is not None and now < spec.season.opening):
            return 0.0
        if spec.release is not None and spec.reserve == "at_ship" and now < spec.release:
            return math.inf
        return policy_limit(self.state, shelf, order)

    def delist(self, name: str) -> None:
        """Removes an item from the assortment at every site, permanently."""
        for shelf, (_, item) in zip(self.state.engine.shelves, self.state.numbering.shelves, strict=True):
            if item == name and shelf.item not in self.ended:
                self.ends(shelf, self.clock.now)

    def ends(self, shelf: Shelf, now: float) -> None:
        """From now on nothing is bought or ordered; waiting lines are called off, stock is cleared."""
        self.ended.add(shelf.item)
        self.flow.purchasing.closed.add(shelf.item)
        self.set_limit(shelf, now)
        for line in list(shelf.backlog):
            self.flow.units_are_called_off(line.order, line.number, line.open, Cause.SELLER, now)
        self.clear(shelf, now)
        for kit in self.state.engine.uses.get(shelf.item, ()):
            if kit not in self.ended:
                self.ends(self.state.engine.shelves[kit], now)

    def received(self, purchase: Purchase, now: float) -> None:
        """Goods of an item that has ended are cleared as they arrive."""
        if purchase.shelf.item in self.ended:
            self.clear(purchase.shelf, now)

    def clear(self, shelf: Shelf, now: float) -> None:
        """The stock of an item leaves its shelf unsold."""
        units = shelf.on_hand
        if units > 0:
            self.state.engine.adjust(shelf, -units, -units)
            self.state.ledger.adjusted.write(now, shelf.item, -units, -units, Adjustment.SEASON)
