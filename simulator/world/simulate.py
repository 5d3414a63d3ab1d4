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
from simulator.world.customers import checkout
from simulator.world.customers import loyalty as trust
from simulator.world.customers.abandoned_carts import build_carts
from simulator.world.customers.footfall import Promotions
from simulator.world.customers.order_streams import build_demand
from simulator.world.customers.over_ordering import Surplus
from simulator.world.delivery.network import build_delivery
from simulator.world.delivery.parcels import build_journeys
from simulator.world.event_processes import start_events
from simulator.world.numbering import Cast
from simulator.world.orders.flow import Flow
from simulator.world.state import Stage
from simulator.world.stock.allocation import ClaimsOfCustomers, engine_for, start_runs
from simulator.world.stock.assortment import build_assortment
from simulator.world.stock.record_errors import keep_records
from simulator.world.stock.shelf_life import watch_shelf_lives
from simulator.world.stock.shelves import first_reviews, initial_backlog, replenishments, shelves, start_reviews
from simulator.world.switchboard import Switchboard
from simulator.world.waiting import charging, holding
from simulator.world.waiting import waiting_orders as waits
from simulator.world.waiting.availability import Outlooks
from simulator.world.waiting.consent import Consent
from simulator.world.waiting.contacts import Contacts
from simulator.world.waiting.messages import Talk


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
        stage = build(scenario, policy, Streams(seed, replication), records=records)
        return play(stage, policy, seed, replication)


def build(scenario: Scenario, policy: str, streams: Streams, clock: Clock | None = None, records: bool = True) -> Stage:
    """The objects of one replication, numbered, with their processes started."""
    if policy not in scenario.policies:
        raise UserError(unknown(policy, scenario.policies, "policy", "policies"))
    cast, clock, board = Cast(scenario), clock or Clock(), Switchboard()
    board.now = lambda: clock.now
    chosen = scenario.policies[policy]
    ledger = Ledger() if records else FoldingLedger(cast.world(chosen), cast.initial)
    claims = ClaimsOfCustomers(scenario, cast)
    engine = engine_for(chosen.allocation, claims, shelves(chosen, cast, claims))
    replenishment = replenishments(scenario, chosen, cast)
    flow = Flow(clock, engine, ledger, replenishment, chosen.window.length)
    stage = Stage(scenario, chosen, cast, streams, clock, ledger, board, engine, replenishment, flow)
    flow.trust = trust.Trust.where_needed(stage)
    flow.charging = charging.Charging.where_needed(stage)
    build_delivery(stage)
    build_supply(stage)
    build_assortment(stage)
    watch_shelf_lives(stage)
    attend(stage)
    initial_backlog(stage)
    keep_records(stage)
    happenings = start_events(stage)
    build_journeys(stage, happenings)
    stage.promotions = Promotions.of(stage, happenings)
    build_demand(stage, happenings)
    start_planning(stage, happenings)
    start_procurement(stage)
    build_carts(stage)
    for node in stage.nodes:
        start_reviews(stage.clock, node)
    start_runs(clock, scenario.clock.start, flow, chosen.allocation)
    return stage


def attend(stage: Stage) -> None:
    """Where shoppers choose, dates are given or goods are held, somebody attends to checkout and waiting orders."""
    choosing, looked_after = checkout.is_needed(stage), waits.is_needed(stage)
    if holding.is_needed(stage):
        stage.flow.holding = holding.Holding(stage)
    stage.flow.surplus = Surplus.where_needed(stage)
    stage.flow.attended()
    if not (choosing or looked_after):
        return
    stage.outlooks = Outlooks(stage)
    if choosing:
        stage.flow.checkout = checkout.Checkout(stage, stage.outlooks)
    if looked_after:
        stage.flow.waiting = waiting = waits.Waiting(stage, stage.outlooks)
        if any(spec.contact for spec in stage.scenario.customers.values()):
            waiting.contacts = Contacts(stage, waiting)
        if stage.policy.communication.speaks or stage.policy.window.asks:
            waiting.talk = Talk(stage, waiting)
        if waiting.talk is not None and stage.policy.window.asks:
            waiting.consent = Consent(stage, waiting, waiting.talk)


def play(stage: Stage, policy: str, seed: int, replication: int) -> Run:
    """Runs the clock to the horizon and closes the books."""
    stage.flow.stock_is_allocated(0.0)
    for node in stage.nodes:
        first_reviews(stage.clock, node)
    stage.clock.run_to(stage.scenario.clock.horizon)
    ledger, shelves = stage.ledger, stage.engine.shelves
    if isinstance(ledger, FoldingLedger):
        waiting = [line for shelf in shelves for line in shelf.backlog if line.order.number >= 0]
        placed = np.array([line.order.placed for line in waiting])
        ledger.totals.cut(placed, np.array([line.open for line in waiting], dtype=np.float64))
    levels = tuple(Levels(s.on_hand, s.on_order, s.backordered, s.phantom) for s in shelves)
    promised = waits.at_once(stage, stage.outlooks)
    for plant in stage.plants:
        plant.stop(stage.scenario.clock.horizon)
    suppliers = {depot.name: depot.close(policy, seed, replication) for depot in stage.depots}
    return Run(
        stage.cast.world(stage.policy),
        policy,
        seed,
        replication,
        ledger,
        stage.cast.initial,
        levels,
        promised,
        suppliers,
    )
