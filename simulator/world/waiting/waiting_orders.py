"""What happens to an order while it waits: its promised date, the customer's patience, the seller's window."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from simulator.engine.orders import Order
from simulator.engine.shelf import Shelf
from simulator.policies.acceptance import Acceptance, Always
from simulator.policies.policy import decision_for
from simulator.policies.promise import Promise
from simulator.record.run import Promised
from simulator.scenario.schema.shoppers import Impatience
from simulator.world.clock import Phase
from simulator.world.orders.waiting_order import Wait, wait_of
from simulator.world.state import Stage
from simulator.world.suppliers.purchase import Purchase
from simulator.world.waiting.availability import Outlooks

if TYPE_CHECKING:
    from simulator.world.waiting.consent import Consent
    from simulator.world.waiting.contacts import Contacts
    from simulator.world.waiting.messages import Talk

CANCEL = int(Phase.CANCEL)
CLOSE = int(Phase.CLOSE)
SOON = 0.5
"""Days before which nobody looks again for a receipt that is overdue."""


class Waiting:
    """Sets and resets the clocks of waiting orders. What is void when it rings is left to ring."""

    def __init__(self, stage: Stage, outlooks: Outlooks) -> None:
        self.stage, self.outlooks = stage, outlooks
        self.clock, self.flow, self.ledger = stage.clock, stage.flow, stage.ledger
        self.promise: Promise = stage.policy.promise
        self.lag = stage.policy.communication.lag
        self.window = stage.policy.window.length
        segments = [stage.scenario.customers[name] for name in stage.cast.segments]
        self.impatience: list[Impatience] = [spec.impatience or Impatience.none() for spec in segments]
        self.acceptance: list[Acceptance] = [
            decision_for(stage.policy.acceptance, name, site) or Always() for site, name in stage.cast.shelves
        ]
        self.orders: dict[int, Wait] = {}
        """Waiting orders by number; finished ones are dropped when everybody is looked at."""
        self.talk: Talk | None = None
        self.contacts: Contacts | None = None
        self.consent: Consent | None = None
        if self.promise.every is not None:
            self.clock.after(self.promise.every, CLOSE, self._look_again, None)

    # --------------------------------------------------------------- begin
    def begins(self, order: Order, patience: float, now: float) -> None:
        """An order goes on backorder: it is given a date if the policy has one, and its clocks are set."""
        wait = self.orders[order.number] = order.wait = Wait(order, patience, now)
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
        if self.talk is not None:
            self.talk.begins(wait, now)

    def quote(self, order: Order, now: float) -> float | None:
        """The day by which all of a waiting order should be there; None where any line has no date."""
        if any(not self.acceptance[line.shelf.item].dated for line in order.waiting or ()):
            return None
        promotions = self.stage.promotions
        if promotions is not None and any(promotions.hide(line.shelf.item, now) for line in order.waiting or ()):
            return None
        if self.promise.days is not None:
            return order.placed + self.promise.days
        quotes = [self.promise.quote(outlook) for outlook in self.outlooks.of_order(order, now)]
        days = [quote for quote in quotes if quote is not None]
        return now + max(days) if len(days) == len(quotes) and days else None

    # ------------------------------------------------------------ patience
    def _rate(self, wait: Wait) -> float:
        words = self.impatience[wait.order.terms.segment] if self.impatience else Impatience.none()
        rate: float = words.per_slip**wait.slips
        if wait.told is None:
            rate *= words.no_date
        elif wait.broken:
            rate *= words.after_promise
        return rate * self.stage.scenario.support.upset if wait.upset else rate

    def _set(self, wait: Wait) -> None:
        """Sets the alarm of patience for the pace at which it is now used up."""
        self.clock.after(wait.patience.days, CANCEL, self._patience_ends, (wait, wait.patience.turn))

    def mood_changes(self, wait: Wait, now: float) -> None:
        """Something happened that may change how fast patience is used up, and how soon the customer asks."""
        if wait.patience.change(self._rate(wait), now):
            self._set(wait)
        if self.contacts is not None:
            self.contacts.mood_changes(wait, now)

    def _patience_ends(self, due: tuple[Wait, int], now: float) -> None:
        wait, turn = due
        if turn == wait.patience.turn:
            self.flow.patience_runs_out(wait.order, now)

    # -------------------------------------------------------------- promise
    def _watch_own(self, wait: Wait, now: float) -> None:
        """Sets the alarm for the moment from which the seller's date can no longer be met."""
        if wait.promised is not None and self.promise.repromise != "never":
            _, door = self.outlooks.door(wait.order.terms.segment)
            noticed = max(wait.promised - door, now) + self.lag
            self.clock.at(noticed, CLOSE, self._cannot_be_met, (wait, wait.promised))

    def _watch_told(self, wait: Wait, now: float) -> None:
        """Sets the alarm for the day that the customer was told."""
        if wait.told is not None and not wait.broken:
            self.clock.at(max(wait.told, now), CANCEL, self._promise_passes, (wait, wait.told))

    def _promise_passes(self, due: tuple[Wait, float], now: float) -> None:
        """The day that the customer was told has come, and the goods have not."""
        wait, told = due
        if wait.open and wait.told == told:
            wait.broken, wait.heard = True, False
            self.mood_changes(wait, now)

    def _cannot_be_met(self, due: tuple[Wait, float], now: float) -> None:
        """So late that goods which left now would miss the date."""
        wait, promised = due
        if wait.open and wait.promised == promised:
            self.promise_anew(wait, now)

    def promise_anew(self, wait: Wait, now: float) -> None:
        """A new date is worked out; it counts if it differs by more than the tolerance."""
        date, before = self.quote(wait.order, now), wait.promised
        if date is None and before is None:
            return
        if date is not None and before is not None and abs(date - before) <= self.promise.tolerance:
            if date <= before or before > now:
                return
        self.revise(wait, date, now)
        if self.talk is not None:
            self.talk.date_moved(wait, now)

    def revise(self, wait: Wait, date: float | None, now: float) -> None:
        """The seller has another date; the customer does not know yet."""
        wait.promised = date
        self.ledger.promises.write(now, wait.order.number, inf if date is None else date, 0)
        self._watch_own(wait, now)

    def tell(self, wait: Wait, now: float) -> None:
        """The customer learns the seller's date."""
        wait.heard = True
        if wait.told != wait.promised:
            later = wait.promised is None or (wait.told is not None and wait.promised > wait.told)
            wait.slips += later
            wait.told = wait.promised
            wait.broken = wait.told is not None and wait.told <= now
            self.ledger.promises.write(now, wait.order.number, inf if wait.told is None else wait.told, 1)
            self._watch_told(wait, now)
        self.mood_changes(wait, now)

    # ------------------------------------------------------------- changes
    def parcel_leaves(self, order: Order, delivered: float, now: float) -> None:
        """A parcel of the order is on its way; perhaps the rest still waits."""
        wait = wait_of(order)
        if wait is not None:
            if wait.open:
                self.mood_changes(wait, now)
            if self.talk is not None:
                self.talk.parcel_leaves(wait, delivered, now)

    def purchase_was_released(self, purchase: Purchase, now: float) -> None:
        """Where dates follow the receipts: somebody looks when this one is overdue, again and again."""
        if self.promise.repromise == "on_change" and purchase.announced is None:
            self._look_when_due(purchase, 0.0, self.lag)

    def _look_when_due(self, purchase: Purchase, elapsed: float, later: float) -> None:
        days = self.outlooks.belief(purchase.supplier).remaining(elapsed)
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


def is_needed(stage: Stage) -> bool:
    """Whether waiting orders are looked after one by one."""
    promise = stage.policy.promise
    moody = any(spec.impatience or spec.contact for spec in stage.scenario.customers.values())
    dated = promise.from_stock is not None and promise.days is None
    spoken = stage.policy.communication.speaks or stage.policy.window.asks
    return moody or dated or spoken or promise.repromise != "never"


def at_once(stage: Stage, outlooks: Outlooks | None) -> Promised | None:
    """What is promised to orders that are filled at once; None where no date is given."""
    promise = stage.policy.promise
    segments = range(len(stage.cast.segments))
    if promise.days is not None:
        return Promised(tuple(promise.days for _ in segments), waiting=True)
    if promise.from_stock is None or outlooks is None:
        return None
    found = []
    for segment in segments:
        _, door = outlooks.door(segment)
        shelf = stage.engine.shelves[0]
        quoted = promise.quote(outlooks.of(shelf, 0, -shelf.on_hand, 0.0, segment))
        found.append(door if quoted is None else quoted)
    return Promised(tuple(found), waiting=False)
