"""Hurried purchases in a shop that sells one mug a day, worked out by hand."""

import numpy as np
import pytest

from simulator.kpis.evaluate import evaluate
from tests.unit.world.shops import play, shop


def late(procurement, **changes):
    """4 mugs, one sold a day from day 1; at 2 left 40 are bought (day 2), and take 20 days: orders wait from day 5."""
    return shop(
        **{
            "clock__horizon": 30,
            "warehouse__stock__mug": 4,
            "suppliers__pottery__lead_time": 20,
            "suppliers__pottery__expedite": {"factor": "50 %", "premium": "100 %"},
            "suppliers__importer": {"items": ["mug"], "lead_time": 3, "unit_cost": {"mug": 8}, "minimum": 5},
            "policies__first": {"replenishment": {"kind": "s_Q", "s": 2, "Q": 40}, "procurement": procurement},
            **changes,
        }
    )


NAMES = ("expedite_cost", "days_saved", "cost_per_day_saved", "total_cost", "purchase_cost", "backorder_days")


def kpis(d):
    return evaluate(play(d), NAMES)


def test_a_purchase_that_is_expedited_comes_in_half_of_what_is_left_and_costs_its_premium():
    """On day 7 the order of day 5 is two days old; 15 of 20 days are left: 7.5 remain, 40 x 5 are paid."""
    run = play(late({"kind": "expedite", "age": "2 d"}))
    assert run.receipts["time"].tolist() == [14.5]
    found = evaluate(run, NAMES)
    assert found["expedite_cost"] == 40 * 5
    assert found["days_saved"] == pytest.approx(40 * 7.5)
    assert found["cost_per_day_saved"] == pytest.approx(200 / 300)
    assert found["total_cost"] == found["purchase_cost"] + 200
    assert found["backorder_days"] < kpis(late({"kind": "wait"}))["backorder_days"]


def test_a_purchase_behind_a_shut_gate_is_expedited_on_its_lead_time():
    events = [{"kind": "outage", "supplier": "pottery", "at": 1, "lasts": 9}]
    run = play(late({"kind": "expedite"}, events=events))
    assert run.receipts["time"].tolist() == [20.0], "released on day 10, and 10 of 20 days on the way"


def test_a_purchase_that_must_not_overtake_waits_for_the_one_before():
    small = {"kind": "s_Q", "s": 3, "Q": 2}
    d = late({"kind": "expedite", "age": "1 d"}, suppliers__pottery__crossing="fifo")
    d["policies"]["first"]["replenishment"] = small
    times = play(d).receipts["time"]
    assert (np.diff(times) >= 0).all()


def test_on_the_spot_the_alternate_vendor_delivers_at_its_price_and_from_its_minimum_on():
    """On day 5 one mug waits and nothing comes within 3 days: 5 are bought, and come 14 days before the 40 would;
    what they cost more is in the price of the goods."""
    run = play(late({"kind": "spot_buy", "supplier": "importer", "items": ["mug"]}))
    first = run.purchases["supplier"] == 0
    assert run.purchases["units"][first][0] == 5
    assert run.receipts["time"][0] == 8
    found = evaluate(run, NAMES)
    n = int(first.sum())
    assert found["expedite_cost"] == pytest.approx(run.purchases["units"][first].sum() * (8 - 5))
    assert run.hurried["days"][0] == pytest.approx(14)
    assert n >= 1
    assert found["total_cost"] == pytest.approx(found["purchase_cost"]), "paid once"


def test_nothing_is_hurried_out_of_scope_and_nothing_moves():
    usual, out = play(late({"kind": "wait"})), play(late({"kind": "expedite", "margin": "90 %"}))
    for table in ("purchases", "receipts", "fills"):
        for column, values in getattr(usual, table).items():
            assert np.array_equal(values, getattr(out, table)[column])
    assert "no purchase was hurried" in kpis(late({"kind": "wait"}))["cost_per_day_saved"].reason


def test_customers_and_lead_times_are_the_same_whatever_is_hurried():
    d = late({"kind": "expedite"}, clock__horizon=200, customers__web__arrivals={"kind": "poisson", "rate": 1})
    d["suppliers"]["pottery"]["lead_time"] = {"kind": "gamma", "mean": 15, "cv": 0.5}
    d["policies"]["wait"] = {"replenishment": d["policies"]["first"]["replenishment"]}
    hurried, usual = play(d), play(d, "wait")
    assert np.array_equal(hurried.demand.times, usual.demand.times)
    assert hurried.hurried["time"].size > 0
    assert evaluate(hurried, NAMES)["backorder_days"] < evaluate(usual, NAMES)["backorder_days"]


BOTH = {"R": 1, "regular": "pottery", "fast": "importer", "S_fast": 5}


@pytest.mark.parametrize(
    "policy",
    [
        {"replenishment": {"kind": "dual_index", **BOTH, "S": 14}},
        {"replenishment": {"kind": "base_surge", **BOTH, "Q": 1}},
        {"replenishment": {"kind": "forecast", "R": 1}},
        {"replenishment": {"kind": "forecast_s_S", "R": 1, "cover": 3}},
        {
            "replenishment": {"kind": "s_Q", "s": 2, "Q": 6},
            "procurement": {"kind": "spot_buy", "supplier": "importer"},
        },
    ],
    ids=lambda policy: policy["replenishment"]["kind"],
)
def test_a_buyer_reckons_with_the_days_that_an_order_takes_to_reach_its_supplier(policy):
    """Three days of mail and a lead time of four are a lead time of seven, for everyone who plans with it."""

    def receipts(regular, fast):
        d = shop(
            items__mug__demand=1,
            suppliers={"pottery": {"items": ["mug"], **regular}, "importer": {"items": ["mug"], **fast}},
            customers__web__arrivals={"kind": "poisson", "rate": 1},
            policies__first=policy,
        )
        run = play(d)
        return run.receipts["time"].tolist(), run.receipts["supplier"].tolist(), run.receipts["units"].tolist()

    mailed = receipts({"order_delay": 3, "lead_time": 4}, {"order_delay": 1, "lead_time": 1})
    assert mailed == receipts({"lead_time": 7}, {"lead_time": 2})
    assert len(mailed[0]) > 5
