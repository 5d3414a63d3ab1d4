"""The engine's rules, one at a time: who gets a unit, what may be ordered, what is held, what comes back."""

import math

import pytest

from simulator.engine.backlog import Order, Queue, Ranked, Shelf, Terms
from simulator.engine.backorder_engine import BackorderEngine


def fifo(number):
    return (0, number)


class Node:
    """One engine, orders numbered as they come."""

    def __init__(self, *stock, ranked=False, limit=math.inf, trigger=-math.inf):
        shelves = [Shelf(k, units, Ranked() if ranked else Queue(), trigger, limit) for k, units in enumerate(stock)]
        self.engine, self.shelves, self.placed = BackorderEngine(shelves), shelves, 0

    def place(self, *lines, priority=None, **terms):
        rank = fifo if priority is None else lambda number: (priority, number)
        order = Order(self.placed, 0.0, Terms(rank, **terms))
        self.placed += 1
        items, units = [item for item, _ in lines], [units for _, units in lines]
        short = self.engine.take(items, units, order.terms.reserve)
        if short is None:
            order.packed = self.engine.taken
        else:
            self.engine.place(order, items, units, short)
        return order

    def receive(self, item, units, lost=0):
        self.engine.expect(self.shelves[item], units)
        self.engine.receive(self.shelves[item], units - lost, lost)
        found = [(line.order.number, units) for line, units in self.engine.fills]
        self.engine.fills.clear()
        return found

    def refused(self):
        found = [units for *_, units in self.engine.refused]
        self.engine.refused.clear()
        return sum(found)

    def leaves(self, order):
        units, order.packed = order.packed, 0
        return units

    def levels(self, item=0):
        shelf = self.shelves[item]
        return shelf.on_hand, shelf.on_order, shelf.backordered


def test_an_order_that_is_all_there_leaves_at_once_and_the_position_falls():
    node = Node(5, 2)
    assert node.place((0, 3), (1, 2)).packed == 5
    assert node.levels(0) == (2, 0, 0)
    assert node.shelves[0].position == 2


def test_a_line_is_split_only_where_the_terms_say_so():
    node = Node(2)
    assert node.place((0, 5)).packed == 2
    assert node.levels() == (0, 0, 3)
    node = Node(2)
    assert node.place((0, 5), splits_lines=False).packed == 0
    assert node.levels() == (2, 0, 5)


def test_backorders_are_filled_first_come_first_served_as_goods_arrive():
    node = Node(0)
    for units in (2, 3, 1):
        node.place((0, units))
    assert node.receive(0, 4) == [(0, 2), (1, 2)]
    assert node.receive(0, 5) == [(1, 1), (2, 1)]
    assert node.levels() == (3, 0, 0)


def test_a_new_order_takes_nothing_while_an_older_one_waits_for_the_item():
    node = Node(2)
    node.place((0, 5), splits_lines=False)
    assert node.place((0, 1)).packed == 0
    assert node.levels() == (2, 0, 6)


def test_a_head_that_cannot_be_served_blocks_those_behind_it():
    node = Node(0)
    node.place((0, 5), splits_lines=False)
    node.place((0, 1))
    assert node.receive(0, 4) == []
    assert node.receive(0, 2) == [(0, 5), (1, 1)]


def test_a_better_rank_goes_before_those_who_wait_and_may_take_what_they_cannot_use():
    node = Node(0, ranked=True)
    node.place((0, 1), priority=2)
    node.place((0, 1), priority=1)
    assert node.receive(0, 1) == [(1, 1)]
    node = Node(3, ranked=True)
    node.place((0, 5), priority=2, splits_lines=False)
    assert node.place((0, 2), priority=1).packed == 2
    assert node.place((0, 1), priority=2).packed == 0, "of equal rank, the older one first"


def test_the_last_units_are_kept_for_those_who_need_leave_no_reserve():
    node = Node(5, ranked=True)
    assert node.place((0, 4), priority=2, reserve=3).packed == 2
    assert node.place((0, 2), priority=1).packed == 2
    assert node.receive(0, 2) == []
    assert node.levels() == (3, 0, 2)
    assert node.receive(0, 1) == [(0, 1)]
    assert node.receive(0, 1) == [(0, 1)]
    assert node.levels() == (3, 0, 0)


def test_with_25_on_hand_and_a_limit_of_50_the_76th_unit_is_refused():
    node = Node(25, limit=50)
    for _ in range(75):
        node.place((0, 1))
    assert node.refused() == 0
    node.place((0, 1))
    assert node.refused() == 1
    assert node.levels() == (0, 0, 50)
    assert node.shelves[0].position == -50, "what is refused is not in the position"


def test_a_line_beyond_the_limit_is_cut_where_it_may_be_split_and_else_refused_whole():
    node = Node(2, limit=1)
    assert node.place((0, 5)).packed == 2
    assert node.refused() == 2
    node = Node(2, limit=1)
    assert node.place((0, 5), splits_lines=False).packed == 0
    assert node.refused() == 5
    assert node.levels() == (2, 0, 0)


def test_a_limit_of_nothing_is_lost_sales():
    node = Node(2, limit=0)
    assert node.place((0, 3)).packed == 2
    assert node.refused() == 1
    assert node.levels() == (0, 0, 0)


def test_an_order_held_together_leaves_once_and_what_is_held_is_not_on_hand():
    node = Node(2, 0)
    order = node.place((0, 2), (1, 1), splits_lines=False, splits_orders=False)
    assert (order.packed, order.held) == (0, 2)
    assert node.levels(0) == (0, 0, 0)
    node.receive(1, 1)
    assert node.engine.ready == [order]
    assert (order.packed, order.held) == (3, 0)


def test_an_order_touched_twice_at_one_instant_is_ready_once():
    node = Node(0)
    order = node.place((0, 1), (0, 2))
    node.receive(0, 3)
    assert node.engine.ready == [order]
    assert order.packed == 3


def test_a_cancelled_order_gives_back_what_was_held_for_it_and_the_next_in_line_has_it():
    node = Node(2, 0)
    first = node.place((0, 2), (1, 1), splits_lines=False, splits_orders=False)
    node.place((0, 1))
    released = node.engine.cancel(first)
    assert sorted((r.line, r.units, r.held) for r in released) == [(0, 2, True), (1, 1, False)]
    assert [(line.order.number, units) for line, units in node.engine.fills] == [(1, 1)]
    assert node.levels(0) == (1, 0, 0)
    assert node.levels(1) == (0, 0, 0)
    assert node.shelves[1].position == 0


def test_a_cancelled_head_no_longer_blocks_those_behind_it():
    node = Node(2)
    head = node.place((0, 5), splits_lines=False)
    node.place((0, 1))
    node.engine.cancel(head)
    assert [(line.order.number, units) for line, units in node.engine.fills] == [(1, 1)]


def test_units_called_off_come_from_those_that_wait_then_from_those_held_and_never_from_those_that_left():
    node = Node(2)
    split = node.place((0, 5))
    node.leaves(split)
    assert [(r.units, r.held) for r in node.engine.call_off(split, 0, 4)] == [(3, False)]
    assert node.engine.call_off(split, 0, 1) == []
    node = Node(2, 0)
    whole = node.place((0, 2), (1, 2), splits_lines=False, splits_orders=False)
    assert [(r.units, r.held) for r in node.engine.call_off(whole, 0, 1)] == [(1, True)]
    assert [(r.units, r.held) for r in node.engine.call_off(whole, 1, 2)] == [(2, False)]
    assert node.engine.ready == [whole]
    assert whole.packed == 1


def test_part_of_a_line_called_off_may_make_the_rest_fit():
    node = Node(3)
    order = node.place((0, 5), splits_lines=False)
    node.engine.call_off(order, 0, 2)
    assert order.packed == 3
    assert node.levels() == (0, 0, 0)


def test_a_loss_lowers_the_position_and_calls_for_a_review():
    node = Node(5, trigger=4.0)
    node.engine.expect(node.shelves[0], 3)
    node.engine.receive(node.shelves[0], 1, 2)
    assert node.levels() == (6, 0, 0)
    assert node.engine.due == []
    node.place((0, 1))
    assert node.engine.due == []
    node.place((0, 1))
    assert node.engine.due == [node.shelves[0]]


@pytest.mark.parametrize("lost", [0, 1, 4])
def test_on_order_is_what_was_expected_and_has_neither_come_nor_been_lost(lost):
    node = Node(0)
    node.place((0, 3))
    node.engine.expect(node.shelves[0], 10)
    assert node.levels() == (0, 10, 3)
    node.engine.receive(node.shelves[0], 4 - lost, lost)
    assert node.shelves[0].on_order == 6
    assert node.shelves[0].position == 10 - 3 - lost
