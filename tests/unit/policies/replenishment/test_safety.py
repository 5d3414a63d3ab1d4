"""Safety stock against formulas and by hand."""

import math
from statistics import NormalDist

import pytest

from simulator.policies.replenishment.replenishment import Replenishment
from simulator.policies.replenishment.safety import Risk, Safety, loss
from simulator.policies.replenishment.view import DemandOutlook

RISK = Risk(mean=100, sd=30, days=10, lead_sd=3, cycle=2000)


def units(risk, **words):
    return Safety.parse(words).units(risk)


def test_the_formula_knows_both_variances_and_one_that_forgets_the_lead_time_holds_too_little():
    """Silver, Pyke & Thomas 6.7: 1.645 √(10·30² + 100²·3²) = 517.541; without the second term 156.045."""
    both = units(RISK, kind="cycle_service", target=0.95)
    forgetful = units(RISK, kind="cycle_service", target=0.95, lead_time_varies=False)
    assert both == pytest.approx(517.541, abs=1e-3)
    assert forgetful == pytest.approx(156.045, abs=1e-3)
    delivered = NormalDist().cdf(forgetful / math.sqrt(10 * 30**2 + 100**2 * 3**2))
    assert delivered == pytest.approx(0.690, abs=5e-4)


def test_the_reorder_point_by_forecast_is_the_formulas():
    decision = Replenishment.parse(
        {"kind": "forecast_s_S", "cover": "20 d", "forecast": {"kind": "fixed", "mean": 100, "sd": 30}}
    )
    tuned = decision.tuned(DemandOutlook(mean=100, sd=30, lead=10, lead_sd=3, period=1))
    assert (tuned.s, tuned.S) == (1518, 3518), "1517.54, rounded up, and 20 days more"


def test_the_fill_rate_formula_leaves_the_share_that_may_be_missing():
    k = units(RISK, kind="fill_rate", target=0.98) / math.sqrt(10 * 900 + 90_000)
    assert math.sqrt(99_000) * loss(k) == pytest.approx(0.02 * 2000)
    assert loss(0.5) == pytest.approx(0.1978, abs=1e-4), "a textbook's table"


def test_days_of_safety_are_days_of_the_forecast_and_none_is_none():
    assert units(RISK, kind="days", days="5 d") == 500
    assert units(RISK, kind="none") == 0


def test_a_replay_takes_the_quantile_of_what_lead_times_have_asked_for():
    """Every second period 20, else 0: any two periods together ask for 20, any three for 20 or 40."""
    past = (20.0, 0.0) * 50
    two = Risk(mean=10, sd=10, days=2, lead_sd=0, cycle=100, history=past)
    three = Risk(mean=10, sd=10, days=3, lead_sd=0, cycle=100, history=past)
    assert units(two, kind="replayed", target=0.95) == pytest.approx(0)
    assert units(three, kind="replayed", target=0.95) == pytest.approx(10)
    assert units(three, kind="replayed", target=0.45) == pytest.approx(-10)


def test_without_a_past_a_replay_falls_back_on_the_formula():
    assert units(RISK, kind="replayed", target=0.9) == units(RISK, kind="cycle_service", target=0.9)
