"""Builds the stocking node: shelves with their backlog from before the start, and the reviews of their stock."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from typing import Protocol

import simpy

from simulator.engine.backlog import Order, Shelf, Shown, Terms
from simulator.engine.backorder_engine import BackorderEngine
from simulator.policies.policy import Policy, decision_for
from simulator.policies.replenishment.anchor_adjust import AnchorAdjust
from simulator.policies.replenishment.replenishment import BaseStock, Replenishment
from simulator.scenario.schema.schema import Scenario
from simulator.world.clock import Clock, Phase
from simulator.world.numbering import Numbering
from simulator.world.orders.arrival import Arrival, Extras
from simulator.world.state import ReplicationState
from simulator.world.stock.allocation import Claims, backlog_for
from simulator.world.suppliers.purchasing import Purchasing


def shelves(policy: Policy, numbering: Numbering, claims: Claims) -> list[Shelf]:
    """A shelf for each item, by number; its limit on backorders is set by the assortment."""
    return [
        Shelf(k, max(units, 0), backlog_for(policy.allocation, claims)) for k, units in enumerate(numbering.initial)
    ]


def replenishments(scenario: Scenario, policy: Policy, numbering: Numbering) -> list[Replenishment]:
    """The decision for each item, by number, levels in whole units."""
    found = []
    for site, name in numbering.shelves:
        decision = decision_for(policy.replenishment, name, site)
        if decision is None:
            decision = Replenishment.parse({"kind": "none"})
        if scenario.items[name].made == "to_order" and name not in policy.replenishment:
            decision = BaseStock(S=0, supplier=decision.supplier, cancel_purchase=decision.cancel_purchase)
        found.append(decision.in_units(scenario.items[name].demand))
    return found


def initial_backlog(state: ReplicationState) -> None:
    """Turns negative stock into a backlog from before the start: orders with numbers below 0, beyond any limit."""
    numbering = state.numbering
    for k, at_start in enumerate(numbering.initial):
        units = -at_start
        if units > 0:
            owner = f"backlog\x1e{numbering.shelf_key(k)}"
            site, _ = numbering.shelves[k]
            here = [n for n, name in enumerate(numbering.segments) if state.scenario.site_of(name) == site]
            terms = Terms(
                lambda number: state.policy.allocation.rank(1, number), segment=here[0] if here else 0, owner=owner
            )
            arrival = Arrival(0.0, terms, 0, math.inf, (), [k], [units], None, Extras())
            short = state.engine.take([k], [units], terms.reserve) or []
            state.engine.place(Order(-1 - k, 0.0, terms, arrival), [k], [units], short, {k: Shown(0, 0, math.inf)})
            state.ledger.backordered.write(-1 - k, 0, k, units)
    state.engine.due.clear()


class Node(Protocol):
    """Whatever reviews its stock."""

    engine: BackorderEngine
    replenishment: list[Replenishment]
    purchasing: Purchasing

    def purchase_is_made(self, shelf: Shelf, now: float) -> None:
        """Buys what the replenishment says."""


def start_reviews(clock: Clock, node: Node) -> None:
    """Shelves under continuous review get their trigger; the others a process that reviews them."""
    for shelf, decision in zip(node.engine.shelves, node.replenishment, strict=True):
        if isinstance(decision, AnchorAdjust):
            clock.process(adjust(clock, node, shelf, decision))
    for (first, period), shelves in _periodic(node.engine, node.replenishment).items():
        clock.process(review(clock, node, shelves, first, period))


def _periodic(
    engine: BackorderEngine, replenishment: Sequence[Replenishment]
) -> dict[tuple[float, float], list[Shelf]]:
    """Shelves by (first review, period)."""
    found: dict[tuple[float, float], list[Shelf]] = {}
    for shelf, decision in zip(engine.shelves, replenishment, strict=True):
        if decision.period is None:
            engine.set_trigger(shelf, decision.trigger)
        elif not isinstance(decision, AnchorAdjust):
            found.setdefault((decision.first_review, decision.period), []).append(shelf)
    return found


def review(clock: Clock, node: Node, shelves: list[Shelf], first: float, period: float) -> Generator[simpy.Event]:
    """A SimPy process: the stock of these items is reviewed last thing at k x period, or at `first` + k x period."""
    reviews = 0
    while True:
        time = (reviews + 1) * period if first == period else first + reviews * period
        yield clock.until(time, Phase.REVIEW)
        for shelf in shelves:
            node.purchase_is_made(shelf, clock.now)
        reviews += 1


def adjust(clock: Clock, node: Node, shelf: Shelf, decision: AnchorAdjust) -> Generator[simpy.Event]:
    """A SimPy process: at each review the policy is told what was asked for since the last one (what left the
    position), net stock and what is on order."""
    memory, position = decision.start(), shelf.position
    while True:
        yield clock.until(decision.first_review + memory.reviews * decision.R, Phase.REVIEW)
        net = shelf.on_hand - shelf.backordered
        units, memory = decision.buys(memory, position - shelf.position, net, shelf.on_order)
        if units:
            node.purchasing.buy(shelf, units, clock.now)
        position = shelf.position


def first_reviews(clock: Clock, node: Node) -> None:
    """What is due before anything has happened is bought last thing at time 0."""

    def first_review(shelf: Shelf, now: float) -> None:
        if shelf.position <= shelf.trigger:
            node.purchase_is_made(shelf, now)

    for shelf in node.engine.shelves:
        if shelf.position <= shelf.trigger:
            clock.at(0.0, Phase.REVIEW, first_review, shelf)
