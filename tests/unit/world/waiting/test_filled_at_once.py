"""Dates of orders that are filled at once: they wait for openings, pickers and pick-ups as their goods do."""

import numpy as np
import pytest

from simulator.kpis.evaluate import evaluate
from simulator.kpis.evidence.dates import Dates
from simulator.record.story import story
from simulator.report.tracking.order import promises
from tests.unit.world.shops import play, shop

FULL = {"mug": 99}


def full_shop(promise="ctp", **changes):
    """Everything is on the shelf; a parcel travels for a day."""
    rules = {"replenishment": {"kind": "none"}, "promise": promise if isinstance(promise, dict) else {"kind": promise}}
    return shop(
        **{
            "clock__horizon": 12,
            "warehouse__stock": FULL,
            "carriers__van": {"transit": 1},
            "policies__first": rules,
        }
        | changes
    )


def dates(run):
    return Dates(run).first.tolist()


def test_a_parcel_waits_for_the_pick_up_and_so_does_its_date():
    """The van comes on days 0, 3, 6 ...: orders of days 1 and 2 are at the door on day 4."""
    run = play(full_shop(carriers__van={"transit": 1, "pickup": {"every": 3, "first": 0}}))
    assert run.demand.times[0] == 1
    assert dates(run)[:6] == [4, 4, 4, 7, 7, 7]
    assert evaluate(run)["promise_error"] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("promise", ["atp", "ctp", "quantile"])
def test_a_closure_in_the_calendar_moves_dates_before_it_begins(promise):
    """Nothing leaves on days 4 to 7; what is ordered then leaves on day 7."""
    closed = {"kind": "closure", "warehouse": True, "at": 4, "lasts": 3}
    run = play(full_shop(promise, events=[closed]))
    ordered = run.demand.times
    assert dates(run) == (np.where((ordered >= 4) & (ordered < 7), 7, ordered) + 1).tolist()
    assert evaluate(run)["promise_late_share"] == 0


def test_a_parcel_waits_for_a_free_picker():
    """One worker needs a day and a half for each order that comes a day after the one before."""
    run = play(full_shop(warehouse={"stock": FULL, "picking": {"time": 1.5, "workers": 1}}))
    start = run.demand.times[0]
    expected = [start + 1.5 * (k + 1) + 1 for k in range(len(run.demand.times))]
    assert dates(run) == pytest.approx(expected)


def test_an_outage_is_known_once_it_has_begun():
    closed = {"kind": "outage", "carrier": "van", "at": 4.5, "lasts": 3}
    run = play(full_shop(events=[closed]))
    told = dict(zip(run.demand.times.tolist(), dates(run), strict=True))
    assert told[4] == 5
    assert told[5] == 8.5


def test_the_customer_is_told_the_date():
    run = play(full_shop(carriers__van={"transit": 1, "pickup": {"every": 3}}))
    assert promises(run, 1) == [(run.demand.times[1], dates(run)[1])]
    assert any("promised: delivery by" in line for line in story(run, 1))


def test_a_date_beyond_the_promise_s_horizon_is_not_quoted_whatever_the_stock():
    for pickup in ({}, {"pickup": {"every": 3}}):
        run = play(full_shop({"kind": "ctp", "horizon": 0.5}, carriers__van={"transit": 1, **pickup}))
        assert np.isnan(dates(run)).all()
        assert promises(run, 1) == []


def test_dates_of_orders_that_never_waited_do_not_dilute_the_slips():
    """The few orders that wait are moved about as often as without pick-ups."""
    d = full_shop(
        {"kind": "ctp", "repromise": "on_infeasible"},
        warehouse__stock={"mug": 6},
        events=[{"kind": "outage", "supplier": "pottery", "at": 2 + k, "lasts": 1} for k in range(8)],
        clock__horizon=40,
        warehouse__picking={"time": 0.01},
    )
    d["policies"]["first"]["replenishment"] = {"kind": "base_stock", "S": 6}
    plain = evaluate(play(d))["promise_slips"]
    d["warehouse"]["picking"]["workers"] = 9
    assert evaluate(play(d))["promise_slips"] == pytest.approx(plain)
    assert plain > 0


def test_the_path_without_waits_writes_no_date_for_each_order():
    run = play(full_shop())
    assert run.promises["order"].size == 0
    assert run.promised.days == (1.0,)


def test_each_segment_gets_the_dates_of_its_own_promise():
    d = full_shop(
        {"default": {"kind": "none"}, "segments": {"web": {"kind": "ctp"}, "shop": {"kind": "fixed", "within": 9}}},
        carriers__van={"transit": 1, "pickup": {"every": 3}},
    )
    for name in ("shop", "post"):
        d["customers"][name] = d["customers"]["web"]
    run = play(d)
    first, ordered = Dates(run).first, run.demand.times
    by_name = {segment.name: run.demand.segments == k for k, segment in enumerate(run.world.segments)}
    assert first[by_name["web"]][:4].tolist() == [4, 4, 4, 7]
    assert (first - ordered)[by_name["shop"]].tolist() == [9] * int(by_name["shop"].sum())
    assert np.isnan(first[by_name["post"]]).all()
