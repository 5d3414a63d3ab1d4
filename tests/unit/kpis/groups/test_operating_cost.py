"""The operating cost: what a policy costs to run, without the goods that it sells."""

import pytest

from simulator.kpis.evaluate import evaluate
from tests.unit.world.shops import play, shop

NAMES = (
    "operating_cost",
    "total_cost",
    "purchase_cost",
    "write_off_cost",
    "ordering_cost",
    "holding_cost",
    "expedite_premium",
    "refund_cost",
    "late_discounts",
    "contribution",
    "revenue",
)


def found(**changes):
    return evaluate(play(shop(**changes)), NAMES)


def test_refusing_customers_does_not_lower_the_operating_cost():
    """Four mugs a day are asked for and at most a few are there: a shop that refuses buys less and earns less."""
    busy = {
        "customers__web__arrivals": {"kind": "every", "interval": 0.25},
        "policies__first": {"replenishment": {"kind": "s_Q", "s": 4, "Q": 5}},
    }
    taking = found(**busy)
    busy["policies__first"]["acceptance"] = {"kind": "never"}
    refusing = found(**busy)
    assert refusing["total_cost"] < taking["total_cost"], "nothing but the goods costs money here"
    assert refusing["operating_cost"] == taking["operating_cost"] == 0
    assert refusing["contribution"] < taking["contribution"]


def test_orders_and_stock_are_in_it_and_purchases_are_not():
    rates = {"holding": "0.1 / d", "order": 7}
    values = found(costs=rates)
    assert values["operating_cost"] == pytest.approx(values["ordering_cost"] + values["holding_cost"])
    assert values["total_cost"] == pytest.approx(values["operating_cost"] + values["purchase_cost"])


def test_goods_that_are_written_off_are_in_it():
    values = found(items__mug__shelf_life=10, warehouse__stock__mug=20, clock__horizon=13)
    assert values["write_off_cost"] > 0
    assert values["operating_cost"] == pytest.approx(values["write_off_cost"])


def test_what_a_dearer_supplier_costs_more_is_in_it():
    """The smithy asks 7 for what the pottery sells at 5; five mugs at a time are received."""
    two = {
        "suppliers__smithy": {"items": ["mug"], "lead_time": 4, "unit_cost": {"mug": 7}},
        "policies__first": {"replenishment": {"kind": "s_Q", "s": 4, "Q": 5, "supplier": "smithy"}},
    }
    values = found(**two)
    units = values["purchase_cost"] / 7
    assert units > 0
    assert values["operating_cost"] == pytest.approx(2 * units)
    two["policies__first"]["replenishment"]["supplier"] = "pottery"
    assert found(**two)["operating_cost"] == 0
