"""Parcels on a way that may go wrong."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.kpis.evaluate import evaluate
from tests.unit.world.shops import play, shop


def van(events=(), horizon=40, stock=40, quantity=1, **carrier):
    return shop(
        clock={"horizon": horizon},
        customers__web__basket={"kind": "single", "item": "mug", "quantity": quantity},
        warehouse__stock__mug=stock,
        carriers={"van": {"transit": 2, "cost": {"parcel": 5}, **carrier}},
        policies__first={"replenishment": {"kind": "none"}},
        events=list(events),
    )


def days(run):
    return run.parcels["delivered"] - run.parcels["shipped"]


def test_parcels_wait_for_the_pick_up():
    run = play(van(pickup={"every": 1, "first": 0.75}))
    assert set(days(run)) == {2.75}
    weekly = play(van(pickup={"every": 7, "first": 3}))
    assert weekly.parcels["delivered"][:4].tolist() == [5, 5, 5, 12]


def test_what_is_under_way_stands_still_while_the_way_is_closed():
    """Handed over on day 1 to 9, two days of transit; closed on [4, 7)."""
    closed = {"kind": "path_closed", "carrier": "van", "at": 4, "lasts": 3}
    run = play(van([closed]))
    assert days(run)[:8].tolist() == [2, 2, 5, 5, 4, 3, 2, 2]


def test_in_the_peak_a_share_comes_late():
    peak = {"kind": "carrier_peak", "carrier": "van", "at": 10, "lasts": 10, "late": "100 %", "delay": 3}
    run = play(van([peak]))
    inside = (run.parcels["shipped"] >= 10) & (run.parcels["shipped"] < 20)
    assert set(days(run)[inside]) == {5}
    assert set(days(run)[~inside]) == {2}


def test_a_stalled_parcel_comes_later():
    run = play(van(stalled="30 %", stalled_for=4))
    assert set(days(run)) == {2, 6}
    assert evaluate(run)["stalled_parcels"] == pytest.approx((days(run) == 6).mean())


def test_a_lost_parcel_is_missed_and_sent_again_from_stock():
    run = play(van(lost="20 %", missed_after=5, quantity=2, stock=300, horizon=80))
    assert 0 < len(run.lost["order"]) < 79
    replaced = run.replaced
    again = np.isin(run.lost["missed"], replaced["time"])
    assert (again == (run.lost["missed"] < 80)).all()
    assert replaced["units"].sum() == run.lost["units"][again].sum()
    assert run.level("on_hand").values[-1] == 300 - 2 * 79 - replaced["units"].sum()
    found = evaluate(run)
    handed_over = len(run.parcels["order"]) + len(run.lost["order"])
    assert found["lost_parcels"] == pytest.approx(len(run.lost["order"]) / handed_over)
    assert found["freight_cost"] == 5 * handed_over
    order = int(run.lost["order"][again][0])
    told = "\n".join(run.story(order))
    assert "never arrives" in told
    assert "taken from stock again: 2 mug" in told
    assert "filled and not shipped" not in told


def test_a_replacement_waits_until_there_is_free_stock():
    run = play(van(lost="30 %", missed_after=3, stock=20, horizon=60))
    assert len(run.replaced["order"]) == 0 or run.level("on_hand").values.min() >= 0
    assert run.level("backlog").values[-1] > 0


def test_what_was_in_a_lost_part_of_an_order_is_what_is_replaced():
    d = van(lost="50 %", missed_after=4, stock=3, quantity=2, horizon=200)
    d["items"]["plate"] = {"price": 1, "unit_cost": 1}
    d["warehouse"]["stock"]["plate"] = 100
    d["suppliers"]["pottery"]["items"] = "all"
    d["customers"]["web"]["arrivals"]["interval"] = 10
    d["customers"]["web"]["basket"] = {"kind": "weighted", "lines": 2, "items": {"mug": 1, "plate": 1}, "quantity": 2}
    d["policies"]["first"]["replenishment"] = {"kind": "s_S", "s": 2, "S": 9}
    run = play(d)
    by_order = np.bincount(run.replaced["order"].astype(int), weights=run.replaced["units"], minlength=20)
    lost = np.bincount(run.lost["order"].astype(int), weights=run.lost["units"], minlength=20)
    assert (by_order <= lost).all()
    assert by_order.sum() > 0


def test_luck_belongs_to_the_parcel_whatever_the_policy():
    d = van(lost="10 %", stalled="20 %", stalled_for={"kind": "exponential", "mean": 3}, stock=30)
    d["policies"]["other"] = {"replenishment": {"kind": "s_S", "s": 20, "S": 60}}
    one, other = play(d), play(d, "other")
    first = {int(o): t for o, t in zip(one.parcels["order"], days(one), strict=True)}
    second = {int(o): t for o, t in zip(other.parcels["order"], days(other), strict=True)}
    never = {int(o) for run in (one, other) for o in run.lost["order"]}
    both = (first.keys() & second.keys()) - never
    assert len(both) > 20
    assert all(first[o] == pytest.approx(second[o]) for o in both)
