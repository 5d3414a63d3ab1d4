"""Crowds that come only when something calls them: promotions that may rest, and scarcity."""

import numpy as np
import pytest

from simulator.kpis.evaluate import evaluate
from simulator.model.nouns import Exit
from tests.unit.world.shops import play, shop


def promoted(kind, stock=10, **changes):
    """Ten mugs a day, twice as many from day 20 to 60; the shelf is empty from the second day on unless told else."""
    return shop(
        **{
            "clock": {"horizon": 80},
            "items": {"mug": {"price": 12, "unit_cost": 5}, "plate": {"price": 9, "unit_cost": 4}},
            "customers__web__arrivals": {"kind": "poisson", "rate": 20},
            "customers__web__basket": {"kind": "weighted", "items": {"mug": 1, "plate": 1}, "lines": 1},
            "warehouse__stock": {"mug": stock, "plate": 10**6},
            "events": [
                {"kind": "promotion", "customers": "web", "items": "mug", "at": 20, "lasts": 40, "uplift": "100 %"}
            ],
            "suppliers__pottery": {"items": "all", "lead_time": 10},
            "policies__first": {
                "replenishment": {"default": {"kind": "none"}, "mug": {"kind": "R_S", "R": 40, "S": 100}},
                "promise": {"kind": "fixed", "within": 7},
                "promotion": {"kind": kind},
            },
        }
        | changes
    )


def ordered(run):
    came = run.came[run.line_orders]
    mug = [i.name for i in run.world.items].index("mug")
    times = run.demand.times[run.line_orders][came & (run.demand.items == mug)]
    return [int(((times >= a) & (times < b)).sum()) for a, b in ((0, 20), (20, 60), (60, 80))]


def test_a_promotion_brings_orders_for_its_items_while_it_lasts():
    before, during, after = ordered(play(promoted("eta_shown")))
    assert before == pytest.approx(200, abs=60)
    assert during == pytest.approx(800, abs=120)
    assert after == pytest.approx(200, abs=60)


def test_a_paused_promotion_brings_nobody_while_the_item_is_on_backorder():
    run = play(promoted("pause"))
    assert ordered(run)[1] == pytest.approx(400, abs=80)
    assert (run.refused["exit"] == Exit.UNCALLED).sum() == pytest.approx(400, abs=80)
    assert ordered(play(promoted("pause", stock=10**6)))[1] == pytest.approx(800, abs=120)
    usual = play(promoted("eta_shown"))
    assert np.array_equal(run.demand.times, usual.demand.times), "the same crowd, called or not"
    assert evaluate(run)["revenue"] < evaluate(usual)["revenue"]


def test_where_the_date_is_hidden_shoppers_choose_as_without_one_and_only_then():
    words = {"customers__web__join": {"kind": "logit", "at_7d": "80 %", "no_date": "20 %"}}
    shown, hidden = (play(promoted(kind, **words)) for kind in ("eta_shown", "eta_hidden"))

    def joined(run, start, end):
        times = run.demand.times
        walked = run.refused["order"][run.refused["exit"] == Exit.WALKED].astype(int)
        asked = ((times >= start) & (times < end))[run.line_orders] & (run.demand.items == 0)
        return 1 - ((times[walked] >= start) & (times[walked] < end)).sum() / asked.sum()

    assert joined(shown, 20, 60) == pytest.approx(0.8, abs=0.08)
    assert joined(hidden, 20, 60) == pytest.approx(0.2, abs=0.08)
    assert joined(hidden, 62, 80) == pytest.approx(0.8, abs=0.1)


def test_scarcity_brings_its_crowd_only_while_something_is_on_backorder():
    empty = shop(
        clock={"horizon": 100},
        customers__web__arrivals={"kind": "poisson", "rate": 10},
        customers__web__scarcity="30 %",
        warehouse__stock__mug=0,
        policies__first={"replenishment": {"kind": "none"}},
    )
    plenty = empty | {"warehouse": {"stock": {"mug": 10**6}}}
    scarce, full = play(empty), play(plenty)
    came = [int(run.came.sum()) for run in (scarce, full)]
    assert came[0] / came[1] == pytest.approx(1.3, abs=0.1)
    assert np.array_equal(scarce.demand.times, full.demand.times)
    assert "the promotion is paused, or the item is not scarce" in full.story(int(full.refused["order"][0]))[-1]


def test_the_lift_that_would_break_even_makes_up_for_the_margin_that_left():
    d = shop(
        clock={"horizon": 40},
        warehouse__stock__mug=30,
        policies__first={"replenishment": {"kind": "none"}, "acceptance": {"kind": "never"}},
    )
    found = evaluate(play(d))
    assert found["uplift_to_break_even"] == pytest.approx((found["lost_at_checkout"]) / (1 - found["lost_at_checkout"]))
