"""The wait-list: customers who signed up instead of ordering, and what they do when the item is back in stock."""

from __future__ import annotations

import math
from typing import NamedTuple

from simulator.engine.backlog import Order
from simulator.model.nouns import Exit
from simulator.world.delivery.clearance import Clearance
from simulator.world.state import ReplicationState
from simulator.world.suppliers.purchase import Purchase


class SignUp(NamedTuple):
    """A request to be notified when units are in stock."""

    order: Order
    line: int
    units: int
    draw: float
    time: float


class Waitlist:
    """Sign-ups by item, in order; each is notified once, when the item is in stock and nobody is on backorder."""

    def __init__(self, state: ReplicationState) -> None:
        self.state, self.flow, self.engine = state, state.flow, state.engine
        self.waiting: list[list[SignUp]] = [[] for _ in state.numbering.shelves]
        self.clearance = state.flow.followers.part(Clearance)
        self.specs = [state.scenario.customers[name].waitlist for name in state.numbering.segments]

        state.flow.followers.refused.add(self.refused)
        state.flow.followers.received.add(self.received)

    def refused(self, order: Order, line: int, item: int, units: int, exit_: Exit, now: float) -> None:
        """A customer who does not order may sign up."""
        if exit_ == Exit.WAITLISTED:
            self.waiting[item].append(SignUp(order, line, units, order.arrival.draws.back, now))

    def received(self, purchase: Purchase, now: float) -> None:
        """Informs everyone on the list of an item that is in stock again; those who come back buy while stock lasts."""
        shelf = purchase.shelf
        notified = self.waiting[shelf.item]
        if not notified or shelf.backordered or not shelf.on_hand:
            return
        still = []
        for sign_up in notified:
            if self.clearance is not None and self.clearance.blocks(sign_up.order):
                still.append(sign_up)  # customers who are not cleared cannot buy
                continue
            spec = self.specs[sign_up.order.terms.segment]
            chance = spec.convert * math.exp(-(now - sign_up.time) / spec.fade)
            if sign_up.draw >= chance:
                continue
            if self.engine.take_one(shelf, sign_up.units, sign_up.order.terms.reserve):
                self._buys(sign_up, shelf.item, now)
            else:
                still.append(sign_up)
        self.waiting[shelf.item] = still

    def _buys(self, sign_up: SignUp, item: int, now: float) -> None:
        order = sign_up.order
        row = (now, order.number, sign_up.line, item, sign_up.units, Exit.WAITLISTED)
        self.state.ledger.recovered.write(*row)
        order.packed += sign_up.units
        self.flow.goods_leave(order, now)
