"""Intervals against scipy and against what they promise."""

import math

import numpy as np
import pytest
from scipy import stats

from simulator.experiment.intervals import Difference, Estimate, difference, estimate, t_quantile
from simulator.kpis.kpi import Undefined

NOTHING = Undefined("nothing was ordered")


@pytest.mark.parametrize("df", [*range(1, 31), 60, 99, 250, 999, 1000, 1001, 5000, 10**5, 10**6])
def test_the_t_quantile_agrees_with_scipy(df):
    for p in (0.75, 0.9, 0.95, 0.975, 0.995, 0.9995, 0.999999):
        assert t_quantile(p, df) == pytest.approx(stats.t.ppf(p, df), rel=1e-9)


def test_the_t_quantile_is_odd_around_one_half():
    assert t_quantile(0.5, 7) == 0
    assert t_quantile(0.1, 7) == -t_quantile(0.9, 7)
    with pytest.raises(ValueError, match="no t quantile"):
        t_quantile(0.975, 0)
    with pytest.raises(ValueError, match="no t quantile"):
        t_quantile(1.0, 5)


def test_mean_and_half_width_agree_with_scipy():
    values = np.random.default_rng(1).normal(5, 2, 17).tolist()
    found = estimate(values, 0.9)
    low, high = stats.t.interval(0.9, 16, np.mean(values), stats.sem(values))
    assert found.n == 17
    assert found.mean == pytest.approx(np.mean(values))
    assert found.half_width == pytest.approx((high - low) / 2)
    assert found.relative == pytest.approx((high - low) / 2 / np.mean(values))


def test_intervals_cover_the_true_mean_as_often_as_they_say():
    rng = np.random.default_rng(7)
    covered = 0
    for _ in range(2000):
        found = estimate(rng.normal(3, 1, 10).tolist())
        covered += abs(found.mean - 3) <= found.half_width
    assert 0.935 < covered / 2000 < 0.965  # three standard errors around 95 %


def test_a_constant_has_an_interval_of_length_zero():
    assert estimate([0.1] * 7) == Estimate(0.1, 0.0, 7)
    assert estimate([0.1] * 7).relative == 0
    assert estimate([0.0] * 7).relative == 0


def test_a_single_replication_has_a_mean_and_no_interval():
    assert estimate([4.0]) == Estimate(4.0, None, 1, "one replication has no interval")
    assert estimate([4.0]).relative == math.inf


def test_undefined_replications_are_left_out_and_counted():
    found = estimate([1.0, NOTHING, 3.0, NOTHING])
    assert (found.mean, found.n) == (2.0, 2)
    assert found.reason == "no value in 2 of 4 replications: nothing was ordered"
    assert estimate([NOTHING, NOTHING]) == Estimate(None, None, 0, "nothing was ordered")
    assert estimate([]) == Estimate(None, None, 0, "no replications")
    assert "one replication has no interval; no value in 1 of 2" in estimate([1.0, NOTHING]).reason


def test_a_difference_is_policy_minus_reference_pair_by_pair():
    rng = np.random.default_rng(3)
    luck = rng.normal(100, 30, 20)
    better, reference = (luck + rng.normal(2, 1, 20)).tolist(), luck.tolist()
    found = difference(better, reference)
    low, high = stats.ttest_rel(better, reference).confidence_interval(0.95)
    assert found.mean == pytest.approx((low + high) / 2)
    assert found.half_width == pytest.approx((high - low) / 2)
    assert found.mean > 0
    assert found.significant
    assert not difference(better, rng.normal(100, 30, 20).tolist()).significant


def test_a_difference_needs_both_values():
    found = difference([1.0, NOTHING, 5.0, 6.0], [0.0, 1.0, NOTHING, 4.0])
    assert (found.mean, found.n) == (1.5, 2)
    assert "no value in 2 of 4 replications" in found.reason
    with pytest.raises(ValueError, match="shorter"):
        difference([1.0, 2.0], [1.0])


def test_significance_is_an_interval_without_zero():
    assert difference([1.0, 2.0], [0.0, 1.0]) == Difference(1.0, 0.0, 2)
    assert difference([1.0, 2.0], [0.0, 1.0]).significant  # always exactly 1
    assert not difference([1.0, 2.0], [1.0, 2.0]).significant  # always 0
    assert not difference([1.0], [0.0]).significant  # one pair proves nothing
    assert not difference([NOTHING], [0.0]).significant
