"""Goods for a wanted day: from which day on they may leave each place, so that they come on that day."""

from __future__ import annotations

from math import inf

from simulator.engine.backlog import Order
from simulator.policies.policy import Policy
from simulator.scenario.schema.schema import Scenario
from simulator.world.numbering import Numbering, delivery_time
from simulator.world.orders.waiting_order import wanted_day


class OwnDays:
    """The days on which goods leave their places, by order."""

    def __init__(self, scenario: Scenario, policy: Policy, numbering: Numbering) -> None:
        self.reservation = policy.reservation_times
        self.home = [delivery_time(scenario, name, scenario.site_of(name)) for name in numbering.segments]
        """Mean days to the customer from the own site, by segment."""
        shared = numbering.sites if numbering.shares(policy) else ()
        self.by_site = [[delivery_time(scenario, name, site) for site in shared] for name in numbering.segments]
        """The same by segment and site, where sites serve each other's customers."""

    def day(self, order: Order, origin: int = 0) -> float:
        """The day from which goods of an order may leave; -inf: at once.

        Args:
            order: one that has opened.
            origin: -1 less the number of the site where the goods are; others leave with those of the own site.
        """
        ways = self.by_site[order.terms.segment]
        if order.leaves == -inf or origin >= 0 or not ways:
            return order.leaves
        return wanted_day(order) - self.reservation.of(order.placed).early - ways[-1 - origin]
