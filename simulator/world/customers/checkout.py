"""The checkout: what a shopper does who finds that something is not there; every way out is written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from simulator.engine.backlog import Order
from simulator.model.nouns import Cause, Exit
from simulator.policies.acceptance import Acceptance, Always
from simulator.policies.outlook import Outlook
from simulator.policies.policy import decision_for
from simulator.policies.promise import Promise
from simulator.randomness.join import Join
from simulator.scenario.schema.customers import Customers
from simulator.scenario.schema.shoppers import Otherwise
from simulator.world.customers.waitlist import Waitlist
from simulator.world.orders.flow import EXTRAS, ITEMS, QUANTITIES
from simulator.world.state import ReplicationState
from simulator.world.waiting.availability import Availability


class UniformDraws(NamedTuple):
    """What a shopper brings to settle choices: numbers in [0, 1), drawn at the order's birth."""

    join: float
    """Orders what is not there if below the chance of joining."""
    instead: float
    """What is done in place of ordering."""
    back: float
    """Comes back from a wait-list if below the chance of that."""
    card: float
    """Its card refuses a new authorisation if below the chance of that."""
    come: float
    """Comes to the shop if below the chance of that."""
    review: float
    """Writes a review if below the chance of that, a bad one if far below."""


class Shopper(NamedTuple):
    """How the shoppers of one segment choose."""

    join: Join | None
    """None: everybody orders whatever may be ordered."""
    otherwise: Otherwise | None
    """None: who does not order leaves without anything."""
    label: float

    @classmethod
    def of(cls, spec: Customers) -> Shopper:
        return cls(spec.join, spec.otherwise, spec.label)


def is_needed(state: ReplicationState) -> bool:
    """Whether any shopper or any acceptance looks at more than a number of units."""
    choosing = any(spec.join or spec.otherwise for spec in state.scenario.customers.values())
    picky = any(a.looks_ahead or a.waitlist for a in state.policy.acceptance.values())
    return choosing or picky or "switch" in state.policy.communication.options


class Checkout:
    """Settles, line by line, what becomes of units that are not there."""

    def __init__(self, state: ReplicationState, availability: Availability) -> None:
        self.state, self.availability = state, availability
        self.engine, self.ledger = state.engine, state.ledger
        self.promise: Promise = state.policy.promise
        self.shoppers = [Shopper.of(state.scenario.customers[name]) for name in state.numbering.segments]
        self.acceptance: list[Acceptance] = [
            decision_for(state.policy.acceptance, name, site) or Always() for site, name in state.numbering.shelves
        ]
        self.substitutes = [
            self._substitutes(site, state.scenario.items[name].substitutes) for site, name in state.numbering.shelves
        ]
        self.waitlist = Waitlist(state)
        self.declined: set[int] = set()
        """Lines of the order at hand that the shopper did not want to wait for."""
        self.shown: set[int] = set()
        """Lines of the order at hand that the storefront shows as there, whatever is there."""

    def _substitutes(self, site: str, named: Mapping[str, float]) -> list[tuple[int, float]]:
        return [(self.state.numbering.number(name, site), share) for name, share in named.items()]

    # ---------------------------------------------------------------- join
    def choose(self, order: Order, short: list[int], now: float) -> list[int]:
        """The lines that go on backorder of those that are not simply there; the others are given up as refused."""
        items, quantities = order.brought[ITEMS], order.brought[QUANTITIES]
        shopper = self.shoppers[order.terms.segment]
        self.declined.clear()
        kept = []
        for line in short:
            item, units = items[line], quantities[line]
            acceptance = self.acceptance[item]
            if line in self.shown or (shopper.join is None and not acceptance.looks_ahead):
                kept.append(line)
                continue
            shelf = self.engine.shelves[item]
            outlook = self.availability.of(shelf, units, shelf.backordered, now, order.terms.segment)
            if outlook.possible == 0.0:  # there, but kept for others
                kept.append(line)
            elif not acceptance.accepts(outlook):
                self.engine.refused.append((order.number, line, item, units))
            elif shopper.join is not None and shelf.limit > 0 and not self._joins(shopper, order, item, outlook):
                self.declined.add(line)
                self.engine.refused.append((order.number, line, item, units))
            else:
                kept.append(line)
        return kept

    def _joins(self, shopper: Shopper, order: Order, item: int, outlook: Outlook) -> bool:
        assert shopper.join is not None
        promotions, now = self.state.promotions, self.state.clock.now
        hidden = promotions is not None and promotions.hide(item, now)
        shown = self.promise.quote(outlook) if self.acceptance[item].dated and not hidden else None
        return self._coins(order).join < shopper.join.chance(shown, self.standing(order.terms.segment), shopper.label)

    def standing(self, segment: int) -> float:
        """The shop's reputation with a segment; 0 is the usual one."""
        trust = self.state.flow.trust
        return 0.0 if trust is None else trust.standing

    @staticmethod
    def _coins(order: Order) -> UniformDraws:
        return UniformDraws(*order.brought[EXTRAS].draws)

    # -------------------------------------------------------------- instead
    def instead(self, order: Order, line: int, item: int, units: int, now: float) -> None:
        """What a shopper does who did not order: takes something else, signs up, buys from a rival, or goes without."""
        shopper = self.shoppers[order.terms.segment]
        exit_ = Exit.WALKED if line in self.declined else Exit.REFUSED
        if shopper.otherwise is not None:
            draw = self._coins(order).instead
            below = 0.0
            for other, share in self.substitutes[item]:
                if below <= draw < below + share and self.substitute(order, line, item, other, units, now):
                    return
                below += share
            draw = (draw - below) / (1 - below) if draw >= below else draw / below
            exit_ = self._leaves(shopper.otherwise, draw, self.acceptance[item].waitlist)
        self.ledger.refused.write(order.number, line, item, units, exit_)
        if exit_ == Exit.WAITLISTED:
            self.waitlist.sign_up(order, line, item, units, self._coins(order).back, now)

    @staticmethod
    def _leaves(otherwise: Otherwise, draw: float, waitlist: bool) -> Exit:
        total = otherwise.switch + otherwise.waitlist + otherwise.walk
        if draw * total < otherwise.switch:
            return Exit.SWITCHED
        if waitlist and draw * total < otherwise.switch + otherwise.waitlist:
            return Exit.WAITLISTED
        return Exit.WALKED

    def exchange(self, order: Order, lines: Sequence[tuple[int, int, int]], now: float) -> None:
        """A waiting order is given up for substitutes, each (line, other item, units), that ship at once."""
        for _, other, units in lines:
            self.engine.take_one(self.engine.shelves[other], units, 0)
        self.state.flow.order_is_given_up(order, Cause.OFFER, now)
        for line, other, units in lines:
            self.ledger.recovered.write(now, order.number, line, other, units, Exit.SUBSTITUTED)
            order.packed += units
        self.state.flow.goods_leave(order, now)

    def substitute(self, order: Order, line: int, item: int, other: int, units: int, now: float) -> bool:
        """Another item in place of this one, if it simply lies on the shelf; it ships at once."""
        if not self.engine.take_one(self.engine.shelves[other], units, order.terms.reserve):
            return False
        self.ledger.refused.write(order.number, line, item, units, Exit.SUBSTITUTED)
        self.ledger.recovered.write(now, order.number, line, other, units, Exit.SUBSTITUTED)
        order.packed += units
        return True
