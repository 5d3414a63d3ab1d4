"""What a disruption left, on levels drawn by hand and in a shop whose supplier stands still."""

import numpy as np
import pytest

from simulator.kpis.evaluate import evaluate
from simulator.kpis.evidence.aftermath import above, aftermath, difference, reach_of, recovery, shortages
from simulator.record.levels import StepFunction
from tests.unit.world.shops import play, shop


def steps(*pairs):
    times, values = zip(*pairs, strict=True)
    return StepFunction(np.array(times, dtype=float), np.array(values, dtype=float))


def test_peak_area_and_clearing_of_a_level():
    level = steps((0, 0), (12, 10), (16, 30), (20, 20), (24, 0), (30, 50))
    found = aftermath(level, 10, 18, 40)
    assert found == (30, 10 * 4 + 30 * 4 + 20 * 4, 6), "what comes after the clearing is another story"


def test_a_level_that_is_not_back_is_not_cleared_and_counts_to_the_horizon():
    assert aftermath(steps((0, 0), (12, 10)), 10, 18, 40) == (10, 280, None)


def test_a_level_that_dips_to_nothing_during_the_disruption_is_not_cleared_then():
    level = steps((0, 0), (11, 5), (13, 0), (14, 5), (25, 0))
    assert aftermath(level, 10, 20, 40) == (5, 5 * 2 + 5 * 11, 5)


def test_an_excess_that_begins_after_the_end_counts_up_to_the_last_return_within_reach():
    level = steps((0, 0), (25, 5), (27, 0), (28, 10), (30, 0), (36, 50))
    assert aftermath(level, 10, 20, 40) == (0, 0, 0), "without reach nothing that begins later counts"
    assert aftermath(level, 10, 20, 40, reach=6) == (5, 10, 7)
    assert aftermath(level, 10, 20, 40, reach=8) == (10, 30, 10)
    assert aftermath(level, 10, 20, 40, reach=16) == (50, 30 + 4 * 50, None)


def test_what_changes_nothing_is_over_at_its_end():
    assert aftermath(steps((0, 0)), 10, 20, 40) == (0, 0, 0)


def test_a_level_is_taken_above_what_it_was_before_and_less_another():
    assert above(steps((0, 3), (10, 7)), 10).values.tolist() == [0, 4]
    found = difference(steps((0, 1), (2, 5)), steps((0, 1), (3, 4)))
    assert (found.times.tolist(), found.values.tolist()) == ([0, 2, 3], [0, 4, 1])


def closed(**changes):
    """Ten days without supply from day 10 on: one mug a day, 4 in stock, each bought again at once within a day."""
    return shop(
        **{
            "clock__horizon": 60,
            "suppliers__pottery__lead_time": 1,
            "warehouse__stock__mug": 4,
            "policies__first": {"replenishment": {"kind": "base_stock", "S": 4}},
            "events": [{"kind": "outage", "supplier": "pottery", "at": 10.5, "lasts": 10}],
            **changes,
        }
    )


NAMES = ("time_to_survive", "time_to_clear", "backlog_area", "time_to_recover", "backlog_peak")


def test_the_kpis_of_a_closed_supplier_worked_out_by_hand():
    """On hand before: 3 or 4. The orders of days 11 to 14 find a mug (the one of day 10 arrives on 11); those of
    15 to 21 wait, and all come on day 21.5, one lead time after the reopening."""
    found = evaluate(play(closed()), NAMES)
    assert found["time_to_survive"] == pytest.approx(15 - 10.5)
    assert found["backlog_peak"] == 7
    assert found["backlog_area"] == pytest.approx(sum(21.5 - day for day in range(15, 22)))
    assert found["time_to_clear"] == pytest.approx(1)
    assert found["time_to_recover"] == pytest.approx(1.5), "from the order of day 22 on"


def test_service_within_some_days_is_back_before_service_at_once():
    run = play(closed())
    assert recovery(run, 10.5, 20.5) == pytest.approx(1.5)
    assert recovery(run, 10.5, 20.5, within=1.0) == 0, "the order of day 21 waits half a day, and all after it none"


def test_without_an_event_or_without_an_end_there_is_a_reason():
    quiet = evaluate(play(shop()), NAMES[:4])
    assert {value.reason for value in quiet.values()} == {"no event begins in the counted window"}
    late = evaluate(play(closed(clock__horizon=21)), NAMES[:4])
    assert "not cleared before the horizon" in late["time_to_clear"].reason
    assert "not back before the horizon" in late["time_to_recover"].reason


def test_a_longer_stop_is_worse_and_more_stock_outlasts_it():
    short, long = (
        evaluate(play(closed(events=[{"kind": "outage", "supplier": "pottery", "at": 10.5, "lasts": d}])), NAMES)
        for d in (8, 14)
    )
    assert short["backlog_area"] < long["backlog_area"]
    assert short["time_to_survive"] == long["time_to_survive"]
    rich = closed(warehouse__stock__mug=40, policies__first={"replenishment": {"kind": "base_stock", "S": 40}})
    assert "nothing was short" in evaluate(play(rich), NAMES)["time_to_survive"].reason


def pipeline(**changes):
    """One mug a day, bought again at once with a lead time of 20 d: 20 are on their way, 5 on the shelf."""
    return closed(
        **{
            "clock__horizon": 120,
            "suppliers__pottery__lead_time": 20,
            "warehouse__stock__mug": 25,
            "policies__first": {"replenishment": {"kind": "base_stock", "S": 25}},
            "events": [{"kind": "outage", "supplier": "pottery", "at": 30.5, "lasts": 10}],
            **changes,
        }
    )


def test_a_shortage_that_begins_after_the_outage_is_counted():
    """Mugs bought up to day 30 arrive up to day 50, after the outage; those of days 31 to 40 all arrive on day 60.5.
    The shelf lasts for the orders of days 51 to 55; those of 56 to 60 wait."""
    run = play(pipeline())
    found = evaluate(run, NAMES)
    assert reach_of(run, 40.5) == 0.5 + 29.5, "the next purchase is that of day 41; the longest took 29.5 days"
    assert found["time_to_survive"] == 56 - 30.5
    assert found["backlog_peak"] == 5
    assert found["backlog_area"] == pytest.approx(sum(60.5 - day for day in range(56, 61)))
    assert found["time_to_clear"] == pytest.approx(20)
    assert found["time_to_recover"] == pytest.approx(20.5), "from the order of day 61 on"


def test_a_shortage_after_a_spike_of_demand_is_counted():
    """24 mugs are bought when 24 are left, on day 20, and arrive on day 40. The spike leaves some on the shelf; they
    are gone before that."""
    spike = {"kind": "demand_spike", "customers": "web", "at": 22.5, "lasts": 2, "factor": 6}
    rule = {"policies__first": {"replenishment": {"kind": "s_Q", "s": 24, "Q": 24}}, "warehouse__stock__mug": 44}
    run = play(pipeline(**rule, events=[spike]))
    found = evaluate(run, NAMES)
    short, units = shortages(run)
    assert found["time_to_survive"] == pytest.approx(short[0] - 22.5)
    assert short[0] > 24.5, "after the spike"
    assert found["time_to_clear"] == pytest.approx(40 - 24.5, abs=1)
    assert found["backlog_area"] == pytest.approx(float((24.5 + found["time_to_clear"] - short) @ units))


def test_a_shortage_downstream_of_a_makers_outage_is_counted():
    """The pottery keeps a mug of its own, so the shop notices the outage of the clay pit long after its end."""
    upstream = {
        "suppliers__pottery": {
            "items": ["mug"],
            "lead_time": 2,
            "stock": {"mug": 11},
            "replenishment": {"kind": "base_stock", "S": 11},
            "suppliers": {"pit": {"items": ["mug"], "lead_time": 10}},
        },
        "warehouse__stock__mug": 3,
        "policies__first": {"replenishment": {"kind": "base_stock", "S": 3}},
        "events": [{"kind": "outage", "supplier": "pit", "at": 30.5, "lasts": 6}],
    }
    found = evaluate(play(pipeline(**upstream)), NAMES)
    assert found["time_to_survive"] > 6, "the shortage begins after the outage has ended"
    assert found["time_to_clear"] > 0
    assert found["backlog_area"] > 0
    assert found["time_to_recover"] > 0


def test_an_ordinary_shortage_beyond_the_reach_does_not_count():
    run = play(
        pipeline(
            events=[
                {"kind": "outage", "supplier": "pottery", "at": 30.5, "lasts": 1},
                {"kind": "outage", "supplier": "pottery", "at": 60.5, "lasts": 20},
            ]
        )
    )
    found = evaluate(run, NAMES)
    assert (found["time_to_clear"], found["backlog_area"], found["time_to_recover"]) == (0, 0, 0)
    assert found["backlog_peak"] > 0


def test_orders_too_near_the_horizon_to_be_filled_in_time_are_no_drop_of_service():
    """Each order waits for the four days of its own purchase; those of the last four days are still open at the end."""
    run = play(
        shop(warehouse__stock__mug=0, policies__first__replenishment={"kind": "base_stock", "S": 0}, clock__horizon=40)
    )
    assert recovery(run, 26.5, 27.5, within=5) == 0
    assert recovery(run, 26.5, 27.5, within=5, usual=run) == 0
    assert recovery(run, 27.5, 28.5, within=5) is None, "no week after it lies before the horizon"
