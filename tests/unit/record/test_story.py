"""The life of one order, told from the facts."""

import pytest

from simulator.foundation.errors import UserError
from simulator.record.story import story_lines
from simulator.scenario.loader import load_text
from simulator.world.simulate import simulate

SHOP = """
name: corner
clock: {horizon: 10 d, warm_up: 1.5 d}
items: {mug: {price: 12, unit_cost: 5}, rug: {price: 60, unit_cost: 25}}
customers:
  web:
    arrivals: {kind: every, interval: 1 d}
    basket: {kind: weighted, items: {mug: 1, rug: 1}, lines: 2, quantity: 2}
warehouse: {stock: {mug: 5, rug: 2}}
suppliers: {maker: {items: [mug, rug], lead_time: 2.5 d}}
carriers: {parcel: {transit: 12 h}}
policies:
  base: {replenishment: {kind: base_stock, S: 4}}
  never: {extends: base, acceptance: {kind: never}}
  together: {extends: base, fulfilment: {kind: order_complete}, window: {kind: cancel_after, days: 2 d}}
"""


def lived(order, policy="base", **settings):
    scenario = load_text(SHOP, overrides=[f"{key}={value}" for key, value in settings.items()])
    return simulate(scenario, policy, 1).story(order)


def without_order_of_items(lines):
    return [line.replace("2 rug, 2 mug", "2 mug, 2 rug") for line in lines]


TWO_RECEIPTS = """
name: two-receipts
clock: {horizon: 20 d}
items: {mug: {price: 12, unit_cost: 5}}
customers:
  web: {arrivals: {kind: every, interval: 90 d, first: 1 d}, basket: {kind: single, item: mug, quantity: 3}}
  yard: {arrivals: {kind: every, interval: 90 d, first: 2 d}, basket: {kind: single, item: mug, quantity: 2}}
warehouse: {stock: {mug: STOCK}}
suppliers:
  east: {items: all, lead_time: 5 d, under_way: [{item: mug, units: EAST, due: 5 d}]}
  west: {items: all, lead_time: 5 d, under_way: [{item: mug, units: WEST, due: 5 d}]}
policies: {p: {replenishment: {kind: none}, fulfilment: {kind: line_complete}}}
"""


@pytest.mark.parametrize(
    ("stock", "east", "west", "told"),
    [
        (0, 3, 2, (["3 received from east"], ["2 received from west"])),
        (0, 4, 1, (["4 received from east"], ["4 received from east", "1 received from west"])),
        (0, 2, 3, (["2 received from east", "3 received from west"], ["3 received from west"])),
        (1, 1, 1, (["1 received from east", "1 received from west", "stock that became available"],)),
    ],
)
def test_a_fill_names_the_receipts_whose_units_it_got(stock, east, west, told):
    text = TWO_RECEIPTS.replace("STOCK", str(stock)).replace("EAST", str(east)).replace("WEST", str(west))
    run = simulate(load_text(text), "p", 1)
    for order, wanted in enumerate(told):
        line = next(line for line in run.story(order) if "  filled: " in line)
        found = line.split(", from ")[1].split(" and ")
        assert [part.split(" (")[0] for part in found] == wanted, line


def test_an_order_that_is_there_ships_at_once():
    assert without_order_of_items(lived(0)) == [
        "day     1.000  order 0 placed by web: 2 mug, 2 rug (before the warm-up ends: not counted)",
        "day     1.000  filled from stock at once: 2 mug, 2 rug",
        "day     1.000  parcel 1 shipped: 4 units, 0.00 d after the order",
        "day     1.500  parcel 1 delivered: 0.50 d in transit, 0.50 d after the order",
    ]


def test_what_is_not_there_waits_for_a_purchase_and_comes_in_a_parcel_of_its_own():
    lines = without_order_of_items(lived(1))
    assert lines[:3] == [
        "day     2.000  order 1 placed by web: 2 mug, 2 rug",
        "day     2.000  filled from stock at once: 2 mug",
        "day     2.000  on backorder: 2 rug",
    ]
    assert lines[3] == "day     2.000  parcel 1 shipped: 2 units, 0.00 d after the order"
    assert (
        "day     2.500  filled: 2 rug, after 0.50 d on backorder, from 2 received from maker (bought 2.50 d before)"
        in lines
    )
    assert lines[-1] == "day     3.000  parcel 2 delivered: 0.50 d in transit, 1.00 d after the order"


def test_dates_stand_where_the_scenario_has_a_start():
    assert lived(0, **{"clock.start": "2025-01-06"})[-1].startswith("2025-01-07 12:00  parcel 1 delivered")


def test_what_may_not_be_backordered_is_refused():
    assert "day     2.000  cannot be ordered, out of stock: 2 rug" in lived(1, "never")


def test_what_is_held_for_an_incomplete_order_goes_back_when_the_window_passes():
    text = "\n".join(lived(1, "together", **{"suppliers.maker.lead_time": "30 d"}))
    assert "cancelled: 2 rug, 2.00 d after the order: the seller's window had passed" in text
    assert "cancelled: 2 mug, 2.00 d after the order: the seller's window had passed; it was held for the order" in text


def test_what_is_open_at_the_end_is_said():
    slow = {"suppliers.maker.lead_time": "30 d", "clock.horizon": "9.2 d"}
    assert without_order_of_items(lived(8, **slow)) == [
        "day     9.000  order 8 placed by web: 2 mug, 2 rug",
        "day     9.000  on backorder: 2 rug",
        "day     9.000  on backorder: 2 mug",
        "day     9.200  the run ends: still on backorder 2 mug, 2 rug, for 0.20 d",
    ]
    late = lived(8, **slow, **{"warehouse.stock": "{mug: 99, rug: 99}"})
    assert late[-1] == "day     9.200  the run ends: a parcel of 4 is in transit (its transit takes 0.50 d)"
    held = lived(8, "together", **slow, **{"warehouse.stock": "{mug: 99}"})
    assert held[-1] == "day     9.200  the run ends: 2 filled and not shipped yet"


def test_a_backlog_from_before_the_start_has_numbers_below_zero():
    lines = lived(-2, **{"warehouse.stock.rug": -3})
    assert lines[0] == "day     0.000  on backorder since before the start: 3 rug"
    assert lines[1].startswith("day     2.500  filled: 3 rug, after 2.50 d on backorder")


def test_what_happened_stands_in_order_of_time():
    run = simulate(load_text(SHOP), "base", 1)
    for order in range(len(run.demand.times)):
        times = [h.time for h in story_lines(run, order)]
        assert times == sorted(times)


def test_an_order_that_was_never_placed_is_refused_with_the_numbers_there_are():
    for order in (9, -1):
        with pytest.raises(UserError, match=f"no order {order}: this run has orders 0 to 8"):
            lived(order)
    with pytest.raises(UserError, match="no order was placed"):
        lived(0, customers="{}")
