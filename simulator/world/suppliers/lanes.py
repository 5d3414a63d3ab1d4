"""Supply routes: shipments wait for a departure with room, stand still while the route is closed, and are inspected."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from math import inf

import numpy as np

from simulator.events.effect import LeadTimeRule, Owner
from simulator.model.timetable import Timetable
from simulator.randomness.distribution import Floats
from simulator.randomness.estimate import some_longer
from simulator.randomness.streams import Streams
from simulator.scenario.schema.lanes import Customs, Departures
from simulator.world.clock import Clock, Phase, Process
from simulator.world.suppliers.purchase import Purchase
from simulator.world.switchboard import Gate


class SupplyRoute:
    """The path from a supplier to its buyer, from the supplier's gate on."""

    def __init__(
        self, clock: Clock, gate: Gate, rules: list[LeadTimeRule], departures: Departures | None = None
    ) -> None:
        self.clock, self.gate, self.rules = clock, gate, rules
        self.shut = 0
        """Number of events that keep it closed: nothing departs, and what is under way stands still."""
        self.since = 0.0
        """When it was closed last."""
        self.stood = 0.0
        """Days for which it was closed before."""
        self.arrivals: list[Purchase] = []
        """Shipments that would have arrived since it was closed."""
        self.departures: list[Purchase] = []
        """Shipments that would have departed since."""
        self.queue: deque[Purchase] | None = None
        """Shipments that wait for a departure; None where they can leave at any time."""
        self.timetable: Timetable | None = None
        """The departures, where there are any."""
        self.room = inf
        """Units that a departure takes at most."""
        if departures is not None:
            self.queue, self.timetable = deque(), Timetable(departures.every, departures.first)
            self.room = inf if departures.units is None else departures.units
            clock.process(self.depart(self.queue, self.timetable))

    def enter(self, purchase: Purchase, now: float) -> None:
        """A shipment departs, unless the supplier is shut or the route closed; or it waits for a departure."""
        if self.gate.shut:
            self.gate.hold(self.enter, purchase)
        elif self.shut:
            self.departures.append(purchase)
        elif self.queue is not None:
            self.queue.append(purchase)
        else:
            purchase.supplier.travel(purchase, now)

    def ahead(self, purchase: Purchase | None) -> int:
        """Units that wait for a departure before a shipment, or all of them where it does not wait here."""
        units = 0
        for other in self.queue or ():
            if other is purchase:
                break
            units += other.units
        return units

    def depart(self, queue: deque[Purchase], timetable: Timetable) -> Process:
        """A SimPy process: every departure takes what it has room for, first come, first served.

        It leaves after all else of the instant, so that goods released at that instant are on board. A departure that
        falls into a closure is cancelled.
        """
        number = 0
        while True:
            yield self.clock.until(timetable.departure(number), Phase.CLOSE)
            number += 1
            now = self.clock.now
            if self.shut or self.gate.shut:
                continue
            room = self.room
            while queue and room > 0:
                purchase = queue[0]
                if purchase.units > room:
                    part = purchase.supplier.part(purchase, int(room))
                    part.served = purchase.served
                    purchase.supplier.travel(part, now)
                    room = 0
                else:
                    queue.popleft()
                    room -= purchase.units
                    if purchase.units:  # not withdrawn meanwhile
                        purchase.supplier.travel(purchase, now)
            rolled = sum(purchase.units for purchase in queue)
            if rolled:
                supplier = queue[0].supplier
                supplier.ledger.rolled.write(now, supplier.number, rolled)

    def close(self) -> None:
        """One more event keeps it closed."""
        if not self.shut:
            self.since = self.clock.now
        self.shut += 1

    def reopen(self) -> None:
        """One event fewer keeps it closed; after the last, shipments depart and travel on."""
        self.shut -= 1
        if self.shut:
            return
        now = self.clock.now
        self.stood += now - self.since
        arrivals, self.arrivals = self.arrivals, []
        departures, self.departures = self.departures, []
        for purchase in departures:
            self.enter(purchase, now)
        for purchase in arrivals:
            purchase.supplier.stood_still(purchase)

    def days_closed(self, now: float) -> float:
        """Days until now for which it was closed."""
        return self.stood + (now - self.since if self.shut else 0.0)


class Inspections:
    """Customs: a lead-time rule that uses two random numbers of every shipment, inspected or not."""

    def __init__(self, spec: Customs, streams: Streams, *owner: str) -> None:
        self.spec, self.streams, self.owner = spec, streams, owner
        self.draws: dict[Owner, tuple[Callable[[], float], Callable[[], float]]] = {}

    def __call__(self, lead_time: float, owner: Owner) -> float:
        if owner not in self.draws:
            rng = self.streams.stream("customs", *self.owner, *owner)
            delays = self.streams.stream("customs_delay", *self.owner, *owner)
            self.draws[owner] = (rng.random, self.spec.delay.sampler(delays))
        draw, delay = self.draws[owner]
        inspected, days = draw() < self.spec.inspected, delay()
        return lead_time + days if inspected else lead_time

    def estimate(self, draws: Floats, rng: np.random.Generator) -> Floats:
        """Draws of a lead time, with inspections as a planner knows them."""
        return some_longer(draws, self.spec.inspected, self.spec.delay, rng)
