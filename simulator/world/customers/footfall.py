"""Footfall: a bad reputation keeps orders away; promotions, scarcity and delight bring more."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from simulator.engine.backlog import Order
from simulator.events.event import Span
from simulator.events.promotion import Promotion
from simulator.model.nouns import Exit
from simulator.randomness.distribution import Floats
from simulator.world.customers.loyalty import LoyaltyTracker
from simulator.world.orders.arrival import Arrival, Visit
from simulator.world.state import ReplicationState


class ExtraDemand(NamedTuple):
    """Orders on top of the usual ones, by a share of them; they are drawn but come only under a condition."""

    share: float

    @property
    def multiple(self) -> float:
        """Demand as a multiple of the usual."""
        return 1 + self.share

    def extra(self, span: Span, times: Floats, horizon: float) -> Floats:
        """Change of demand at each time as a multiple of the usual."""
        return np.full(times.size, self.share)


Condition = Callable[[Arrival, float], bool]
"""Whether an order of a crowd comes at a time."""


def is_needed(state: ReplicationState) -> bool:
    """Whether some orders may stay away."""
    scarce = any(spec.scarcity for spec in state.scenario.customers.values())
    pauses = any(promotion.pauses for promotion in state.decided.promotion.all)
    paused = pauses and any(isinstance(e, Promotion) for e in state.scenario.events)
    return scarce or paused or state.flow.followers.part(LoyaltyTracker) is not None


class Footfall:
    """Admission to the shop, by the conditions of crowds and by loyalty."""

    def __init__(self, state: ReplicationState) -> None:
        self.state, self.flow = state, state.flow
        self.loyalty = state.flow.followers.part(LoyaltyTracker)
        self.conditions: dict[str, Condition] = {}
        """By the crowd's name."""
        self.lost: list[Exit] = []
        """How lines of the order at hand were lost."""
        state.flow.followers.admits.add(self.admits)
        if self.loyalty is not None:
            state.flow.followers.refused.add(self.refused)
            state.flow.followers.visited.add(self.visited)

    # ------------------------------------------------------------- crowds
    def promoted(self, owner: str) -> None:
        """A crowd that a promotion brings; it stays away while the policy pauses the promotion."""
        promotion = self.state.decided.promotion
        if any(choice.pauses for choice in promotion.all):
            self.conditions[owner] = lambda arrival, _: not (promotion.now.pauses and self._short(arrival))

    def scarce(self, owner: str) -> None:
        """A crowd that comes because an item is on backorder."""
        self.conditions[owner] = lambda arrival, _: self._short(arrival)

    def delighted(self, owner: str, segment: int, most: float) -> None:
        """A crowd of customers who order more than usual; `most` is the share that was drawn."""
        loyalty = self.loyalty
        assert loyalty is not None
        self.conditions[owner] = lambda arrival, now: arrival.draws.come * most < loyalty.gain(segment, now)

    def _short(self, arrival: Arrival) -> bool:
        """Whether any item of the order is on backorder or out of stock."""
        shelves = [self.state.engine.shelves[item] for item in arrival.items]
        return any(shelf.backordered or self.state.engine.available(shelf) <= 0 for shelf in shelves)

    # ------------------------------------------------------------- orders
    def admits(self, visit: Visit, now: float) -> bool:
        """Whether the customer comes; orders that stay away are recorded as refused."""
        arrival, loyalty = visit.arrival, self.loyalty
        condition = self.conditions.get(arrival.terms.owner)
        if condition is not None and not condition(arrival, now):
            self._stays_away(arrival, Exit.UNCALLED)
            return False
        if loyalty is None:
            return True
        if condition is None and loyalty.keeps_away(arrival.terms.segment, arrival.draws.come, now):
            self._stays_away(arrival, Exit.DETERRED)
            return False
        self.lost.clear()
        return True

    def _stays_away(self, arrival: Arrival, why: Exit) -> None:
        number, write = self.flow.placed, self.state.ledger.refused.write
        self.flow.placed = number + 1
        for line, (item, units) in enumerate(zip(arrival.items, arrival.quantities, strict=True)):
            write(number, line, item, units, why)

    def refused(self, order: Order, line: int, item: int, units: int, exit_: Exit, now: float) -> None:
        """The customer leaves without some units."""
        self.lost.append(exit_)

    def visited(self, visit: Visit, now: float) -> None:
        """Customers remember a visit that ended without all they wanted, or with everything at once."""
        order = visit.order
        if order is None or self.loyalty is None:
            return
        if self.lost:
            self.loyalty.got_nothing(order.number, order.terms.segment, Exit.SWITCHED in self.lost, now)
        elif order.waiting is None:
            self.loyalty.served_at_once(order.number, visit.arrival.draws, now)
