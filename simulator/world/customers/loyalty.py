"""Loyalty and reputation: how experiences change the orders that still come, and the public rating of the shop."""

from __future__ import annotations

import math
from collections import deque

from simulator.engine.backlog import Order
from simulator.model.loyalty import YEAR, YEARS, Experience, Loyalty, strength
from simulator.scenario.schema.loyalty import Reviews
from simulator.world.orders.arrival import UniformDraws
from simulator.world.orders.waiting_order import waiting_order_of
from simulator.world.state import ReplicationState


class FadingEffects:
    """The sum of effects that fade at one rate, as changes of a customer's orders over a year."""

    def __init__(self, fade: float) -> None:
        self.rate = -math.log(fade) / YEAR
        self.strength = strength(fade)
        self.sum, self.since = 0.0, 0.0
        self.kept: deque[tuple[float, float]] = deque()
        """(day, size) of every effect, oldest first."""

    def add(self, effect: float, now: float) -> None:
        """Adds the effect of an experience."""
        self.sum = self.level(now) + effect * self.strength
        self.kept.append((now, effect * self.strength))

    def level(self, now: float) -> float:
        """The effects that are left; those older than four years are forgotten."""
        self.sum *= math.exp(-self.rate * (now - self.since))
        self.since = now
        while self.kept and now - self.kept[0][0] >= YEARS * YEAR:
            day, size = self.kept.popleft()
            self.sum -= size * math.exp(-self.rate * (now - day))
        return self.sum


class SegmentLoyalty:
    """The experiences of one segment's customers."""

    def __init__(self, loyalty: Loyalty, orders_per_day: float) -> None:
        self.loyalty = loyalty
        self.memories: dict[float, FadingEffects] = {}
        """By how they fade."""
        self.weight = loyalty.orders_per_year / (YEAR * orders_per_day) if orders_per_day else 0.0
        """Share of one customer in the orders of the segment."""

    def lives_through(self, experience: Experience, days: float, now: float) -> None:
        """Adds the experience of a customer."""
        effect = self.loyalty.effect(experience, days)
        if effect:
            fade = self.loyalty.fade(experience)
            self.memories.setdefault(fade, FadingEffects(fade)).add(effect, now)

    def change(self, now: float) -> float:
        """Change of the segment's orders, as a share."""
        return self.weight * math.fsum(memory.level(now) for memory in self.memories.values())


class Rating:
    """The share of bad reviews, newer ones weighted more; it starts at the usual share."""

    def __init__(self, spec: Reviews, orders_per_day: float) -> None:
        self.spec = spec
        self.all = max(spec.share * orders_per_day * spec.memory, 1.0)
        self.bad = self.all * spec.bad
        self.since = 0.0

    def add(self, bad: bool, now: float) -> None:
        """A review."""
        left = math.exp(-(now - self.since) / self.spec.memory)
        self.all = left * self.all + 1
        self.bad = left * self.bad + bad
        self.since = now

    @property
    def excess(self) -> float:
        """Share of bad reviews above the usual one."""
        return self.bad / self.all - self.spec.bad


def build_loyalty(state: ReplicationState) -> None:
    """Tracks loyalty and reputation where customers remember or write reviews."""
    customers = state.scenario.customers.values()
    remember = any(c.loyalty is not None or (c.otherwise is not None and c.otherwise.return_ != 1) for c in customers)
    if remember or state.scenario.reviews is not None:
        LoyaltyTracker(state)


class LoyaltyTracker:
    """Records the experiences of customers, and decides who still comes."""

    def __init__(self, state: ReplicationState) -> None:
        self.ledger, self.promise = state.ledger, state.decided.promise
        scenario, horizon = state.scenario, state.scenario.clock.horizon
        rates = [scenario.customers[name].arrivals.per_day(horizon) for name in state.numbering.segments]
        loyal = [facts.loyalty for facts in state.nouns.segments]
        self.segments = [SegmentLoyalty(loyalty, rate) for loyalty, rate in zip(loyal, rates, strict=True)]
        self.reviews = scenario.reviews
        self.rating = None if self.reviews is None else Rating(self.reviews, math.fsum(rates))
        self.ended: set[int] = set()
        """Orders whose wait has ended."""
        state.flow.followers.leaves.add(self.leaves)
        state.flow.followers.gave_up.add(self.gave_up)

    # -------------------------------------------------------- what happens
    def served_at_once(self, order: int, draws: UniformDraws, now: float) -> None:
        """Everything ordered was available."""
        self._may_review(order, draws, 0.0, now)

    def got_nothing(self, order: int, segment: int, rival: bool, now: float) -> None:
        """The customer left with less than was asked for, perhaps to a rival."""
        self._note(order, segment, Experience.RIVAL if rival else Experience.REFUSED, 0.0, now)

    def leaves(self, order: Order, now: float) -> None:
        """Goods leave; the last ones of an order that waited end its wait."""
        if order.waiting != []:
            return
        quoted = self._quoted(order)
        kept = quoted is not None and now <= quoted
        self._ends(order, Experience.HANDLED_WELL if kept else Experience.LATE, now)

    def gave_up(self, order: Order, now: float) -> None:
        """All that waited of an order was cancelled."""
        self._ends(order, Experience.GAVE_UP, now)

    def _quoted(self, order: Order) -> float | None:
        """The date that the customer knows."""
        wait = waiting_order_of(order)
        if wait is not None:
            return wait.quoted
        days = self.promise.of(order).days
        return None if days is None else order.placed + days

    def _ends(self, order: Order, experience: Experience, now: float) -> None:
        if order.number < 0 or order.number in self.ended or now <= order.since:
            return
        self.ended.add(order.number)
        days = now - order.since
        self._note(order.number, order.terms.segment, experience, days, now)
        self._may_review(order.number, order.arrival.draws, days, now)

    def _note(self, order: int, segment: int, experience: Experience, days: float, now: float) -> None:
        self.ledger.experiences.write(now, order, segment, experience, days)
        self.segments[segment].lives_through(experience, days, now)

    def _may_review(self, order: int, draws: UniformDraws, days: float, now: float) -> None:
        spec = self.reviews
        if spec is None or self.rating is None or draws.review >= spec.share:
            return
        share = spec.bad
        if days > 0:
            share = spec.bad_very_late if days > spec.very_late_after else spec.bad_late
        bad = draws.review < spec.share * share
        self.ledger.reviews.write(now, order, bad)
        self.rating.add(bad, now)

    # ----------------------------------------------------------- who comes
    @property
    def standing(self) -> float:
        """The shop's reputation: the usual share of bad reviews less the present one; 0 is the usual reputation."""
        return 0.0 if self.rating is None else -self.rating.excess

    def keeps_away(self, segment: int, draw: float, now: float) -> bool:
        """Whether an order of the usual stream stays away."""
        stays = 1 + min(self.segments[segment].change(now), 0.0)
        if self.rating is not None and self.reviews is not None:
            stars = 4 * max(self.rating.excess, 0.0)
            stays *= 1 - min(self.reviews.per_star * stars, 1.0)
        return draw >= stays

    def gain(self, segment: int, now: float) -> float:
        """Orders on top of the usual ones, as a share, by customers who order more after good service."""
        return max(self.segments[segment].change(now), 0.0)
