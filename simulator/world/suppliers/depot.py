"""A supplier that holds stock: it serves purchases with its own backorder engine and is supplied in turn.

serve (-> stock_is_allocated) -> goods_leave -> (the buyer's goods_arrive)
stock_is_reviewed -> purchase_is_made -> goods_arrive -> back to stock_is_allocated
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from simulator.engine.backlog import Order, Terms
from simulator.engine.backorder_engine import BackorderEngine
from simulator.model.nouns import Cause, World
from simulator.policies.replenishment.replenishment import Replenishment
from simulator.record.ledger import Demand, ItemLevels, Ledger
from simulator.record.run import Run
from simulator.world.clock import Clock
from simulator.world.suppliers.confirmations import note_confirmations
from simulator.world.suppliers.purchase import Purchase
from simulator.world.suppliers.source import Source
from simulator.world.suppliers.stocking_node import StockingNode

Recipe = tuple[tuple[int, int], ...]
"""(item here, units of it in one unit of what is made)."""
Made = Callable[[Purchase, float], None]
"""Called with a purchase when its material is complete."""


class PurchaseOrder(NamedTuple):
    """What an order at a supplier was placed for."""

    purchase: Purchase
    made: Made | None = None
    """Called when the material of the supplier's own production is complete; None for a buyer's purchase."""


class Depot(StockingNode):
    """The stock of one supplier, with a ledger of its own."""

    def __init__(
        self,
        name: str,
        clock: Clock,
        world: World,
        engine: BackorderEngine,
        replenishment: list[Replenishment],
        terms: Mapping[int, Terms],
        local: Mapping[int, int],
    ) -> None:
        super().__init__(clock, engine, Ledger(), replenishment, [item.name for item in world.items])
        self.name, self.world = name, world
        self.terms = terms
        """How a purchase is treated, by the number of the buyer's shelf."""
        self.local = local
        """Number of the item here by the number of the buyer's shelf."""
        self.initial = tuple(shelf.on_hand for shelf in engine.shelves)
        self.asked: list[tuple[float, int, tuple[int, ...], tuple[int, ...]]] = []
        """(day, number of the buyer, items, units) of every order, in order of time."""
        self.waiting: dict[Purchase, Order] = {}
        self.gathering: dict[Purchase, Order] = {}
        """Purchases that wait for material, each with its order for it."""
        self.sent: list[tuple[float, int, int, Purchase | None]] = []
        """(day, order, units, shipment) of everything that left, in order of time; no shipment: used by production."""
        self.production = Terms(lambda number: (0, number), splits_orders=False, segment=len(world.segments) - 1)
        """Terms of material for the supplier's own production: the material of one purchase leaves together."""

    # ------------------------------------------------------------- demand
    def serve(self, purchase: Purchase, now: float) -> None:
        """A purchase order arrives: available units leave, the rest goes on backorder here."""
        if not purchase.units:  # all of it was withdrawn
            return
        item, terms = self.local[purchase.shelf.item], self.terms[purchase.shelf.item]
        purchase.served = len(self.asked)
        self.ledger.served.write(purchase.served, purchase.number, purchase.units)
        order = Order(purchase.served, now, terms, PurchaseOrder(purchase))
        self._stock_is_taken(order, (item,), (purchase.units,), now)
        if order.waiting:
            self.waiting[purchase] = order
        self._go_on(order, now)

    def _stock_is_taken(self, order: Order, items: tuple[int, ...], quantities: tuple[int, ...], now: float) -> None:
        """Gives an order the available units; the rest goes on backorder."""
        self.asked.append((now, order.terms.segment, items, quantities))
        short = self.engine.take(items, quantities, order.terms.reserve)
        if short is None:
            order.packed = self.engine.taken
        else:
            self.engine.place(order, items, quantities, short)
        for line in order.waiting or ():
            self.ledger.backordered.write(order.number, line.number, line.shelf.item, line.open)

    def _go_on(self, order: Order, now: float) -> None:
        """Sends what an order got, and reviews the shelves that it took from."""
        if self.engine.unsettled:
            self.stock_is_allocated(now)
        if order.packed:
            self.goods_leave(order, now)
        if self.engine.due:
            self.stock_is_reviewed(now)

    def withdraw(self, purchase: Purchase, units: int, now: float) -> int:
        """Calls off up to `units` units that still wait here; returns how many were withdrawn."""
        order = self.waiting.get(purchase)
        if order is None:
            here = purchase.served >= 0 or purchase in self.gathering
            return 0 if here else units  # shipped or in production; else its order has not arrived yet
        released = self.engine.call_off(order, 0, units)
        for line, shelf, less, held in released:
            self.ledger.cancelled.write(now, order.number, line, shelf.item, less, Cause.CALLED_OFF, held, order.placed)
        if not order.waiting:
            del self.waiting[purchase]
        self.stock_is_allocated(now)
        return sum(release.units for release in released)

    def gather(self, recipe: Recipe, purchase: Purchase, made: Made, now: float) -> None:
        """Takes the material of a purchase from stock, or waits for it; then the purchase is made."""
        items = tuple(item for item, _ in recipe)
        quantities = tuple(units * purchase.units for _, units in recipe)
        order = Order(len(self.asked), now, self.production, PurchaseOrder(purchase, made))
        self._stock_is_taken(order, items, quantities, now)
        if order.waiting:
            self.gathering[purchase] = order
        self._go_on(order, now)

    # ---------------------------------------------------------- allocation
    def stock_is_allocated(self, now: float) -> None:
        """Gives free stock to the backlog; filled orders leave."""
        if self.engine.unsettled:
            self.engine.settle()
        if self.engine.confirmations or self.engine.exceptions:
            note_confirmations(self.engine, self.ledger, now)
        for line, units in self.engine.fills:
            order = line.order
            self.ledger.fills.write(now, order.number, line.number, line.shelf.item, units, order.placed)
        self.engine.fills.clear()
        ready = self.engine.ready[:]
        self.engine.ready.clear()
        for order in ready:
            self.goods_leave(order, now)

    # ------------------------------------------------------------ delivery
    def goods_leave(self, order: Order, now: float) -> None:
        """Sends the packed units as one shipment, or hands material to production."""
        units, order.packed = order.packed, 0
        purchase_order: PurchaseOrder = order.arrival
        purchase = purchase_order.purchase
        if purchase_order.made is not None:
            self.sent.append((now, order.number, units, None))
            self.gathering.pop(purchase, None)
            purchase_order.made(purchase, now)
            return
        if not order.waiting:
            self.waiting.pop(purchase, None)
        shipment = purchase.supplier.part(purchase, units)
        shipment.served = order.number
        shipment.supplier.release(shipment, now)

    def departs(self, shipment: Purchase, now: float) -> None:
        """Notes a shipment from stock; `close` reads its day of receipt."""
        self.sent.append((now, shipment.served, shipment.units, shipment))

    # --------------------------------------------------------------- facts
    def close(self, policy: str, seed: int, replication: int) -> Run:
        """The facts of this supplier, in the form of a warehouse whose customers are its buyers."""
        if self.asked:
            times, buyers, items, units = zip(*self.asked, strict=True)
            book = Demand(
                np.array(times),
                np.array(buyers, dtype=np.int16),
                np.array([len(lines) for lines in items], dtype=np.int32),
                np.array([item for lines in items for item in lines], dtype=np.int32),
                np.array([many for lines in units for many in lines], dtype=np.int32),
            )
            self.ledger.order_book(book)
        for shipped, order, many, shipment in self.sent:
            there = shipped
            if shipment is not None:  # what stands still at the horizon was expected earlier, but is not there
                there = min(shipment.received, max(abs(shipment.due), self.world.horizon))
            self.ledger.parcels.write(shipped, there, order, many)
        levels = tuple(ItemLevels(s.on_hand, s.on_order, s.backordered) for s in self.engine.shelves)
        return Run(self.world, policy, seed, replication, self.ledger, self.initial, levels)


class FromStock(Source):
    """Serves what a supplier keeps from its stock, and everything else from the next source."""

    def __init__(self, depot: Depot, other: Source) -> None:
        self.depot, self.other = depot, other

    def of(self, purchase: Purchase) -> Source | Depot:
        """Where a purchase is served."""
        return self.depot if purchase.shelf.item in self.depot.local else self.other

    def serve(self, purchase: Purchase, now: float) -> None:
        if purchase.units:  # not all of it was withdrawn on its way to the supplier
            self.of(purchase).serve(purchase, now)

    def withdraw(self, purchase: Purchase, units: int, now: float) -> int:
        return self.of(purchase).withdraw(purchase, units, now)

    def hasten(self, purchase: Purchase, now: float) -> float | None:
        return self.other.hasten(purchase, now)

    def departs(self, shipment: Purchase, now: float) -> None:
        self.depot.departs(shipment, now)


class FromMaterial(Source):
    """Takes the material of a purchase from a supplier's stock before the next source makes it."""

    def __init__(self, depot: Depot, recipes: Mapping[int, Recipe], maker: Source) -> None:
        """`recipes` are by number of the buyer's shelf."""
        self.depot, self.recipes, self.maker = depot, recipes, maker

    def serve(self, purchase: Purchase, now: float) -> None:
        recipe = self.recipes.get(purchase.shelf.item)
        if recipe and purchase.units:
            self.depot.gather(recipe, purchase, self.maker.serve, now)
        else:
            self.maker.serve(purchase, now)

    def withdraw(self, purchase: Purchase, units: int, now: float) -> int:
        return self.maker.withdraw(purchase, units, now)

    def hasten(self, purchase: Purchase, now: float) -> float | None:
        return self.maker.hasten(purchase, now)
