"""Purchasing of one node: its sources for every item, and its purchases under way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from simulator.engine.backlog import Shelf
from simulator.engine.backorder_engine import BackorderEngine
from simulator.record.ledger import BEFORE
from simulator.world.clock import Phase
from simulator.world.suppliers.purchase import Purchase, PurchaseCallback, Seller


class Purchasing:
    """Buys from the suppliers that the policy names, by their shares, and keeps track of the purchases."""

    def __init__(self, engine: BackorderEngine, sources: list[list[tuple[Seller, float]]]) -> None:
        self.engine, self.sources = engine, sources
        """(supplier, share) by item number; if two are equally far behind their shares, the first is asked."""
        self.bought: list[list[int]] = [[0] * len(shares) for shares in sources]
        """Units bought from each of several sources, by item number."""
        self.made: Sequence[PurchaseCallback] = ()
        """Called when a purchase was decided."""
        self.vendors: Mapping[str, Seller] = {}
        """Every supplier by its name."""
        self.closed: set[int] = set()
        """Items that are no longer bought because their season is over or they were delisted."""
        self.changes = 0
        """How often a purchase was released, rescheduled, received or withdrawn, or a decision has changed."""
        self.inherited: list[Purchase] = []
        """Purchases from before the start."""
        self.under_way: dict[int, list[Purchase]] = {}
        """Purchases by item, the oldest first; only of watched items (see `watch`)."""

    def watch(self, items: Iterable[int] | None = None) -> None:
        """Keeps the purchases under way of these items (None: of all), those from before the start among them."""
        for item in range(len(self.sources)) if items is None else items:
            if item not in self.under_way:
                self.under_way[item] = [p for p in self.inherited if p.shelf.item == item]

    def first(self, item: int) -> Seller | None:
        """The first supplier of an item; None: no supplier sells it."""
        return self.sources[item][0][0] if self.sources[item] else None

    def inherit(
        self, vendor: Seller, shelf: Shelf, units: int, due: float | None = None, reaches: float | None = None
    ) -> Purchase:
        """A purchase from before the start: it has left and arrives on day `due`, or its order
        `reaches` the supplier on a later day."""
        vendor.ledger.purchases.write(BEFORE, shelf.item, vendor.number, units)
        number = vendor.buyer.purchases
        vendor.buyer.purchases = number + 1
        purchase = Purchase(number, BEFORE, vendor, shelf, units, 1.0, 0.0)
        self.engine.expect(shelf, units)
        self.inherited.append(purchase)
        if shelf.item in self.under_way:
            self.under_way[shelf.item].append(purchase)
        if due is not None:
            purchase.released, purchase.announced = 0.0, due
            vendor.last[shelf.item] = max(due, vendor.last.get(shelf.item, 0.0))
            vendor.send(purchase, due)
        else:
            assert reaches is not None
            purchase.reaches, purchase.lead_time = reaches, vendor.lead[shelf.item]()
            vendor.mail_until = max(vendor.mail_until, reaches)
            vendor.clock.at(reaches, Phase.DEMAND, vendor.serve, purchase)
        return purchase

    def asked(
        self, shelf: Shelf, quantity: int, supplier: str | None, bought: Sequence[int]
    ) -> tuple[Seller, int | None] | None:
        """Who is asked for an item, and its place among the sources; None if the item is no longer bought.

        Unless a supplier is named, it is the one that is furthest behind its share, given the units `bought` before
        from each source.
        """
        sources = self.sources[shelf.item]
        if shelf.item in self.closed or not (sources or supplier):
            return None
        if supplier is not None:
            return self.vendors[supplier], None
        place = 0
        if len(sources) > 1:
            total = sum(bought) + quantity
            place = max(range(len(sources)), key=lambda k: sources[k][1] * total - bought[k])
        return sources[place][0], place

    def buy(
        self, shelf: Shelf, quantity: int, now: float, supplier: str | None = None, lot: int = 1
    ) -> Purchase | None:
        """One purchase in whole lots; None if the item is no longer bought."""
        item, sources = shelf.item, self.sources[shelf.item]
        if len(sources) == 1 and supplier is None and item not in self.closed:  # the usual case: no shares to keep
            seller, place = sources[0][0], None
        else:
            asked = self.asked(shelf, quantity, supplier, self.bought[item])
            if asked is None:
                return None
            seller, place = asked
        purchase = seller.buy(shelf, quantity, now, lot)
        if place is not None:
            self.bought[item][place] += purchase.units
        self.engine.expect(shelf, purchase.units)
        if item in self.under_way:
            self.under_way[item].append(purchase)
        seller.post(purchase, now)
        for made in self.made:
            made(purchase, now)
        return purchase

    def turn_to(self, item: int, sources: list[tuple[Seller, float]]) -> None:
        """From now on an item is bought from these suppliers; if they are others, their shares count from now on."""
        if sources != self.sources[item]:
            self.sources[item], self.bought[item] = sources, [0] * len(sources)
        self.changes += 1

    def withdraw(self, shelf: Shelf, units: int, now: float) -> None:
        """Withdraws units from purchases under way, the last made first, whatever their expected day."""
        under_way = self.under_way[shelf.item]
        for purchase in reversed(under_way):
            less = purchase.supplier.withdraw(purchase, min(units, purchase.units), now)
            if less:
                self.changes += 1
                purchase.units -= less
                units -= less
                self.engine.expect(shelf, -less)
                seller = purchase.supplier
                seller.ledger.withdrawn.write(now, shelf.item, seller.number, less, purchase.number)
            if not units:
                break
        under_way[:] = [purchase for purchase in under_way if purchase.units]

    def parted(self, purchase: Purchase, part: Purchase) -> None:
        """Part of a purchase travels ahead of the rest."""
        under_way = self.under_way.get(purchase.shelf.item)
        if under_way is not None:
            place = under_way.index(purchase)
            under_way[place : place + 1] = [part, purchase] if purchase.units else [part]

    def receive(self, purchase: Purchase, now: float) -> None:
        """Puts what arrives on the shelf and records it; it can no longer be withdrawn."""
        arriving = self.arrived(purchase, now)
        self.engine.receive(purchase.shelf, arriving, purchase.units - arriving)

    def arrived(self, purchase: Purchase, now: float) -> int:
        """Records a receipt; returns the units that go to the shelf."""
        self.changes += 1
        under_way = self.under_way.get(purchase.shelf.item)
        if under_way is not None:
            under_way[:] = [other for other in under_way if other is not purchase]
        arriving = purchase.arriving
        purchase.supplier.note_receipt(purchase, arriving, now)
        return arriving
