"""Who gets the goods, in a played world: margin, rationing, backorder processing and its nightly run."""

import math
from collections import Counter

import numpy as np
import pytest

import simulator
from simulator.foundation.errors import UserError
from simulator.kpis.evaluate import evaluate
from simulator.model.nouns import Cause
from simulator.scenario.schema.shoppers import Inflation
from tests.unit.world.shops import play, shop

SCENARIO = "scenarios/textbook/backorder-processing.yaml"


def given(run):
    """(item, segment) -> units filled from the backlog."""
    found = Counter()
    for order, item, units in zip(*(run.fills[k].tolist() for k in ("order", "item", "units")), strict=True):
        segment = run.world.segments[run.demand.segments[int(order)]].name
        found[run.world.items[int(item)].name, segment] += int(units)
    return found


@pytest.mark.parametrize(
    ("item", "expected", "free"),
    [
        ("scarce", [40, 30, 30, 0, 0, 0], 0),
        ("middle", [40, 30, 30, 20, 10, 0], 0),
        ("plenty", [40, 30, 30, 20, 20, 0], 20),
    ],
)
def test_a_nightly_run_gives_six_customers_what_their_strategies_say(item, expected, free):
    run = simulator.simulate(simulator.load(SCENARIO), "nightly", seed=1)
    run.audit()
    found = given(run)
    assert [found[item, customer] for customer in "ABCDEF"] == expected
    place = [i.name for i in run.world.items].index(item)
    assert run.final[place].on_hand == free
    assert set(run.confirmed["time"][run.confirmed["time"] > 0.91]) == {22 / 24}


def test_before_the_run_lines_hold_what_the_worked_example_starts_from():
    run = simulator.simulate(simulator.load(SCENARIO), "nightly", seed=1)
    before = run.confirmed["time"] < 22 / 24
    names = [run.world.segments[run.demand.segments[int(order)]].name for order in run.confirmed["order"][before]]
    for item in range(3):
        mine = run.confirmed["item"][before] == item
        held = Counter()
        for name, units, own in zip(names, run.confirmed["units"][before], mine, strict=True):
            held[name] += int(units) * own
        assert [held[c] for c in "ABCDEF"] == [10, 20, 30, 0, 20, 15]


def test_protected_confirmations_are_never_taken_away():
    scenario = simulator.load(SCENARIO)
    lost = {
        p: evaluate(simulator.simulate(scenario, p, seed=1))["confirmations_lost"] for p in ("nightly", "protected")
    }
    assert lost["protected"] == 0
    assert lost["nightly"] > 0.1


def buyers(allocation, **changes):
    """Three buyers of one item ask for 100, 50 and 30 on day 1; 90 come on day 10."""
    asked = {"big": 100, "middle": 50, "small": 30}
    customers = {
        name: {
            "arrivals": {"kind": "every", "interval": 99, "first": 1 + k / 10},
            "basket": {"kind": "single", "item": "mug", "quantity": units},
        }
        for k, (name, units) in enumerate(asked.items())
    }
    return shop(
        clock={"horizon": 20},
        customers=customers,
        warehouse__stock__mug=0,
        suppliers__pottery__lead_time=10,
        policies__first={
            "replenishment": {"kind": "R_S", "R": 99, "first": 0, "S": 90},
            "allocation": allocation,
        },
        **changes,
    )


@pytest.mark.parametrize(
    ("kind", "expected"), [("proportional", [50, 25, 15]), ("linear", [70, 20, 0]), ("uniform", [30, 30, 30])]
)
def test_ninety_units_are_rationed_over_three_buyers(kind, expected):
    found = given(play(buyers({"kind": kind})))
    assert [found["mug", buyer] for buyer in ("big", "middle", "small")] == expected


def test_the_order_that_earns_most_is_served_first():
    d = buyers({"kind": "margin"})
    d["items"]["vase"] = {"price": 1000, "unit_cost": 1}
    d["customers"]["small"]["basket"] = {"kind": "bundle", "items": {"mug": 30, "vase": 1}}
    d["suppliers"]["pottery"]["items"] = ["mug", "vase"]
    found = given(play(d))
    assert [found["mug", buyer] for buyer in ("big", "middle", "small")] == [60, 0, 30]


def test_the_hour_of_a_nightly_run_is_that_of_the_calendar():
    d = buyers({"kind": "backorder_processing", "run": "nightly", "at_hour": 6})
    d["clock"]["start"] = "2025-01-06T18:00"
    d["suppliers"]["pottery"]["lead_time"] = 10.2  # there at 22:48
    run = play(d)
    assert set(run.fills["time"]) == {10.5}
    assert set(run.parcels["shipped"]) == {10.5}


def test_what_a_division_gives_at_the_order_itself_leaves_in_the_same_parcel():
    d = buyers(
        {"kind": "backorder_processing", "others": "improve", "segments": [{"customers": "big", "strategy": "lose"}]}
    )
    d["items"]["vase"] = {"price": 1, "unit_cost": 1}
    d["customers"]["small"]["arrivals"]["first"] = 11
    d["customers"]["small"]["basket"] = {"kind": "bundle", "items": {"mug": 30, "vase": 1}}
    d["suppliers"]["pottery"]["items"] = ["mug", "vase"]
    d["warehouse"]["stock"]["vase"] = 1
    run = play(d)
    assert run.parcels["units"][run.parcels["order"] == 2].tolist() == [31]
    assert evaluate(run)["fill_rate_by_segment[small]"] == 1, "a wait of length zero is a fill from stock"


def test_segments_that_nobody_belongs_to_are_told_with_the_right_name():
    segments = [{"customers": ["bigg"], "strategy": "win"}, {"items": "mugg", "strategy": "lose"}]
    with pytest.raises(UserError) as told:
        play(buyers({"kind": "backorder_processing", "segments": segments}))
    text = str(told.value)
    assert "bigg" in text
    assert "mugg" in text
    assert text.count("did you mean") == 2 or ("big" in text and "mug" in text)


def test_a_supplier_may_ration_its_stock_over_the_sites_that_buy():
    """Two sites ask for 30 and 10, the supplier receives 20 a time later: 15 and 5."""
    customers = {
        site: {
            "site": site,
            "arrivals": {"kind": "every", "interval": 99, "first": 1},
            "basket": {"kind": "single", "item": "mug", "quantity": units},
        }
        for site, units in {"north": 30, "south": 10}.items()
    }
    maker = {"items": ["mug"], "lead_time": 1, "stock": {"mug": 0}, "allocation": {"kind": "proportional"}}
    maker |= {"replenishment": {"kind": "R_S", "R": 99, "first": 0, "S": 20}, "make_time": 5}
    d = shop(customers=customers, suppliers={"pottery": maker}, clock={"horizon": 20})
    d["warehouses"] = {site: {"stock": {"mug": 0}} for site in customers}
    del d["warehouse"]
    d["policies"]["first"] = {"replenishment": {"kind": "base_stock", "S": 0}}
    run = play(d)
    assert sorted(run.suppliers["pottery"].fills["units"].tolist()) == [5, 15]


RATIONING = "scenarios/textbook/rationing.yaml"
FAIR, GAMED = ("big", "middle", "small"), ("gamer", "middle", "small")


def first_lot(run):
    """(item, segment) -> units that the goods of day 10 gave."""
    found = Counter()
    for order, item, units, time in zip(
        *(run.fills[k].tolist() for k in ("order", "item", "units", "time")), strict=True
    ):
        if time == 10:
            found[run.world.items[int(item)].name, run.world.segments[run.demand.segments[int(order)]].name] += int(
                units
            )
    return found


@pytest.mark.parametrize(
    ("policy", "fair", "gamed"),
    [
        ("proportional", [50, 25, 15], [64, 16, 10]),
        ("linear", [70, 20, 0], [90, 0, 0]),
        ("uniform", [30, 30, 30], [30, 30, 30]),
        ("fifo", [90, 0, 0], [90, 0, 0]),
    ],
)
def test_a_buyer_who_doubles_the_order_gains_under_proportional_and_linear_only(policy, fair, gamed):
    run = simulator.simulate(simulator.load(RATIONING), policy, seed=1)
    run.audit()
    found = first_lot(run)
    assert [found["fair", buyer] for buyer in FAIR] == fair
    assert [found["gamed", buyer] for buyer in GAMED] == gamed


@pytest.mark.parametrize("policy", ["proportional", "linear", "uniform", "fifo"])
def test_what_was_ordered_beyond_the_need_is_called_off_or_comes_back_and_nobody_keeps_more_than_is_needed(policy):
    run = simulator.simulate(simulator.load(RATIONING).edit({"clock.horizon": "90 d"}), policy, seed=1)
    run.audit()
    got = given(run)
    back = int(run.surplus["units"].sum())
    called_off = run.cancelled["cause"] == Cause.INFLATED
    assert got["gamed", "gamer"] - back == 100
    assert got["gamed", "gamer"] + int(run.cancelled["units"][called_off].sum()) == 200
    assert got["gamed", "middle"] == 50
    assert got["gamed", "small"] == 30, "what came back went to the others"
    found = evaluate(run)
    assert found["surplus_returned"] == back
    assert found["revenue"] == 2 * (100 + 50 + 30)


def test_units_needed_follow_from_units_ordered():
    for factor in (1, 1.2, 1.5, 2, 3.7, 100):
        words = Inflation(factor=factor)
        needs = np.arange(1, 400)
        assert [words.need(asked) for asked in words.asked(needs).tolist()] == needs.tolist()


def test_an_inflated_order_that_is_all_there_sends_back_what_is_not_needed():
    d = buyers({"kind": "fifo"}, customers__big__inflate={"factor": 2, "back_after": 2})
    d["warehouse"]["stock"]["mug"] = 400
    run = play(d)
    assert run.surplus["time"].tolist() == [3]
    assert run.surplus["units"].tolist() == [100]
    assert run.final[0].on_hand == 400 - 100 - 50 - 30


def test_the_line_with_the_earliest_told_date_is_served_first():
    """Both are quoted by their own queue place; the second customer's date is earlier because of a faster carrier."""
    d = shop(
        clock={"horizon": 11},
        warehouse__stock__mug=0,
        suppliers__pottery={
            "items": ["mug"],
            "lead_time": 10,
            "under_way": [{"item": "mug", "units": 3, "due": day} for day in (10, 12)],
        },
        policies__first={
            "replenishment": {"kind": "none"},
            "promise": {"kind": "ctp"},
            "allocation": {"kind": "earliest_promise"},
        },
    )
    d["carriers"] = {"slow": {"transit": 9}, "fast": {"transit": 1}}
    basket = {"kind": "single", "item": "mug", "quantity": 3}
    d["customers"] = {
        "far": {"carrier": "slow", "arrivals": {"kind": "every", "interval": 99, "first": 1}, "basket": basket},
        "near": {"carrier": "fast", "arrivals": {"kind": "every", "interval": 99, "first": 2}, "basket": basket},
    }
    told = dict.fromkeys(("far", "near"), math.inf)
    run = play(d)
    for order, date in zip(run.promises["order"], run.promises["date"], strict=True):
        told[run.world.segments[run.demand.segments[int(order)]].name] = date
    assert told["near"] < told["far"]
    assert given(run)["mug", "near"] == 3
    d["policies"]["first"]["allocation"] = {"kind": "fifo"}
    assert given(play(d))["mug", "far"] == 3
