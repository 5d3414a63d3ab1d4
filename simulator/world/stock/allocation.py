"""Builds the engine for an allocation policy, and starts its nightly runs."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Protocol

from simulator.engine.backlog import Backlog, Line, Order, Queue, Ranked, Shelf
from simulator.engine.backorder_engine import BackorderEngine
from simulator.engine.dividing_engine import DividingEngine, Rule
from simulator.engine.kit_engine import KitEngine
from simulator.engine.plain_stock import Parts
from simulator.policies.allocation.allocation import Allocation, Claim, Dividing, Division, Fifo
from simulator.policies.allocation.played import PlayedAllocation, divided
from simulator.scenario.schema.schema import Scenario
from simulator.world.clock import Clock, Phase, Process
from simulator.world.numbering import Numbering
from simulator.world.orders.waiting_order import waiting_order_of
from simulator.world.state import ReplicationState
from simulator.world.suppliers.stocking_node import StockingNode


class Claims(Protocol):
    """Open orders and lines as an allocation policy sees them."""

    def order(self, order: Order) -> Claim:
        """The claim of an order, when one of its lines is about to wait."""

    def line(self, line: Line) -> Claim:
        """The claim of a waiting line."""


class ClaimsOfCustomers:
    """Orders of customers at the shop's own sites."""

    def __init__(self, scenario: Scenario, numbering: Numbering) -> None:
        self.items, self.segments = [name for _, name in numbering.shelves], numbering.segments
        self.margins = [scenario.items[name].price - scenario.items[name].unit_cost for name in self.items]

    def order(self, order: Order) -> Claim:
        return Claim(order.number, order.terms.priority, self.margin(order))

    def margin(self, order: Order) -> float:
        """Price less unit cost over all units ordered, currency."""
        return self.margin_of(order.arrival.items, order.arrival.quantities)

    def margin_of(self, items: Sequence[int], quantities: Sequence[int]) -> float:
        """The same, of these lines."""
        return sum((self.margins[item] * units for item, units in zip(items, quantities, strict=True)), 0.0)

    def line(self, line: Line) -> Claim:
        """The claim of a waiting line; a backlog from before the start belongs to no segment."""
        order, terms = line.order, line.order.terms
        return Claim(
            order.number,
            terms.priority,
            self.margin(order),
            self.segments[terms.segment] if order.number >= 0 else "",
            self.items[line.shelf.item],
            line.open,
            line.confirmed,
            not terms.splits_lines,
            _quoted(order),
        )


def _quoted(order: Order) -> float:
    """The day that the customer knows; inf where none was given."""
    wait = waiting_order_of(order)
    return math.inf if wait is None or wait.quoted is None else wait.quoted


class ClaimsOfBuyers:
    """Purchases at a supplier that holds stock; a buyer's site is its segment, and all margins are 0."""

    def __init__(self, items: Sequence[str]) -> None:
        self.items = items

    def order(self, order: Order) -> Claim:
        return Claim(order.number, order.terms.priority)

    def line(self, line: Line) -> Claim:
        terms, item = line.order.terms, self.items[line.shelf.item]
        waits = (line.open, line.confirmed, not terms.splits_lines)
        return Claim(line.order.number, terms.priority, 0.0, terms.owner, item, *waits)


def backlog_for(allocation: Allocation, claims: Claims) -> Backlog:
    """The fastest backlog for an allocation policy."""
    if isinstance(allocation, Fifo | Dividing):
        return Queue()
    if allocation.ranks_orders:
        return Ranked(lambda order: allocation.rank_order(claims.order(order)))
    return Ranked()


def engine_for(
    clock: Clock,
    allocation: Allocation,
    claims: Claims,
    shelves: Sequence[Shelf],
    kits: Mapping[int, Parts] | None = None,
    piecewise: bool = False,
) -> BackorderEngine:
    """The engine over these shelves, of which some are of kits; `piecewise`: waiting kits keep the components that are
    there. Kits cannot be divided (the scenario is checked for that)."""
    if kits:
        return KitEngine(shelves, kits, piecewise)
    if not isinstance(allocation, Dividing):
        return BackorderEngine(shelves)
    of_line, of_claims = claims.line, allocation.divide
    if isinstance(allocation, PlayedAllocation):
        played = allocation

        def of_claims(claims: Sequence[Claim], supply: int) -> Division:
            return divided(played.at(clock.now), claims, supply)

    def divide(lines: Sequence[Line], supply: int) -> Division:
        return of_claims([of_line(line) for line in lines], supply)

    at_events = allocation.hour is None
    confirms_new = allocation.confirms_new and not at_events
    rule = Rule(divide, allocation.counts_expected, at_events, confirms_new, allocation.keeps_record)
    return DividingEngine(shelves, rule)


def build_reallocation(state: ReplicationState) -> None:
    """Divides stock again when another allocation comes into force, where the schedule changes it."""
    if state.decided.allocation.changes and isinstance(state.engine, DividingEngine):
        Reallocation(state, state.engine)


class Reallocation:
    """Divides what is on the shelves when the allocation changes: one rule may fill what the other held up."""

    def __init__(self, state: ReplicationState, engine: DividingEngine) -> None:
        self.flow, self.engine, self.in_force = state.flow, engine, state.decided.allocation
        self.rule = self.in_force.now
        state.flow.followers.policy_changes.add(self.policy_changes)

    def policy_changes(self, now: float) -> None:
        """Another allocation may be in force."""
        if self.in_force.now is not self.rule:
            self.rule = self.in_force.now
            self.engine.unsettled += [shelf for shelf in self.engine.shelves if shelf.backordered]
            if now > 0:
                self.flow.stock_is_allocated(now)


def start_runs(start: dt.datetime | None, node: StockingNode, allocation: Allocation) -> None:
    """Starts the process of a rule that runs once a day."""
    engine = node.engine
    if isinstance(engine, DividingEngine) and isinstance(allocation, Dividing) and allocation.hour is not None:
        begins = 0.0 if start is None else (start.hour + start.minute / 60 + start.second / 3600) / 24
        node.clock.process(_nightly(node, engine, (allocation.hour / 24 - begins) % 1.0))


def _nightly(node: StockingNode, engine: DividingEngine, first: float) -> Process:
    """A SimPy process: works out the confirmations once a day, in the phase of reviews."""
    day = 0
    while True:
        yield node.clock.until(day + first, Phase.REVIEW)
        engine.run()
        node.stock_is_allocated(node.clock.now)
        day += 1
