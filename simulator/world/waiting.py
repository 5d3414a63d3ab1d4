"""What happens to an order while it waits: its promised date, the customer's patience, the seller's window."""

from __future__ import annotations

from math import inf

from simulator.engine.orders import Order
from simulator.policies.acceptance import Acceptance, Always
from simulator.policies.policy import decision_for
from simulator.policies.promise import Promise
from simulator.record.run import Promised
from simulator.scenario.shoppers import Impatience
from simulator.world.clock import Phase
from simulator.world.outlooks import Outlooks
from simulator.world.stage import Stage
from simulator.world.suppliers import Purchase

CANCEL = int(Phase.CANCEL)
CLOSE = int(Phase.CLOSE)


class Wait:
    """One waiting order."""

    __slots__ = ("broken", "last", "left", "order", "promised", "rate", "since", "slips", "told", "turn")

    def __init__(self, order: Order, patience: float, now: float) -> None:
        self.order = order
        self.left = patience
        """Days that the customer would still wait at the usual pace."""
        self.rate = 1.0
        """How fast patience is used up."""
        self.since = now
        """When `left` was last worked out."""
        self.turn = 0
        """Counts the times that the clock of patience was set anew; older settings are void."""
        self.promised: float | None = None
        """The seller's own date, day; None: no date."""
        self.told: float | None = None
        """The date that the customer knows, day; None: no date."""
        self.slips = 0
        """How often the customer was told a later date."""
        self.broken = False
        """The date that the customer knows has passed."""
        self.last = now
        """When the customer last heard of the order."""

    @property
    def open(self) -> bool:
        """Whether anything of the order still waits."""
        return bool(self.order.waiting)


class Waiting:
    """Sets and resets the clocks of waiting orders. What is void when it rings is left to ring."""

    def __init__(self, stage: Stage, outlooks: Outlooks) -> None:
        self.stage, self.outlooks = stage, outlooks
        self.clock, self.flow, self.ledger = stage.clock, stage.flow, stage.ledger
        self.promise: Promise = stage.policy.promise
        self.window = stage.policy.window.length
        self.impatience: list[Impatience] = [
            stage.scenario.customers[name].impatience or Impatience.none() for name in stage.cast.segments
        ]
        self.acceptance: list[Acceptance] = [
            decision_for(stage.policy.acceptance, name, site) or Always() for site, name in stage.cast.shelves
        ]
        self.orders: dict[int, Wait] = {}
        """Waiting orders by number; finished ones are dropped when they are next met."""
        if self.promise.every is not None:
            self._look_again(None, 0.0)

    # --------------------------------------------------------------- begin
    def begins(self, order: Order, patience: float, now: float) -> None:
        """An order goes on backorder: it is given a date if the policy has one, and its clocks are set."""
        wait = self.orders[order.number] = order.wait = Wait(order, patience, now)
        wait.promised = wait.told = self._quote(order, now)
        if wait.told is not None:
            self.ledger.promises.write(now, order.number, wait.told, 1)
            self._watch(wait, now)
        wait.rate = self._rate(wait)
        self._set(wait, now)
        if self.window < inf:
            self.clock.after(self.window, CANCEL, self.flow.window_closes, order)

    def _quote(self, order: Order, now: float) -> float | None:
        """The day by which all of a waiting order should be there; None where any line has no date."""
        if any(not self.acceptance[line.shelf.item].dated for line in order.waiting or ()):
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
            return rate * words.no_date
        return rate * words.after_promise if wait.broken else rate

    def _set(self, wait: Wait, now: float) -> None:
        """Sets the clock of patience for the pace at which it is now used up."""
        wait.turn += 1
        if wait.left < inf and wait.rate > 0:
            self.clock.after(wait.left / wait.rate, CANCEL, self._patience_ends, (wait, wait.turn))

    def pace(self, wait: Wait, now: float) -> None:
        """Something happened that may change the pace."""
        rate = self._rate(wait)
        if rate != wait.rate:
            if wait.left < inf:
                wait.left = max(wait.left - wait.rate * (now - wait.since), 0.0)
            wait.rate, wait.since = rate, now
            self._set(wait, now)

    def _patience_ends(self, due: tuple[Wait, int], now: float) -> None:
        wait, turn = due
        if turn == wait.turn:
            self.flow.patience_runs_out(wait.order, now)

    # -------------------------------------------------------------- promise
    def _watch(self, wait: Wait, now: float) -> None:
        """Sets the clocks of the dates: when it can no longer be met, and when the one that was told has passed."""
        if wait.promised is not None and self.promise.repromise != "never":
            _, door = self.outlooks.door(wait.order.terms.segment)
            self.clock.at(max(wait.promised - door, now), CLOSE, self._cannot_be_met, (wait, wait.promised))
        if wait.told is not None and not wait.broken:
            self.clock.at(max(wait.told, now), CANCEL, self._promise_passes, (wait, wait.told))

    def _promise_passes(self, due: tuple[Wait, float], now: float) -> None:
        """The day that the customer was told has come, and the goods have not."""
        wait, told = due
        if wait.open and wait.told == told:
            wait.broken = True
            self.pace(wait, now)

    def _cannot_be_met(self, due: tuple[Wait, float], now: float) -> None:
        """So late that goods which left now would miss the date."""
        wait, promised = due
        if wait.open and wait.promised == promised:
            self.promise_anew(wait, now)

    def promise_anew(self, wait: Wait, now: float) -> None:
        """A new date is worked out; it counts if it differs by more than the tolerance."""
        date = self._quote(wait.order, now)
        before = wait.promised
        if date is None and before is None:
            return
        if date is not None and before is not None and abs(date - before) <= self.promise.tolerance:
            if date <= before or before > now:
                return
        wait.promised = date
        self.ledger.promises.write(now, wait.order.number, inf if date is None else date, 0)
        if date is not None:
            self._watch(wait, now)

    def tell(self, wait: Wait, now: float) -> None:
        """The customer learns the seller's date."""
        if wait.told == wait.promised:
            return
        later = wait.promised is None or (wait.told is not None and wait.promised > wait.told)
        wait.slips += later
        wait.told, wait.broken, wait.last = wait.promised, False, now
        self.ledger.promises.write(now, wait.order.number, inf if wait.told is None else wait.told, 1)
        self.pace(wait, now)

    # ------------------------------------------------------------- changes
    def purchase_was_released(self, purchase: Purchase, now: float) -> None:
        """Where dates follow the receipts: somebody looks when this one is overdue."""
        if self.promise.repromise == "on_change" and purchase.announced is None:
            day = now + self.outlooks.belief(purchase.supplier).remaining(0.0)
            self.clock.at(day, CLOSE, self._is_overdue, purchase)

    def _is_overdue(self, purchase: Purchase, now: float) -> None:
        if purchase in self.flow.purchasing.under_way.get(purchase.shelf.item, ()):
            self.look_at([line.order for line in purchase.shelf.backlog], now)

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

    def ended(self, order: Order) -> None:
        """Nothing of the order waits any more."""
        self.orders.pop(order.number, None)


def is_needed(stage: Stage) -> bool:
    """Whether waiting orders are looked after one by one."""
    promise = stage.policy.promise
    moody = any(spec.impatience for spec in stage.scenario.customers.values())
    dated = promise.from_stock is not None and promise.days is None
    return moody or dated or promise.repromise != "never"


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
