"""One replication of one world under one policy: builds the objects, starts the processes, plays, returns the run."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from functools import partial
from typing import Protocol

import numpy as np
import simpy

from simulator.engine.backlog import Backlog, Queue, Ranked
from simulator.engine.backorder_engine import BackorderEngine
from simulator.engine.orders import Order, Terms
from simulator.engine.shelf import Shelf
from simulator.events.demand_spike import DemandSpike
from simulator.events.event import Event, Span, Switch, listed
from simulator.foundation.collector import quiet_gc
from simulator.model.nouns import CarrierFacts, CostFacts, ItemFacts, SegmentFacts, SupplierFacts, World
from simulator.policies.allocation import Fifo
from simulator.policies.policy import Policy, decision_for
from simulator.policies.replenishment import Replenishment
from simulator.randomness.basket import Catalogue
from simulator.randomness.orderbook import OrderSource
from simulator.randomness.streams import Streams
from simulator.record.ledger import Floats, Ints, Ledger
from simulator.record.run import Levels, Run
from simulator.record.totals import FoldingLedger
from simulator.scenario.schema import Customers, Scenario
from simulator.world.carriers import Courier
from simulator.world.clock import Clock, Phase
from simulator.world.customers import Crowd, Dip, Inflow, Shop
from simulator.world.flow import Flow
from simulator.world.gates import Switchboard
from simulator.world.suppliers import Purchasing, Vendor
from simulator.world.warehouse import PickingArea, review


class Named(Protocol):
    """Anything that may keep its random numbers under another name."""

    @property
    def stream(self) -> str | None: ...


def by_key(things: Mapping[str, Named]) -> list[str]:
    """Names in the order of the names of their random numbers: the order of the file must not matter."""
    return sorted(things, key=lambda name: things[name].stream or name)


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
    """
    with quiet_gc():
        return Stage(scenario, policy, Streams(seed, replication), records=records).play(seed, replication)


class Stage:
    """The objects of one replication, numbered in the order of their keys."""

    def __init__(
        self, scenario: Scenario, policy: str, streams: Streams, clock: Clock | None = None, records: bool = True
    ) -> None:
        self.scenario, self.policy_name, self.streams = scenario, policy, streams
        self.policy: Policy = scenario.policies[policy]
        self.items = by_key(scenario.items)
        self.index = {name: k for k, name in enumerate(self.items)}
        self.catalogue = Catalogue(self.index, {name: scenario.items[name].stream or name for name in self.items})
        self.segments = by_key(scenario.customers)
        self.suppliers = by_key(scenario.suppliers)
        self.carriers = by_key(scenario.carriers)
        self.clock = clock or Clock()
        self.initial = tuple(scenario.warehouse.stock.get(name, 0) for name in self.items)
        self.ledger = Ledger() if records else FoldingLedger(self.world(), self.initial)
        self.board = Switchboard()
        self.board.now = lambda: self.clock.now
        self.engine = BackorderEngine([self._shelf(k, name) for k, name in enumerate(self.items)])
        replenishment = [self._replenishment(name) for name in self.items]
        self.flow = Flow(self.clock, self.engine, self.ledger, replenishment, self.policy.window.length)
        self._warehouse()
        self._supply(replenishment)
        self._initial_backlog()
        self.spans = self._events()
        self._demand()
        for (first, period), shelves in self._reviews(replenishment).items():
            self.clock.process(review(self.clock, self.flow, shelves, first, period))

    def play(self, seed: int, replication: int) -> Run:
        """Runs the clock to the horizon and closes the books."""
        self.flow.stock_is_allocated(0.0)
        for shelf in self.engine.shelves:
            if shelf.position <= shelf.trigger:
                self.clock.at(0.0, Phase.REVIEW, self._first_review, shelf)
        self.clock.run_to(self.scenario.clock.horizon)
        if isinstance(self.ledger, FoldingLedger):
            waiting = [line for shelf in self.engine.shelves for line in shelf.backlog if line.order.number >= 0]
            placed = np.array([line.order.placed for line in waiting])
            self.ledger.totals.cut(placed, np.array([line.open for line in waiting], dtype=np.float64))
        levels = [Levels(s.on_hand, s.on_order, s.backordered) for s in self.engine.shelves]
        return Run(
            self.world(),
            self.policy_name,
            seed,
            replication,
            self.ledger,
            self.initial,
            tuple(levels),
            self.policy.promise.days,
        )

    def _first_review(self, shelf: Shelf, now: float) -> None:
        if shelf.position <= shelf.trigger:
            self.flow.purchase_is_made(shelf, now)

    def world(self) -> World:
        """What the facts refer to."""
        s = self.scenario
        carriers = {name: number for number, name in enumerate(self.carriers)}
        segments = [
            SegmentFacts(name, s.customers[name].priority, carriers.get(s.carrier_of(name) or "", -1))
            for name in self.segments
        ]
        return World(
            tuple(ItemFacts(name, s.items[name].price, s.items[name].unit_cost) for name in self.items),
            tuple(segments),
            tuple(
                SupplierFacts(
                    name,
                    tuple(s.suppliers[name].unit_cost.get(item, s.items[item].unit_cost) for item in self.items),
                )
                for name in self.suppliers
            ),
            tuple(CarrierFacts(n, s.carriers[n].cost.parcel, s.carriers[n].cost.unit) for n in self.carriers),
            CostFacts(s.costs.holding.of_value, s.costs.holding.money, s.costs.order, s.costs.backorder),
            s.clock.horizon,
            s.clock.warm_up,
            s.clock.start,
            s.currency,
            s.warehouse.picking.workers,
        )

    # --------------------------------------------------------------- stock
    def _shelf(self, number: int, name: str) -> Shelf:
        acceptance = decision_for(self.policy.acceptance, name)
        backlog: Backlog = Queue() if isinstance(self.policy.allocation, Fifo) else Ranked()
        shelf = Shelf(number, max(self.scenario.warehouse.stock.get(name, 0), 0), backlog)
        shelf.limit = math.inf if acceptance is None else acceptance.limit
        return shelf

    def _initial_backlog(self) -> None:
        """A negative stock is a backlog from before the start: orders with numbers below 0."""
        for k, name in enumerate(self.items):
            units = -self.scenario.warehouse.stock.get(name, 0)
            shelf = self.engine.shelves[k]
            if units > 0:
                limit, shelf.limit = shelf.limit, math.inf
                owner = f"backlog\x1e{self.scenario.items[name].stream or name}"
                terms = Terms(lambda number: self.policy.allocation.rank(1, number), owner=owner)
                row = (0.0, terms, 0, math.inf, (), (), [k], [units], None)
                short = self.engine.take([k], [units], terms.reserve) or []
                self.engine.place(Order(-1 - k, 0.0, terms, row), [k], [units], short)
                self.ledger.backordered.write(-1 - k, 0, k, units)
                shelf.limit = limit
        self.engine.due.clear()

    def _replenishment(self, name: str) -> Replenishment:
        decision = decision_for(self.policy.replenishment, name)
        if decision is None:
            decision = Replenishment.parse({"kind": "none"})
        return decision.in_units(self.scenario.items[name].demand)

    def _reviews(self, replenishment: Sequence[Replenishment]) -> dict[tuple[float, float], list[Shelf]]:
        """Shelves by (first review, period); those under continuous review get their trigger."""
        found: dict[tuple[float, float], list[Shelf]] = {}
        for shelf, decision in zip(self.engine.shelves, replenishment, strict=True):
            if decision.period is None:
                shelf.trigger = decision.trigger
            else:
                found.setdefault((decision.first_review, decision.period), []).append(shelf)
        return found

    def _supply(self, replenishment: Sequence[Replenishment]) -> None:
        vendors = {}
        for k, name in enumerate(self.suppliers):
            spec = self.scenario.suppliers[name]
            keys = {self.index[item]: self.catalogue.streams[item] for item in self.scenario.sold_by(name)}
            gate, rules = self.board.gate("suppliers", name), self.board.lead_time_rules(name)
            vendors[name] = Vendor(k, spec.stream or name, spec, keys, self.streams, self.flow, gate, rules)
        sources: list[list[tuple[Vendor, float]]] = []
        first = self.scenario.first_suppliers()
        for name, decision in zip(self.items, replenishment, strict=True):
            asked = decision.supplier
            if asked is None:
                asked = {first[name]: 1.0} if name in first else {}
            elif isinstance(asked, str):
                asked = {asked: 1.0}
            chosen = [supplier for supplier in self.suppliers if asked.get(supplier, 0.0) > 0]
            sources.append([(vendors[supplier], asked[supplier]) for supplier in chosen])
        self.flow.purchasing = Purchasing(self.engine, sources)
        for item, decision in enumerate(replenishment):
            if decision.cancel_purchase:
                self.flow.purchasing.under_way[item] = []

    # --------------------------------------------------- warehouse, carriers
    def _warehouse(self) -> None:
        picking = self.scenario.warehouse.picking
        gate = self.board.gate("warehouse")
        self.flow.picking = PickingArea(
            self.clock, self.flow, picking.time, picking.workers, self.streams, gate, "warehouse"
        )
        stops = {family for event in self.scenario.all_events() for family, _ in event.targets()}
        self.flow.direct = not self.flow.picking.takes_time and not stops & {"warehouse", "carriers"}
        couriers = {
            name: Courier(
                self.scenario.carriers[name].stream or name,
                self.scenario.carriers[name].transit,
                self.streams,
                self.board.gate("carriers", name),
            )
            for name in self.carriers
        }
        nobody = Courier("", None, self.streams, self.board.gate("carriers"))
        for name in self.segments:
            chosen = self.scenario.carrier_of(name)
            self.flow.couriers.append(nobody if chosen is None else couriers[chosen])
        if not self.segments:
            self.flow.couriers.append(nobody)

    # -------------------------------------------------------------- events
    def _stream(self, family: str, name: str) -> str:
        """The name of an object's random numbers."""
        things: Mapping[str, Named] = getattr(self.scenario, family) if name else {}
        return (things[name].stream or name) if name in things else name

    def _events(self) -> list[tuple[Event, str, list[Span]]]:
        """Draws when everything happens, ahead of all else, and starts a process for each event."""
        found = []
        keys: Counter[str] = Counter()
        for event in self.scenario.all_events():
            key = event.key(self._stream)
            keys[key] += 1
            key = f"{key} #{keys[key]}"
            spans = event.spans(self.streams.stream("event", key), self.scenario.clock.horizon)
            switch = event.switch(self.board, partial(self.streams.stream, "event_effect", key))
            self.clock.process(happening(self.clock, spans, switch))
            found.append((event, key, spans))
        return found

    # -------------------------------------------------------------- demand
    def _demand(self) -> None:
        inflows: list[Inflow] = []
        owners: list[tuple[int, Customers]] = []
        horizon = self.scenario.clock.horizon
        for number, name in enumerate(self.segments):
            spec = self.scenario.customers[name]
            key = spec.stream or name
            spikes = [
                (event, event_key, spans)
                for event, event_key, spans in self.spans
                if isinstance(event, DemandSpike) and name in listed(event.customers)
            ]
            dips = [
                Dip(event, spans, self.streams.stream("dip", event_key, key), self._chosen(event))
                for event, event_key, spans in spikes
                if event.factor < 1
            ]
            source = spec.arrivals.source(self.streams, key, spec.basket, self.catalogue)
            inflows.append(self._inflow(key, source, name, dips))
            owners.append((number, spec))
            for event, event_key, spans in spikes:
                if event.factor > 1:
                    owner = f"{key}\x1e{event_key}"
                    drawer = spec.arrivals.crowd(self.streams, owner, spec.basket, self.catalogue)
                    rng = self.streams.stream("crowd", owner)

                    def usual(times: Floats, spec: Customers = spec) -> Floats:
                        return spec.arrivals.intensity(times, horizon)

                    crowd = Crowd(event, spans, usual, drawer.draw, rng, horizon, self._chosen(event))
                    inflows.append(self._inflow(owner, crowd, name, ()))
                    owners.append((number, spec))
        known: dict[tuple[int, int, bool], Terms] = {}

        def terms(inflow: int, priority: int, together: bool) -> Terms:
            key = (inflow, priority, together)
            if key not in known:
                number, spec = owners[inflow]
                known[key] = self._terms(number, priority or spec.priority, together, inflows[inflow].owner)
            return known[key]

        rate = sum(spec.arrivals.per_day(horizon) for spec in self.scenario.customers.values())
        if inflows:
            shop = Shop(self.clock, self.flow, self.ledger, inflows, terms, rate, horizon)
            self.clock.process(shop.open())

    def _inflow(self, owner: str, source: OrderSource, segment: str, dips: Sequence[Dip]) -> Inflow:
        carrier = self.scenario.carrier_of(segment)
        transit = None if carrier is None else self.scenario.carriers[carrier].transit
        key = "" if carrier is None else self.scenario.carriers[carrier].stream or carrier
        picking = None if self.flow.picking.constant is not None else self.scenario.warehouse.picking.time
        return Inflow(owner, source, self.scenario.customers[segment], self.streams, transit, key, picking, dips)

    def _chosen(self, event: DemandSpike) -> Ints | None:
        items = listed(event.items)
        return np.array([self.index[name] for name in items], dtype=np.int64) if items else None

    def _terms(self, segment: int, priority: int, together: bool, owner: str) -> Terms:
        allocation, fulfilment = self.policy.allocation, self.policy.fulfilment
        return Terms(
            lambda number: allocation.rank(priority, number),
            allocation.reserve(priority),
            fulfilment.splits_lines and not together,
            fulfilment.splits_orders and not together,
            segment,
            owner,
        )


def happening(clock: Clock, spans: Sequence[Span], switch: Switch) -> Generator[simpy.Event]:
    """A SimPy process: the event begins and ends, first thing at the instant."""
    for span in spans:
        yield clock.until(span.start, Phase.SWITCH)
        switch.begin()
        yield clock.until(span.end, Phase.SWITCH)
        if switch.end_is_last:
            yield clock.until(span.end, Phase.SWITCH)
        switch.end()
