"""Contacts: how soon customers ask about their order, and the support desk that answers."""

from __future__ import annotations

import numpy as np

from simulator.engine.backlog import Order
from simulator.scenario.schema.shoppers import Contact
from simulator.world.clock import Phase
from simulator.world.orders.waiting_order import WaitingOrder
from simulator.world.pace import Pace, Workers
from simulator.world.state import ReplicationState
from simulator.world.waiting.waiting_orders import CLOSE, WaitingOrders

DEMAND = int(Phase.DEMAND)


class Contacts:
    """The contacts of each waiting order, at a rate that depends on what the customer knows and has received."""

    def __init__(self, state: ReplicationState, waiting: WaitingOrders) -> None:
        self.state, self.waiting = state, waiting
        self.clock, self.ledger, self.streams = state.clock, state.ledger, state.streams
        self.specs: list[Contact | None] = [state.scenario.customers[name].contact for name in state.numbering.segments]
        self.communication = state.decided.communication
        support = state.scenario.support
        self.agents, self.time = Workers(support.agents), support.time.sampler(state.streams.stream("support", "time"))
        state.flow.followers.wait_begins.add(self.wait_begins)
        state.flow.followers.impatience_changed.add(self.impatience_changed)
        self.generators: dict[int, np.random.Generator] = {}

    def wait_begins(self, order: Order, patience: float, now: float) -> None:
        """Sets the timer of the first contact of an order that goes on backorder."""
        wait: WaitingOrder = order.wait
        spec = self._spec_of(wait)
        if spec is None or order.number < 0:
            return
        owner, serial = wait.order.terms.owner, str(wait.order.arrival.serial)
        self.generators[wait.order.number] = rng = self.streams.keyed("contacts", owner, serial)
        wait.contact = Pace(float(rng.standard_exponential()), self._rate(wait, spec), now)
        self._set(wait)

    def _spec_of(self, wait: WaitingOrder) -> Contact | None:
        return self.specs[wait.order.terms.segment] if self.specs else None

    def _rate(self, wait: WaitingOrder, spec: Contact) -> float:
        if wait.early:
            return 0.0
        rate = spec.per_day_waiting
        if wait.broken or wait.quoted is None:
            rate *= spec.after_promise
        if wait.order.parcels:
            rate *= spec.split
        return rate * spec.informed if wait.informed else rate

    def _set(self, wait: WaitingOrder) -> None:
        assert wait.contact is not None
        self.clock.after(wait.contact.days, CLOSE, self._asks, (wait, wait.contact.turn))

    def impatience_changed(self, wait: WaitingOrder, now: float) -> None:
        """The customer has other information, or a part of the order."""
        spec = self._spec_of(wait)
        if wait.contact is not None and spec is not None and wait.contact.change(self._rate(wait, spec), now):
            self._set(wait)

    def _asks(self, timer: tuple[WaitingOrder, int], now: float) -> None:
        """The customer asks where the order is; the tracking page or an agent answers."""
        wait, turn = timer
        assert wait.contact is not None
        if turn != wait.contact.turn:
            return
        if not wait.open:
            self.generators.pop(wait.order.number, None)
            return
        rng = self.generators[wait.order.number]
        page, again = float(rng.random()), float(rng.standard_exponential())
        if page < self.communication.of(wait.order).tracking_page:
            self.ledger.contacts.write(now, wait.order.number, 1, now, now)
            self._learns(wait, now)
        else:
            start, done = self.agents.serve(now, self.time())
            self.ledger.contacts.write(now, wait.order.number, 0, start, done)
            if start - now > self.state.scenario.support.tolerance:
                wait.annoyed = True
                self.waiting.impatience_changes(wait, now)
            self.clock.at(done, CLOSE, self._learns, wait)
        wait.contact.renew(again, now)
        self._set(wait)

    def _learns(self, wait: WaitingOrder, now: float) -> None:
        """A contact tells the customer the date if the policy answers `on_request`."""
        if wait.open and self.communication.of(wait.order).on_request:
            if self.waiting.promise.of(wait.order).repromise != "never":
                self.waiting.update_date(wait, now)
            self.waiting.inform(wait, now)
