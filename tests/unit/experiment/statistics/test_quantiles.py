"""Quantiles: over replications, and of waits within them."""

import numpy as np
import pytest
from scipy import stats

from simulator.experiment.statistics.intervals import Estimate, estimate
from simulator.experiment.statistics.quantiles import quantile
from simulator.kpis.kpi import Undefined


@pytest.mark.parametrize("p", [0.5, 0.9])
def test_intervals_of_a_quantile_cover_it_as_often_as_they_say(p):
    rng = np.random.default_rng(8)
    truth = stats.expon.ppf(p)
    covered = [
        found.low <= truth <= found.high
        for found in (quantile(row.tolist(), p) for row in rng.exponential(size=(1000, 120)))
    ]
    assert 0.945 <= np.mean(covered) <= 0.98  # at least 95 % by construction; whole ranks make it a little more


@pytest.mark.parametrize(("n", "p"), [(36, 0.9), (100, 0.1), (500, 0.99), (5000, 0.5)])
def test_the_ranks_are_those_of_the_binomial_law(n, p):
    found = quantile([float(k) for k in range(1, n + 1)], p)
    low, high = int(found.low), int(found.high)
    law = stats.binom(n, p)
    assert law.cdf(low - 1) <= 0.025 < law.cdf(low)
    assert law.cdf(high - 1) >= 0.975 > law.cdf(high - 2)
    assert found.mean == np.ceil(n * p)


def test_too_few_replications_have_no_interval_and_say_how_many_are_needed():
    found = quantile([1.0] * 10, 0.9)
    assert (found.mean, found.half_width, found.low) == (1.0, None, None)
    assert found.reason == "10 replications are too few for an interval; 36 are needed"
    assert quantile([float(k) for k in range(36)], 0.9).high == 35
    assert quantile([float(k) for k in range(35)], 0.9).high is None


def test_replications_without_a_value_are_left_out():
    nothing = Undefined("nobody waited")
    assert quantile([nothing, nothing], 0.5) == Estimate(None, None, 0, "nobody waited")
    assert "no value in 1 of 8 replications" in quantile([nothing, *map(float, range(7))], 0.5).reason
    with pytest.raises(ValueError, match="between 0 and 1"):
        quantile([1.0], 1.0)


def test_the_interval_of_a_quantile_of_waits_covers_what_such_runs_have_on_average():
    """`wait_p95` is one number a replication; here of 400 exponential waits, whose 380th of 400 is 3 (H400 - H20)."""
    rng = np.random.default_rng(9)
    truth = 3 * (1 / np.arange(21, 401)).sum()
    waits = np.sort(3 * rng.exponential(size=(1000, 10, 400)), axis=2)[:, :, 379]
    covered = [found.low <= truth <= found.high for found in (estimate(row.tolist()) for row in waits)]
    assert 0.92 <= np.mean(covered) <= 0.975
