"""One order's life, as a screenplay: short methods in the order in which they happen.

    order_arrives -> stock_is_allocated -> goods_leave -> goods_are_handed_over -> (delivered)
    stock_is_reviewed -> purchase_is_made -> goods_arrive -> back to stock_is_allocated
    patience_runs_out / window_closes / customer_calls_off -> back to stock_is_allocated

A wait in the backlog is state of the engine, not a sleeping process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from simulator.engine.backorder_engine import BackorderEngine
from simulator.engine.orders import Order, Release
from simulator.engine.shelf import Shelf
from simulator.model.nouns import Cause
from simulator.record.ledger import Ledger
from simulator.world.clock import Clock, Phase

if TYPE_CHECKING:
    from simulator.policies.replenishment import Replenishment
    from simulator.world.carriers import Courier
    from simulator.world.suppliers import Purchase, Purchasing
    from simulator.world.warehouse import PickingArea

CANCEL = int(Phase.CANCEL)


class Recall(NamedTuple):
    """What the record says will be called off: units of a line, and when (days)."""

    line: int
    time: float
    units: int


class Flow:
    """Moves orders, goods and purchases through the world; writes every fact once."""

    def __init__(
        self,
        clock: Clock,
        engine: BackorderEngine,
        ledger: Ledger,
        replenishment: list[Replenishment],
        window: float,
    ) -> None:
        self.clock, self.engine, self.ledger = clock, engine, ledger
        self.replenishment = replenishment
        self.window = window
        self.placed = 0
        self.couriers: list[Courier | None] = []
        self.picking: PickingArea
        self.purchasing: Purchasing

    # ------------------------------------------------------------- demand
    def order_arrives(self, row: tuple, now: float) -> None:  # type: ignore[type-arg]
        """A customer places an order; `row` is what the customer brings (see customers.py)."""
        _, terms, serial, patience, transits, picks, items, quantities, recalls = row
        number = self.placed
        self.placed = number + 1
        order = Order(number, now, terms, serial, transits, picks)
        engine = self.engine
        engine.place(order, items, quantities)
        if engine.short:
            self._note_short(number)
        if order.packed:
            self.goods_leave(order, now)
        if recalls is not None:
            for recall in recalls:
                self.clock.at(max(recall.time, now), CANCEL, self.customer_calls_off, (order, recall, items[recall.line]))
        if order.waiting is not None:
            self._watch(order, patience, now)
        if engine.due:
            self.stock_is_reviewed(now)

    def _note_short(self, number: int) -> None:
        ledger = self.ledger
        for line, item, backordered, refused in self.engine.short:
            if backordered:
                ledger.backordered.write((number, line, item, backordered))
            if refused:
                ledger.refused.write((number, line, item, refused))
        self.engine.short.clear()

    def _watch(self, order: Order, patience: float, now: float) -> None:
        """The clock of an order that waits: the customer's patience or the seller's window, whichever is shorter."""
        if patience <= self.window:
            if patience > 0:
                self.clock.after(patience, CANCEL, self.patience_runs_out, order)
            else:
                self.patience_runs_out(order, now)
        else:
            self.clock.after(self.window, CANCEL, self.window_closes, order)

    # ---------------------------------------------------------- allocation
    def stock_is_allocated(self, now: float) -> None:
        """After stock came free: every fill is written, then every touched order ships once."""
        engine = self.engine
        if engine.fills:
            write = self.ledger.fills.write
            for line, units in engine.fills:
                order = line.order
                write((now, order.number, line.number, line.shelf.item, units, order.placed))
            engine.fills.clear()
        if engine.ready:
            ready = engine.ready[:]
            engine.ready.clear()
            for order in ready:
                self.goods_leave(order, now)

    # ------------------------------------------------------------ delivery
    def goods_leave(self, order: Order, now: float) -> None:
        """What is packed goes to the picking area as one parcel."""
        units, order.packed = order.packed, 0
        parcel = order.parcels
        order.parcels = parcel + 1
        if self.picking.instant:
            self.goods_are_handed_over((order, parcel, units), now)
        else:
            self.picking.pick((order, parcel, units), now)

    def goods_are_handed_over(self, parcel: tuple[Order, int, int], now: float) -> None:
        """The parcel is with the carrier; its arrival is known now, and nothing in the world reacts to it."""
        order, number, units = parcel
        courier = self.couriers[order.terms.segment]
        if courier is None:
            self.ledger.parcels.write((now, now, order.number, units))
        elif courier.gate.shut:
            courier.gate.hold(self.goods_are_handed_over, parcel)
        else:
            transits = order.transits
            transit = transits[number] if number < len(transits) else courier.extra_transit(order, number)
            self.ledger.parcels.write((now, now + transit, order.number, units))

    # -------------------------------------------------------- cancellation
    def patience_runs_out(self, order: Order, now: float) -> None:
        """The customer cancels what has not been shipped."""
        self._cancel(order, Cause.PATIENCE, now)

    def window_closes(self, order: Order, now: float) -> None:
        """The seller cancels what has not been shipped."""
        self._cancel(order, Cause.WINDOW, now)

    def customer_calls_off(self, called_off: tuple[Order, Recall, int], now: float) -> None:
        """The record says: so many units of a line are called off; what has left is only noted as returned."""
        order, recall, item = called_off
        released = self.engine.call_off(order, recall.line, recall.units)
        self._note_release(order, released, Cause.RECORD, now)
        late = recall.units - sum(release.units for release in released)
        if late:
            self.ledger.returned.write((now, order.number, recall.line, item, late))
        self.stock_is_allocated(now)

    def _cancel(self, order: Order, cause: Cause, now: float) -> None:
        if order.waiting:
            self._note_release(order, self.engine.cancel(order), cause, now)
            self.stock_is_allocated(now)

    def _note_release(self, order: Order, released: list[Release], cause: Cause, now: float) -> None:
        write = self.ledger.cancelled.write
        for line, shelf, units, held in released:
            write((now, order.number, line, shelf.item, units, cause, held, order.placed))

    # -------------------------------------------------------------- supply
    def stock_is_reviewed(self, now: float) -> None:
        """The shelves whose position has fallen to their trigger."""
        due = self.engine.due
        while due:
            shelf = due.pop()
            if shelf.position <= shelf.trigger:
                self.purchase_is_made(shelf, now)

    def purchase_is_made(self, shelf: Shelf, now: float) -> None:
        """The policy says how much; the position rises at once, the goods come later."""
        quantity = self.replenishment[shelf.item].quantity(shelf.position)
        if quantity > 0:
            self.purchasing.buy(shelf, quantity, now)

    def goods_arrive(self, purchase: Purchase, now: float) -> None:
        """Goods are received and go to the backlog before anything else."""
        purchase.supplier.note_receipt(purchase, now)
        self.engine.receive(purchase.shelf, purchase.arriving, purchase.units - purchase.arriving)
        self.stock_is_allocated(now)
        if self.engine.due:
            self.stock_is_reviewed(now)
