"""Goods of several origins: one parcel for each place from which goods leave."""

import pytest

from simulator.kpis.evaluate import evaluate
from simulator.kpis.evidence.evidence import Evidence
from simulator.record.parts import parts_of
from tests.properties.models.facts import rows
from tests.unit.world.shops import play, shop

SHIPPED_BY = {"lamp": "maker", "mat": "maker", "sofa": "vendor", "bed": "vendor", "desk": "joiner"}
PRICES = {"lamp": 10, "mat": 20, "sofa": 900, "bed": 700, "desk": 90}


def mixed(wish, stock=5, fulfilment="as_available", order_again=99, **changes):
    """One order of `wish` on day 1; sofas, beds and desks are sent by their vendors."""
    d = shop(carriers__van={"transit": 1, "cost": {"parcel": 4}}, **changes)
    d["items"] = {
        name: {"price": price, "unit_cost": price / 2} | ({"made": "drop_ship"} if SHIPPED_BY[name] != "maker" else {})
        for name, price in PRICES.items()
    }
    d["suppliers"] = {
        vendor: {"items": [i for i, v in SHIPPED_BY.items() if v == vendor], "lead_time": 9}
        for vendor in dict.fromkeys(SHIPPED_BY.values())
    }
    basket = {"kind": "bundle", "items": dict.fromkeys(wish, 1)}
    d["customers"]["web"] = {"arrivals": {"kind": "every", "interval": 99, "first": 1}, "basket": basket}
    d["warehouse"]["stock"] = stock if isinstance(stock, dict) else dict.fromkeys(PRICES, stock)
    policy = {"replenishment": {"kind": "base_stock", "S": 0}, "fulfilment": {"kind": fulfilment}}
    d["policies"]["first"] = policy
    return play(d)


@pytest.mark.parametrize(
    ("wish", "many"),
    [
        (["lamp", "mat"], [2]),
        (["lamp", "sofa"], [1, 1]),
        (["sofa", "lamp"], [1, 1]),
        (["sofa", "lamp", "mat", "bed"], [2, 2]),
        (["sofa", "desk"], [1, 1]),
        (["lamp", "sofa", "desk"], [1, 1, 1]),
        (["sofa", "bed"], [2]),
    ],
)
def test_goods_leave_in_one_parcel_for_each_origin(wish, many):
    run = mixed(wish)
    assert [f["units"] for f in rows(run, "parcels")] == many
    found = evaluate(run)
    assert (found["freight_cost"], found["parcels_per_order"]) == (4 * len(many), len(many))
    for parcel in range(len(many)):
        names = [run.world.items[p.item].name for p in parts_of(run, 0) if p.parcel == parcel]
        assert len({SHIPPED_BY[name] for name in names}) == 1
    assert sorted(Evidence(run).cash.worth.shipped.value) == sorted(
        sum(PRICES[name] for name in wish if SHIPPED_BY[name] == place)
        for place in dict.fromkeys(SHIPPED_BY[name] for name in wish)
    )


def test_an_order_that_waits_to_be_complete_leaves_from_all_places_at_once():
    run = mixed(["lamp", "sofa", "desk"], {"lamp": 5, "sofa": 0, "desk": 1}, "order_complete")
    assert [(f["shipped"], f["units"]) for f in rows(run, "parcels")] == [(10, 1)] * 3


def test_goods_that_come_later_leave_from_their_place():
    run = mixed(["lamp", "sofa", "desk"], {"lamp": 5, "sofa": 1, "desk": 0})
    assert [f["shipped"] for f in rows(run, "parcels")] == [1, 1, 10]


def test_where_one_vendor_sends_everything_an_order_is_one_parcel():
    d = shop(items__mug__made="drop_ship", customers__web__basket__quantity=2, warehouse__stock__mug=90)
    run = play(d)
    assert {f["units"] for f in rows(run, "parcels")} == {2}
    assert not rows(run, "drop_shipped")


def test_parcels_of_several_origins_are_picked_and_may_be_lost_on_their_own():
    run = mixed(["lamp", "sofa"], warehouse__picking={"time": 1})
    assert [(f["shipped"], f["units"]) for f in rows(run, "parcels")] == [(2, 1), (2, 1)]
