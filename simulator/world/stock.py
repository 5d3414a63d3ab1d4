"""Builds the stocking node: shelves with their backlog from before the start, and the reviews of their stock."""

from __future__ import annotations

import math
from collections.abc import Sequence

from simulator.engine.backlog import Backlog, Queue, Ranked
from simulator.engine.orders import Order, Terms
from simulator.engine.shelf import Shelf
from simulator.policies.allocation import Fifo
from simulator.policies.policy import Policy, decision_for
from simulator.policies.replenishment import Replenishment
from simulator.scenario.schema import Scenario
from simulator.world.cast import Cast
from simulator.world.clock import Phase
from simulator.world.stage import Stage
from simulator.world.warehouse import review


def shelves(scenario: Scenario, policy: Policy, cast: Cast) -> list[Shelf]:
    """A shelf for each item, by number."""
    return [_shelf(scenario, policy, number, name) for number, name in enumerate(cast.items)]


def _shelf(scenario: Scenario, policy: Policy, number: int, name: str) -> Shelf:
    acceptance = decision_for(policy.acceptance, name)
    backlog: Backlog = Queue() if isinstance(policy.allocation, Fifo) else Ranked()
    shelf = Shelf(number, max(scenario.warehouse.stock.get(name, 0), 0), backlog)
    shelf.limit = math.inf if acceptance is None else acceptance.limit
    return shelf


def replenishments(scenario: Scenario, policy: Policy, cast: Cast) -> list[Replenishment]:
    """The decision for each item, by number, levels in whole units."""
    found = []
    for name in cast.items:
        decision = decision_for(policy.replenishment, name)
        if decision is None:
            decision = Replenishment.parse({"kind": "none"})
        found.append(decision.in_units(scenario.items[name].demand))
    return found


def initial_backlog(stage: Stage) -> None:
    """A negative stock is a backlog from before the start: orders with numbers below 0."""
    for k, name in enumerate(stage.cast.items):
        units = -stage.scenario.warehouse.stock.get(name, 0)
        shelf = stage.engine.shelves[k]
        if units > 0:
            limit, shelf.limit = shelf.limit, math.inf
            owner = f"backlog\x1e{stage.cast.catalogue.streams[name]}"
            terms = Terms(lambda number: stage.policy.allocation.rank(1, number), owner=owner)
            row = (0.0, terms, 0, math.inf, (), (), [k], [units], None, ())
            short = stage.engine.take([k], [units], terms.reserve) or []
            stage.engine.place(Order(-1 - k, 0.0, terms, row), [k], [units], short)
            stage.ledger.backordered.write(-1 - k, 0, k, units)
            shelf.limit = limit
    stage.engine.due.clear()


def start_reviews(stage: Stage) -> None:
    """Shelves under continuous review get their trigger; the others a process that reviews them."""
    clock, flow = stage.clock, stage.flow
    for (first, period), shelves in _periodic(stage.engine.shelves, stage.replenishment).items():
        clock.process(review(clock, flow, shelves, first, period))


def _periodic(
    shelves: Sequence[Shelf], replenishment: Sequence[Replenishment]
) -> dict[tuple[float, float], list[Shelf]]:
    """Shelves by (first review, period)."""
    found: dict[tuple[float, float], list[Shelf]] = {}
    for shelf, decision in zip(shelves, replenishment, strict=True):
        if decision.period is None:
            shelf.trigger = decision.trigger
        else:
            found.setdefault((decision.first_review, decision.period), []).append(shelf)
    return found


def first_reviews(stage: Stage) -> None:
    """What is due before anything has happened is bought last thing at time 0."""

    def first_review(shelf: Shelf, now: float) -> None:
        if shelf.position <= shelf.trigger:
            stage.flow.purchase_is_made(shelf, now)

    for shelf in stage.engine.shelves:
        if shelf.position <= shelf.trigger:
            stage.clock.at(0.0, Phase.REVIEW, first_review, shelf)
