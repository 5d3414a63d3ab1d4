"""Builds the demand side: each segment's usual orders, the crowds of spikes, and the shop that feeds them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from simulator.engine.backlog import Terms
from simulator.events.event import Span, listed
from simulator.events.promotion import Promotion
from simulator.events.surge import Surge
from simulator.model.loyalty import YEARS
from simulator.policies.fulfilment import AsAvailable
from simulator.randomness.orderbook import OrderSource
from simulator.record.ledger import Floats, Ints
from simulator.scenario.schema.customers import Customers
from simulator.world.clock import FedClock
from simulator.world.customers import footfall
from simulator.world.customers.footfall import ExtraDemand, Footfall
from simulator.world.customers.loyalty import LoyaltyTracker
from simulator.world.customers.shop import Crowd, Dip, Inflow, Shape, Shop
from simulator.world.orders.arrival import UniformDraws
from simulator.world.state import ReplicationState
from simulator.world.waiting.charging import Charging
from simulator.world.waiting.holding import ships_held


def build_demand(state: ReplicationState) -> None:
    """Starts the process that opens the order book."""
    OrderStreams(state).open()


class OrderStreams:
    """The streams of orders of one replication."""

    def __init__(self, state: ReplicationState) -> None:
        self.state = state
        self.horizon = state.scenario.clock.horizon
        needed = draws_needed(state)
        self.draws = [purpose if purpose in needed else None for purpose in UniformDraws._fields]
        """The uniform draws that orders bring, else None; each has a random stream of its own, which is the same under
        every policy that needs it."""
        self.footfall = Footfall(state) if footfall.is_needed(state) else None
        self.inflows: list[Inflow] = []
        self.owners: list[tuple[int, Customers]] = []
        """(number, spec) of each inflow's segment."""
        self.known: dict[tuple[int, int, bool], Terms] = {}
        self.fulfilment = state.decided.fulfilment.only or AsAvailable()
        """The fulfilment of all orders; not asked where it differs by order."""
        for number, name in enumerate(state.numbering.segments):
            self._segment(number, name)

    def open(self) -> None:
        state = self.state
        rate = math.fsum(spec.arrivals.per_day(self.horizon) for spec in state.scenario.customers.values())
        if self.inflows:
            assert isinstance(state.clock, FedClock)
            shop = Shop(state.clock, state.flow, state.ledger, self.inflows, self.terms, rate, self.horizon)
            state.clock.process(shop.open())

    def _segment(self, number: int, name: str) -> None:
        """The segment's usual orders, and a crowd for each of its spikes."""
        state, catalogue = self.state, self.state.numbering.catalogue_of(name)
        spec = state.scenario.customers[name]
        key = spec.stream or name
        spikes = [
            (occurrence.event, occurrence.key, occurrence.spans)
            for occurrence in self.state.occurrences
            if isinstance(occurrence.event, Surge) and name in listed(occurrence.event.customers)
        ]
        dips = [
            Dip(event, spans, state.streams.stream("dip", event_key, key), self._chosen(event, name))
            for event, event_key, spans in spikes
            if event.multiple < 1
        ]
        source = spec.arrivals.source(state.streams, key, spec.basket, catalogue)
        self.inflows.append(self._inflow(key, source, name, dips))
        self.owners.append((number, spec))
        for event, event_key, spans in spikes:
            if event.multiple > 1:
                owner = self._crowd(number, name, event_key, event, spans, self._chosen(event, name))
                if isinstance(event, Promotion) and self.footfall is not None:
                    self.footfall.promoted(owner)
        self._crowds_on_call(number, name, spec)

    def _crowds_on_call(self, number: int, name: str, spec: Customers) -> None:
        """Crowds that come only when something calls them: scarcity, or the delight of customers treated well."""
        whole = [Span(0.0, self.horizon)]
        if self.footfall is not None and spec.scarcity:
            self.footfall.scarce(self._crowd(number, name, "scarcity", ExtraDemand(spec.scarcity), whole))
        loyalty = spec.loyalty
        best = (
            0.0
            if loyalty is None
            else max(loyalty.handled_well or 0.0, loyalty.late, loyalty.very_late, loyalty.refused)
        )
        if self.footfall is not None and loyalty is not None and best > 0:
            most = best * YEARS * loyalty.lasting * loyalty.orders_per_year
            self.footfall.delighted(self._crowd(number, name, "delight", ExtraDemand(most), whole), number, most)

    def _crowd(
        self,
        number: int,
        name: str,
        called: str,
        shape: Shape,
        spans: Sequence[Span],
        items: Ints | None = None,
    ) -> str:
        """A stream of orders on top of a segment's usual ones; returns the name of its random numbers."""
        state, spec = self.state, self.state.scenario.customers[name]
        owner = f"{spec.stream or name}\x1e{called}"
        drawer = spec.arrivals.crowd(state.streams, owner, spec.basket, state.numbering.catalogue_of(name))
        rng = state.streams.stream("crowd", owner)

        def usual(times: Floats) -> Floats:
            return spec.arrivals.intensity(times, self.horizon)

        crowd = Crowd(shape, spans, usual, drawer.draw, rng, self.horizon, items)
        self.inflows.append(self._inflow(owner, crowd, name, ()))
        self.owners.append((number, spec))
        return owner

    def _inflow(self, owner: str, source: OrderSource, segment: str, dips: Sequence[Dip]) -> Inflow:
        scenario = self.state.scenario
        carrier = scenario.carrier_of(segment)
        transit = scenario.transit_of(segment, scenario.site_of(segment))
        key = "" if carrier is None else scenario.carriers[carrier].stream or carrier
        site = scenario.site_of(segment)
        drawn = self.state.flow.pickers[self.state.numbering.segments.index(segment)].constant is None
        picking = scenario.sites[site].picking.time if drawn else None
        spec = scenario.customers[segment]
        identified = any(acceptance.per_customer is not None for acceptance in self.state.decided.acceptance.all)
        return Inflow(owner, source, spec, self.state.streams, transit, key, picking, dips, self.draws, identified)

    def _chosen(self, event: Surge, segment: str) -> Ints | None:
        numbers = self.state.numbering.catalogue_of(segment).numbers
        items = listed(event.items)
        return np.array([numbers[name] for name in items], dtype=np.int64) if items else None

    def terms(self, inflow: int, priority: int, together: bool) -> Terms:
        """How orders of an inflow are treated; priority 0 stands for that of the segment."""
        key = (inflow, priority, together)
        if key not in self.known:
            number, spec = self.owners[inflow]
            owner = self.inflows[inflow].owner
            found = terms_for(self.state, number, priority or spec.priority, owner, together)
            self.known[key] = found
        return self.known[key]


def terms_for(state: ReplicationState, segment: int, priority: int, owner: str, together: bool = False) -> Terms:
    """How orders of a segment are treated under the policy.

    Args:
        owner: names the random numbers of the orders.
        together: the customer asked for a single, complete parcel.
    """
    allocation = state.decided.allocation
    fulfilment = state.decided.fulfilment.only or AsAvailable()  # `FulfilmentByOrder` where it differs
    return Terms(
        lambda number: allocation.now.rank(priority, number),
        allocation.usual.reserve(priority),
        fulfilment.splits_lines and not together,
        fulfilment.splits_orders and not together,
        segment,
        owner,
        priority,
        fulfilment.least_of_line,
        None if together else ships_held(fulfilment, [name for _, name in state.numbering.shelves]),
        together,
    )


def draws_needed(state: ReplicationState) -> set[str]:
    """The fields of `UniformDraws` for which orders bring a number."""
    needed = set()
    if any(spec.join or spec.otherwise for spec in state.scenario.customers.values()):
        needed |= {"join", "instead", "back"}
    if any(spec.split for spec in state.scenario.customers.values()):
        needed.add("split")
    if state.flow.followers.part(Charging) is not None:
        needed.add("card")
    if state.flow.followers.part(LoyaltyTracker) is not None:
        needed |= {"come", "review"}
    return needed
