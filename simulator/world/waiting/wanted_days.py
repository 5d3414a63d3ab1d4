"""Orders for a later day: when they reserve stock, and when their goods leave to arrive on the day that is wanted."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np

from simulator.engine.backlog import Order
from simulator.kpis.evidence.orders_ahead import OrdersAhead
from simulator.record.ledger import Demand
from simulator.world.clock import Phase
from simulator.world.orders.waiting_order import wanted_day
from simulator.world.state import ReplicationState
from simulator.world.waiting.holding import delivery_times

DELIVERY, DEMAND = int(Phase.DELIVERY), int(Phase.DEMAND)


def build_wanted_days(state: ReplicationState) -> None:
    """Keeps orders and goods for their days where customers want them on a later one."""
    if any(spec.wants_later for spec in state.scenario.customers.values()):
        if state.ledger.summary is not None:
            state.ledger.ahead = OrdersAhead()
        WantedDays(state)


class WantedDays:
    """Opens orders some days before they are wanted, and keeps filled goods until they must leave."""

    def __init__(self, state: ReplicationState) -> None:
        self.clock, self.flow = state.clock, state.flow
        reservation = state.policy.reserving
        self.ahead = inf if reservation.ahead is None else reservation.ahead
        self.early = reservation.early
        self.days = delivery_times(state)
        self.kept: set[int] = set()
        """Orders with filled goods whose departure is scheduled."""
        followers = state.flow.followers
        followers.postpones.add(self.postpones)
        followers.may_leave.add(self.may_leave)

    def dated(self, demand: Demand) -> Demand:
        """The same orders with the days on which they open, may leave and are due."""
        assert demand.wanted is not None
        days = np.array(self.days or [0.0])[demand.segments]
        later = ~np.isnan(demand.wanted)
        wanted = np.where(later, demand.wanted, -inf)
        opens = np.maximum(demand.times, wanted - self.ahead)
        leaves = np.where(later, wanted - self.early - days, -inf)
        return replace(demand, opens=opens, leaves=leaves, due=np.maximum(opens, wanted - days))

    def postpones(self, order: Order, now: float) -> bool:
        """Sets the day on which the wait of an order begins; True if it opens later than now."""
        wanted = wanted_day(order)
        if wanted == inf:
            return False
        opens = max(order.placed, wanted - self.ahead)
        days = self.days[order.terms.segment]
        order.due, order.leaves = max(opens, wanted - days), wanted - self.early - days
        if opens <= now:
            return False
        self.clock.at(opens, DEMAND, self._opens, order)
        return True

    def _opens(self, order: Order, now: float) -> None:
        """Lets the order open after all else that happens in this phase, like an order that is placed now."""
        self.clock.at(now, DEMAND, self._takes_units, order)

    def _takes_units(self, order: Order, now: float) -> None:
        """An order that was placed earlier takes its units, or goes on backorder."""
        for opens in self.flow.followers.opens:
            opens(order, now)
        self.flow.takes_units(order, None, now)

    def may_leave(self, order: Order, now: float) -> bool:
        """Keeps filled goods that would arrive too early."""
        if order.leaves <= now:
            return True
        if order.number not in self.kept:
            self.kept.add(order.number)
            self.clock.at(order.leaves, DELIVERY, self._departs, order)
        return False

    def _departs(self, order: Order, now: float) -> None:
        """The day has come: all that is filled leaves."""
        self.kept.discard(order.number)
        if order.packed:
            self.flow.goods_leave(order, now)
            if not order.packed:
                for left in self.flow.followers.left:
                    left(order, now)
