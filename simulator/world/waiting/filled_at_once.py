"""Promised dates of orders that are filled at once: a number of days for each segment, or a date for each order."""

from __future__ import annotations

from math import inf, nan

from simulator.engine.backlog import Order
from simulator.policies.promise import Promise
from simulator.record.facts import Promised
from simulator.world.availability.availability import Availability
from simulator.world.orders.waiting_order import wanted_day
from simulator.world.sites.sourcing import SiteSourcing
from simulator.world.state import ReplicationState


class DatesFromStock:
    """Quotes a date to each order that is filled at once and held, or where the path to the door takes longer at some
    times."""

    def __init__(self, state: ReplicationState, availability: Availability) -> None:
        self.availability, self.promises = availability, state.ledger.promises
        self.promise, self.sourcing = state.decided.promise, state.flow.followers.part(SiteSourcing)
        state.flow.followers.ordered.add(self.ordered)

    def ordered(self, order: Order, now: float) -> None:
        """Nothing of the order waits: its parcel is about to be picked."""
        segment = order.terms.segment
        leaves = self.availability.leaving
        usual = self.availability.delivery(segment).simple and not leaves.holds_back(order)
        if order.waiting or not order.packed or usual:
            return
        if self.sourcing is not None and order.number in self.sourcing.giving:  # it gets the date of its sites
            return
        promise = self.promise.of(order)
        days = (
            promise.quote(self.availability.at_once(segment, now, leaves=leaves.of(order, now)))
            if _follows_stock(promise)
            else None
        )
        if days is not None:
            date = now + days if order.due == -inf else max(now + days, wanted_day(order))
            self.promises.write(now, order.number, date, 1)


def promised_at_once(state: ReplicationState, availability: Availability | None) -> Promised | None:
    """The days that are promised to orders filled at once, by segment; None where no date is given.

    Where waits for a closure, a pick-up or a free worker change the days, each order gets its own date as a fact; so
    does an order that is held.
    """
    promise = state.decided.promise
    if availability is not None and any(map(_follows_stock, promise.all)):
        segments = range(len(state.numbering.segments))
        if availability.leaving.holds or not all(availability.delivery(segment).simple for segment in segments):
            DatesFromStock(state, availability)
    if promise.only is not None:
        return _by_segment(state, promise.only, availability)
    found = tuple(_by_segment(state, each, availability) for each in promise.all)
    if not any(found):
        return None
    return Promised((), False, found, promise.choice())


def _follows_stock(promise: Promise) -> bool:
    return promise.from_stock is not None and promise.days is None


def _by_segment(state: ReplicationState, promise: Promise, availability: Availability | None) -> Promised | None:
    segments = range(len(state.numbering.segments))
    if promise.days is not None:
        return Promised(tuple(promise.days for _ in segments), waiting=True)
    if not _follows_stock(promise) or availability is None:
        return None
    found = []
    for segment in segments:
        simple = availability.delivery(segment).simple
        days = promise.quote(availability.at_once(segment, 0.0)) if simple else None
        found.append(nan if days is None else days)
    return Promised(tuple(found), waiting=False)
