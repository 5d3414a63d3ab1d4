"""A purchase on its way: how much, from whom, which of its days are known, and what its two sides do with it."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple, Protocol

from simulator.engine.backlog import Shelf
from simulator.foundation.errors import UserError
from simulator.policies.decisions import DEFAULT
from simulator.randomness.distribution import Distribution
from simulator.randomness.estimate import LeadTimeEstimate
from simulator.randomness.streams import IDLE, Streams
from simulator.record.ledger import Ledger
from simulator.scenario.schema.supply import Supplier, lead_times
from simulator.world.clock import Clock

MOST_IN_VAIN = 10_000
"""Purchases of one item in a row that may be received short at the instant at which they were made."""


class Purchase:
    """Units of one item on their way from a supplier."""

    __slots__ = (
        "announced",
        "arrives",
        "delay",
        "due",
        "halved",
        "lead_time",
        "made",
        "number",
        "reaches",
        "received",
        "released",
        "served",
        "share",
        "shelf",
        "supplier",
        "units",
    )

    def __init__(
        self, number: int, made: float, supplier: Seller, shelf: Shelf, units: int, share: float, lead: float
    ) -> None:
        self.number = number
        self.made = made
        """When it was decided, days."""
        self.supplier = supplier
        self.shelf = shelf
        self.units = units
        """Units bought and not withdrawn."""
        self.share = share
        """Share of them that will arrive; the rest is lost."""
        self.lead_time = lead
        """As drawn, days."""
        self.due = math.inf
        """When it will be received, days; inf while it waits at the supplier."""
        self.released: float | None = None
        """When its lead time started, moved by the days for which it stood still; None while it is at the supplier."""
        self.announced: float | None = None
        """The day of receipt that the supplier has announced; None: the buyer knows only the lead-time distribution."""
        self.delay: LeadTimeEstimate | None = None
        """How late it comes, as the buyer knows it: `released` is then the day on which it was due; None: on the day
        announced, or after the lead time."""
        self.reaches = made
        """When the purchase order reaches the supplier, days."""
        self.arrives = math.inf
        """Day of receipt by a clock that stands still while its route is closed."""
        self.received = math.inf
        """When it was received, days."""
        self.halved = math.inf
        """When its first part left a supplier that delivers in parts and this rest stayed behind, days; inf: it may
        still be divided; -inf: it will not be divided (again), and does not wait for that."""
        self.served = -1
        """Number of the order that it is at a supplier with stock; -1: none."""

    def part(self, units: int) -> Purchase:
        """Splits off a part that travels on its own; this purchase keeps the other units."""
        part = Purchase(self.number, self.made, self.supplier, self.shelf, units, self.share, self.lead_time)
        part.reaches, part.halved = self.reaches, self.halved
        self.units -= units
        return part

    @property
    def arriving(self) -> int:
        """Units that will be received."""
        # Asked of every purchase: the usual case is spared a call.
        return self.units if self.share == 1.0 else arriving(self.units, self.share)


def arriving(units: int, share: float) -> int:
    """Units of a purchase of which a share arrives, rounded half up."""
    return units if share == 1.0 else math.floor(units * share + 0.5)


PurchaseCallback = Callable[[Purchase, float], None]
"""Called with a purchase and the time, days."""


class PurchaseBook(Protocol):
    """What suppliers tell their buyer's purchasing."""

    changes: int
    """How often a purchase was released, rescheduled, received or withdrawn."""
    under_way: dict[int, list[Purchase]]
    """Purchases on order by item, the oldest first; only of items that are watched."""

    def parted(self, purchase: Purchase, part: Purchase) -> None:
        """Part of a purchase goes ahead."""


class Buyer(Protocol):
    """The side that buys: the warehouse, or a supplier that has suppliers of its own."""

    clock: Clock
    ledger: Ledger
    purchases: int
    """Purchases so far."""

    @property
    def purchasing(self) -> PurchaseBook:
        """Its purchases."""

    @property
    def purchase_released(self) -> Sequence[PurchaseCallback]:
        """Called when the lead time of a purchase has started."""

    def goods_arrive(self, purchase: Purchase, now: float) -> None:
        """Goods are received."""


class ShelvesServed(NamedTuple):
    """The shelves of the buyer that a supplier serves, by number."""

    keys: Mapping[int, str]
    """Names of the random numbers of the items that it sells."""
    sites: Mapping[int, str] = MappingProxyType({})
    """Sites of the shelves, where lead times may differ by site."""


class Samplers(dict[int, Callable[[], float]]):
    """Samplers by item number, made when they are first used: few of ten thousand items may ever be bought."""

    def __init__(self, make: Callable[[int], Callable[[], float]]) -> None:
        self.make = make

    def __missing__(self, item: int) -> Callable[[], float]:
        self[item] = made = self.make(item)
        return made


class Seller(ABC):
    """The side that sells, with its terms; the n-th purchase of an item uses the n-th numbers of its streams."""

    post: PurchaseCallback
    """Sends a purchase order to the supplier, which serves it at once or after its order delay."""
    serve: PurchaseCallback
    """Called when a purchase order has reached the supplier."""
    release: PurchaseCallback
    """Called when the goods are complete; they leave the supplier as soon as they can."""
    withdraw: Callable[[Purchase, int, float], int]
    """(purchase, units, now): takes back up to `units` units not yet made or sent; returns how many."""
    hasten: Callable[[Purchase, float], float | None]
    """Moves a purchase to the front of the production queue; days gained, None where it does not wait there."""

    def __init__(
        self, number: int, name: str, spec: Supplier, shelves: ShelvesServed, streams: Streams, buyer: Buyer
    ) -> None:
        keys = shelves.keys
        self.number, self.name, self.key, self.keys = number, name, spec.stream or name, keys
        self.buyer, self.clock, self.ledger = buyer, buyer.clock, buyer.ledger
        self.laws, self.yield_law = lead_times(spec), spec.yield_
        self.site_of = {item: site for item, site in shelves.sites.items() if site in self.laws}
        """Shelf of the buyer -> its site, of sites with a lead time of their own."""
        self.law = self.laws[DEFAULT]
        """The lead time to all other sites."""
        self.minimum, self.multiple, self.order_delay = spec.minimum, spec.multiple, spec.order_delay
        self.in_units = spec.multiple == 1
        """Whether any number of units can be bought, not only whole packs."""
        self.mail_until = 0.0
        """Day on which the last purchase order from before the start reaches it."""
        self.last: dict[int, float] = {}
        """Item -> the latest day of receipt so far, by the clock that stands still while the route is closed."""
        self.fifo = spec.crossing == "fifo"
        """Whether no purchase overtakes an earlier one of the same item."""
        self.in_parts = spec.parts
        """How it delivers in parts; None: whole."""
        self.announces = spec.announces
        """Whether it announces days of receipt."""
        self.expedite = spec.expedite
        """The price at which a purchase comes earlier; None: it cannot be expedited."""
        key = self.key

        def sampler(law: Distribution, purpose: str, item: int) -> Callable[[], float]:
            return law.sampler(streams.stream(purpose, key, keys[item]) if law.random else IDLE)

        self.lead = Samplers(lambda item: sampler(self.law_to(item), "lead_time", item))
        self.in_vain: tuple[float, int, int] = (0.0, 0, 0)
        """Day, item, and how often in a row a purchase of it was received short at the instant it was made."""
        self.share = Samplers(lambda item: sampler(spec.yield_, "yield", item))

    def law_to(self, item: int) -> Distribution:
        """The lead time to one shelf of the buyer."""
        return self.laws[self.site_of.get(item, DEFAULT)]

    @cached_property
    def _means(self) -> dict[str, float]:
        return {site: law.moments().mean for site, law in self.laws.items()}

    def mean_lead(self, item: int) -> float:
        """Mean lead time to one shelf of the buyer, days."""
        return self._means[self.site_of.get(item, DEFAULT)]

    def mean_days(self, item: int) -> float:
        """Mean days from the decision to buy to the receipt at a shelf, without any wait at the supplier."""
        return self.order_delay + self.mean_lead(item)

    def buy(self, shelf: Shelf, quantity: int, now: float, lot: int = 1) -> Purchase:
        """A new purchase of at least `quantity` units, in whole lots, which `post` sends to the supplier."""
        units = max(quantity, self.minimum) if lot == 1 and self.in_units else self.least(quantity, lot)
        item = shelf.item
        add, pack = self.ledger.purchases.add, self.ledger.purchases.pack
        add(pack(now, item, self.number, units))
        number = self.buyer.purchases
        self.buyer.purchases = number + 1
        return Purchase(number, now, self, shelf, units, self.share[item](), self.lead[item]())

    def least(self, quantity: int, lot: int = 1) -> int:
        """Units of a purchase: at least the supplier's minimum, in whole lots, rounded up to whole packs."""
        units = max(quantity, -(-self.minimum // lot) * lot)
        return -(-units // self.multiple) * self.multiple

    @abstractmethod
    def travel(self, purchase: Purchase, now: float) -> None:
        """The lead time starts."""

    @abstractmethod
    def send(self, purchase: Purchase, due: float) -> None:
        """Sets the day of receipt."""

    @abstractmethod
    def stood_still(self, purchase: Purchase) -> None:
        """Moves the day of receipt by the days for which the route was closed."""

    @abstractmethod
    def days_left(self, purchase: Purchase, now: float) -> float:
        """Days that a shipment still has to travel while its route is open."""

    @abstractmethod
    def speed_up(self, purchase: Purchase, days: float) -> None:
        """Moves the day of receipt forward."""

    @abstractmethod
    def part(self, purchase: Purchase, units: int) -> Purchase:
        """Sends `units` units of a purchase ahead on their own."""

    def note_receipt(self, purchase: Purchase, arriving: int, now: float) -> None:
        """Records the units that arrive.

        Raises:
            UserError: so little arrives at once, again and again, that time would never advance.
        """
        lost, item = purchase.units - arriving, purchase.shelf.item
        if lost and purchase.made == now:
            day, last, times = self.in_vain
            self.in_vain = (now, item, times + 1 if (day, last) == (now, item) else 1)
            if self.in_vain[2] > MOST_IN_VAIN:
                raise UserError(
                    f"supplier {self.key!r}: on day {now:g} so little arrives of each purchase of {self.keys[item]!r} "
                    "that it is bought again and again at one instant; such a `yield` needs a `lead_time` above 0"
                )
        add, pack = self.ledger.receipts.add, self.ledger.receipts.pack
        add(pack(now, item, self.number, arriving, lost, purchase.number, purchase.made))
