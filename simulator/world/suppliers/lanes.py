"""Lanes: shipments wait for a departure with room, stand still while their path is closed, and are inspected."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from math import inf

import simpy

from simulator.events.effect import Owner
from simulator.randomness.streams import Streams
from simulator.scenario.schema.lanes import Customs, Departures
from simulator.world.clock import Clock, Phase
from simulator.world.suppliers.purchase import Purchase
from simulator.world.suppliers.vendor import Vendor


class SupplyRoute:
    """The way from a supplier to its buyer: while it is closed nothing departs, and what is under way stands still."""

    def __init__(self) -> None:
        self.shut = 0
        """Number of events that keep it closed."""
        self.since = 0.0
        """When it was closed last."""
        self.stood = 0.0
        """Days for which it was closed before."""
        self.arrivals: list[tuple[Vendor, Purchase]] = []
        """Shipments that would have arrived since it was closed."""
        self.departures: list[tuple[Vendor, Purchase]] = []
        """Shipments that would have departed since."""

    def close(self, now: float) -> None:
        """One more event keeps it closed."""
        if not self.shut:
            self.since = now
        self.shut += 1

    def reopen(self, now: float) -> None:
        """One event fewer keeps it closed; after the last, shipments depart and travel on."""
        self.shut -= 1
        if self.shut:
            return
        self.stood += now - self.since
        arrivals, self.arrivals = self.arrivals, []
        departures, self.departures = self.departures, []
        for vendor, purchase in departures:
            vendor.release(purchase, now)
        for vendor, purchase in arrivals:
            vendor.send(purchase, purchase.due + self.rest(purchase))

    def rest(self, purchase: Purchase) -> float:
        """Days that a shipment still has to travel because it stood still on its way, counted once."""
        days = self.stood - purchase.stood
        purchase.stood += days
        return days


class Berth:
    """Where shipments wait for the next departure: first come, first served, as far as there is room."""

    def __init__(self, clock: Clock, vendor: Vendor, spec: Departures) -> None:
        self.clock, self.vendor, self.spec = clock, vendor, spec
        self.waiting: deque[Purchase] = deque()
        clock.process(self.depart())

    def wait(self, purchase: Purchase) -> None:
        """A shipment waits for a departure."""
        self.waiting.append(purchase)

    def depart(self) -> Generator[simpy.Event]:
        """A SimPy process: at every departure what there is room for leaves, last thing at the instant."""
        number = 0
        while True:
            yield self.clock.until(self.spec.first + number * self.spec.every, Phase.CLOSE)
            number += 1
            now = self.clock.now
            if self.vendor.route.shut or self.vendor.gate.shut:
                continue
            room = inf if self.spec.units is None else self.spec.units
            while self.waiting and room > 0:
                purchase = self.waiting[0]
                if purchase.units > room:
                    part = self.vendor.part(purchase, int(room))
                    part.served = purchase.served
                    self.vendor.travel(part, now)
                    room = 0
                else:
                    self.waiting.popleft()
                    room -= purchase.units
                    if purchase.units:
                        self.vendor.travel(purchase, now)
            rolled = sum(purchase.units for purchase in self.waiting)
            if rolled:
                self.vendor.ledger.rolled.write(now, self.vendor.number, rolled)


class Inspections:
    """Customs: a rule on lead times that takes two numbers of every shipment."""

    def __init__(self, spec: Customs, streams: Streams, *owner: str) -> None:
        self.spec, self.streams, self.owner = spec, streams, owner
        self.draws: dict[Owner, tuple[Callable[[], float], Callable[[], float]]] = {}

    def __call__(self, lead_time: float, owner: Owner) -> float:
        if owner not in self.draws:
            draw = self.streams.stream("customs", *self.owner, *owner)
            delay = self.spec.delay.sampler(self.streams.stream("customs_delay", *self.owner, *owner))
            self.draws[owner] = (draw.random, delay)
        coin_, delay_ = self.draws[owner]
        inspected, days = coin_() < self.spec.inspected, delay_()
        return lead_time + days if inspected else lead_time
