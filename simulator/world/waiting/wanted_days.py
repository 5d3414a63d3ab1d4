"""Orders for a later day: when they reserve stock, and when their goods leave to arrive on the day that is wanted."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np

from simulator.engine.backlog import Order
from simulator.kpis.evidence.orders_ahead import OrdersAhead
from simulator.record.ledger import Demand
from simulator.world.clock import Phase
from simulator.world.delivery.contents import Contents
from simulator.world.orders.followers import Fills
from simulator.world.orders.waiting_order import wanted_day
from simulator.world.own_days import OwnDays
from simulator.world.state import ReplicationState

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
        self.contents = state.flow.followers.part(Contents)
        self.items = len(state.numbering.items)
        """Number of items, and so of shelves at each site."""
        self.reservation = state.policy.reservation_times
        self.own_days = state.own_days = OwnDays(state.scenario, state.policy, state.numbering)
        self.days = self.own_days.home
        self.kept: set[tuple[int, float]] = set()
        """Order and day on which filled goods of it will leave."""
        followers = state.flow.followers
        followers.postpones.add(self.postpones)
        followers.may_leave.add(self.may_leave)
        followers.filled.add(self.filled)

    def dated(self, demand: Demand) -> Demand:
        """The same orders with the days on which they open, may leave and are due."""
        assert demand.wanted is not None
        days = np.array(self.days or [0.0])[demand.segments]
        later = ~np.isnan(demand.wanted)
        wanted = np.where(later, demand.wanted, -inf)
        rule = np.searchsorted(np.array(self.reservation.days), demand.times, side="right") - 1
        ahead = np.array([inf if one.ahead is None else one.ahead for one in self.reservation.found])[rule]
        early = np.array([one.early for one in self.reservation.found])[rule]
        opens = np.maximum(demand.times, wanted - ahead)
        leaves = np.where(later, wanted - early - days, -inf)
        return replace(demand, opens=opens, leaves=leaves, due=np.maximum(opens, wanted - days))

    def postpones(self, order: Order, now: float) -> bool:
        """Sets the day on which the wait of an order begins; True if it opens later than now."""
        wanted = wanted_day(order)
        if wanted == inf:
            return False
        reservation, days = self.reservation.of(order.placed), self.days[order.terms.segment]
        opens = order.placed if reservation.ahead is None else max(order.placed, wanted - reservation.ahead)
        order.due, order.leaves = max(opens, wanted - days), wanted - reservation.early - days
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
        """Keeps filled goods that would arrive too early; False: that is all of them."""
        if order.leaves == -inf:
            return True
        days = {self.own_days.day(order)}
        if self.contents is not None and self.contents.everything:
            days = {day for day, _, _ in self.contents.kept(order)}
        for day in sorted(day for day in days if day > now):
            self._keep(order, day)
        return any(day <= now for day in days)

    def _keep(self, order: Order, day: float) -> None:
        if (order.number, day) not in self.kept:
            self.kept.add((order.number, day))
            self.clock.at(day, DELIVERY, self._departs, (order, day))

    def filled(self, fills: Fills, now: float) -> None:
        """Goods that other sites keep do not hold up those that were filled now."""
        for line, _ in fills:
            order = line.order
            if self.flow.sites and order.leaves > -inf and order.packed:
                self._keep(order, max(self.own_days.day(order, -1 - line.shelf.item // self.items), now))

    def _departs(self, what: tuple[Order, float], now: float) -> None:
        """The day has come: all that is filled at these sites leaves."""
        order, day = what
        self.kept.discard((order.number, day))
        if order.packed:
            packed = order.packed
            self.flow.goods_leave(order, now)
            for left in self.flow.followers.left if order.packed < packed else ():
                left(order, now)
