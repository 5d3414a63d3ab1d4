"""Messages to customers whose orders wait: when they are sent, who reads them, and how the reader responds."""

from __future__ import annotations

from math import inf

from simulator.engine.backlog import Order
from simulator.model.nouns import Answer, Cause, Message
from simulator.scenario.schema.shoppers import Offer
from simulator.world.clock import Phase
from simulator.world.orders.waiting_order import WaitingOrder, waiting_order_of
from simulator.world.state import ReplicationState
from simulator.world.waiting.waiting_orders import CLOSE, WaitingOrders

DEMAND = int(Phase.DEMAND)
FOLLOW_UP = 7.0
"""Days from the delivery to the message that asks whether everything is fine."""


class Notifications:
    """Sends the messages of the policy. Whether one is read is a draw of the order, by number of the message."""

    def __init__(self, state: ReplicationState, waiting: WaitingOrders) -> None:
        self.state, self.waiting = state, waiting
        self.clock, self.flow, self.ledger, self.streams = state.clock, state.flow, state.ledger, state.streams
        self.communication = state.decided.communication
        self.offers = [state.scenario.customers[name].offer for name in state.numbering.segments] or [Offer()]
        self.followers = state.flow.followers
        self.followers.wait_begins.add(self.wait_begins)
        self.followers.date_moved.add(self.date_moved)
        self.followers.on_its_way.add(self.on_its_way)
        self.followers.held.add(self.held)

    def draw(self, purpose: str, order: Order, number: int = 0) -> float:
        """A uniform number in [0, 1) that belongs to the order, whatever the policy."""
        owner, serial = order.terms.owner, str(order.arrival.serial)
        return float(self.streams.keyed("talk", purpose, owner, serial, str(number)).random())

    # ---------------------------------------------------------------- send
    def send(self, wait: WaitingOrder, message: Message, now: float) -> bool:
        """Sends one message; True if the customer reads it, and so learns the date."""
        order = wait.order
        channel = self.communication.of(order).channel
        chance = channel.delivered * channel.opened * (1 - channel.fatigue) ** wait.messages
        read = self.draw("read", order, wait.messages) < chance
        wait.messages += 1
        date = inf if wait.promised is None else wait.promised
        self.ledger.notices.write(now, order.number, message, read, date)
        if read:
            self.waiting.inform(wait, now)
        return read

    def wait_begins(self, order: Order, patience: float, now: float) -> None:
        """An order goes on backorder."""
        wait: WaitingOrder = order.wait
        communication = self.communication.of(order)
        if "order" in communication.also and (order.placed >= now or order.due > -inf):  # else it was before the start
            self.send(wait, Message.CONFIRMED, now)
        self._watch_date(wait, now)
        if communication.rhythm is not None:
            self.clock.after(communication.rhythm, CLOSE, self._heartbeat, wait)

    # ------------------------------------------------------------ occasions
    def date_moved(self, wait: WaitingOrder, now: float) -> None:
        """The seller has a new date."""
        if self.communication.of(wait.order).on_change and wait.quoted != wait.promised:
            if self.send(wait, Message.CHANGED, now):
                self._offer(wait, now)
        self._watch_date(wait, now)

    def _watch_date(self, wait: WaitingOrder, now: float) -> None:
        before = self.communication.of(wait.order).before
        if before is not None and wait.quoted is not None and not wait.broken:
            self.clock.at(max(wait.quoted - before, now), CLOSE, self._warn, (wait, wait.quoted))

    def _warn(self, timer: tuple[WaitingOrder, float], now: float) -> None:
        """Some days before the date that the customer knows, warns if it will not be met."""
        wait, quoted = timer
        if not wait.open or wait.quoted != quoted or wait.broken:
            return
        self.waiting.update_date(wait, now)
        if wait.quoted == quoted and (wait.promised is None or wait.promised > quoted):
            if self.send(wait, Message.BREACH, now):
                self._watch_date(wait, now)
                self._offer(wait, now)

    def _heartbeat(self, wait: WaitingOrder, now: float) -> None:
        """Sends the regular message, even if nothing has changed."""
        if not wait.open:
            return
        if self.waiting.promise.of(wait.order).repromise != "never":
            self.waiting.update_date(wait, now)
        moved = wait.quoted != wait.promised
        if self.send(wait, Message.DELAYED if moved else Message.ON_TRACK, now) and moved:
            self._offer(wait, now)
        if (rhythm := self.communication.of(wait.order).rhythm) is not None:
            self.clock.after(rhythm, CLOSE, self._heartbeat, wait)

    def on_its_way(self, order: Order, delivery: float, now: float) -> None:
        """A parcel is with its carrier; only customers who waited get messages."""
        wait = waiting_order_of(order)
        if wait is None:
            return
        also = self.communication.of(order).also
        if "shipped" in also:
            self.send(wait, Message.SHIPPED, now)
        if "follow_up" in also and not wait.open:
            self.clock.at(delivery + FOLLOW_UP, CLOSE, self._follow_up, wait)

    def _follow_up(self, wait: WaitingOrder, now: float) -> None:
        self.send(wait, Message.FOLLOW_UP, now)

    def held(self, order: Order, now: float) -> None:
        """A parcel is held for the rest of its order."""
        wait = waiting_order_of(order)
        if wait is not None and "held" in self.communication.of(order).also:
            self.send(wait, Message.HELD, now)

    # --------------------------------------------------------------- options
    def _offer(self, wait: WaitingOrder, now: float) -> None:
        """Offers the customer, once per order, to keep, switch or cancel."""
        options = self.communication.of(wait.order).options
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
        if chosen == "switch" and not any(switches(order, now) for switches in self.followers.switches):
            chosen = "keep"
        self.ledger.answers.write(now, order.number, Answer[chosen.upper()])
        if chosen == "cancel":
            self.flow.order_is_given_up(order, Cause.OFFER, now)
