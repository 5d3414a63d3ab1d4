"""KPIs by segment: each segment's own waits and fills, and the whole is made of its parts."""

import pytest

from simulator.kpis.evaluate import evaluate
from simulator.kpis.kpi import Undefined
from tests.unit.world.shops import play, shop


def two_segments(allocation="fifo", **changes):
    each = {"basket": {"kind": "single", "item": "mug"}}
    customers = {
        "club": {"priority": 1, "arrivals": {"kind": "every", "interval": 2, "first": 0.5}, **each},
        "web": {"priority": 2, "arrivals": {"kind": "every", "interval": 1, "first": 1}, **each},
    }
    policy = {"replenishment": {"kind": "s_Q", "s": 2, "Q": 6}, "allocation": {"kind": allocation}}
    return shop(customers=customers, policies__first=policy, **changes)


def test_waits_and_fills_of_the_segments_add_up_to_those_of_all():
    run = play(two_segments())
    found = evaluate(run)
    asked = {"club": 20, "web": 39}
    for name, total in (("fill_rate", "fill_rate_by_segment"), ("wait_mean", "wait_mean_by_segment")):
        parts = sum(found[f"{total}[{s}]"] * units for s, units in asked.items())
        assert parts / sum(asked.values()) == pytest.approx(found[name])
    assert max(found[f"wait_max_by_segment[{s}]"] for s in asked) == found["wait_max"]


def test_who_is_served_first_shows_by_segment_and_not_in_the_mean():
    late = {"suppliers__pottery__lead_time": 7}
    fifo, priority = (evaluate(play(two_segments(kind, **late))) for kind in ("fifo", "priority"))
    assert fifo["backlog_mean"] == pytest.approx(priority["backlog_mean"])
    assert priority["wait_mean_by_segment[club]"] < fifo["wait_mean_by_segment[club]"]
    assert priority["wait_p95_by_segment[web]"] > fifo["wait_p95_by_segment[web]"]


def test_a_segment_that_orders_nothing_has_no_value_and_says_why():
    d = two_segments()
    d["customers"]["club"]["arrivals"]["first"] = 39
    d["clock"]["warm_up"] = 39.5
    found = evaluate(play(d))
    assert all(isinstance(found[f"{name}_by_segment[club]"], Undefined) for name in ("fill_rate", "wait_p95"))


def test_a_cancellation_counts_with_its_segment():
    d = two_segments(warehouse__stock__mug=0, suppliers__pottery__lead_time=30)
    d["customers"]["web"]["patience"] = 1
    found = evaluate(play(d))
    assert found["cancellation_rate_by_segment[club]"] == 0
    assert found["cancellation_rate_by_segment[web]"] > 0.5
