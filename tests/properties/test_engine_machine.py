"""The engine as a state machine: whatever is commanded, it does what a slow, plain model does, and the laws hold."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from simulator.engine.backlog import Order, Queue, Ranked, Shelf, Terms
from simulator.engine.backorder_engine import BackorderEngine
from simulator.engine.dividing_engine import DividingEngine, Rule
from simulator.policies.allocation.allocation import Allocation, Claim
from simulator.policies.fulfilment import Fulfilment
from simulator.world.waiting.holding import ships_held as release
from tests.properties.models.slow_node import SlowDividingNode, SlowNode, SlowOrder

ITEMS = 3
RANKS = {
    "fifo": lambda priority, number: (0, number),
    "lifo": lambda priority, number: (0, -number),
    "priority": lambda priority, number: (priority, number),
}


SEGMENTS = [{"priority": k + 1, "strategy": strategy} for k, strategy in enumerate(("win", "fill", "redistribute"))]
DIVIDES = {
    "proportional": {"kind": "proportional"},
    "linear": {"kind": "linear"},
    "uniform": {"kind": "uniform"},
    "strategies": {"kind": "backorder_processing", "segments": SEGMENTS, "against": "expected"},
    "improve": {"kind": "backorder_processing"},
    "nightly": {"kind": "backorder_processing", "segments": SEGMENTS, "against": "expected", "run": "nightly"}
    | {"new_orders": "confirm"},
    "protected": {"kind": "backorder_processing", "run": "nightly", "protect": "confirmed", "others": "redistribute"},
}


NAMES = ["bowl", "jug", "mug"]
FULFILMENTS = [
    Fulfilment.parse(words)
    for words in (
        {"kind": "as_available"},
        {"kind": "line_complete"},
        {"kind": "order_complete"},
        {"kind": "hold_until", "days": 1},
        {"kind": "minimum_split", "share": 0.5},
        {"kind": "minimum_split", "share": 0.6, "of": "line"},
        {"kind": "minimum_allocated", "share": 0.7},
        {"kind": "maximum_shipments", "parcels": 2},
        {"kind": "ship_once"},
        {"kind": "critical_item", "items": "jug"},
    )
]


def may_leave(fulfilment):
    """The rule of a slow order, whose parts miss items by number."""
    return lambda part: fulfilment.ships(part._replace(missing=frozenset(NAMES[item] for item in part.missing)))


def divider(allocation, is_slow):
    """The rule over the lines of the engine, or of the model."""

    def claim(line):
        waits = line.waiting if is_slow else line.open
        terms = line.order.terms
        number = line.order.number
        return Claim(number, terms.priority, 0.0, "", "", waits, line.confirmed, not terms.splits_lines)

    return lambda lines, supply: allocation.divide([claim(line) for line in lines], supply)


class Machine(RuleBasedStateMachine):
    """Commands in, and after each one the engine and the model are compared."""

    kinds = sorted(RANKS)

    @initialize(
        kinds=st.integers(0, 1000),
        reserve=st.integers(0, 3),
        stock=st.lists(st.integers(0, 8), min_size=ITEMS, max_size=ITEMS),
        limits=st.lists(st.sampled_from([math.inf, math.inf, 0, 4]), min_size=ITEMS, max_size=ITEMS),
        triggers=st.lists(st.integers(-5, 6), min_size=ITEMS, max_size=ITEMS),
    )
    def opens(self, kinds, reserve, stock, limits, triggers):
        allocation = self.kinds[kinds % len(self.kinds)]
        self.divides = allocation in DIVIDES
        self.rank, self.reserve = RANKS.get(allocation, RANKS["fifo"]), 0 if self.divides else reserve
        ranked = allocation not in ("fifo", *DIVIDES)
        shelves = [
            Shelf(k, stock[k], Ranked() if ranked else Queue(), float(triggers[k]), limits[k]) for k in range(ITEMS)
        ]
        if self.divides:
            policy = Allocation.parse(DIVIDES[allocation])
            how = (policy.counts_expected, policy.hour is None, policy.confirms_new)
            rule = Rule(divider(policy, is_slow=False), *how, keeps_record=policy.keeps_record)
            self.engine = DividingEngine(shelves, rule)
            self.model = SlowDividingNode(stock, limits, divider(policy, is_slow=True), *how)
        else:
            self.engine, self.model = BackorderEngine(shelves), SlowNode(stock, limits, ranked)
        self.net: dict[tuple[int, int], int] = {}
        self.initial, self.received = list(stock), [0] * ITEMS
        self.expected, self.lost = [0] * ITEMS, [0] * ITEMS
        self.orders: list[tuple[Order, SlowOrder]] = []
        self.positions = [shelf.position for shelf in shelves]
        self.checks_due = False

    # --------------------------------------------------------------------------------------------- commands
    @rule(
        lines=st.lists(st.tuples(st.integers(0, ITEMS - 1), st.integers(1, 5)), min_size=1, max_size=4),
        priority=st.integers(1, 3),
        fulfilment=st.sampled_from(FULFILMENTS),
    )
    def place(self, lines, priority, fulfilment):
        number = len(self.orders)
        terms = Terms(
            lambda n, rank=self.rank: rank(priority, n),
            self.reserve if priority > 1 else 0,
            fulfilment.splits_lines,
            fulfilment.splits_orders,
            priority=priority,
            least_of_line=fulfilment.least_of_line,
            ships=release(fulfilment, NAMES),
        )
        order, slow = Order(number, 0.0, terms), SlowOrder(number, terms, lines)
        slow.rule = may_leave(fulfilment)
        items, units = [item for item, _ in lines], [units for _, units in lines]
        engine = self.engine
        short = engine.take(items, units, terms.reserve)
        if short is None:
            order.packed = engine.taken
        else:
            engine.place(order, items, units, short)
        self.orders.append((order, slow))
        leaves = self.model.place(slow)
        assert self.leaves(order) == leaves
        refused = {line: units for _, line, _, units in engine.refused}
        waiting = {line.number: line.open for line in order.waiting or ()}
        assert refused == {k: line.refused for k, line in enumerate(slow.lines) if line.refused}
        assert waiting == {k: line.waiting for k, line in enumerate(slow.lines) if line.waiting}
        engine.refused.clear()
        assert not engine.fills
        assert not engine.ready
        if self.divides:
            self.compare_fills(items)
        self.checks_due = True

    @rule(item=st.integers(0, ITEMS - 1), units=st.integers(1, 9))
    def expect(self, item, units):
        self.engine.expect(self.engine.shelves[item], units)
        self.model.on_order[item] += units
        self.expected[item] += units
        if self.divides:
            self.compare_fills([item])

    @precondition(lambda self: self.divides)
    @rule()
    def run(self):
        self.engine.run()
        self.compare_fills(range(ITEMS), run=True)

    @precondition(lambda self: any(self.model.on_order))
    @rule(data=st.data())
    def receive(self, data):
        item = data.draw(st.sampled_from([k for k in range(ITEMS) if self.model.on_order[k]]))
        units = data.draw(st.integers(1, self.model.on_order[item]))
        lost = data.draw(st.integers(0, units)) if data.draw(st.booleans()) else 0
        self.engine.receive(self.engine.shelves[item], units - lost, lost)
        self.model.on_order[item] -= units
        self.model.on_hand[item] += units - lost
        self.received[item] += units - lost
        self.lost[item] += lost
        self.compare_fills([item])
        self.checks_due = lost > 0

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def cancel(self, data):
        order, slow = data.draw(st.sampled_from(self.orders))
        if not order.waiting:
            return  # the world asks only where something waits
        found = self.engine.cancel(order)
        freed, items = self.model.cancel(slow, range(len(slow.lines)), 10**9)
        self.compare_releases(found, freed, slow)
        self.compare_fills(items)

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def end_hold(self, data):
        order, slow = data.draw(st.sampled_from(self.orders))
        if not order.waiting or slow.terms.splits_orders:
            return  # the world asks only where something is held for what waits
        self.engine.end_hold(order)
        slow.hold_is_over = True
        slow.pack(whatever=True)
        self.compare_fills([], slow)

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), units=st.integers(1, 6))
    def call_off(self, data, units):
        order, slow = data.draw(st.sampled_from(self.orders))
        line = data.draw(st.integers(0, len(slow.lines) - 1))
        found = self.engine.call_off(order, line, units)
        freed, items = self.model.cancel(slow, [line], units)
        self.compare_releases(found, freed, slow)
        self.compare_fills(items, slow)

    # -------------------------------------------------------------------------------------------- comparisons
    def leaves(self, order):
        units, order.packed = order.packed, 0
        order.parcels += units > 0
        return units

    def compare_releases(self, found, freed, slow):
        told = {}
        for line, shelf, units, held in found:
            waiting, kept = told.get(line, (0, 0))
            told[line] = (waiting, kept + units) if held else (waiting + units, kept)
            assert units > 0
            assert shelf.item == slow.lines[line].item
        assert told == freed

    def compare_fills(self, items, *touched, **how):
        self.engine.settle()
        filled_before = {id(line): line.filled for _, slow in self.orders for line in slow.lines}
        orders = [*touched, *self.model.serve(*items, **how)]
        fills = {}
        for line, units in self.engine.fills:
            key = (line.order.number, line.number)
            fills[key] = fills.get(key, 0) + units
        expected = {
            (slow.number, k): line.filled - filled_before[id(line)]
            for _, slow in self.orders
            for k, line in enumerate(slow.lines)
            if line.filled != filled_before[id(line)]
        }
        assert fills == expected
        shipped = {}
        for slow in orders:
            if units := self.model.ship(slow):
                shipped[slow.number] = units
        ready = [order.number for order in self.engine.ready]
        assert len(set(ready)) == len(ready), "an order ships once an instant"
        assert {order.number: self.leaves(order) for order in self.engine.ready} == shipped
        if self.divides:
            self.compare_confirmations(fills)
        self.engine.fills.clear()
        self.engine.ready.clear()

    def compare_confirmations(self, fills):
        engine = self.engine
        expected = {(s.number, k): x.confirmed for _, s in self.orders for k, x in enumerate(s.lines) if x.confirmed}
        found = {(x.order.number, x.number): x.confirmed for queue in engine.queues for x in queue if x.confirmed}
        assert found == expected
        assert engine.confirmed == [sum(x.confirmed for x in queue) for queue in engine.queues]
        for line, units in engine.confirmations:
            key = (line.order.number, line.number)
            self.net[key] = self.net.get(key, 0) + units
        if engine.rule.keeps_record:
            assert all(self.net.get(key, 0) >= units for key, units in fills.items())
        engine.clear_confirmations()

    # ---------------------------------------------------------------------------------------------------- laws
    @invariant()
    def levels_are_those_of_the_model(self):
        if not hasattr(self, "engine"):
            return
        for k, shelf in enumerate(self.engine.shelves):
            model = self.model
            assert (shelf.on_hand, shelf.on_order, shelf.backordered) == (
                model.on_hand[k],
                model.on_order[k],
                model.backordered(k),
            )

    @invariant()
    def units_are_conserved_and_nothing_is_negative(self):
        if not hasattr(self, "engine"):
            return
        for k, shelf in enumerate(self.engine.shelves):
            lines = [line for _, slow in self.orders for line in slow.lines if line.item == k]
            assert self.initial[k] + self.received[k] == shelf.on_hand + sum(line.filled for line in lines)
            assert shelf.on_order == self.expected[k] - self.received[k] - self.lost[k]
            assert shelf.position == shelf.on_hand + shelf.on_order - shelf.backordered
            assert min(shelf.on_hand, shelf.on_order, shelf.backordered) >= 0
        for order, slow in self.orders:
            for line in slow.lines:
                assert line.asked == line.waiting + line.filled + line.refused + line.called_off
            assert order.packed == 0
            assert order.held == (0 if slow.terms.splits_orders else slow.held)
            assert sum(line.open for line in order.waiting or ()) == sum(line.waiting for line in slow.lines)

    @invariant()
    def no_free_stock_lies_beside_a_backorder_that_may_have_it(self):
        if not hasattr(self, "engine"):
            return
        for k, shelf in enumerate(self.engine.shelves):
            queue = self.model.line_up(k)
            if self.divides:
                assert self.engine.confirmed[k] <= self.model.supply(k)
            elif queue:
                terms = queue[0].order.terms
                free = shelf.on_hand - terms.reserve
                assert free < (min(queue[0].least, queue[0].waiting) if terms.splits_lines else queue[0].waiting)

    @invariant()
    def a_fall_of_the_position_to_the_trigger_calls_for_a_review(self):
        if not hasattr(self, "engine"):
            return
        due = self.engine.due
        for k, shelf in enumerate(self.engine.shelves):
            if self.checks_due and shelf.position < self.positions[k] and shelf.position <= shelf.trigger:
                assert shelf in due
        due.clear()
        self.checks_due = False
        self.positions = [shelf.position for shelf in self.engine.shelves]


class DividingMachine(Machine):
    """The same where a rule divides stock."""

    kinds = sorted(DIVIDES)


LOOK = settings(
    derandomize=True,
    deadline=None,
    max_examples=150,
    stateful_step_count=30,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.mark.parametrize("machine", [Machine, DividingMachine])
def test_after_every_command_the_engine_equals_the_slow_model_and_the_laws_hold(machine):
    run_state_machine_as_test(machine, settings=LOOK)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("machine", [Machine, DividingMachine])
def test_thousands_of_command_sequences_keep_the_laws(machine):
    run_state_machine_as_test(machine, settings=settings(LOOK, max_examples=5000, stateful_step_count=50))
