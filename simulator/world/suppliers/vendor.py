"""A supplier at work: a purchase is served from its source, leaves by its route, and arrives after its lead time."""

from __future__ import annotations

import math
from collections.abc import Mapping

from simulator.randomness.streams import Streams
from simulator.scenario.schema.supply import Supplier
from simulator.world.clock import Phase
from simulator.world.suppliers.lanes import SupplyRoute
from simulator.world.suppliers.purchase import Buyer, Purchase, Seller
from simulator.world.suppliers.source import Source


class Vendor(Seller):
    """One supplier of one buyer."""

    def __init__(
        self,
        number: int,
        name: str,
        spec: Supplier,
        keys: Mapping[int, str],
        streams: Streams,
        buyer: Buyer,
        route: SupplyRoute,
        source: Source,
    ) -> None:
        super().__init__(number, name, spec, keys, streams, buyer)
        self.route, self.source = route, source
        self.release = route.enter
        self.serve = route.enter if type(source) is Source else source.serve  # an endless stock has the goods at once
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
        purchase.stood = route.stood
        lead = purchase.lead_time
        for rule in route.rules:
            lead = rule(lead, (self.key, self.keys[item]))
        due = now + lead
        if self.fifo:
            due = max(due, self.last.get(item, 0.0))
            self.last[item] = due
        purchase.released = now
        if purchase.served >= 0:
            self.source.departs(purchase, now)
        self.send(purchase, due)
        for released in self.buyer.purchase_released:
            released(purchase, now)

    def send(self, purchase: Purchase, due: float) -> None:
        purchase.due = due
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
        elif route.stood != purchase.stood:
            self.send(purchase, now + route.rest(purchase))
        else:
            purchase.due = -math.inf
            purchase.received = now
            self.buyer.goods_arrive(purchase, now)

    def days_closed(self, purchase: Purchase, now: float) -> float:
        """Days since a shipment left for which the route was closed, as far as its day of receipt does not allow for
        them yet."""
        route = self.route
        return route.stood - purchase.stood + (now - route.since if route.shut else 0.0)

    def part(self, purchase: Purchase, units: int) -> Purchase:
        part = purchase.part(units)
        self.buyer.purchasing.parted(purchase, part)
        return part
