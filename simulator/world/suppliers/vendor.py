"""A supplier at work: a purchase is served from its source, leaves by its route, and arrives after its lead time."""

from __future__ import annotations

import math

from simulator.randomness.streams import Streams
from simulator.scenario.schema.supply import Supplier
from simulator.world.clock import Phase
from simulator.world.suppliers.lanes import SupplyRoute
from simulator.world.suppliers.parts import PartsInTurn
from simulator.world.suppliers.purchase import Buyer, Purchase, Seller, ShelvesServed
from simulator.world.suppliers.source import Source


class Vendor(Seller):
    """One supplier of one buyer."""

    def __init__(
        self,
        number: int,
        name: str,
        spec: Supplier,
        shelves: ShelvesServed,
        streams: Streams,
        buyer: Buyer,
        route: SupplyRoute,
        source: Source,
    ) -> None:
        super().__init__(number, name, spec, shelves, streams, buyer)
        self.route, self.source = route, source
        self.release = route.enter if spec.parts is None else PartsInTurn(spec.parts, self, route, streams).enter
        self.serve = self.release if type(source) is Source else source.serve  # an endless stock has the goods at once
        self.post = self._mail if self.order_delay else self.serve
        self.withdraw, self.hasten = source.withdraw, source.hasten
        self.look_through = spec.visibility == "look_through"
        """Whether the buyer sees what its purchases wait for."""

    # ------------------------------------------------------------ orders
    def _mail(self, purchase: Purchase, now: float) -> None:
        purchase.reaches = now + self.order_delay
        self.clock.after(self.order_delay, Phase.DEMAND, self.serve, purchase)

    # ---------------------------------------------------------- shipments
    def travel(self, purchase: Purchase, now: float) -> None:
        item, route = purchase.shelf.item, self.route
        add, pack = self.ledger.shipped.add, self.ledger.shipped.pack
        add(pack(now, item, self.number, purchase.units, purchase.number))
        lead = purchase.lead_time
        for rule in route.rules:
            lead = rule(lead, (self.key, self.keys[item]))
        purchase.arrives = now - route.stood + lead
        if self.fifo:
            purchase.arrives = self.last[item] = max(purchase.arrives, self.last.get(item, 0.0))
        purchase.released = now
        if purchase.served >= 0:
            self.source.departs(purchase, now)
        self._schedule(purchase)
        for released in self.buyer.purchase_released:
            released(purchase, now)

    def send(self, purchase: Purchase, due: float) -> None:
        purchase.arrives = due - self.route.stood
        self._schedule(purchase)

    def _schedule(self, purchase: Purchase) -> None:
        due = purchase.due = max(purchase.arrives + self.route.stood, self.clock.now)
        self.buyer.purchasing.changes += 1
        if self.announces:
            purchase.announced = due
        self.clock.at(due, Phase.RECEIPT, self.arrive, (purchase, due))

    def arrive(self, sent: tuple[Purchase, float], now: float) -> None:
        """A shipment reaches its buyer, unless it was rescheduled since it was sent."""
        purchase, due = sent
        route = self.route
        if purchase.due != due:
            return
        if route.shut:
            route.arrivals.append(purchase)
        elif purchase.arrives + route.stood > due:
            self.stood_still(purchase)
        else:
            purchase.due = -math.inf
            purchase.received = now
            self.buyer.goods_arrive(purchase, now)

    def stood_still(self, purchase: Purchase) -> None:
        assert purchase.released is not None
        purchase.released += purchase.arrives + self.route.stood - purchase.due
        self._schedule(purchase)

    def days_left(self, purchase: Purchase, now: float) -> float:
        return purchase.arrives - (now - self.route.days_closed(now))

    def speed_up(self, purchase: Purchase, days: float) -> None:
        purchase.arrives -= days
        self._schedule(purchase)

    def days_closed(self, purchase: Purchase, now: float) -> float:
        """Days for which the route was closed since a shipment left, as far as its day of receipt does not allow for
        them yet; 0 once it has arrived."""
        return purchase.arrives + self.route.days_closed(now) - purchase.due if purchase.due > -math.inf else 0.0

    def part(self, purchase: Purchase, units: int) -> Purchase:
        part = purchase.part(units)
        self.buyer.purchasing.parted(purchase, part)
        return part
