"""From when the goods of an order may leave, as the seller knows it: for a wanted day, or after a hold."""

from __future__ import annotations

from math import inf
from typing import NamedTuple

from simulator.engine.backlog import Order
from simulator.randomness.distribution import Floats
from simulator.randomness.estimate import LeadTimeEstimate
from simulator.world.delivery.clearance import Clearance
from simulator.world.state import ReplicationState


class LeavingDay(NamedTuple):
    """From when the goods of an order may leave."""

    day: float = -inf
    """When that is expected, days; -inf: at once."""
    hold: LeadTimeEstimate | None = None
    """How long the order is held, if the length is random."""
    held_for: float = 0.0
    """Days for which it has been held."""

    def sampled(self, now: float, at: Floats) -> float | Floats:
        """The day at these probabilities."""
        return self.day if self.hold is None else now + self.hold.quantiles(self.held_for, at)


AT_ONCE = LeavingDay()


class LeavingDays:
    """Tells when the goods of orders may leave. The seller sees that an order is held, and knows the distribution of
    the days that it takes to clear one, but not which orders will not be released."""

    def __init__(self, state: ReplicationState) -> None:
        self.clearance = state.flow.followers.part(Clearance)
        self.state, self.sites = state, state.numbering.sites
        self.holds: dict[int, LeadTimeEstimate] = {}
        """By segment."""
        for number, name in enumerate(state.numbering.segments) if self.clearance is not None else ():
            spec = state.scenario.customers[name]
            if spec.hold is not None:
                rng = state.streams.keyed("belief", "hold", spec.stream or name)
                self.holds[number] = LeadTimeEstimate.of(spec.hold.time, rng)

    def holds_back(self, order: Order) -> bool:
        """Whether an order is held now."""
        return self.clearance is not None and self.clearance.holds(order)

    def of(self, order: Order, now: float, site: str | None = None) -> LeavingDay:
        """For an order that is being placed, or waits; `site`: for goods there (None: at the own site)."""
        if not self.holds_back(order):
            if order.leaves == -inf or self.state.own_days is None:
                return AT_ONCE
            return LeavingDay(self.state.own_days.day(order, 0 if site is None else -1 - self.sites.index(site)))
        hold, held_for = self.holds[order.terms.segment], now - order.placed
        if hold.certain:  # exactly the instant at which it ends
            return LeavingDay(max(order.placed + hold.remaining(), now))
        return LeavingDay(now + hold.remaining(held_for), hold, held_for)
