"""Checks of quantities, levels, yields, rhythms and idle parts: each warns where it should and only there."""

from __future__ import annotations

import copy

import pytest
import yaml

from simulator.foundation.errors import UserError
from simulator.scenario.loader import load_text

PLAIN = {
    "name": "plain",
    "clock": {"start": "2025-01-06", "horizon": "100 d"},
    "items": {"mug": {"price": 12, "unit_cost": 5, "demand": "2 / d"}},
    "customers": {
        "web": {"arrivals": {"kind": "poisson", "rate": "2 / d"}, "basket": {"kind": "single", "item": "mug"}}
    },
    "warehouse": {"stock": {"mug": 10}},
    "suppliers": {"maker": {"items": "all", "lead_time": "5 d"}},
    "carriers": {"parcel": {"transit": "2 d"}},
    "costs": {"holding": "25 % / y"},
    "policies": {"lean": {"replenishment": {"kind": "s_S", "s": 10, "S": 20}}},
}


def changed(*changes):
    """The plain scenario with values at dotted paths."""
    data = copy.deepcopy(PLAIN)
    for path, value in changes:
        *above, last = path.split(".")
        inside = data
        for step in above:
            inside = inside.setdefault(step, {})
        inside[last] = value
    return yaml.safe_dump(data, sort_keys=False)


def warnings(*changes):
    return [str(w).partition("warning: ")[2] for w in load_text(changed(*changes)).warnings]


def refused(*changes):
    with pytest.raises(UserError) as caught:
        load_text(changed(*changes))
    return str(caught.value)


def test_the_plain_scenario_has_no_warnings():
    assert warnings() == []


# ----------------------------------------------------------------------------------------- K19: fractions of a unit
@pytest.mark.parametrize(
    ("law", "said"),
    [
        (0.4, "100% of the quantities round to 0"),
        ({"kind": "exponential", "mean": 1}, "% of the quantities round to 0"),
        ({"kind": "uniform", "low": 0.1, "high": 0.9}, "of the quantities round to 0"),
        ({"kind": "poisson", "mean": 0.2}, "of the quantities round to 0"),
        (1.4, "quantities are rounded to whole units: 1 on average instead of 1.4"),
        (2.5, "quantities are rounded to whole units: 3 on average instead of 2.5"),
        (0, "100% of the quantities round to 0"),
        (7.4, None),
        ({"kind": "poisson", "mean": 2}, None),
        ({"kind": "geometric", "mean": 1.4}, None),
        ({"kind": "gamma", "mean": 20, "cv": 0.5}, None),
    ],
)
def test_quantities_that_rounding_changes_are_warned_of(law, said):
    baskets = [
        ({"kind": "single", "item": "mug", "quantity": law}, "basket.quantity"),
        ({"kind": "bundle", "items": {"mug": law}}, "basket.items.mug"),
        ({"kind": "weighted", "items": {"mug": 1}, "quantity": law}, "basket.quantity"),
        ({"kind": "weighted", "items": {"mug": 1}, "lines": law}, "basket.lines"),
    ]
    for basket, path in baskets:
        found = [w for w in warnings(("customers.web.basket", basket)) if w.startswith(f"customers.web.{path}: ")]
        assert (not found) if said is None else (len(found) == 1 and said in found[0]), (found, path)


@pytest.mark.parametrize("law", [-1, {"kind": "uniform", "low": -2, "high": 5}, {"kind": "shifted", "by": -3, "of": 1}])
def test_negative_quantities_and_lines_are_refused(law):
    for basket in (
        {"kind": "single", "item": "mug", "quantity": law},
        {"kind": "bundle", "items": {"mug": law}},
        {"kind": "weighted", "items": {"mug": 1}, "quantity": law},
        {"kind": "weighted", "items": {"mug": 1}, "lines": law},
    ):
        assert "may become negative (down to -" in refused(("customers.web.basket", basket))


# ------------------------------------------------------------------------------------------------- K29: percent
@pytest.mark.parametrize(
    ("law", "said"),
    [
        (60, "`yield` may be above 1 (up to 60): more would arrive than was bought; write 60 % for a share"),
        (1.1, "`yield` may be above 1 (up to 1.1): more would arrive than was bought; set `overdelivers: true`"),
        ({"kind": "triangular", "low": 50, "mode": 80, "high": 100}, "(up to 100): more would arrive than was bought"),
        ({"kind": "gamma", "mean": 0.9, "cv": 0.1}, "`yield` may be above 1: more would arrive"),
        ({"kind": "mixture", "parts": [{"share": 0.5, "of": 1}, {"share": 0.5, "of": 90}]}, "(up to 90)"),
        ({"kind": "empirical", "values": [0.9, 95]}, "(up to 95)"),
    ],
)
def test_a_yield_above_one_is_refused_unless_the_file_says_so(law, said):
    assert said in refused(("suppliers.maker.yield", law))
    load_text(changed(("suppliers.maker.yield", law), ("suppliers.maker.overdelivers", True)))


def test_a_yield_that_is_above_one_on_average_is_warned_of():
    more = ("suppliers.maker.overdelivers", True)
    found = warnings(("suppliers.maker.yield", 1.1), more)
    assert found == ["suppliers.maker.yield: 110% of every purchase arrives on average: more than was bought"]
    assert warnings(("suppliers.maker.yield", {"kind": "uniform", "low": 0.8, "high": 1.2}), more) == []
    assert warnings(("suppliers.maker.yield", {"kind": "uniform", "low": 0.8, "high": 1})) == []


@pytest.mark.parametrize("path", ["carriers.parcel.lost", "customers.web.one_parcel", "carriers.parcel.stalled"])
def test_a_share_in_percent_is_refused_with_a_hint(path):
    assert "60 is out of range; must be at most 1; write 60 % if it is in percent" in refused((path, 60))
    assert refused((path, 600)).endswith("must be at most 1")


# ------------------------------------------------------------------------------------------------ money and demand
@pytest.mark.parametrize("cost", ["-25 % / y", "-1 / d", -1])
def test_negative_holding_costs_are_refused(cost):
    assert "out of range; must be at least 0" in refused(("costs.holding", cost))
    assert "out of range; must be at least 0" in refused(("suppliers.maker.costs", {"holding": cost}))


def test_holding_costs_above_the_unit_cost_a_year_are_warned_of():
    assert "250% of the unit cost a year" in warnings(("costs.holding", "250 % / y"))[0]
    assert "9125% of the unit cost a year" in warnings(("costs.holding", "25 % / d"))[0]
    assert warnings(("costs.holding", "100 % / y")) == []


@pytest.mark.parametrize(("demand", "warned"), [(0.9, True), (1.1, False), (2.9, False), (3.1, True), (60, True)])
def test_demand_that_contradicts_the_orders_is_warned_of(demand, warned):
    found = warnings(("items.mug.demand", demand))
    assert bool(found) is warned
    assert all(f"items.mug.demand: {demand:g} units per day, but customers order 2 per day" in w for w in found)


def test_demand_is_not_judged_for_items_of_a_season():
    season = ("items.mug.season", {"from": "5 d", "to": "50 d"})
    assert warnings(("items.mug.demand", 9), season, ("warehouse.stock", {})) == []


@pytest.mark.parametrize(
    ("decision", "said"),
    [
        ({"kind": "base_stock", "S": 1}, "S: 1 units is less than a day of demand (2 units of mug); write 1 d"),
        ({"kind": "s_S", "s": 0, "S": 1}, "S: 1 units is less than a day of demand"),
        ({"kind": "R_S", "R": "7 d", "S": "0.5 d"}, "S: 0.5 days is less than a day of demand"),
        ({"kind": "s_Q", "s": 0, "Q": 1}, "s: 1 units is less than a day of demand"),
        ({"kind": "s_Q", "s": 1, "Q": 1}, None),
        ({"kind": "base_stock", "S": 2}, None),
        ({"kind": "base_stock", "S": "1 d"}, None),
        ({"kind": "base_stock", "S": -4}, None),
        ({"kind": "base_stock", "S": 0}, None),
    ],
)
def test_levels_below_a_day_of_demand_are_warned_of(decision, said):
    found = warnings(("policies.lean.replenishment", decision))
    assert (found == []) if said is None else (len(found) == 1 and said in found[0]), found


# ----------------------------------------------------------------------------------------------- without an effect
def test_suppliers_that_are_never_asked_are_warned_of():
    other = ("suppliers.other", {"items": ["mug"], "lead_time": "1 d"})
    assert warnings(other)[0].startswith("suppliers.other: no policy buys here")
    named = {"kind": "s_S", "s": 10, "S": 20, "supplier": {"maker": 0.5, "other": 0.5}}
    assert warnings(other, ("policies.lean.replenishment", named)) == []
    spot = ("policies.lean.procurement", {"kind": "spot_buy", "supplier": "other", "age": "3 d"})
    assert warnings(other, spot) == []
    under_way = {"items": ["mug"], "lead_time": "1 d", "under_way": [{"item": "mug", "units": 5, "due": "9 d"}]}
    assert warnings(("suppliers.other", under_way)) == []


def test_carriers_that_deliver_nothing_are_warned_of():
    other = ("carriers.other", {"transit": 1})
    assert warnings(other)[0].startswith("carriers.other: delivers to no customers")
    assert warnings(other, ("customers.web.carrier", "other"))[0].startswith("carriers.parcel: delivers to no")


@pytest.mark.parametrize(
    ("path", "value", "warned"),
    [
        ("policies.lean.replenishment", {"kind": "R_S", "R": "100 d", "S": 20}, "R: 100 d is not before the horizon"),
        ("policies.lean.replenishment", {"kind": "R_S", "R": "99 d", "S": 20}, None),
        ("policies.lean.replenishment", {"kind": "R_S", "R": "200 d", "first": "0 d", "S": 20}, None),
        ("policies.lean.replenishment", {"kind": "R_S", "R": "7 d", "first": "120 d", "S": 20}, "first: 120 d is not"),
        ("policies.lean.promise", {"kind": "atp", "repromise": "periodic", "every": "200 d"}, "every: 200 d is not"),
        ("warehouse.records", {"loss": "1 % / d", "count_every": "365 d"}, "count_every: 365 d is not before"),
    ],
)
def test_reviews_after_the_horizon_are_warned_of(path, value, warned):
    found = warnings((path, value))
    assert (found == []) if warned is None else warned in found[0]


@pytest.mark.parametrize("promise", [{"kind": "fixed", "within": "40 d"}, {"kind": "atp", "no_supply": "40 d"}])
def test_promises_beyond_the_sellers_own_window_are_warned_of(promise):
    window = ("policies.lean.window", {"kind": "cancel_after", "days": "30 d"})
    found = warnings(("policies.lean.promise", promise), window)
    assert "40 d is after the seller's own cancellation (`window`: 30 d)" in found[0]
    assert warnings(("policies.lean.promise", promise)) == []


# ----------------------------------------------------------------------------------------------------------- storms
@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("policies.lean.promise", {"kind": "atp", "repromise": "periodic", "every": "1 s"}),
        ("policies.lean.communication", {"kind": "heartbeat", "every": "1 s"}),
        ("policies.lean.window", {"kind": "reconfirm", "after": "1 s"}),
        ("warehouse.records", {"loss": "1 % / d", "count_every": "1 s"}),
        ("customers.web.carts", {"hold": "1 s"}),
    ],
)
def test_periods_that_make_event_storms_are_refused_with_the_smallest_allowed(path, value):
    least = "0.0001 d" if "carts" in path else "0.001 d"
    assert f"1.15741e-05 d is too short: an event storm; must be at least {least}" in refused((path, value))
    if "carts" not in path:
        assert "must be at least 0.1 d (over 1e+06 d)" in refused((path, value), ("clock.horizon", "1e6 d"))
