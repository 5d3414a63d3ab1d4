"""What happens to an order while it waits: its promised date, the customer's patience, the seller's window."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from simulator.engine.backlog import Order, Shelf
from simulator.policies.acceptance import Acceptance, Always
from simulator.policies.policy import decision_for
from simulator.policies.promise import Promise
from simulator.record.run import Promised
from simulator.scenario.schema.shoppers import Impatience
from simulator.world.clock import Phase
from simulator.world.orders.waiting_order import WaitingOrder, waiting_order_of
from simulator.world.state import ReplicationState
from simulator.world.suppliers.purchase import Purchase
from simulator.world.waiting.availability import Availability

if TYPE_CHECKING:
    from simulator.world.waiting.consent import Consent
    from simulator.world.waiting.contacts import Contacts
    from simulator.world.waiting.messages import Notifications

CANCEL = int(Phase.CANCEL)
CLOSE = int(Phase.CLOSE)
SOON = 0.5
"""Days before which nobody looks again for a receipt that is overdue."""


class WaitingOrders:
    """Sets and resets the clocks of waiting orders. What is void when it rings is left to ring."""

    def __init__(self, state: ReplicationState, availability: Availability) -> None:
        self.state, self.availability = state, availability
        self.clock, self.flow, self.ledger = state.clock, state.flow, state.ledger
        self.promise: Promise = state.policy.promise
        self.lag = state.policy.communication.lag
        self.window = state.policy.window.length
        segments = [state.scenario.customers[name] for name in state.numbering.segments]
        self.impatience: list[Impatience] = [spec.impatience or Impatience.none() for spec in segments]
        self.acceptance: list[Acceptance] = [
            decision_for(state.policy.acceptance, name, site) or Always() for site, name in state.numbering.shelves
        ]
        self.orders: dict[int, WaitingOrder] = {}
        """Waiting orders by number; finished ones are dropped when everybody is looked at."""
        self.notifications: Notifications | None = None
        self.contacts: Contacts | None = None
        self.consent: Consent | None = None
        if self.promise.every is not None:
            self.clock.after(self.promise.every, CLOSE, self._look_again, None)

    # --------------------------------------------------------------- begin
    def begins(self, order: Order, patience: float, now: float) -> None:
        """An order goes on backorder: it is given a date if the policy has one, and its clocks are set."""
        wait = self.orders[order.number] = order.wait = WaitingOrder(order, patience, now)
        wait.promised = wait.told = self.quote(order, now)
        if wait.told is not None:
            self.ledger.promises.write(now, order.number, wait.told, 1)
            self._watch_own(wait, now)
            self._watch_told(wait, now)
        wait.patience.rate = self._rate(wait)
        self._set(wait)
        if self.window < inf:
            self.clock.after(self.window, CANCEL, self.flow.window_closes, order)
        if self.contacts is not None:
            self.contacts.begin(wait, now)
        if self.consent is not None:
            self.consent.begins(wait, now)
        if self.notifications is not None:
            self.notifications.begins(wait, now)

    def quote(self, order: Order, now: float) -> float | None:
        """The day by which all of a waiting order should be there; None where any line has no date."""
        if any(not self.acceptance[line.shelf.item].dated for line in order.waiting or ()):
            return None
        promotions = self.state.promotions
        if promotions is not None and any(promotions.hide(line.shelf.item, now) for line in order.waiting or ()):
            return None
        if self.promise.days is not None:
            return order.placed + self.promise.days
        quotes = [self.promise.quote(outlook) for outlook in self.availability.of_order(order, now)]
        days = [quote for quote in quotes if quote is not None]
        return now + max(days) if len(days) == len(quotes) and days else None

    # ------------------------------------------------------------ patience
    def _rate(self, wait: WaitingOrder) -> float:
        words = self.impatience[wait.order.terms.segment] if self.impatience else Impatience.none()
        rate: float = words.per_slip**wait.slips
        if wait.told is None:
            rate *= words.no_date
        elif wait.broken:
            rate *= words.after_promise
        return rate * self.state.scenario.support.upset if wait.upset else rate

    def _set(self, wait: WaitingOrder) -> None:
        """Sets the alarm of patience for the pace at which it is now used up."""
        self.clock.after(wait.patience.days, CANCEL, self._patience_ends, (wait, wait.patience.turn))

    def impatience_changes(self, wait: WaitingOrder, now: float) -> None:
        """Something happened that may change how fast patience is used up, and how soon the customer asks."""
        if wait.patience.change(self._rate(wait), now):
            self._set(wait)
        if self.contacts is not None:
            self.contacts.impatience_changes(wait, now)

    def _patience_ends(self, due: tuple[WaitingOrder, int], now: float) -> None:
        wait, turn = due
        if turn == wait.patience.turn:
            self.flow.patience_runs_out(wait.order, now)

    # -------------------------------------------------------------- promise
    def _watch_own(self, wait: WaitingOrder, now: float) -> None:
        """Sets the alarm for the moment from which the seller's date can no longer be met."""
        if wait.promised is not None and self.promise.repromise != "never":
            _, delivery_time = self.availability.delivery_time(wait.order.terms.segment)
            noticed = max(wait.promised - delivery_time, now) + self.lag
            self.clock.at(noticed, CLOSE, self._cannot_be_met, (wait, wait.promised))

    def _watch_told(self, wait: WaitingOrder, now: float) -> None:
        """Sets the alarm for the day that the customer was told."""
        if wait.told is not None and not wait.broken:
            self.clock.at(max(wait.told, now), CANCEL, self._promise_passes, (wait, wait.told))

    def _promise_passes(self, due: tuple[WaitingOrder, float], now: float) -> None:
        """The day that the customer was told has come, and the goods have not."""
        wait, told = due
        if wait.open and wait.told == told:
            wait.broken, wait.informed = True, False
            self.impatience_changes(wait, now)

    def _cannot_be_met(self, due: tuple[WaitingOrder, float], now: float) -> None:
        """So late that goods which left now would miss the date."""
        wait, promised = due
        if wait.open and wait.promised == promised:
            self.promise_anew(wait, now)

    def promise_anew(self, wait: WaitingOrder, now: float) -> None:
        """A new date is worked out; it counts if it differs by more than the tolerance."""
        date, before = self.quote(wait.order, now), wait.promised
        if date is None and before is None:
            return
        if date is not None and before is not None and abs(date - before) <= self.promise.tolerance:
            if date <= before or before > now:
                return
        self.revise(wait, date, now)
        if self.notifications is not None:
            self.notifications.date_moved(wait, now)

    def revise(self, wait: WaitingOrder, date: float | None, now: float) -> None:
        """The seller has another date; the customer does not know yet."""
        wait.promised = date
        self.ledger.promises.write(now, wait.order.number, inf if date is None else date, 0)
        self._watch_own(wait, now)

    def tell(self, wait: WaitingOrder, now: float) -> None:
        """The customer learns the seller's date."""
        wait.informed = True
        if wait.told != wait.promised:
            later = wait.promised is None or (wait.told is not None and wait.promised > wait.told)
            wait.slips += later
            wait.told = wait.promised
            wait.broken = wait.told is not None and wait.told <= now
            self.ledger.promises.write(now, wait.order.number, inf if wait.told is None else wait.told, 1)
            self._watch_told(wait, now)
        self.impatience_changes(wait, now)

    # ------------------------------------------------------------- changes
    def parcel_leaves(self, order: Order, delivered: float, now: float) -> None:
        """A parcel of the order is on its way; perhaps the rest still waits."""
        wait = waiting_order_of(order)
        if wait is not None:
            if wait.open:
                self.impatience_changes(wait, now)
            if self.notifications is not None:
                self.notifications.parcel_leaves(wait, delivered, now)

    def purchase_was_released(self, purchase: Purchase, now: float) -> None:
        """Where dates follow the receipts: somebody looks when this one is overdue, again and again."""
        if self.promise.repromise == "on_change" and purchase.announced is None:
            self._look_when_due(purchase, 0.0, self.lag)

    def _look_when_due(self, purchase: Purchase, elapsed: float, later: float) -> None:
        days = self.availability.estimate(purchase.supplier).remaining(elapsed)
        self.clock.after(max(days, self.promise.tolerance, SOON) + later, CLOSE, self._is_overdue, purchase)

    def _is_overdue(self, purchase: Purchase, now: float) -> None:
        if purchase in self.flow.purchasing.under_way.get(purchase.shelf.item, ()) and purchase.released is not None:
            self.look_at([line.order for line in purchase.shelf.backlog], now)
            self._look_when_due(purchase, now - purchase.released, 0.0)

    def look_later(self, shelf: Shelf, days: float) -> None:
        """After so many days the seller learns of what happened at a shelf, and dates are worked out anew."""
        self.clock.after(days, CLOSE, self._news, shelf)

    def _news(self, shelf: Shelf, now: float) -> None:
        self.look_at([line.order for line in shelf.backlog], now)

    def look_at(self, orders: list[Order], now: float) -> None:
        """New dates for these orders, if they have moved."""
        for order in dict.fromkeys(orders):
            wait = self.orders.get(order.number)
            if wait is not None and wait.open:
                self.promise_anew(wait, now)

    def _look_again(self, _: None, now: float) -> None:
        assert self.promise.every is not None
        self.orders = {number: wait for number, wait in self.orders.items() if wait.open}
        self.look_at([wait.order for wait in self.orders.values()], now)
        self.clock.after(self.promise.every, CLOSE, self._look_again, None)


def is_needed(state: ReplicationState) -> bool:
    """Whether waiting orders are looked after one by one."""
    promise = state.policy.promise
    moody = any(spec.impatience or spec.contact for spec in state.scenario.customers.values())
    dated = promise.from_stock is not None and promise.days is None
    spoken = state.policy.communication.speaks or state.policy.window.asks
    return moody or dated or spoken or promise.repromise != "never"


def at_once(state: ReplicationState, availability: Availability | None) -> Promised | None:
    """What is promised to orders that are filled at once; None where no date is given."""
    promise = state.policy.promise
    segments = range(len(state.numbering.segments))
    if promise.days is not None:
        return Promised(tuple(promise.days for _ in segments), waiting=True)
    if promise.from_stock is None or availability is None:
        return None
    found = []
    for segment in segments:
        _, delivery_time = availability.delivery_time(segment)
        shelf = state.engine.shelves[0]
        quoted = promise.quote(availability.of(shelf, 0, -shelf.on_hand, 0.0, segment))
        found.append(delivery_time if quoted is None else quoted)
    return Promised(tuple(found), waiting=False)
