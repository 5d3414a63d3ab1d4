"""Builds the stocking node: shelves with their backlog from before the start, and the reviews of their stock."""

from __future__ import annotations

import math
from collections.abc import Mapping

from simulator.engine.backlog import Order, Shelf, Shown, Terms
from simulator.policies.allocation.allocation import Allocation
from simulator.policies.decisions import decision_for
from simulator.policies.policy import Policy
from simulator.policies.replenishment.replenishment import BaseStock, NoReplenishment, Replenishment
from simulator.scenario.schema.schema import Scenario
from simulator.world.numbering import Numbering
from simulator.world.orders.arrival import Arrival, Extras
from simulator.world.state import ReplicationState
from simulator.world.stock.allocation import Claims, backlog_for


def shelves(allocation: Allocation, numbering: Numbering, claims: Claims) -> list[Shelf]:
    """A shelf for each item, by number; its limit on backorders is set by the assortment."""
    return [Shelf(k, max(units, 0), backlog_for(allocation, claims)) for k, units in enumerate(numbering.initial)]


def replenishments(scenario: Scenario, policy: Policy, numbering: Numbering) -> list[Replenishment]:
    """The decision for each item, by number, levels in whole units."""
    found = []
    for number in range(len(numbering.shelves)):
        decision = replenishment_of(policy.replenishment, scenario, numbering, number)
        found.append(NoReplenishment() if decision is None else decision)
    return found


def replenishment_of(
    decisions: Mapping[str, Replenishment], scenario: Scenario, numbering: Numbering, number: int
) -> Replenishment | None:
    """The decision for the shelf with this number, levels in whole units; None: these decisions say nothing of it."""
    site, name = numbering.shelves[number]
    if scenario.items[name].kit:
        return None  # its components are bought
    decision = decision_for(decisions, name, site)
    if scenario.items[name].made == "to_order" and name not in decisions:
        usual = decision or NoReplenishment()
        decision = BaseStock(S=0, supplier=usual.supplier, cancel_purchase=usual.cancel_purchase)
    return None if decision is None else decision.in_units(scenario.items[name].demand)


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
                lambda number: state.decided.allocation.now.rank(1, number), segment=here[0] if here else 0, owner=owner
            )
            arrival = Arrival(0.0, terms, 0, math.inf, (), [k], [units], None, Extras())
            short = state.engine.take([k], [units], terms.reserve) or []
            state.engine.place(Order(-1 - k, 0.0, terms, arrival), [k], [units], short, {k: Shown(0, 0, math.inf)})
            state.ledger.backordered.write(-1 - k, 0, k, units)
    state.engine.due.clear()
