"""The engine where a rule divides stock: what is confirmed, who gets goods, what happens when supply falls."""

from __future__ import annotations

import math

from simulator.engine.backlog import Order, Queue, Shelf, Terms
from simulator.engine.dividing_engine import DividingEngine, Rule
from simulator.policies.allocation.allocation import Claim
from simulator.policies.allocation.backorder_processing import processed


def divider(strategy, protected=False):
    """All lines have one strategy, first come first served."""

    def divide(lines, supply):
        claims = [Claim(x.order.number, units=x.open, confirmed=x.confirmed) for x in lines]
        return processed(claims, [strategy] * len(claims), range(len(claims)), supply, protected)

    return divide


def engine_of(stock=0, strategy="improve", **rule):
    rule = Rule(divider(strategy), **{"counts_expected": True, "keeps_record": True} | rule)
    return DividingEngine([Shelf(0, stock, Queue(), limit=math.inf)], rule)


def place(engine, number, units, whole=False):
    order = Order(number, float(number), Terms(lambda n: (0, n), splits_lines=not whole))
    short = engine.take([0], [units], 0)
    if short is None:
        order.packed = engine.taken
    else:
        engine.place(order, [0], [units], short)
        engine.settle()
    return order


def told(engine):
    """Confirmations and fills since the last time, by order."""
    confirmed = [(line.order.number, units) for line, units in engine.confirmations]
    fills = [(line.order.number, units) for line, units in engine.fills]
    engine.clear_confirmations()
    engine.fills.clear()
    engine.ready.clear()
    return confirmed, fills


def test_a_purchase_is_confirmed_to_those_who_wait_and_its_goods_go_to_them():
    engine = engine_of()
    place(engine, 0, 5)
    place(engine, 1, 5)
    engine.expect(engine.shelves[0], 7)
    engine.settle()
    assert told(engine) == ([(0, 5), (1, 2)], [])
    engine.receive(engine.shelves[0], 7)
    engine.settle()
    assert told(engine) == ([], [(0, 5), (1, 2)])
    assert engine.shelves[0].on_hand == 0
    assert engine.shelves[0].backordered == 3


def test_between_runs_goods_that_nobody_is_confirmed_stay_on_the_shelf_and_no_new_order_takes_them():
    engine = engine_of(counts_expected=False, at_events=False)
    place(engine, 0, 5)
    engine.expect(engine.shelves[0], 3)
    engine.receive(engine.shelves[0], 3)
    engine.settle()
    place(engine, 1, 2)
    assert told(engine) == ([], [])
    engine.run()
    assert told(engine) == ([(0, 3)], [(0, 3)])


def test_a_new_line_may_be_confirmed_what_nobody_holds_before_the_next_run():
    engine = engine_of(at_events=False, confirms_new=True)
    place(engine, 0, 2)
    engine.expect(engine.shelves[0], 6)
    engine.settle()
    place(engine, 1, 4)
    place(engine, 2, 4)
    assert told(engine) == ([(1, 4), (2, 2)], [])
    engine.run()
    assert told(engine) == ([], []), "improve: what is confirmed is kept, and there is no more"


def test_a_loss_takes_from_the_last_in_the_queue_first():
    engine = engine_of(at_events=False)
    place(engine, 0, 4)
    place(engine, 1, 4)
    engine.expect(engine.shelves[0], 8)
    engine.run()
    assert told(engine) == ([(0, 4), (1, 4)], [])
    engine.receive(engine.shelves[0], 5, lost=3)
    engine.settle()
    assert told(engine) == ([(1, -3)], [(0, 4), (1, 1)])


def test_a_line_that_is_filled_whole_keeps_what_is_confirmed_to_it_on_the_shelf_until_the_rest_is_there():
    engine = engine_of(counts_expected=False)
    place(engine, 0, 5, whole=True)
    place(engine, 1, 2)
    engine.expect(engine.shelves[0], 6)
    engine.receive(engine.shelves[0], 3)
    engine.settle()
    assert told(engine) == ([(0, 3)], [])
    assert engine.shelves[0].on_hand == 3
    engine.receive(engine.shelves[0], 3)
    engine.settle()
    assert told(engine) == ([(0, 2), (1, 1)], [(0, 5), (1, 1)])


def test_a_cancellation_frees_what_was_confirmed_for_those_behind():
    engine = engine_of()
    first = place(engine, 0, 5)
    place(engine, 1, 5)
    engine.expect(engine.shelves[0], 6)
    engine.settle()
    told(engine)
    engine.cancel(first)
    engine.settle()
    assert told(engine) == ([(1, 4)], [])
    second = engine.queues[0][0].order
    engine.call_off(second, 0, 2)
    engine.settle()
    assert engine.confirmed == [3]
    assert engine.shelves[0].backordered == 3


def test_an_exception_is_told_once_until_the_line_gets_what_it_is_owed():
    engine = engine_of(strategy="win")
    place(engine, 0, 5)
    engine.expect(engine.shelves[0], 3)
    engine.settle()
    assert [(line.order.number, units) for line, units in engine.exceptions] == [(0, 2)]
    engine.clear_confirmations()
    engine.expect(engine.shelves[0], 1)
    engine.settle()
    assert not engine.exceptions


def test_dead_lines_do_not_pile_up():
    engine = engine_of(counts_expected=False)
    for number in range(1000):
        place(engine, number, 2)
        engine.expect(engine.shelves[0], 2)
        engine.receive(engine.shelves[0], 2)
        engine.settle()
    assert len(engine.shelves[0].backlog) < 200
