"""One replication of one world under one policy: builds the stage, plays, returns the run."""

from __future__ import annotations

import numpy as np

from simulator.foundation.collector import quiet_gc
from simulator.foundation.errors import UserError
from simulator.randomness.streams import Streams
from simulator.record.ledger import Ledger
from simulator.record.run import Levels, Run
from simulator.record.totals import FoldingLedger
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.paths import unknown
from simulator.world.buying.planner import start_planning
from simulator.world.buying.procurement import start_procurement
from simulator.world.buying.supply_chain import build_supply
from simulator.world.clock import Clock
from simulator.world.customers import checkout, loyalty
from simulator.world.customers.abandoned_carts import build_carts
from simulator.world.customers.footfall import Promotions
from simulator.world.customers.order_streams import build_demand
from simulator.world.customers.over_ordering import OverOrdering
from simulator.world.delivery.network import build_delivery
from simulator.world.delivery.parcels import build_tracking
from simulator.world.event_processes import start_events
from simulator.world.numbering import Numbering
from simulator.world.orders.flow import Flow
from simulator.world.state import ReplicationState
from simulator.world.stock.allocation import ClaimsOfCustomers, engine_for, start_runs
from simulator.world.stock.assortment import build_assortment
from simulator.world.stock.record_errors import keep_records
from simulator.world.stock.shelf_life import watch_shelf_lives
from simulator.world.stock.shelves import first_reviews, initial_backlog, replenishments, shelves, start_reviews
from simulator.world.switchboard import Switchboard
from simulator.world.waiting import charging, holding
from simulator.world.waiting import waiting_orders as waits
from simulator.world.waiting.availability import Availability
from simulator.world.waiting.consent import Consent
from simulator.world.waiting.contacts import Contacts
from simulator.world.waiting.messages import Notifications


def simulate(scenario: Scenario, policy: str, seed: int, replication: int = 0, records: bool = True) -> Run:
    """Plays [0, horizon) once.

    Args:
        scenario: the world and its policies.
        policy: the name of one of them.
        seed, replication: name the random numbers; the same pair gives every policy the same world.
        records: keep every fact (about 140 bytes an order); without them only sums by item are kept, memory does not
            grow with the orders, and KPIs that need single orders are undefined.

    Returns:
        The finished run with all its facts, or with its totals.

    Raises:
        UserError: there is no such policy.
    """
    with quiet_gc():
        state = build(scenario, policy, Streams(seed, replication), records=records)
        return play(state, policy, seed, replication)


def build(
    scenario: Scenario, policy: str, streams: Streams, clock: Clock | None = None, records: bool = True
) -> ReplicationState:
    """The objects of one replication, numbered, with their processes started."""
    if policy not in scenario.policies:
        raise UserError(unknown(policy, scenario.policies, "policy", "policies"))
    numbering, clock, board = Numbering(scenario), clock or Clock(), Switchboard()
    board.now = lambda: clock.now
    chosen = scenario.policies[policy]
    ledger = Ledger() if records else FoldingLedger(numbering.world(chosen), numbering.initial)
    claims = ClaimsOfCustomers(scenario, numbering)
    engine = engine_for(chosen.allocation, claims, shelves(chosen, numbering, claims))
    replenishment = replenishments(scenario, chosen, numbering)
    flow = Flow(clock, engine, ledger, replenishment, chosen.window.length)
    state = ReplicationState(scenario, chosen, numbering, streams, clock, ledger, board, engine, replenishment, flow)
    flow.trust = loyalty.LoyaltyTracker.where_needed(state)
    flow.charging = charging.Charging.where_needed(state)
    build_delivery(state)
    build_supply(state)
    build_assortment(state)
    watch_shelf_lives(state)
    attend(state)
    initial_backlog(state)
    keep_records(state)
    occurrences = start_events(state)
    build_tracking(state, occurrences)
    state.promotions = Promotions.of(state, occurrences)
    build_demand(state, occurrences)
    start_planning(state, occurrences)
    start_procurement(state)
    build_carts(state)
    for node in state.nodes:
        start_reviews(state.clock, node)
    start_runs(clock, scenario.clock.start, flow, chosen.allocation)
    return state


def attend(state: ReplicationState) -> None:
    """Where shoppers choose, dates are given or goods are held, somebody attends to checkout and waiting orders."""
    choosing, looked_after = checkout.is_needed(state), waits.is_needed(state)
    if holding.is_needed(state):
        state.flow.holding = holding.Holding(state)
    state.flow.over_ordering = OverOrdering.where_needed(state)
    state.flow.attended()
    if not (choosing or looked_after):
        return
    state.availability = Availability(state)
    if choosing:
        state.flow.checkout = checkout.Checkout(state, state.availability)
    if looked_after:
        state.flow.waiting = waiting = waits.WaitingOrders(state, state.availability)
        if any(spec.contact for spec in state.scenario.customers.values()):
            waiting.contacts = Contacts(state, waiting)
        if state.policy.communication.speaks or state.policy.window.asks:
            waiting.notifications = Notifications(state, waiting)
        if waiting.notifications is not None and state.policy.window.asks:
            waiting.consent = Consent(state, waiting, waiting.notifications)


def play(state: ReplicationState, policy: str, seed: int, replication: int) -> Run:
    """Runs the clock to the horizon and closes the books."""
    state.flow.stock_is_allocated(0.0)
    for node in state.nodes:
        first_reviews(state.clock, node)
    state.clock.run_to(state.scenario.clock.horizon)
    ledger, shelves = state.ledger, state.engine.shelves
    if isinstance(ledger, FoldingLedger):
        waiting = [line for shelf in shelves for line in shelf.backlog if line.order.number >= 0]
        placed = np.array([line.order.placed for line in waiting])
        ledger.totals.cut(placed, np.array([line.open for line in waiting], dtype=np.float64))
    levels = tuple(Levels(s.on_hand, s.on_order, s.backordered, s.phantom) for s in shelves)
    promised = waits.at_once(state, state.availability)
    for plant in state.plants:
        plant.stop(state.scenario.clock.horizon)
    suppliers = {depot.name: depot.close(policy, seed, replication) for depot in state.depots}
    return Run(
        state.numbering.world(state.policy),
        policy,
        seed,
        replication,
        ledger,
        state.numbering.initial,
        levels,
        promised,
        suppliers,
    )
