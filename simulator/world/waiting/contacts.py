"""Customers who ask where their order is: how soon they do, and the desk that answers."""

from __future__ import annotations

from heapq import heappop, heappush

import numpy as np

from simulator.scenario.schema.shoppers import Contact
from simulator.world.clock import Phase
from simulator.world.orders.flow import SERIAL
from simulator.world.orders.waiting_order import Wait
from simulator.world.pace import Pace
from simulator.world.state import Stage
from simulator.world.waiting.waiting_orders import CLOSE, Waiting

DEMAND = int(Phase.DEMAND)


class Desk:
    """Agents who answer first come, first served."""

    def __init__(self, stage: Stage) -> None:
        self.words = stage.scenario.support
        self.agents = self.words.agents
        self.time = self.words.time.sampler(stage.streams.stream("support", "time"))
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

    def __init__(self, stage: Stage, waiting: Waiting) -> None:
        self.stage, self.waiting = stage, waiting
        self.clock, self.ledger, self.streams = stage.clock, stage.ledger, stage.streams
        self.words: list[Contact | None] = [stage.scenario.customers[name].contact for name in stage.cast.segments]
        self.communication = stage.policy.communication
        self.desk = Desk(stage)
        self.generators: dict[int, np.random.Generator] = {}

    def begin(self, wait: Wait, now: float) -> None:
        """An order goes on backorder."""
        words = self._words(wait)
        if words is None or wait.order.number < 0:
            return
        owner, serial = wait.order.terms.owner, str(wait.order.brought[SERIAL])
        self.generators[wait.order.number] = rng = self.streams.keyed("contacts", owner, serial)
        wait.contact = Pace(float(rng.standard_exponential()), self._rate(wait, words), now)
        self._set(wait)

    def _words(self, wait: Wait) -> Contact | None:
        return self.words[wait.order.terms.segment] if self.words else None

    def _rate(self, wait: Wait, words: Contact) -> float:
        rate = words.per_day_waiting
        if wait.broken or wait.told is None:
            rate *= words.after_promise
        if wait.order.parcels:
            rate *= words.split
        return rate * words.informed if wait.heard else rate

    def _set(self, wait: Wait) -> None:
        assert wait.contact is not None
        self.clock.after(wait.contact.days, CLOSE, self._asks, (wait, wait.contact.turn))

    def mood_changes(self, wait: Wait, now: float) -> None:
        """The customer knows something else, or has a part of the order."""
        words = self._words(wait)
        if wait.contact is not None and words is not None and wait.contact.change(self._rate(wait, words), now):
            self._set(wait)

    def _asks(self, due: tuple[Wait, int], now: float) -> None:
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
            if start - now > self.stage.scenario.support.tolerance:
                wait.upset = True
                self.waiting.mood_changes(wait, now)
            self.clock.at(done, CLOSE, self._learns, wait)
        wait.contact.renew(again, now)
        self._set(wait)

    def _learns(self, wait: Wait, now: float) -> None:
        """Whoever asks learns the date, if the policy lets the desk say it."""
        if wait.open and self.communication.on_request:
            if self.waiting.promise.repromise != "never":
                self.waiting.promise_anew(wait, now)
            self.waiting.tell(wait, now)
