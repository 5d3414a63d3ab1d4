"""One replication of one world under one policy: builds its parts in a stated order, and runs the clock."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from simulator.engine.backlog import Order
from simulator.foundation.collector import collect_runs, quiet_gc
from simulator.foundation.errors import UserError
from simulator.foundation.remembered import remembered
from simulator.kpis.evidence.totals import Totals
from simulator.model.opening import Opening
from simulator.policies.allocation.played import ScheduledAllocation
from simulator.randomness.streams import Streams
from simulator.record.facts import RecordedNames
from simulator.record.ledger import ItemLevels, Ledger
from simulator.record.run import Run
from simulator.scenario.schema.schema import ClockSpec, Scenario
from simulator.scenario.steps import in_steps
from simulator.scenario.tree.paths import unknown
from simulator.world.availability.availability import Availability
from simulator.world.availability.queues_ahead import QueuesAhead
from simulator.world.buying.planner import start_planning
from simulator.world.buying.procurement import start_procurement
from simulator.world.buying.supply_chain import build_supply
from simulator.world.clock import Clock, FedClock
from simulator.world.customers import checkout, split_choice
from simulator.world.customers.abandoned_carts import AbandonedCarts, build_carts
from simulator.world.customers.caps import Caps, Refusals, build_caps
from simulator.world.customers.footfall import Footfall
from simulator.world.customers.loyalty import LoyaltyTracker, build_loyalty
from simulator.world.customers.open_orders import place_open_orders
from simulator.world.customers.order_streams import build_demand
from simulator.world.customers.over_ordering import OverOrdering, build_over_ordering
from simulator.world.customers.split_choice import SplitChoice
from simulator.world.customers.waitlist import Waitlist
from simulator.world.delivery.clearance import Clearance, build_clearance
from simulator.world.delivery.contents import Contents
from simulator.world.delivery.network import build_delivery
from simulator.world.event_processes import draw_occurrences, start_events
from simulator.world.grains import in_grains, steps_are_grains
from simulator.world.numbering import Numbering
from simulator.world.orders.decided import Decided
from simulator.world.orders.flow import Flow
from simulator.world.orders.followers import Followers
from simulator.world.orders.waiting_order import wanted_day
from simulator.world.policy_schedule import build_schedule
from simulator.world.promotions import Promotions
from simulator.world.sites.sourcing import SiteSourcing, build_sourcing, is_shared
from simulator.world.sites.transfers import TransferDesk, build_transfers, start_transfers
from simulator.world.state import ReplicationState
from simulator.world.stock.allocation import (
    ClaimsOfCustomers,
    Reallocation,
    build_reallocation,
    engine_for,
    start_runs,
)
from simulator.world.stock.assortment import Assortment
from simulator.world.stock.kits import build_kits
from simulator.world.stock.record_errors import RecordErrors, build_record_errors
from simulator.world.stock.shelf_life import ShelfLives, build_shelf_lives
from simulator.world.stock.shelves import initial_backlog, replenishments, shelves
from simulator.world.supplier_states import SupplierStates
from simulator.world.switchboard import Switchboard
from simulator.world.waiting import waiting_orders
from simulator.world.waiting.charging import Charging, build_charging
from simulator.world.waiting.consent import Consent
from simulator.world.waiting.contacts import Contacts
from simulator.world.waiting.filled_at_once import DatesFromStock, promised_at_once
from simulator.world.waiting.holding import Holding, build_holding
from simulator.world.waiting.messages import Notifications
from simulator.world.waiting.terms import FulfilmentByOrder, WindowByOrder, build_terms
from simulator.world.waiting.wanted_days import WantedDays, build_wanted_days

FOLLOWERS: Mapping[str, tuple[type, ...]] = {
    # Loyalty and promotions decide whether a customer comes at all; only one who comes sees the storefront.
    "admits": (Footfall, RecordErrors),
    # A hold begins when the order is placed, whenever it opens.
    "postpones": (Clearance, WantedDays),
    # From the inside outwards: the storefront is as before when the visit is remembered; carts are abandoned last.
    "visited": (RecordErrors, Footfall, AbandonedCarts),
    "sources": (SiteSourcing,),
    "opens": (QueuesAhead,),
    # The terms of an order first: caps and checkout sell a part of a line only where lines may be split. A cap lowers
    # what the checkout asks the customer about, and parts are chosen of what is ordered.
    "chooses": (FulfilmentByOrder, Refusals, Caps, checkout.Checkout, SplitChoice),
    "exits": (checkout.Checkout,),
    # They do not affect each other.
    "refused": (SiteSourcing, Refusals, Footfall, Waitlist, Contents, Clearance, Charging),
    # What other sites give is known first; it has dates of its own.
    "ordered": (SiteSourcing, ShelfLives, Contents, DatesFromStock),
    # They do not affect each other.
    "waits": (WindowByOrder, Caps, Charging, RecordErrors, TransferDesk),
    # The others need the waiting order and its date. Contacts draw first, a rule of consent may ask at once, and what
    # is confirmed to the customer comes last.
    "wait_begins": (waiting_orders.WaitingOrders, Contacts, Consent, Notifications),
    # An order gets its date first. A hold may cancel the rest of the order, of which no surplus is left then.
    "placed": (SiteSourcing, Holding, OverOrdering),
    # First those that only take note; Holding sends messages, OverOrdering sets stock free and so causes more fills.
    "filled": (QueuesAhead, Caps, ShelfLives, Charging, Contents, WantedDays, Holding, OverOrdering),
    "held": (Notifications,),
    # A card is charged when the goods leave, not while the order is held or its goods are kept for their day.
    "may_leave": (Clearance, WantedDays, Charging),
    "leaves": (ShelfLives, LoyaltyTracker),
    "left": (Holding,),
    # The customer has a part of the order before a message says so.
    "on_its_way": (waiting_orders.WaitingOrders, Notifications),
    # They do not affect each other.
    "released": (QueuesAhead, Caps, Charging, Clearance, Contents, TransferDesk, SupplierStates),
    "gave_up": (LoyaltyTracker,),
    "date_moved": (Notifications,),
    "impatience_changed": (Contacts,),
    "switches": (checkout.Checkout,),
    "purchase_made": (SupplierStates,),
    "purchase_released": (waiting_orders.WaitingOrders,),
    # They do not affect each other.
    "arrives": (ShelfLives, TransferDesk),
    # The receipt is recorded before the stock of an item that has ended is cleared; the wait-list gets what remains.
    # Transfers are decided later.
    "received": (RecordErrors, Assortment, Waitlist, TransferDesk, SupplierStates),
    "ran_out": (waiting_orders.WaitingOrders,),
    # They do not affect each other.
    "policy_changes": (Assortment, TransferDesk, Reallocation),
}
"""The classes that follow each moment, first to last, with the reasons for their order (see `followers.py`)."""


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
        collect_runs()
        state = build(scenario, policy, Streams(seed, replication), records=records)
        start(state)
        return play(state, policy, seed, replication)


def _simpy_clock() -> Clock:
    from simulator.world.simpy_clock import SimpyClock  # the compiled lane does without SimPy, whose import takes time

    return SimpyClock()


def build(
    scenario: Scenario, policy: str, streams: Streams, clock: Clock | None = None, records: bool = True
) -> ReplicationState:
    """The objects of one replication, numbered; `start` starts their processes."""
    if policy not in scenario.policies:
        raise UserError(unknown(policy, scenario.policies, "policy", "policies"))
    scenario = in_steps(scenario)
    if not records and not steps_are_grains(scenario):
        raise UserError("a run without records adds units of all items, whose `granularity` differs here: keep records")
    numbering, clock = Numbering(scenario), clock or _simpy_clock()
    board = Switchboard(clock, scenario.items)
    chosen = scenario.policies[policy]
    decided = Decided(chosen, numbering)
    ledger = Ledger(None if records else Totals(decided.world(), numbering.initial))
    claims = ClaimsOfCustomers(scenario, numbering)
    piecewise = chosen.kits.reserve == "piecewise"
    rule = decided.allocation.usual
    if decided.allocation.changes:
        rule = ScheduledAllocation.by(lambda: decided.allocation.now)
    engine = engine_for(clock, rule, claims, shelves(rule, numbering, claims), numbering.kits, piecewise)
    kept = remembered(scenario, ("replenishments", policy), lambda: replenishments(scenario, chosen, numbering))
    replenishment, items = [*kept], [item for _, item in numbering.shelves]
    window = math.inf if decided.window.only is None else decided.window.only.length
    flow = Flow(clock, engine, ledger, replenishment, items, window, Followers(FOLLOWERS))
    parts = (clock, ledger, board, engine, replenishment, flow, decided)
    state = ReplicationState(scenario, chosen, numbering, streams, *parts)
    for builder, _ in BUILDERS:
        builder(state)
    return state


def start(state: ReplicationState) -> None:
    """Starts the processes of a replication."""
    for starter, _ in STARTERS:
        starter(state)


def _draw_events(state: ReplicationState) -> None:
    state.occurrences = draw_occurrences(state)
    state.promotions = Promotions(state.numbering, state.occurrences, state.decided.promotion)


def _build_dates(state: ReplicationState) -> None:
    """Availability, where dates are given or customers choose by them, and all that depends on it."""
    chooses, tracked = checkout.is_needed(state), waiting_orders.is_needed(state)
    choosy = split_choice.is_needed(state)
    availability = Availability(state) if chooses or tracked or choosy or is_shared(state) else None
    build_sourcing(state, availability)
    state.promised = promised_at_once(state, availability)
    if availability is not None and chooses:
        checkout.Checkout(state, availability)
    if availability is not None and choosy:
        SplitChoice(state, availability)
    if availability is not None and tracked:
        waiting = waiting_orders.WaitingOrders(state, availability)
        if any(spec.contact for spec in state.scenario.customers.values()):
            Contacts(state, waiting)
        asks = any(window.asks for window in state.decided.window.all)
        if asks or any(communication.speaks for communication in state.decided.communication.all):
            notifications = Notifications(state, waiting)
            if asks:
                Consent(state, waiting, notifications)


def _start_reviews(state: ReplicationState) -> None:
    for node in state.nodes:
        node.start_reviews()


def _start_runs(state: ReplicationState) -> None:
    start_runs(state.scenario.clock.start, state.flow, state.policy.allocation)


BUILDERS: tuple[tuple[Callable[[ReplicationState], object], str], ...] = (
    (_draw_events, "depends on nothing; delivery, demand and planning need to know the dates"),
    (build_loyalty, "checkout and footfall ask it"),
    (build_charging, "demand draws a number for each card only where one can fail"),
    (build_delivery, "demand asks the pickers whether picking times are drawn"),
    (build_supply, "all later parts may look at purchases"),
    (build_transfers, "all later parts may look at what is under way"),
    (build_kits, "what is assembled for the opening backlog is recorded"),
    (Assortment, "its opening limits hold for the first order"),
    (build_shelf_lives, "the opening stock ages from day 0"),
    (build_schedule, "entries that are in force from the start hold for the first order and the first purchase"),
    (build_reallocation, "follows the schedule"),
    (build_clearance, "order book, checkout and wait-list ask it which orders are held"),
    (build_wanted_days, "open orders and order book ask it for their days"),
    (build_caps, "the checkout, built with the dates, asks which rule refused units"),
    (build_terms, "the opening backlog has terms of its own"),
    (build_holding, "follows the opening backlog"),
    (build_over_ordering, "follows the opening backlog"),
    (_build_dates, "needs suppliers and loyalty; from here on all purchases under way are known"),
    (initial_backlog, "orders from before the start come before all others"),
    (place_open_orders, "they may be promised dates, and come after a backlog of which nothing is known"),
    (build_record_errors, "the record starts from the stock that the backlog has left"),
)
"""How a replication is built, first to last."""

STARTERS: tuple[tuple[Callable[[ReplicationState], object], str], ...] = (
    (start_events, "at one instant, events begin before order book, plans and reviews"),
    (build_demand, "at one instant, the order book opens before plans and reviews"),
    (start_planning, "plans set levels before other reviews of the same instant"),
    (start_procurement, "looks at the backlog before the reviews of the same instant"),
    (start_transfers, "sites share their stock before they review it"),
    (build_carts, "needs no place; a visit is over before carts are abandoned, by FOLLOWERS"),
    (_start_reviews, "triggers are set after plans"),
    (_start_runs, "a nightly run comes after the reviews of its instant"),
)
"""How its processes are started, first to last. Those that wake at the same time and phase run in this order."""


def play(state: ReplicationState, policy: str, seed: int, replication: int) -> Run:
    """Runs the clock to the horizon and collects the facts."""
    state.flow.stock_is_allocated(0.0)
    for node in state.nodes:
        node.first_reviews()
    assert isinstance(state.clock, FedClock)
    state.clock.run_to(state.scenario.clock.horizon)
    ledger, shelves = state.ledger, state.engine.shelves
    if ledger.summary is not None:
        waiting = [line for shelf in shelves for line in shelf.backlog if _is_counted(line.order, state.scenario.clock)]
        since = np.array([min(line.order.since, state.scenario.clock.horizon) for line in waiting])
        ledger.summary.cut(since, np.array([line.open for line in waiting], dtype=np.float64))
    levels = tuple(ItemLevels(s.on_hand + s.aside, s.on_order, s.backordered, s.phantom, s.aside) for s in shelves)
    return finish(state, policy, seed, replication, levels)


def _is_counted(order: Order, clock: ClockSpec) -> bool:
    """Whether KPIs count an order (see `Evidence.orders`)."""
    return order.number >= 0 and order.placed >= clock.warm_up and not clock.horizon <= wanted_day(order) < math.inf


def finish(state: ReplicationState, policy: str, seed: int, replication: int, levels: tuple[ItemLevels, ...]) -> Run:
    """The run that ends with these levels, with those of its suppliers."""
    stop_work(state)
    run = Run(state.nouns, policy, seed, replication, state.ledger, state.numbering.initial, levels, state.promised)
    return in_grains(with_books(run, state), state.scenario)


def stop_work(state: ReplicationState) -> None:
    """Writes down what the lines of suppliers were working on at the horizon."""
    for plant in state.plants:
        plant.stop(state.scenario.clock.horizon)


def with_books(run: Run, state: ReplicationState) -> Run:
    """The run with the names of the user's books, and with the runs of its suppliers."""
    books = state.scenario.opening
    if books is not None:
        orders = None if books.orders is None else books.orders.book
        names, dates = ((), ()) if orders is None else (orders.names, tuple(orders.promised.tolist()))
        run.opening = Opening(names, dates, state.known_purchases)
    for number, name in enumerate(state.numbering.segments):
        arrivals = state.scenario.customers[name].arrivals
        run.record[number] = RecordedNames(arrivals.order_names, arrivals.customer_names)
    of_run = run.policy, run.seed, run.replication
    run.suppliers = {depot.name: depot.close(*of_run) for depot in state.depots}
    return run
