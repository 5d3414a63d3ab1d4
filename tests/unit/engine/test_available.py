"""G3: what may be promised without breaking a promise made before."""

from hypothesis import given
from hypothesis import strategies as st

from simulator.engine.available import available_to_promise, earliest_deliveries

RECEIPTS, COMMITMENTS = [(5, 40), (12, 60)], [(2, 30), (7, 45)]
dated = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 50)), max_size=6)


def test_an_order_for_day_three_gets_fifteen_then_and_fifteen_on_day_twelve():
    available = available_to_promise(50, RECEIPTS, COMMITMENTS)
    assert earliest_deliveries(available, 30, wanted=3) == [(3, 15), (12, 15)]


def test_promising_the_twenty_that_are_left_on_hand_breaks_the_order_of_day_seven_by_five():
    left = 50 - 30
    short = (left - 20) + 40 - 45
    assert short == -5
    assert available_to_promise(50, RECEIPTS, [*COMMITMENTS, (3, 20)])[0] == (0.0, 0)
    assert available_to_promise(50, RECEIPTS, [*COMMITMENTS, (3, 15)])[0] == (0.0, 0)


@given(st.integers(0, 60), dated, dated, st.integers(1, 40))
def test_whatever_is_promised_no_earlier_promise_is_broken_more(stock, receipts, commitments, units):
    def shortfall(promised):
        days = sorted({0, *(d for d, _ in (*receipts, *promised))})
        level = [
            stock + sum(u for d, u in receipts if d <= day) - sum(u for d, u in promised if d <= day) for day in days
        ]
        return min(0, *level)

    made = earliest_deliveries(available_to_promise(stock, receipts, commitments), units)
    assert sum(u for _, u in made) <= units
    assert shortfall([*commitments, *made]) == shortfall(commitments)


@given(st.integers(0, 60), dated)
def test_with_nothing_promised_all_stock_and_receipts_are_free(stock, receipts):
    assert available_to_promise(stock, receipts, [])[-1][1] == stock + sum(units for _, units in receipts)
