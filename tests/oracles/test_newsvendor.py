"""What cutting the normal law off at 0 does to demand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from tests.oracles.helper import play, textbook


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
    assert demand.quantities.min() == 1, "an order of 0 units is not counted"
    days = 200_010
    seen = np.bincount(demand.quantities, minlength=chances.size)[: chances.size].astype(float)
    seen[0] = days - len(demand.times)
    usual = days * chances > 5
    expected = days * chances[usual]
    chi2 = float(((seen[usual] - expected) ** 2 / expected).sum())
    assert chi2 < stats.chi2.ppf(0.9999, usual.sum() - 1)
    assert demand.quantities.sum() / days == pytest.approx(float(chances @ np.arange(chances.size)), rel=0.01)
