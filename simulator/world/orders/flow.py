"""The life of an order, as short methods in the order in which they happen.

    order_arrives (-> order_waits -> stock_is_allocated) -> goods_leave -> goods_are_handed_over -> (delivered)
    stock_is_reviewed -> purchase_is_made -> goods_arrive -> back to stock_is_allocated
    patience_runs_out / window_closes / customer_calls_off -> back to stock_is_allocated

How goods leave is in `delivering_node.py`, how they are bought in `stocking_node.py`. An order that waits is data of
the engine, not a suspended process. What only some worlds have (record errors, card charging, loyalty ...) follows
through the callbacks in `followers.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf

from simulator.engine.backlog import Order, Release, Shown
from simulator.engine.backorder_engine import BackorderEngine
from simulator.engine.dividing_engine import DividingEngine
from simulator.model.nouns import Cause, Exit
from simulator.policies.replenishment.replenishment import Replenishment
from simulator.record.ledger import Ledger
from simulator.world.clock import Action, Clock, Phase, Row
from simulator.world.orders.arrival import Recall, Visit, with_names
from simulator.world.orders.delivering_node import DeliveringNode
from simulator.world.orders.followers import Followers
from simulator.world.orders.waiting_order import window_left
from simulator.world.suppliers.confirmations import note_confirmations

CANCEL, DELIVERY = int(Phase.CANCEL), int(Phase.DELIVERY)


class Flow(DeliveringNode):
    """Moves orders, goods and purchases through the world, and records every fact once."""

    def __init__(
        self,
        clock: Clock,
        engine: BackorderEngine,
        ledger: Ledger,
        replenishment: list[Replenishment],
        items: Sequence[str],
        window: float,
        followers: Followers,
    ) -> None:
        super().__init__(clock, engine, ledger, replenishment, items, followers)
        self.window = window
        """Days after which the seller cancels what has not been shipped."""
        self.purchase_released, self.arrives = followers.purchase_released, followers.arrives
        self.received = followers.received
        self.placed = 0
        """Orders so far; also the number of the next order."""
        self.divides = isinstance(engine, DividingEngine)
        """True where a rule divides stock among all waiting lines."""
        self.leaving = False
        """True while orders are scheduled to leave at this instant."""
        self.never_left: dict[tuple[int, int], int] = {}
        """(order, line) -> units refused or cancelled, of orders with recalls."""

    # ------------------------------------------------------------- demand
    @property
    def entrance(self) -> Action:
        """The action for each row of the order book: admission first, where anything takes part in it."""
        if self.followers.at_entrance:
            return self.customer_arrives
        if self.picked and not self.followers.of_orders and not self.divides:
            return self.picked_order_arrives
        return self.order_arrives

    def customer_arrives(self, row: Row, now: float) -> None:
        """A customer passes admission and places an order, or stays away."""
        visit = Visit(with_names(row))
        if all(admits(visit, now) for admits in self.followers.admits):
            order = Order(self.placed, now, visit.arrival.terms, visit.arrival)
            self.placed += 1
            if not any(postpones(order, now) for postpones in self.followers.postpones):
                visit.order = order
                self.takes_units(order, visit.shown, now)
        for visited in self.followers.visited:
            visited(visit, now)

    def takes_units(self, order: Order, shown: Mapping[int, Shown] | None, now: float) -> None:
        """The order takes what is free of its lines; the others go on backorder, or are refused."""
        arrival, engine = order.arrival, self.engine
        for sources in self.followers.sources:
            arrival = order.arrival = sources(order, now)
        what = (arrival.items, arrival.quantities, arrival.terms.reserve)
        short = engine.take(*what) if shown is None else engine.take_shown(*what, shown)
        self._order_is_placed(order, short, shown, now)
        if engine.due:
            self.stock_is_reviewed(now)

    def order_arrives(self, row: Row, now: float) -> None:
        """A customer places an order; `row` has the fields of an `Arrival`."""
        _, terms, _, _, transits, items, quantities, recalls, _ = row
        number = self.placed
        self.placed = number + 1
        engine = self.engine
        short = engine.take(items, quantities, terms.reserve)
        if short is None and self.direct and recalls is None:
            # The usual case: all lines are filled and leave at once, so that no order needs to be kept. It is the
            # hottest path of the program: it builds no objects, and looks up the two functions as locals.
            add, pack = self.add_parcel, self.pack_parcel
            add(pack(now, now + transits[0], number, engine.taken))
        else:
            self._order_is_placed(Order(number, now, terms, with_names(row)), short, None, now)
        if engine.due:
            self.stock_is_reviewed(now)

    def picked_order_arrives(self, row: Row, now: float) -> None:
        """The same in worlds where parcels are picked, and nothing else takes part in an order."""
        _, terms, _, _, transits, items, quantities, recalls, extras = row
        number = self.placed
        self.placed = number + 1
        engine = self.engine
        short = engine.take(items, quantities, terms.reserve)
        if short is None and recalls is None:  # as above: no order needs to be kept
            self.pickers[terms.segment].pick_whole((number, engine.taken, transits[0]), extras.picks[0], now)
        else:
            self._order_is_placed(Order(number, now, terms, with_names(row)), short, None, now)
        if engine.due:
            self.stock_is_reviewed(now)

    def _order_is_placed(
        self, order: Order, short: list[int] | None, shown: Mapping[int, Shown] | None, now: float
    ) -> None:
        """The engine has taken all lines but the `short` ones; `shown`: see `BackorderEngine.place`."""
        engine, arrival, follows = self.engine, order.arrival, self.followers.of_orders
        if short is None:
            order.packed = engine.taken
        else:
            if follows:
                for chooses in self.followers.chooses:
                    short = chooses(order, short, shown, now)
            engine.place(order, arrival.items, arrival.quantities, short, shown)
            if engine.refused:
                self._note_refused(order, now)
        if follows:
            for ordered in self.followers.ordered:
                ordered(order, now)
        if order.packed and not self.divides:
            self.goods_leave(order, now)
        if arrival.recalls is not None:
            for recall in arrival.recalls:
                what = (order, recall, arrival.items[recall.line])
                self.clock.at(max(recall.time, now), CANCEL, self.customer_calls_off, what)
        if order.waiting is not None:
            self.order_waits(order, arrival.patience, now)
        if self.divides:  # units that the rule gives at this very instant leave in the same parcel
            self.stock_is_allocated(now)
            if order.packed:
                self.goods_leave(order, now)
        if follows:
            for placed in self.followers.placed:
                placed(order, now)

    def order_waits(self, order: Order, patience: float, now: float) -> None:
        """Lines go on backorder. Without callbacks, the only clock is patience or window, whichever is shorter."""
        table, number = self.ledger.backordered, order.number
        add, pack = table.add, table.pack
        for line in order.waiting or ():
            add(pack(number, line.number, line.shelf.item, line.open))
        followers = self.followers
        if followers.of_orders:
            for waits in followers.waits:
                waits(order, now)
            if followers.wait_begins and patience > 0.0:
                if self.engine.due:
                    self.stock_is_reviewed(now)
                for begins in followers.wait_begins:
                    begins(order, patience, now)
                return
        window = self.window
        if window < inf:
            window = window_left(window, order, now)
        if order.due > now:  # patience begins with the wait
            patience += order.due - now
        if patience > window:
            self.clock.after(window, CANCEL, self.window_closes, order)
        elif patience > 0.0:
            self.clock.after(patience, CANCEL, self.patience_runs_out, order)
        else:
            self._cancel(order, Cause.PATIENCE, now, bought=False)

    def _note_refused(self, order: Order, now: float) -> None:
        """Records what was not ordered, and how the customer left."""
        for row in self.engine.refused:
            number, line, item, units = row
            exit_ = Exit.REFUSED
            for exits in self.followers.exits:
                exit_ = exits(order, line, item, units, now)
            self.ledger.refused.write(number, line, item, units, exit_)
            for refused in self.followers.refused:
                refused(order, line, item, units, exit_, now)
            if order.arrival.recalls is not None:
                self.never_left[number, line] = self.never_left.get((number, line), 0) + units
        self.engine.refused.clear()

    # ---------------------------------------------------------- allocation
    def stock_is_allocated(self, now: float) -> None:
        """Records every fill after stock came free; orders with packed units leave at this instant, phase DELIVERY."""
        engine = self.engine
        if self.divides:
            engine.settle()
            note_confirmations(engine, self.ledger, now)
        if engine.fills:
            table = self.ledger.fills
            add, pack = table.add, table.pack
            for line, units in engine.fills:
                order = line.order
                placed = order.placed if order.due < order.placed else min(order.since, now)
                add(pack(now, order.number, line.number, line.shelf.item, units, placed))
            if self.followers.filled:
                fills = engine.fills[:]  # a callback may set more stock free and come back here
                engine.fills.clear()
                for filled in self.followers.filled:
                    filled(fills, now)
            else:
                engine.fills.clear()
        if engine.ready and not self.leaving:
            self.leaving = True
            self.clock.at(now, DELIVERY, self.ready_orders_leave, None)

    def ready_orders_leave(self, _: None, now: float) -> None:
        """After all receipts of the instant, every order with packed units ships once."""
        self.leaving = False
        ready = self.engine.ready[:]
        self.engine.ready.clear()
        after = self.followers.left
        forgets = self.direct and not self.followers.wait_begins
        for order in ready:
            if packed := order.packed:
                self.goods_leave(order, now)
                for left in after if order.packed < packed else ():  # else kept for the wanted day
                    left(order, now)
            if forgets and not order.waiting and not order.packed and order.arrival.recalls is None:
                order.arrival = None  # nothing more will leave; the clock may keep the order until its patience ends

    # -------------------------------------------------------- cancellation
    def patience_runs_out(self, order: Order, now: float) -> None:
        """The customer cancels what has not been shipped."""
        if order.waiting:
            self._cancel(order, Cause.PATIENCE, now)

    def window_closes(self, order: Order, now: float) -> None:
        """The seller cancels what has not been shipped."""
        self.order_is_given_up(order, Cause.WINDOW, now)

    def order_is_given_up(self, order: Order, cause: Cause, now: float) -> None:
        """Cancels all that has not been shipped; an order of which nothing waits stays as it is."""
        if order.waiting:
            self._cancel(order, cause, now)

    def customer_calls_off(self, called_off: tuple[Order, Recall, int], now: float) -> None:
        """The customer calls units of a line off, as recorded: first those that wait or are held, then those that are
        packed; units that have left are returned once they are delivered, unless the quantity was only lowered."""
        order, recall, item = called_off
        units = recall.units - self.call_off(order, recall.line, recall.units, Cause.CALLED_OFF, now)
        left = order.arrival.quantities[recall.line] - self.never_left.get((order.number, recall.line), 0)
        units = min(units, left)
        if units > 0 and self.contents is not None:
            self.contents.called_off(order, recall.line, item, units, now, comes_back=not recall.lowered)
        self.stock_is_allocated(now)

    def units_are_called_off(self, order: Order, line: int, units: int, cause: Cause, now: float) -> None:
        """Cancels units of one line, waiting ones first, and allocates what that sets free."""
        self.call_off(order, line, units, cause, now)
        self.stock_is_allocated(now)

    def call_off(self, order: Order, line: int, units: int, cause: Cause, now: float) -> int:
        """Cancels up to `units` units of one line, waiting ones first; returns how many had not left yet."""
        released = self.engine.call_off(order, line, units)
        self.units_are_released(order, released, cause, now)
        return sum(release.units for release in released)

    def _cancel(self, order: Order, cause: Cause, now: float, bought: bool = True) -> None:
        self.units_are_released(order, self.engine.cancel(order), cause, now, bought)
        for gave_up in self.followers.gave_up:
            gave_up(order, now)
        self.stock_is_allocated(now)

    def units_are_released(
        self, order: Order, released: list[Release], cause: Cause, now: float, bought: bool = True
    ) -> None:
        """Records cancelled units; `bought` is False where the order leaves before anything was bought for it."""
        placed = min(order.since, now)
        for release in released:
            line, shelf, units, held = release
            self.ledger.cancelled.write(now, order.number, line, shelf.item, units, cause, held, placed)
            for follower in self.followers.released:
                follower(order, release)
            for part, each in self.engine.parts_of(shelf) if bought else ():
                if self.replenishment[part.item].cancel_purchase:
                    self.purchasing.withdraw(part, each * units, now)
            if order.arrival.recalls is not None:
                key = (order.number, line)
                self.never_left[key] = self.never_left.get(key, 0) + units
