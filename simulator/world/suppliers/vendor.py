"""Suppliers: a purchase is served, waits at a shut gate, then travels for its lead time."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from simulator.engine.backlog import Shelf
from simulator.events.effect import LeadTimeRule
from simulator.foundation.errors import UserError
from simulator.randomness.streams import Streams
from simulator.record.ledger import Ledger
from simulator.scenario.schema.supply import Supplier
from simulator.world.clock import Clock, Phase
from simulator.world.suppliers.purchase import Purchase
from simulator.world.switchboard import Gate

if TYPE_CHECKING:
    from simulator.world.suppliers.lanes import Berth, SupplyRoute
    from simulator.world.suppliers.purchasing import Purchasing

MOST_IN_VAIN = 10_000
"""Purchases of one item in a row that may be received short at the instant they were made."""


class Buyer(Protocol):
    """Who buys: the warehouse's flow, or a supplier that is supplied in its turn."""

    clock: Clock
    ledger: Ledger
    purchases: int
    """Purchases so far."""
    purchasing: Purchasing

    def goods_arrive(self, purchase: Purchase, now: float) -> None:
        """Goods are received."""

    def purchase_is_released(self, purchase: Purchase, now: float) -> None:
        """Its lead time has started."""


class Samplers(dict[int, Callable[[], float]]):
    """Samplers by item number, made when they are first used: few of ten thousand items may ever be bought."""

    def __init__(self, make: Callable[[int], Callable[[], float]]) -> None:
        self.make = make

    def __missing__(self, item: int) -> Callable[[], float]:
        self[item] = made = self.make(item)
        return made


class Vendor:
    """One supplier as its buyer meets it; the n-th purchase of an item takes the n-th numbers of its streams."""

    def __init__(
        self,
        number: int,
        name: str,
        key: str,
        spec: Supplier,
        keys: Mapping[int, str],
        streams: Streams,
        buyer: Buyer,
        gate: Gate,
        rules: list[LeadTimeRule],
        route: SupplyRoute,
    ) -> None:
        self.number, self.minimum, self.fifo = number, spec.minimum, spec.crossing == "fifo"
        self.buyer, self.gate, self.rules = buyer, gate, rules
        self.clock, self.ledger = buyer.clock, buyer.ledger
        self.name, self.key, self.keys = name, key, keys
        self.law, self.announces = spec.lead_time, spec.announces
        self.expedite = spec.expedite
        """At what price a purchase comes earlier; None: not at any."""
        self.hasten: Callable[[Purchase, float], float | None] = _no_line
        """Moves a purchase to the front of the supplier's line; days that it gains, None where there is no line."""
        self.lead = Samplers(lambda item: spec.lead_time.sampler(streams.stream("lead_time", key, keys[item])))
        self.share = Samplers(lambda item: spec.yield_.sampler(streams.stream("yield", key, keys[item])))
        self.last: dict[int, float] = {}
        self.ahead: Callable[[Purchase, float], float] = _nothing_ahead
        """Days until a purchase that waits at the supplier leaves, as far as the buyer knows."""
        self.route = route
        self.berth: Berth | None = None
        """Where shipments wait, where goods leave at fixed times only."""
        self.order_delay = spec.order_delay
        self.make: Callable[[Purchase, float], None] = self.release
        """What happens to a purchase of what the supplier has not in stock: it is released, or made first."""
        self.serve: Callable[[Purchase, float], None] = self._make
        """What happens to a purchase that the supplier has got: it is served from its stock, or made."""
        self.note_departure: Callable[[Purchase, float], None] | None = None
        """Told of every shipment that leaves, where the supplier keeps books of its own."""
        self.give_back: Callable[[Purchase, int, float], int] = _all_of_it
        """Asked how many of so many units may still be withdrawn; all of them unless the supplier keeps stock."""
        self.in_vain: tuple[float, int, int] = (0.0, 0, 0)
        """Day, item, and how often in a row a purchase of it was received short at the instant it was made."""

    @cached_property
    def mean_lead(self) -> float:
        """Mean lead time, days."""
        return self.law.moments().mean

    def buy(self, shelf: Shelf, quantity: int, now: float, lot: int = 1) -> Purchase:
        """A purchase of at least the minimum, in whole lots; `post` is to follow."""
        units = max(quantity, -(-self.minimum // lot) * lot)
        item = shelf.item
        self.ledger.purchases.write(now, item, self.number, units)
        number = self.buyer.purchases
        self.buyer.purchases = number + 1
        return Purchase(number, now, self, shelf, units, self.share[item](), self.lead[item]())

    def post(self, purchase: Purchase, now: float) -> None:
        """The purchase goes to the supplier."""
        if self.order_delay:
            self.clock.after(self.order_delay, Phase.DEMAND, self.serve, purchase)
        else:
            self.serve(purchase, now)

    def _make(self, purchase: Purchase, now: float) -> None:
        self.make(purchase, now)

    def release(self, purchase: Purchase, now: float) -> None:
        """Goods leave the supplier, unless it is shut or the way is closed; or they wait for a departure."""
        if self.gate.shut:
            self.gate.hold(self.release, purchase)
        elif self.route.shut:
            self.route.departures.append((self, purchase))
        elif self.berth is not None:
            self.berth.wait(purchase)
        else:
            self.travel(purchase, now)

    def travel(self, purchase: Purchase, now: float) -> None:
        """The lead time starts."""
        self.ledger.shipped.write(now, purchase.shelf.item, self.number, purchase.units, purchase.number)
        purchase.stood = self.route.stood
        lead = purchase.lead_time
        for rule in self.rules:
            lead = rule(lead, (self.key, self.keys[purchase.shelf.item]))
        due = now + lead
        if self.fifo:
            due = max(due, self.last.get(purchase.shelf.item, 0.0))
            self.last[purchase.shelf.item] = due
        purchase.released = now
        if self.note_departure is not None:
            self.note_departure(purchase, now)
        self.send(purchase, due)
        self.buyer.purchase_is_released(purchase, now)

    def send(self, purchase: Purchase, due: float) -> None:
        """It will be received then; a purchase that is sent anew is received when the last word says."""
        purchase.due = due
        self.buyer.purchasing.changes += 1
        if self.announces:
            purchase.announced = due
        self.clock.at(due, Phase.RECEIPT, self.arrive, (purchase, due))

    def arrive(self, sent: tuple[Purchase, float], now: float) -> None:
        """The goods are there, unless they were rescheduled since."""
        purchase, due = sent
        if purchase.due == due:
            if self.route.shut:
                self.route.arrivals.append((self, purchase))
                return
            if self.route.stood != purchase.stood:
                self.send(purchase, now + self.route.rest(purchase))
                return
            purchase.due = -math.inf
            purchase.received = now
            self.buyer.goods_arrive(purchase, now)

    def part(self, purchase: Purchase, units: int) -> Purchase:
        """So many units of a purchase go ahead on their own."""
        part = purchase.part(units)
        self.buyer.purchasing.parted(purchase, part)
        return part

    def note_withdrawal(self, purchase: Purchase, units: int, now: float) -> None:
        """Writes what will not come because it is no longer wanted."""
        self.ledger.withdrawn.write(now, purchase.shelf.item, self.number, units, purchase.number)

    def note_receipt(self, purchase: Purchase, now: float) -> None:
        """Writes what arrives."""
        lost = purchase.units - purchase.arriving
        if lost and purchase.made == now:
            self._time_must_advance(purchase.shelf.item, now)
        self.ledger.receipts.write(
            now, purchase.shelf.item, self.number, purchase.arriving, lost, purchase.number, purchase.made
        )

    def _time_must_advance(self, item: int, now: float) -> None:
        day, last, times = self.in_vain
        self.in_vain = (now, item, times + 1 if (day, last) == (now, item) else 1)
        if self.in_vain[2] > MOST_IN_VAIN:
            raise UserError(
                f"supplier {self.key!r}: on day {now:g} so little arrives of each purchase of {self.keys[item]!r} that "
                "it is bought again and again at one instant; such a `yield` needs a `lead_time` above 0"
            )


def _no_line(_: Purchase, __: float) -> float | None:
    """Nobody stands in line here."""
    return None


def _nothing_ahead(_: Purchase, __: float) -> float:
    """Nothing is known to wait at the supplier."""
    return 0.0


def _all_of_it(_: Purchase, units: int, __: float) -> int:
    """Whatever is under way may be withdrawn."""
    return units
