"""Ship now or hold, in a played world: one order of ten lines whose goods come on different days."""

import math

import pytest

from simulator.foundation.errors import UserError
from simulator.kpis.evaluate import evaluate
from simulator.model.nouns import Cause
from tests.unit.world.shops import play, shop

NAMES = ("a", "b", "c")


def world(fulfilment, units=(2, 3, 5), days=(0, 4, 9), **customer):
    """One order on day 1 of `units` of three items; an item of day 0 is on the shelf, the others come on their days."""
    d = shop(clock={"horizon": 30})
    d["items"] = {name: {"price": 10, "unit_cost": 4} for name in NAMES}
    d["customers"] = {
        "web": {
            "arrivals": {"kind": "every", "interval": 99, "first": 1},
            "basket": {"kind": "bundle", "items": dict(zip(NAMES, units, strict=True))},
            **customer,
        }
    }
    d["warehouse"]["stock"] = {n: u for n, u, day in zip(NAMES, units, days, strict=True) if day == 0}
    d["suppliers"] = {f"of {n}": {"items": [n], "lead_time": max(day, 1)} for n, day in zip(NAMES, days, strict=True)}
    bought = {
        n: {"kind": "R_S", "R": 99, "first": 0, "S": u} if day else {"kind": "none"}
        for n, u, day in zip(NAMES, units, days, strict=True)
    }
    d["policies"]["first"] = {"replenishment": bought, "fulfilment": fulfilment}
    return d


def parcels(run):
    return list(zip(run.parcels["shipped"].tolist(), run.parcels["units"].tolist(), strict=True))


def cancelled(run):
    return [
        (t, u, Cause(int(c))) for t, u, c in zip(*(run.cancelled[k] for k in ("time", "units", "cause")), strict=True)
    ]


@pytest.mark.parametrize(
    ("fulfilment", "expected"),
    [
        ({"kind": "as_available"}, [(1, 2), (4, 3), (9, 5)]),
        ({"kind": "line_complete"}, [(1, 2), (4, 3), (9, 5)]),
        ({"kind": "order_complete"}, [(9, 10)]),
        ({"kind": "hold_until", "days": 5}, [(6, 5), (9, 5)]),
        ({"kind": "hold_until", "days": 2}, [(3, 2), (4, 3), (9, 5)]),
        ({"kind": "hold_until", "days": 20}, [(9, 10)]),
        ({"kind": "minimum_split", "share": "50 %"}, [(4, 5), (9, 5)]),
        ({"kind": "minimum_split", "share": "20 %"}, [(1, 2), (4, 3), (9, 5)]),
        ({"kind": "minimum_split", "share": "30 %"}, [(4, 5), (9, 5)]),
        ({"kind": "minimum_allocated", "share": "40 %"}, [(4, 5), (9, 5)]),
        ({"kind": "minimum_allocated", "share": "51 %"}, [(9, 10)]),
        ({"kind": "maximum_shipments", "parcels": 2}, [(1, 2), (9, 8)]),
        ({"kind": "maximum_shipments", "parcels": 1}, [(9, 10)]),
        ({"kind": "maximum_shipments", "parcels": 3}, [(1, 2), (4, 3), (9, 5)]),
        ({"kind": "critical_item", "items": "b"}, [(4, 5), (9, 5)]),
        ({"kind": "critical_item", "items": ["a", "c"]}, [(9, 10)]),
        ({"kind": "ship_once"}, [(1, 2)]),
    ],
)
def test_when_the_parts_of_an_order_leave(fulfilment, expected):
    run = play(world(fulfilment))
    assert parcels(run) == expected
    assert evaluate(run)["parcels_per_order"] == len(expected)


def test_ship_once_cancels_the_rest_with_the_first_parcel_even_when_that_comes_later():
    at_once = play(world({"kind": "ship_once"}))
    assert cancelled(at_once) == [(1, 3, Cause.SELLER), (1, 5, Cause.SELLER)]
    later = play(world({"kind": "ship_once"}, days=(3, 3, 9)))
    assert parcels(later) == [(3, 5)], "what comes at one instant leaves together"
    assert cancelled(later) == [(3, 5, Cause.SELLER)]


def test_what_cannot_be_there_in_time_is_cancelled_and_what_is_there_leaves_in_time():
    """Needed by day 8, a usual parcel takes 2 days: on day 6 what is there leaves."""
    d = world({"kind": "order_complete", "must_arrive": True}, need_by=7)
    d["carriers"] = {"van": {"transit": 2}}
    run = play(d)
    assert parcels(run) == [(6, 5)]
    assert run.parcels["delivered"].tolist() == [8]
    assert cancelled(run) == [(6, 5, Cause.NEED_BY)]
    assert evaluate(run)["cancelled_need_by"] == pytest.approx(1 / 3)
    assert run.holds["until"].tolist() == [6]


def test_a_date_that_is_far_off_changes_nothing():
    late = play(world({"kind": "order_complete", "must_arrive": True}, need_by=20))
    assert parcels(late) == [(9, 10)]
    assert not cancelled(late)


def test_part_of_a_line_leaves_only_when_there_is_enough_of_it():
    """A line of 10: 2 are there, 5 come on day 2. Half a line is there then, and leaves; three quarters are not."""

    def run(share):
        d = world({"kind": "minimum_split", "share": share, "of": "line"}, units=(10, 1, 1), days=(2, 0, 0))
        d["warehouse"]["stock"]["a"] = 2
        d["policies"]["first"]["replenishment"]["a"]["S"] = 7
        return play(d)

    assert run("20 %").fills["units"].tolist() == [5], "2 left at once"
    assert run("50 %").fills["units"].tolist() == [7]
    assert not run("75 %").fills["units"].size


def test_goods_that_are_held_are_announced_with_the_day_on_which_they_leave_at_the_latest():
    run = play(world({"kind": "hold_until", "days": 5}))
    assert {k: v.tolist() for k, v in run.holds.items()} == {"time": [1], "order": [0], "until": [6], "units": [2]}
    found = evaluate(run)
    assert found["held_orders"] == 1
    assert found["hold_mean"] == 5
    assert any("held for the rest of the order: 2 units, until day" in line for line in run.story(0))
    two = play(world({"kind": "maximum_shipments", "parcels": 2}))
    assert two.holds["time"].tolist() == [4], "the last parcel is held from when its first goods are there"
    assert math.isinf(two.holds["until"][0])
    assert evaluate(two)["hold_mean"] == 5
    assert evaluate(play(world({"kind": "as_available"})))["held_orders"] == 0


def test_a_customer_who_wants_one_parcel_gets_it_whatever_the_policy_lets_go():
    assert parcels(play(world({"kind": "maximum_shipments", "parcels": 3}, one_parcel=1))) == [(9, 10)]


def test_a_cancellation_in_a_hold_takes_back_what_is_held():
    run = play(world({"kind": "hold_until", "days": 6}, patience=5))
    assert parcels(run) == []
    assert sum(units for _, units, cause in cancelled(run) if cause is Cause.PATIENCE) == 10


def test_a_supplier_holds_nothing_for_customers_and_a_critical_item_must_exist():
    d = world({"kind": "critical_item", "items": ["bb"]})
    with pytest.raises(UserError, match="bb"):
        play(d)
    d = world({"kind": "as_available"})
    d["suppliers"]["of a"] |= {"stock": {"a": 1}, "fulfilment": {"kind": "hold_until", "days": 3}}
    with pytest.raises(UserError, match="a supplier supports as_available, line_complete or order_complete"):
        play(d)
