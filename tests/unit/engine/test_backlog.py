"""The backlog: memory in proportion to what waits, and the order of service untouched by a sweep."""

import pytest

from simulator.engine.backlog import Order, Queue, Ranked, Shelf, Terms
from simulator.engine.backorder_engine import BackorderEngine

BOTH = pytest.mark.parametrize("kind", [Queue, Ranked])


def placed(engine, number, units=1):
    order = Order(number, 0.0, Terms(lambda n: (0, n)))
    engine.place(order, [0], [units], engine.take([0], [units], 0))
    return order


@BOTH
def test_cancelled_lines_behind_a_head_that_goes_on_waiting_are_not_kept(kind):
    engine = BackorderEngine([Shelf(0, 0, kind())])
    placed(engine, 0)
    for number in range(1, 10_000):
        engine.cancel(placed(engine, number))
    assert len(engine.shelves[0].backlog) < 200
    assert [line.order.number for line in engine.shelves[0].backlog] == [0]


@BOTH
def test_orders_called_off_line_by_line_are_not_kept_either(kind):
    engine = BackorderEngine([Shelf(0, 0, kind())])
    for number in range(10_000):
        engine.call_off(placed(engine, number), 0, 1)
    assert len(engine.shelves[0].backlog) < 200


@BOTH
def test_a_sweep_leaves_the_order_of_service_as_it_was(kind):
    engine = BackorderEngine([Shelf(0, 0, kind())])
    orders = [placed(engine, number) for number in range(1000)]
    for order in orders:
        if order.number % 7:
            engine.cancel(order)
    engine.receive(engine.shelves[0], 1000)
    assert [line.order.number for line, _ in engine.fills] == list(range(0, 1000, 7))
