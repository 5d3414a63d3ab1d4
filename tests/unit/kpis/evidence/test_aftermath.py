"""What a disruption left, on levels drawn by hand and in a shop whose supplier stands still."""

import numpy as np
import pytest

from simulator.kpis.evaluate import evaluate
from simulator.kpis.evidence.aftermath import above, aftermath, difference, recovery
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
