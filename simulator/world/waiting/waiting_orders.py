"""Waiting orders: their promised dates, the customers' patience, the seller's window."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backlog import Order, Shelf
from simulator.record.ledger import Floats
from simulator.scenario.schema.shoppers import Impatience
from simulator.world.availability.availability import Availability
from simulator.world.clock import Phase
from simulator.world.orders.waiting_order import WaitingOrder, waiting_order_of, wanted_day, window_left
from simulator.world.pace import Pace
from simulator.world.sites.sourcing import SiteSourcing
from simulator.world.state import ReplicationState
from simulator.world.suppliers.purchase import Purchase

CANCEL = int(Phase.CANCEL)
CLOSE = int(Phase.CLOSE)
SOON = 0.5
"""Least days between two looks at an overdue receipt."""


class WaitingOrders:
    """Sets the clocks of waiting orders. Obsolete timers are not cancelled; they notice it and return."""

    def __init__(self, state: ReplicationState, availability: Availability) -> None:
        self.state, self.availability = state, availability
        self.clock, self.flow, self.ledger = state.clock, state.flow, state.ledger
        self.promise, self.acceptance = state.decided.promise, state.decided.acceptance
        self.communication = state.decided.communication
        following = [promise for promise in self.promise.all if promise.repromise == "on_change"]
        self.follows_receipts = bool(following)
        # Receipts are watched for all orders together, so as early as any of them needs it.
        self.tolerance = min((promise.tolerance for promise in following), default=0.0)
        self.lag = min(communication.lag for communication in self.communication.all)
        segments = [state.scenario.customers[name] for name in state.numbering.segments]
        self.impatience = [spec.impatience or Impatience.none() for spec in segments] or [Impatience.none()]
        self.open_before: Mapping[int, float | None] = {}
        """Orders from before the start -> the day that they were promised; None: no day was."""
        self.orders: dict[int, WaitingOrder] = {}
        """Waiting orders by number; finished ones are dropped when all dates are updated."""
        self.followers = state.flow.followers
        self.sourcing = self.followers.part(SiteSourcing)
        self.followers.wait_begins.add(self.wait_begins)
        self.followers.on_its_way.add(self.on_its_way)
        self.followers.purchase_released.add(self.purchase_released)
        self.followers.ran_out.add(self.ran_out)
        for every in dict.fromkeys(promise.every for promise in self.promise.all if promise.every is not None):
            self.clock.after(every, CLOSE, self._update_all, every)

    # --------------------------------------------------------------- begin
    def wait_begins(self, order: Order, patience: float, now: float) -> None:
        """Quotes a date if the policy gives one, and sets the clocks of patience, promise and window."""
        wait = self.orders[order.number] = order.wait = WaitingOrder(order, Pace(patience, 1.0, now))
        if order.due > now:
            wait.early = True
            self.clock.at(order.due, CANCEL, self._is_due, wait)
        is_new = order.number not in self.open_before
        wait.promised = wait.quoted = self.quote(order, now) if is_new else self.open_before[order.number]
        if wait.quoted is not None:
            if is_new:
                self.ledger.promises.write(now, order.number, wait.quoted, 1)
            self._watch_promised(wait, now)
            self._watch_quoted(wait, now)
        wait.patience.rate = self._rate(wait)
        self._set_patience(wait)
        if not is_new and wait.quoted is None:  # once it is known what is bought today
            self.clock.at(now, CLOSE, self._first_date, wait)
        if self.flow.window < inf:
            self.clock.after(window_left(self.flow.window, order, now), CANCEL, self.flow.window_closes, order)

    def _is_due(self, wait: WaitingOrder, now: float) -> None:
        """From now on the goods come after the day on which they are wanted: the customer begins to wait."""
        wait.early = False
        if wait.open:
            self.impatience_changes(wait, now)

    def _first_date(self, wait: WaitingOrder, now: float) -> None:
        """Works out a date for an order from before the start that was promised none."""
        if wait.open and wait.promised is None and self.promise.of(wait.order).days is None:
            self.update_date(wait, now)

    def quote(self, order: Order, now: float) -> float | None:
        """The day by which all of a waiting order should be delivered; None where a line has no date."""
        lines = order.waiting or ()
        if any(not self.acceptance.of_line(order, line.shelf.item).dated for line in lines):
            return None
        if any(self.state.promotions.hide(line.shelf.item, now) for line in lines):
            return None
        promise = self.promise.of(order)
        if promise.days is not None:
            date = order.placed + promise.days
        else:
            quoted = [promise.quote(outlook) for outlook in self.availability.of_order(order, now)]
            if not quoted or None in quoted:
                return None
            last = max(days for days in quoted if days is not None)
            date = now + (last if self.sourcing is None else max(last, self.sourcing.taken_days(order, now)))
        return date if order.due == -inf else max(date, wanted_day(order))

    # ------------------------------------------------------------ patience
    def without_date(self, patience: Floats, segments: NDArray[np.integer[Any]]) -> Floats:
        """Days until customers of these segments give up who never get a date; their rate does not change."""
        with np.errstate(divide="ignore", invalid="ignore"):
            days = patience / np.array([impatience.no_date for impatience in self.impatience])[segments]
        return np.where(patience > 0, np.nan_to_num(days, nan=inf, posinf=inf), patience)

    def _rate(self, wait: WaitingOrder) -> float:
        if wait.early:
            return 0.0
        impatience = self.impatience[wait.order.terms.segment]
        rate: float = impatience.per_slip**wait.slips
        if wait.quoted is None:
            rate *= impatience.no_date
        elif wait.broken:
            rate *= impatience.after_promise
        return rate * self.state.scenario.support.upset if wait.annoyed else rate

    def _set_patience(self, wait: WaitingOrder) -> None:
        """Sets the timer of patience at the rate at which it is used up now."""
        self.clock.after(wait.patience.days, CANCEL, self._patience_ends, (wait, wait.patience.turn))

    def impatience_changes(self, wait: WaitingOrder, now: float) -> None:
        """Something happened that may change how fast patience is used up, and how soon the customer asks."""
        if wait.patience.change(self._rate(wait), now):
            self._set_patience(wait)
        for changed in self.followers.impatience_changed:
            changed(wait, now)

    def _patience_ends(self, timer: tuple[WaitingOrder, int], now: float) -> None:
        wait, turn = timer
        if turn == wait.patience.turn:
            self.flow.patience_runs_out(wait.order, now)

    # -------------------------------------------------------------- promise
    def _watch_promised(self, wait: WaitingOrder, now: float) -> None:
        """Sets a timer for the moment from which the seller's date can no longer be met."""
        if wait.promised is not None and self.promise.of(wait.order).repromise != "never":
            delivery = self.availability.mean_delivery(wait.order)
            noticed = max(wait.promised - delivery, now) + self.communication.of(wait.order).lag
            self.clock.at(noticed, CLOSE, self._cannot_be_met, (wait, wait.promised))

    def _watch_quoted(self, wait: WaitingOrder, now: float) -> None:
        """Sets a timer for the date that the customer knows."""
        if wait.quoted is not None and not wait.broken:
            self.clock.at(max(wait.quoted, now), CANCEL, self._quoted_date_passes, (wait, wait.quoted))

    def _quoted_date_passes(self, timer: tuple[WaitingOrder, float], now: float) -> None:
        """The date that the customer knows has come, and the goods have not."""
        wait, quoted = timer
        if wait.open and wait.quoted == quoted:
            wait.broken, wait.informed = True, False
            self.impatience_changes(wait, now)

    def _cannot_be_met(self, timer: tuple[WaitingOrder, float], now: float) -> None:
        """Goods that left now would miss the date."""
        wait, promised = timer
        if wait.open and wait.promised == promised:
            self.update_date(wait, now)
            if wait.promised == promised and promised > now:  # a move within the tolerance: look again when it passes
                self.clock.at(promised, CLOSE, self._cannot_be_met, (wait, promised))

    def update_date(self, wait: WaitingOrder, now: float) -> None:
        """Works out a new date, which replaces the old one if it differs by more than the tolerance."""
        date, before = self.quote(wait.order, now), wait.promised
        if date is None and before is None:
            return
        if date is not None and before is not None and abs(date - before) <= self.promise.of(wait.order).tolerance:
            if date <= before or before > now:
                return
        self.revise(wait, date, now)
        for date_moved in self.followers.date_moved:
            date_moved(wait, now)

    def revise(self, wait: WaitingOrder, date: float | None, now: float) -> None:
        """Sets the seller's date, which the customer does not know yet."""
        wait.promised = date
        self.ledger.promises.write(now, wait.order.number, inf if date is None else date, 0)
        self._watch_promised(wait, now)

    def inform(self, wait: WaitingOrder, now: float) -> None:
        """The customer learns the seller's date, unless it has passed: it is of the past where the goods have left."""
        wait.informed = True
        passed = wait.promised is not None and wait.promised < now
        if wait.quoted != wait.promised and not passed:
            later = wait.promised is None or (wait.quoted is not None and wait.promised > wait.quoted)
            wait.slips += later
            wait.quoted = wait.promised
            wait.broken = wait.quoted is not None and wait.quoted <= now
            self.ledger.promises.write(now, wait.order.number, inf if wait.quoted is None else wait.quoted, 1)
            self._watch_quoted(wait, now)
        self.impatience_changes(wait, now)

    # ------------------------------------------------------------- changes
    def on_its_way(self, order: Order, delivery: float, now: float) -> None:
        """A parcel of the order is with its carrier; the rest may still wait."""
        wait = waiting_order_of(order)
        if wait is not None and wait.open:
            self.impatience_changes(wait, now)

    def purchase_released(self, purchase: Purchase, now: float) -> None:
        """Where dates follow the receipts, sets a timer for the day on which this one is overdue."""
        if self.follows_receipts and purchase.announced is None:
            self._watch_receipt(purchase, now, self.lag)

    def _watch_receipt(self, purchase: Purchase, now: float, later: float) -> None:
        days = self.availability.expected(purchase, now) - now
        self.clock.after(max(days, self.tolerance, SOON) + later, CLOSE, self._is_overdue, purchase)

    def _is_overdue(self, purchase: Purchase, now: float) -> None:
        if purchase in self.flow.purchasing.under_way.get(purchase.shelf.item, ()) and purchase.released is not None:
            self._update_shelf(purchase.shelf, now, overdue=True)
            self._watch_receipt(purchase, now, 0.0)

    def ran_out(self, shelf: Shelf, lag: float) -> None:
        """The seller learns of it after `lag` days, and works out new dates."""
        self.clock.after(lag, CLOSE, self._update_shelf, shelf)

    def _update_shelf(self, shelf: Shelf, now: float, overdue: bool = False) -> None:
        waits = [self.orders.get(line.order.number) for line in shelf.backlog]
        if overdue and self.promise.only is None:
            waits = [w for w in waits if w is not None and self.promise.of(w.order).repromise == "on_change"]
        self._update(waits, now)

    def _update_all(self, every: float, now: float) -> None:
        """Works out the dates of all orders whose promise is looked at again every so many days."""
        self.orders = {number: wait for number, wait in self.orders.items() if wait.open}
        self._update([w for w in self.orders.values() if self.promise.of(w.order).every == every], now)
        self.clock.after(every, CLOSE, self._update_all, every)

    def _update(self, waits: list[WaitingOrder | None], now: float) -> None:
        """Works out the dates of these orders, once each."""
        for wait in dict.fromkeys(waits):
            if wait is not None and wait.open:
                self.update_date(wait, now)


def is_needed(state: ReplicationState) -> bool:
    """Whether waiting orders are tracked one by one."""
    decided = state.decided
    changing = any(spec.impatience or spec.contact for spec in state.scenario.customers.values())
    dated = any(promise.from_stock is not None and promise.days is None for promise in decided.promise.all)
    differing = decided.promise.only is None and any(promise.days is not None for promise in decided.promise.all)
    asking = any(window.asks for window in decided.window.all)
    spoken = any(communication.speaks for communication in decided.communication.all) or asking
    repeated = any(promise.repromise != "never" for promise in decided.promise.all)
    return changing or dated or differing or spoken or repeated
