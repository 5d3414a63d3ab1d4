"""Messages to customers whose order waits: when they go out, who reads them, and what the reader then does."""

from __future__ import annotations

from collections import Counter
from math import inf

from simulator.engine.backlog import Order
from simulator.model.nouns import Answer, Cause, Message
from simulator.policies.communication import Communication
from simulator.scenario.schema.shoppers import Offer
from simulator.world.clock import Phase
from simulator.world.orders.flow import SERIAL
from simulator.world.orders.waiting_order import WaitingOrder, waiting_order_of
from simulator.world.state import ReplicationState
from simulator.world.waiting.waiting_orders import CLOSE, WaitingOrders

DEMAND = int(Phase.DEMAND)
FOLLOW_UP = 7.0
"""Days from the delivery to the message that asks whether all is well."""


class Notifications:
    """Sends what the policy wants sent. Whether a message is read is a number of the order's own, by message."""

    def __init__(self, state: ReplicationState, waiting: WaitingOrders) -> None:
        self.state, self.waiting = state, waiting
        self.clock, self.flow, self.ledger, self.streams = state.clock, state.flow, state.ledger, state.streams
        self.words: Communication = state.policy.communication
        self.offers = [state.scenario.customers[name].offer for name in state.numbering.segments] or [Offer()]

    def draw(self, purpose: str, order: Order, number: int = 0) -> float:
        """A number in [0, 1) that belongs to the order, whatever the policy."""
        owner, serial = order.terms.owner, str(order.brought[SERIAL])
        return float(self.streams.keyed("talk", purpose, owner, serial, str(number)).random())

    # ---------------------------------------------------------------- send
    def send(self, wait: WaitingOrder, message: Message, now: float) -> bool:
        """One message; true where the customer reads it and learns the date."""
        channel, order = self.words.channel, wait.order
        chance = channel.delivered * channel.opened * (1 - channel.fatigue) ** wait.messages
        read = self.draw("read", order, wait.messages) < chance
        wait.messages += 1
        date = inf if wait.promised is None else wait.promised
        self.ledger.notices.write(now, order.number, message, read, date)
        if read:
            self.waiting.tell(wait, now)
        return read

    def begins(self, wait: WaitingOrder, now: float) -> None:
        """An order goes on backorder."""
        if "order" in self.words.also:
            self.send(wait, Message.CONFIRMED, now)
        self._set_lookout(wait, now)
        if self.words.rhythm is not None:
            self.clock.after(self.words.rhythm, CLOSE, self._beats, wait)

    # ------------------------------------------------------------ occasions
    def date_moved(self, wait: WaitingOrder, now: float) -> None:
        """The seller has a new date."""
        if self.words.on_change and wait.told != wait.promised:
            if self.send(wait, Message.CHANGED, now):
                self._offer(wait, now)
        self._set_lookout(wait, now)

    def _set_lookout(self, wait: WaitingOrder, now: float) -> None:
        before = self.words.before
        if before is not None and wait.told is not None and not wait.broken:
            self.clock.at(max(wait.told - before, now), CLOSE, self._looks_out, (wait, wait.told))

    def _looks_out(self, due: tuple[WaitingOrder, float], now: float) -> None:
        """Some days before the date that the customer knows: will it be kept?"""
        wait, told = due
        if not wait.open or wait.told != told or wait.broken:
            return
        self.waiting.promise_anew(wait, now)
        if wait.told == told and (wait.promised is None or wait.promised > told):
            if self.send(wait, Message.BREACH, now):
                self._set_lookout(wait, now)
                self._offer(wait, now)

    def _beats(self, wait: WaitingOrder, now: float) -> None:
        """Time for the next message, whatever there is to say."""
        if not wait.open:
            return
        if self.waiting.promise.repromise != "never":
            self.waiting.promise_anew(wait, now)
        moved = wait.told != wait.promised
        if self.send(wait, Message.DELAYED if moved else Message.ON_TRACK, now) and moved:
            self._offer(wait, now)
        if self.words.rhythm is not None:
            self.clock.after(self.words.rhythm, CLOSE, self._beats, wait)

    def parcel_leaves(self, wait: WaitingOrder, delivered: float, now: float) -> None:
        """A parcel of an order that waited is on its way."""
        if "shipped" in self.words.also:
            self.send(wait, Message.SHIPPED, now)
        if "follow_up" in self.words.also and not wait.open:
            self.clock.at(delivered + FOLLOW_UP, CLOSE, self._asks_after, wait)

    def _asks_after(self, wait: WaitingOrder, now: float) -> None:
        self.send(wait, Message.FOLLOW_UP, now)

    def parcel_is_held(self, order: Order, now: float) -> None:
        """A parcel is held for the rest of its order."""
        wait = waiting_order_of(order)
        if wait is not None and "held" in self.words.also:
            self.send(wait, Message.HELD, now)

    # --------------------------------------------------------------- options
    def _offer(self, wait: WaitingOrder, now: float) -> None:
        """Once an order: keep, switch, or cancel."""
        options = self.words.options
        if wait.offered or not options or not wait.open:
            return
        wait.offered = True
        offer, order = self.offers[wait.order.terms.segment], wait.order
        weights = [(option, getattr(offer, option)) for option in ("cancel", "switch", "keep") if option in options]
        draw = self.draw("option", order) * (sum(weight for _, weight in weights) or 1.0)
        chosen = "keep"
        for option, weight in weights:
            if draw < weight:
                chosen = option
                break
            draw -= weight
        if chosen == "switch" and not self._switches(wait, now):
            chosen = "keep"
        self.ledger.answers.write(now, order.number, Answer[chosen.upper()])
        if chosen == "cancel":
            self.flow.order_is_given_up(order, Cause.OFFER, now)

    def _switches(self, wait: WaitingOrder, now: float) -> bool:
        """Each waiting line is given up for a substitute that lies on the shelf; false where none does."""
        checkout, order = self.flow.checkout, wait.order
        if checkout is None:
            return False
        found: list[tuple[int, int, int]] = []
        wanted: Counter[int] = Counter()
        for line in order.waiting or ():
            for other, _ in checkout.substitutes[line.shelf.item]:
                shelf = self.state.engine.shelves[other]
                if not shelf.backordered and shelf.on_hand - wanted[other] >= line.open:
                    wanted[other] += line.open
                    found.append((line.number, other, line.open))
                    break
            else:
                return False
        checkout.exchange(order, found, now)
        return True
