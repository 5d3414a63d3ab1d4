"""Customers who ask where their order is: how soon they do, and the desk that answers."""

from __future__ import annotations

from heapq import heappop, heappush

import numpy as np

from simulator.scenario.schema.shoppers import Contact
from simulator.world.clock import Phase
from simulator.world.orders.flow import SERIAL
from simulator.world.orders.waiting_order import WaitingOrder
from simulator.world.pace import Pace
from simulator.world.state import ReplicationState
from simulator.world.waiting.waiting_orders import CLOSE, WaitingOrders

DEMAND = int(Phase.DEMAND)


class SupportDesk:
    """Agents who answer first come, first served."""

    def __init__(self, state: ReplicationState) -> None:
        self.words = state.scenario.support
        self.agents = self.words.agents
        self.time = self.words.time.sampler(state.streams.stream("support", "time"))
        self.free: list[float] = []
        """When each busy agent will be free."""

    def answers(self, now: float) -> tuple[float, float]:
        """When an agent takes a contact that comes now, and is done with it."""
        start = now
        if self.agents is not None and len(self.free) >= self.agents:
            start = max(heappop(self.free), now)
        done = start + self.time()
        if self.agents is not None:
            heappush(self.free, done)
        return start, done


class Contacts:
    """By order, a hazard of asking that depends on what the customer knows and has."""

    def __init__(self, state: ReplicationState, waiting: WaitingOrders) -> None:
        self.state, self.waiting = state, waiting
        self.clock, self.ledger, self.streams = state.clock, state.ledger, state.streams
        self.words: list[Contact | None] = [state.scenario.customers[name].contact for name in state.numbering.segments]
        self.communication = state.policy.communication
        self.desk = SupportDesk(state)
        self.generators: dict[int, np.random.Generator] = {}

    def begin(self, wait: WaitingOrder, now: float) -> None:
        """An order goes on backorder."""
        words = self._words(wait)
        if words is None or wait.order.number < 0:
            return
        owner, serial = wait.order.terms.owner, str(wait.order.brought[SERIAL])
        self.generators[wait.order.number] = rng = self.streams.keyed("contacts", owner, serial)
        wait.contact = Pace(float(rng.standard_exponential()), self._rate(wait, words), now)
        self._set(wait)

    def _words(self, wait: WaitingOrder) -> Contact | None:
        return self.words[wait.order.terms.segment] if self.words else None

    def _rate(self, wait: WaitingOrder, words: Contact) -> float:
        rate = words.per_day_waiting
        if wait.broken or wait.told is None:
            rate *= words.after_promise
        if wait.order.parcels:
            rate *= words.split
        return rate * words.informed if wait.informed else rate

    def _set(self, wait: WaitingOrder) -> None:
        assert wait.contact is not None
        self.clock.after(wait.contact.days, CLOSE, self._asks, (wait, wait.contact.turn))

    def impatience_changes(self, wait: WaitingOrder, now: float) -> None:
        """The customer knows something else, or has a part of the order."""
        words = self._words(wait)
        if wait.contact is not None and words is not None and wait.contact.change(self._rate(wait, words), now):
            self._set(wait)

    def _asks(self, due: tuple[WaitingOrder, int], now: float) -> None:
        """Where is my order?"""
        wait, turn = due
        assert wait.contact is not None
        if turn != wait.contact.turn:
            return
        if not wait.open:
            self.generators.pop(wait.order.number, None)
            return
        rng = self.generators[wait.order.number]
        page, again = float(rng.random()), float(rng.standard_exponential())
        if page < self.communication.tracking_page:
            self.ledger.contacts.write(now, wait.order.number, 1, now, now)
            self._learns(wait, now)
        else:
            start, done = self.desk.answers(now)
            self.ledger.contacts.write(now, wait.order.number, 0, start, done)
            if start - now > self.state.scenario.support.tolerance:
                wait.upset = True
                self.waiting.impatience_changes(wait, now)
            self.clock.at(done, CLOSE, self._learns, wait)
        wait.contact.renew(again, now)
        self._set(wait)

    def _learns(self, wait: WaitingOrder, now: float) -> None:
        """Whoever asks learns the date, if the policy lets the desk say it."""
        if wait.open and self.communication.on_request:
            if self.waiting.promise.repromise != "never":
                self.waiting.promise_anew(wait, now)
            self.waiting.tell(wait, now)
