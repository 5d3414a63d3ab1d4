"""One-period stock under normal demand, and what cutting the normal law off at 0 does to it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from tests.oracles.helper import cost_per_day, daily_demand, play, replicate, textbook

H, P, MEAN, SD = 0.18, 0.70, 50.0, 8.0
GRAIN = 100  # units of the scenario in one of the book


def loss(z: float) -> float:
    """Standard normal loss, E[(Z - z)+]."""
    return float(stats.norm.pdf(z) - z * stats.norm.sf(z))


def period(S: float) -> tuple[float, float, float]:
    """Cost, units short and fill rate of one period that starts with S."""
    z = (S - MEAN) / SD
    short = SD * loss(z)
    left = S - MEAN + short
    return H * left + P * short, short, 1 - short / MEAN


def test_the_critical_ratio_gives_the_best_stock():
    """Snyder & Shen, section 4.3: F(S) = p / (p + h)."""
    S = stats.norm.ppf(P / (P + H), MEAN, SD)
    assert abs(S - 56.6040) < 5e-5
    assert period(S) == pytest.approx((1.99761, 0.91920, 0.981616), rel=1e-5)


@pytest.mark.parametrize("policy", ["best", "low", "high"])
def test_an_evening_review_plays_the_newsvendor_every_day(policy):
    """Cost per day, units short and fill rate at the best stock and on both sides of it."""
    scenario = textbook("newsvendor")
    S = scenario.policies[policy].replenishment["default"].S
    cost, short, fill = period(S / GRAIN)
    runs = replicate(
        scenario,
        policy,
        "backlog_mean",
        "fill_rate",
        measures={"cost": cost_per_day},
        controls=daily_demand(GRAIN * MEAN, (GRAIN * SD) ** 2 + 1 / 12),
        replications=None if policy == "best" else 10,
    )
    runs.assert_close(cost=cost, fill_rate=fill)
    runs.assert_close(backlog_mean=GRAIN * short, within=0.02 if policy == "best" else 0.1)


def test_normal_demand_is_cut_off_at_zero_and_its_mean_moves():
    """N(10, 8²) without what lies below 0, in whole units: the moments are those of the law that is drawn."""
    scenario = textbook(
        "newsvendor",
        {"customers.all.basket.quantity": {"kind": "normal", "mean": 10, "sd": 8}, "clock.horizon": "200010 d"},
    )
    law = stats.truncnorm(-10 / 8, math.inf, loc=10, scale=8)
    edges = np.concatenate(([0.0], np.arange(0.5, 200.5)))
    chances = np.diff(law.cdf(edges))  # rounded half up to 0, 1, 2, …
    assert law.mean() == pytest.approx(11.63, abs=0.01)
    assert scenario.customers["all"].basket.quantity.moments() == pytest.approx((law.mean(), law.var()), rel=1e-9)

    demand = play(scenario, "best").demand
    assert demand.quantities.min() == 1, "an order of 0 units is no order"
    days = 200_010
    seen = np.bincount(demand.quantities, minlength=chances.size)[: chances.size].astype(float)
    seen[0] = days - len(demand.times)
    usual = days * chances > 5
    expected = days * chances[usual]
    chi2 = float(((seen[usual] - expected) ** 2 / expected).sum())
    assert chi2 < stats.chi2.ppf(0.9999, usual.sum() - 1)
    assert demand.quantities.sum() / days == pytest.approx(float(chances @ np.arange(chances.size)), rel=0.01)
