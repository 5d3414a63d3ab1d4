"""Parcels and waits: an order ships once an instant, waits end when they should, customers and sellers give up."""

import pytest
import yaml

from simulator.kpis.evaluate import evaluate
from simulator.scenario.loader import load_text
from simulator.world.simulate import simulate
from tests.properties.models.facts import rows
from tests.unit.world.shops import play, shop

TWO = {"mug": {"price": 1, "unit_cost": 1}, "plate": {"price": 1, "unit_cost": 1}}
NO_SUPPLY = {"replenishment": {"kind": "none"}}


def two_items(**changes):
    """One order of a mug and a plate on day 2, nothing on the shelf, both bought on day 0."""
    return shop(
        items=TWO,
        warehouse__stock={},
        suppliers__pottery={"items": "all", "lead_time": 4},
        customers__web={
            "arrivals": {"kind": "every", "interval": 90, "first": 2},
            "basket": {"kind": "bundle", "items": {"mug": 1, "plate": 1}},
        },
        policies__first={"replenishment": {"kind": "R_S", "R": 50, "first": 0, "S": 3}},
        **changes,
    )


def test_goods_of_two_purchases_that_come_at_one_instant_leave_in_one_parcel():
    run = play(two_items())
    assert [(f["time"], f["purchase"]) for f in rows(run, "receipts")] == [(4, 0), (4, 1)]
    assert [(f["shipped"], f["units"]) for f in rows(run, "parcels")] == [(4, 2)]


def test_goods_that_come_at_two_instants_leave_in_two_parcels_or_one_as_the_policy_says():
    d = two_items()
    d["suppliers"]["kiln"] = {"items": ["plate"], "lead_time": 9}
    d["policies"]["first"]["replenishment"] = {
        "mug": {"kind": "R_S", "R": 50, "first": 0, "S": 3},
        "plate": {"kind": "R_S", "R": 50, "first": 0, "S": 3, "supplier": "kiln"},
    }
    assert [(f["shipped"], f["units"]) for f in rows(play(d), "parcels")] == [(4, 1), (9, 1)]
    d["policies"]["first"]["fulfilment"] = {"kind": "order_complete"}
    assert [(f["shipped"], f["units"]) for f in rows(play(d), "parcels")] == [(9, 2)]
    d["policies"]["first"]["fulfilment"] = {"kind": "as_available"}
    d["customers"]["web"]["one_parcel"] = 1
    assert [(f["shipped"], f["units"]) for f in rows(play(d), "parcels")] == [(9, 2)]


def test_goods_that_come_as_patience_ends_are_in_time():
    d = shop(warehouse__stock__mug=0, customers__web__patience=4, suppliers__pottery__lead_time=4)
    d["customers"]["web"]["arrivals"] = {"kind": "every", "interval": 50, "first": 1}
    d["policies"]["first"] = {"replenishment": {"kind": "base_stock", "S": 0}}
    run = play(d)
    assert [f["time"] for f in rows(run, "fills")] == [5]
    assert not rows(run, "cancelled")


@pytest.mark.parametrize(
    ("patience", "window", "cause", "after"), [(3, 5, 0, 3), (5, 3, 1, 3), (4, 4, 0, 4), (0, 4, 0, 0)]
)
def test_what_waits_is_cancelled_by_the_shorter_of_patience_and_window(patience, window, cause, after):
    d = shop(warehouse__stock__mug=0, customers__web__patience=patience, policies__first=dict(NO_SUPPLY))
    d["policies"]["first"]["window"] = {"kind": "cancel_after", "days": window}
    for fact in rows(play(d), "cancelled"):
        assert (fact["time"] - fact["placed"], fact["cause"]) == (after, cause)


def test_patience_0_is_lost_unless_on_hand_at_once_and_buys_nothing():
    d = shop(
        customers__web__patience=0,
        warehouse__stock__mug=3,
        policies__first={"replenishment": {"kind": "s_Q", "s": -1, "Q": 5}},
    )
    run = play(d)
    assert not rows(run, "purchases")
    assert evaluate(run)["fill_rate"] == 3 / 39
    assert evaluate(run)["wait_mean"] == 0


def test_held_goods_of_a_cancelled_order_go_to_the_next_in_line_at_that_instant():
    d = shop(items=TWO, warehouse__stock={"mug": 1}, policies__first={"replenishment": {"kind": "none"}})
    d["customers"] = {
        "pairs": {
            "arrivals": {"kind": "every", "interval": 90, "first": 1},
            "basket": {"kind": "bundle", "items": {"mug": 1, "plate": 1}},
            "patience": 4,
            "one_parcel": 1,
        },
        "singles": {
            "arrivals": {"kind": "every", "interval": 90, "first": 2},
            "basket": {"kind": "single", "item": "mug"},
        },
    }
    run = play(d)
    assert [(f["time"], f["held"]) for f in rows(run, "cancelled")] == [(5, 0), (5, 1)]
    assert [(f["time"], f["order"]) for f in rows(run, "fills")] == [(5, 1)]
    assert [(f["shipped"], f["order"]) for f in rows(run, "parcels")] == [(5, 1)]


def test_pickers_take_parcels_first_come_first_served():
    d = shop(warehouse={"stock": {"mug": 99}, "picking": {"time": 1.5, "workers": 1}})
    picks = rows(play(d), "picks")
    assert [(f["started"], f["done"]) for f in picks[:3]] == [(1, 2.5), (2.5, 4), (4, 5.5)]
    d["warehouse"]["picking"]["workers"] = 2
    assert [(f["started"], f["done"]) for f in rows(play(d), "picks")[:3]] == [(1, 2.5), (2, 3.5), (3, 4.5)]
    assert evaluate(play(d))["utilisation"] == pytest.approx((37 * 1.5 + 1 + 0.5 + 0.5 - 0.5) / 80, abs=0.02)


def test_recorded_cancellations_are_returns_once_the_goods_have_left_and_nothing_once_they_were_cancelled(tmp_path):
    lines = ["ts,order,item,qty,off,wait", "1,A,mug,2,3,9", "1,B,mug,2,3,1", "1,C,mug,2,2,9"]
    (tmp_path / "orders.csv").write_text("\n".join(lines) + "\n")
    d = shop(warehouse__stock__mug=2, policies__first=NO_SUPPLY)
    d["customers"]["web"] = {
        "arrivals": {"kind": "trace", "file": "orders.csv", "time": "ts", "order": "order", "item": "item"}
        | {"quantity": "qty", "cancel_time": "off", "patience": "wait"}
    }
    run = simulate(load_text(yaml.safe_dump(d), folder=tmp_path), "first", 1)
    run.audit()
    assert [(f["time"], f["order"], f["units"]) for f in rows(run, "returned")] == [(3, 0, 2)]
    cancelled = [(f["time"], f["order"], f["units"], f["cause"]) for f in rows(run, "cancelled")]
    assert cancelled == [(2, 1, 2, 0), (2, 2, 2, 2)] or cancelled == [(2, 2, 2, 2), (2, 1, 2, 0)]
