"""One order's life, as a screenplay: short methods in the order in which they happen.

    order_arrives (-> order_waits -> stock_is_allocated) -> goods_leave -> goods_are_handed_over -> (delivered)
    stock_is_reviewed -> purchase_is_made -> goods_arrive -> back to stock_is_allocated
    patience_runs_out / window_closes / customer_calls_off -> back to stock_is_allocated

A wait in the backlog is state of the engine, not a sleeping process.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, NamedTuple

from simulator.engine.backlog import Line, Order, Release, Shelf
from simulator.engine.backorder_engine import BackorderEngine
from simulator.engine.dividing_engine import DividingEngine
from simulator.model.nouns import Cause, Exit
from simulator.record.ledger import Ledger
from simulator.world.clock import Action, Clock, Phase, Row
from simulator.world.suppliers.confirmations import note_confirmations

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from simulator.policies.replenishment.replenishment import Replenishment
    from simulator.world.customers.checkout import Checkout
    from simulator.world.customers.loyalty import LoyaltyTracker
    from simulator.world.customers.over_ordering import OverOrdering
    from simulator.world.delivery.carriers import Courier
    from simulator.world.delivery.parcels import ParcelTracking
    from simulator.world.delivery.picking import PickingArea
    from simulator.world.stock.record_errors import RecordErrors
    from simulator.world.suppliers.purchase import Purchase
    from simulator.world.suppliers.purchasing import Purchasing
    from simulator.world.waiting.charging import Charging
    from simulator.world.waiting.holding import Holding
    from simulator.world.waiting.waiting_orders import WaitingOrders

CANCEL, DELIVERY = int(Phase.CANCEL), int(Phase.DELIVERY)
TIME, TERMS, SERIAL, PATIENCE, TRANSITS, ITEMS, QUANTITIES, RECALLS, EXTRAS = range(9)
"""The places of what a customer brings in a row of the order book."""
Parcel = tuple[Order, int, int]
"""Order, number of its parcel, units."""


class Recall(NamedTuple):
    """What the record says will be called off: units of a line, and when (days)."""

    line: int
    time: float
    units: int


class Extras(NamedTuple):
    """What only some worlds ask for; where none of it is asked for, all orders share one."""

    picks: Sequence[float] = (0.0,)
    """Picking times of its first parcels, days."""
    draws: tuple[float, ...] = ()
    """What settles the customer's choices: a number in [0, 1) per purpose (see `Coins`)."""
    need_by: float = inf
    """Days after which the goods are of no use."""


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
        """Orders so far; an order's number is how many came before it."""
        self.purchases = 0
        """Purchases so far."""
        self.couriers: list[Courier] = []
        self.tracking: ParcelTracking | None = None
        """None: every parcel arrives when its transit is over."""
        self.pickings: list[PickingArea] = []
        """By number of the segment."""
        self.direct = True
        """True where a parcel reaches its carrier the moment it is packed: no picking time, no gate that could shut."""
        self.add_parcel, self.pack_parcel = ledger.parcels.add, ledger.parcels.pack
        self.purchasing: Purchasing
        self.checkout: Checkout | None = None
        """None: every shopper orders whatever may be ordered."""
        self.charging: Charging | None = None
        """None: no card is charged when goods are to leave, or none ever fails."""
        self.waiting: WaitingOrders | None = None
        """None: nothing but patience and the window happens to an order that waits."""
        self.holding: Holding | None = None
        """None: no order is held for a time or a date."""
        self.over_ordering: OverOrdering | None = None
        """None: everybody orders what is needed."""
        self.divides = isinstance(engine, DividingEngine)
        """True where a rule divides stock among all who wait."""
        self.follows = self.divides
        """True where somebody has an eye on single orders: on how they are rationed, held, charged, remembered, on
        record, or sent back (see `attended`)."""
        self.records: RecordErrors | None = None
        """None: the record of the stock is what is there."""
        self.on_receipt: list[Callable[[Purchase, float], None]] = []
        """Told of every receipt, when it has been given to the backlog."""
        self.takes_orders: Action = self.order_arrives
        """What happens to each row of the order book."""
        self.embargo: dict[int, float] = {}
        """Item -> the day before which its goods lie ready and do not count as received."""
        self.trust: LoyaltyTracker | None = None
        """None: customers forget."""
        self.leaving = False
        """True while orders are to leave at this very instant."""
        self.never_left: dict[tuple[int, int], int] = {}
        """(order, line) -> units refused or cancelled, of the orders that the record calls something off from."""

    # ------------------------------------------------------------- demand
    def order_arrives(self, row: Row, now: float) -> None:
        """A customer places an order; `row` is what the customer brings (see customers.py)."""
        _, terms, _, patience, transits, items, quantities, recalls, _ = row
        number = self.placed
        self.placed = number + 1
        engine = self.engine
        short = engine.take(items, quantities, terms.reserve)
        if short is None and self.direct and recalls is None:  # the usual case: all there, all gone, nothing to keep
            add, pack = self.add_parcel, self.pack_parcel  # as locals they are looked up at half the price
            add(pack(now, now + transits[0], number, engine.taken))
        else:
            order = Order(number, now, terms, row)
            if short is None:
                order.packed = engine.taken
            else:
                if self.checkout is not None:
                    short = self.checkout.choose(order, short, now)
                engine.place(order, items, quantities, short)
                if engine.refused:
                    self._note_refused(order, now)
            if order.packed and not self.divides:
                self.goods_leave(order, now)
            if recalls is not None:
                self._expect_recalls(order, recalls, now)
            if order.waiting is not None:
                self.order_waits(order, patience, now)
            if self.follows:
                self._follow(order, now)
        if engine.due:
            self.stock_is_reviewed(now)

    def order_waits(self, order: Order, patience: float, now: float) -> None:
        """What was not there is on backorder; the clock of the order is the customer's patience or the seller's window,
        whichever is shorter."""
        table, number = self.ledger.backordered, order.number
        add, pack = table.add, table.pack
        for line in order.waiting or ():
            add(pack(number, line.number, line.shelf.item, line.open))
        if self.follows:
            self._follow_wait(order, now)
        if self.waiting is not None and patience > 0.0:
            if self.engine.due:
                self.stock_is_reviewed(now)
            self.waiting.begins(order, patience, now)
        elif patience > self.window:
            self.clock.after(self.window, CANCEL, self.window_closes, order)
        elif patience > 0.0:
            self.clock.after(patience, CANCEL, self.patience_runs_out, order)
        else:
            self._cancel(order, Cause.PATIENCE, now, bought=False)

    def _note_refused(self, order: Order, now: float) -> None:
        """Writes what was not ordered, and how it left."""
        for row in self.engine.refused:
            if self.checkout is None:
                self.ledger.refused.write(*row, Exit.REFUSED)
            else:
                self.checkout.instead(order, *row[1:], now)
            if order.brought[RECALLS] is not None:
                self.never_left[row[:2]] = row[3]
        self.engine.refused.clear()

    def _expect_recalls(self, order: Order, recalls: tuple[Recall, ...], now: float) -> None:
        """The record knows what the customer will call off, and when."""
        for recall in recalls:
            item = order.brought[ITEMS][recall.line]
            self.clock.at(max(recall.time, now), CANCEL, self.customer_calls_off, (order, recall, item))

    # ---------------------------------------------------------- allocation
    def stock_is_allocated(self, now: float) -> None:
        """After stock came free: every fill is written; what is packed leaves at this instant, in phase DELIVERY."""
        engine = self.engine
        if self.divides:
            engine.settle()
            note_confirmations(engine, self.ledger, now)
        if engine.fills:
            table = self.ledger.fills
            add, pack = table.add, table.pack
            for line, units in engine.fills:
                order = line.order
                add(pack(now, order.number, line.number, line.shelf.item, units, order.placed))
            if self.follows:
                fills = engine.fills[:]
                engine.fills.clear()
                self._follow_fills(fills, now)
            else:
                engine.fills.clear()
        if engine.ready and not self.leaving:
            self.leaving = True
            self.clock.at(now, DELIVERY, self.ready_orders_leave, None)

    def attended(self) -> None:
        """Who has an eye on single orders is settled."""
        eyes = (self.charging, self.trust, self.records, self.holding, self.over_ordering)
        self.follows = self.divides or any(eye is not None for eye in eyes)

    def _follow(self, order: Order, now: float) -> None:
        """An order was placed and is not simply gone."""
        if self.divides:  # what stock gives at this very instant leaves in the same parcel
            self.stock_is_allocated(now)
            if order.packed:
                self.goods_leave(order, now)
        if self.holding is not None and order.waiting:
            self.holding.begins(order, now)
        if self.over_ordering is not None:
            self.over_ordering.look(order, now)

    def _follow_wait(self, order: Order, now: float) -> None:
        """An order goes on backorder."""
        if self.charging is not None:
            self.charging.waits(order)
        if self.records is not None:
            self.records.order_waits(order, now)

    def _follow_fills(self, fills: Sequence[tuple[Line, int]], now: float) -> None:
        """Units were filled from the backlog."""
        if self.charging is not None:
            for line, units in fills:
                self.charging.filled(line.order, line.number, line.shelf, units)
        if self.holding is not None:
            self.holding.look_at(fills, now)
        if self.over_ordering is not None:
            self.over_ordering.look_at(fills, now)

    def ready_orders_leave(self, _: None, now: float) -> None:
        """When all goods of the instant are in, every touched order ships once."""
        self.leaving = False
        ready = self.engine.ready[:]
        self.engine.ready.clear()
        holding, forgets = self.holding, self.direct and self.waiting is None
        for order in ready:
            if order.packed:
                self.goods_leave(order, now)
                if holding is not None:
                    holding.has_left(order, now)
            if forgets and not order.waiting and order.brought[RECALLS] is None:
                order.brought = ()  # nothing more will leave; the clock may keep the order until its patience ends

    # ------------------------------------------------------------ delivery
    def goods_leave(self, order: Order, now: float) -> None:
        """What is packed leaves as one parcel; its arrival is known now, and nothing in the world reacts to it."""
        if self.follows and not self._may_leave(order, now):
            return
        units, order.packed = order.packed, 0
        parcel = order.parcels
        order.parcels = parcel + 1
        if not self.direct:
            self.pickings[order.terms.segment].pick((order, parcel, units), now)
            return
        try:
            transit = order.brought[TRANSITS][parcel]
        except IndexError:  # a parcel beyond those drawn at the order's birth
            transit = self.couriers[order.terms.segment].extra_transit(order, parcel)
        add, pack = self.add_parcel, self.pack_parcel
        add(pack(now, now + transit, order.number, units))
        if self.waiting is not None:
            self.waiting.parcel_leaves(order, now + transit, now)

    def _may_leave(self, order: Order, now: float) -> bool:
        """Whether the card can be charged for what is about to leave; if so, the customer will remember it."""
        if self.charging is not None:
            if self.charging.refuses(order, now):
                self.card_refuses(order, self.charging, now)
                return False
            self.charging.left(order)
        if self.trust is not None and order.waiting == []:
            self.trust.served(order, now)
        return True

    def card_refuses(self, order: Order, charging: Charging, now: float) -> None:
        """The card cannot be charged: the goods stay, and the seller cancels the order."""
        self._note_release(order, charging.take_back(order), Cause.PAYMENT, now)
        self.stock_is_allocated(now)

    def goods_are_handed_over(self, parcel: Parcel, now: float) -> None:
        """A picked parcel goes to the carrier, which holds it while its gate is shut."""
        order, number, units = parcel
        courier = self.couriers[order.terms.segment]
        if courier.gate.shut:
            courier.gate.hold(self.goods_are_handed_over, parcel)
            return
        transits = order.brought[TRANSITS]
        transit = transits[number] if number < len(transits) else courier.extra_transit(order, number)
        due = now + transit
        if self.tracking is not None:
            arrival = self.tracking.begins(order, number, units, transit, now)
            if arrival is None:  # lost
                return
            due = arrival
        self.add_parcel(self.pack_parcel(now, due, order.number, units))
        if self.waiting is not None:
            self.waiting.parcel_leaves(order, due, now)

    # -------------------------------------------------------- cancellation
    def patience_runs_out(self, order: Order, now: float) -> None:
        """The customer cancels what has not been shipped."""
        if order.waiting:
            self._cancel(order, Cause.PATIENCE, now)

    def window_closes(self, order: Order, now: float) -> None:
        """The seller cancels what has not been shipped."""
        if order.waiting:
            self._cancel(order, Cause.WINDOW, now)

    def cancel_rest(self, order: Order, cause: Cause, now: float) -> None:
        """The seller cancels what still waits; what is there leaves all the same."""
        self._cancel(order, cause, now)

    def customer_calls_off(self, called_off: tuple[Order, Recall, int], now: float) -> None:
        """The record says: so many units of a line are called off; what has left is only noted as returned."""
        order, recall, item = called_off
        released = self.engine.call_off(order, recall.line, recall.units)
        self._note_release(order, released, Cause.CALLED_OFF, now)
        left = order.brought[QUANTITIES][recall.line] - self.never_left.get((order.number, recall.line), 0)
        late = min(recall.units - sum(release.units for release in released), left)
        if late > 0:
            self.ledger.returned.write(now, order.number, recall.line, item, late)
        self.stock_is_allocated(now)

    def units_are_called_off(self, order: Order, line: int, units: int, cause: Cause, now: float) -> None:
        """So many units of one line are cancelled, waiting ones first."""
        self.call_off(order, line, units, cause, now)
        self.stock_is_allocated(now)

    def call_off(self, order: Order, line: int, units: int, cause: Cause, now: float) -> int:
        """Up to so many units of one line are cancelled, waiting ones first; how many there were that had not left."""
        released = self.engine.call_off(order, line, units)
        self._note_release(order, released, cause, now)
        return sum(release.units for release in released)

    def order_is_given_up(self, order: Order, cause: Cause, now: float) -> None:
        """What has not been shipped is cancelled, for another reason than patience or the window."""
        if order.waiting:
            self._cancel(order, cause, now)

    def line_is_given_up(self, line: Line, cause: Cause, now: float) -> None:
        """The seller calls off what waits of one line."""
        order = line.order
        released = self.engine.call_off(order, line.number, line.open)
        self._note_release(order, released, cause, now)
        self.stock_is_allocated(now)

    def _cancel(self, order: Order, cause: Cause, now: float, bought: bool = True) -> None:
        """`bought` is false where the order leaves as it comes, before anything could be bought for it."""
        self._note_release(order, self.engine.cancel(order), cause, now, bought)
        if self.trust is not None:
            self.trust.gave_up(order, now)
        self.stock_is_allocated(now)

    def _note_release(
        self, order: Order, released: list[Release], cause: Cause, now: float, bought: bool = True
    ) -> None:
        recalled = order.brought[RECALLS] is not None
        for line, shelf, units, held in released:
            self.ledger.cancelled.write(now, order.number, line, shelf.item, units, cause, held, order.placed)
            if held and self.charging is not None:
                self.charging.released(order, line, shelf, units)
            if bought and self.replenishment[shelf.item].cancel_purchase:
                self.purchasing.withdraw(shelf, units, now)
            if recalled:
                key = (order.number, line)
                self.never_left[key] = self.never_left.get(key, 0) + units

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
            if self.divides:
                self.stock_is_allocated(now)

    def purchase_is_released(self, purchase: Purchase, now: float) -> None:
        """The supplier has let it go: where dates follow the receipts, somebody will look when it is overdue."""
        if self.waiting is not None:
            self.waiting.purchase_was_released(purchase, now)

    def goods_arrive(self, purchase: Purchase, now: float) -> None:
        """Goods are received and go to the backlog before anything else; too early, they lie ready for their day."""
        if not purchase.units:  # all of it was withdrawn
            return
        if self.embargo and now < (day := self.embargo.get(purchase.shelf.item, 0.0)):
            self.clock.at(day, Phase.RECEIPT, self.goods_arrive, purchase)
            return
        self.purchasing.receive(purchase, now)
        self.stock_is_allocated(now)
        for told in self.on_receipt:
            told(purchase, now)
        if purchase.shelf.item in self.purchasing.closed:
            self.purchasing.clear(purchase.shelf, now)
        if self.checkout is not None:
            self.checkout.waitlist.restocked(purchase.shelf, now)
        if self.engine.due:
            self.stock_is_reviewed(now)
