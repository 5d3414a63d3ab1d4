"""Intervals against scipy and against what they promise."""

import math

import numpy as np
import pytest
from scipy import stats

from simulator.experiment.statistics.intervals import (
    Difference,
    Estimate,
    difference,
    estimate,
    holm,
    ratio,
    t_quantile,
    unpaired,
)
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


@pytest.mark.parametrize(
    ("law", "truth", "n"),
    [
        (lambda rng, n: rng.beta(95, 5, n), 0.95, 10),
        (lambda rng, n: rng.beta(2, 0.5, n), 0.8, 30),
        (lambda rng, n: rng.binomial(200, 0.01, n) / 200, 0.01, 30),
        (lambda rng, n: rng.beta(30, 0.3, n), 30 / 30.3, 40),  # most replications above 99.9 %, some far below
    ],
)
def test_intervals_of_shares_stay_within_0_and_1_and_cover_near_the_ends(law, truth, n):
    rng = np.random.default_rng(31)
    covered, plain = 0, 0
    for _ in range(1500):
        values = law(rng, n).tolist()
        found, student = estimate(values, share=True), estimate(values)
        assert 0 <= found.low < found.mean < found.high <= 1
        covered += found.low <= truth <= found.high
        plain += student.low <= truth <= student.high
    assert 0.92 <= covered / 1500 <= 0.975
    assert covered >= plain - 3


def test_the_interval_of_a_share_is_even_in_the_middle_and_uneven_at_the_ends():
    middle, end = estimate([0.5, 0.52, 0.49, 0.51], share=True), estimate([0.9, 0.999, 1.0, 0.99], share=True)
    assert middle.even
    assert middle.half_width == pytest.approx(estimate([0.5, 0.52, 0.49, 0.51]).half_width, rel=0.01)
    assert not end.even
    assert end.high < 1 < estimate([0.9, 0.999, 1.0, 0.99]).high
    assert end.half_width == pytest.approx((end.high - end.low) / 2)
    assert estimate([1.0, 1.0], share=True) == Estimate(1.0, 0.0, 2)
    assert estimate([-0.2, 0.3], share=True) == estimate([-0.2, 0.3])  # a change of a share may be below 0


def test_several_intervals_that_are_to_hold_at_once_are_wider():
    a, b = [1.0, 2.0, 3.0, 5.0], [0.5, 0.7, 2.0, 1.0]
    alone, one_of_four = difference(a, b, 0.95), difference(a, b, 0.95, together=4)
    assert one_of_four == difference(a, b, 0.9875)
    assert one_of_four.half_width > alone.half_width
    assert one_of_four.p == pytest.approx(alone.p)


def test_the_chance_of_a_difference_agrees_with_scipy():
    rng = np.random.default_rng(6)
    a, b = rng.normal(1, 2, 15).tolist(), rng.normal(0, 1, 15).tolist()
    assert difference(a, b).p == pytest.approx(stats.ttest_rel(a, b).pvalue)
    assert difference(a, a).p == 1
    assert difference([2.0, 3.0], [1.0, 2.0]).p == 0
    assert difference([2.0], [1.0]).p == 1


def test_a_difference_without_common_luck_is_welch_s():
    rng = np.random.default_rng(6)
    a, b = rng.normal(1, 3, 12).tolist(), rng.normal(0, 1, 40).tolist()
    found, theirs = unpaired(a, b, 0.9), stats.ttest_ind(a, b, equal_var=False)
    low, high = theirs.confidence_interval(0.9)
    assert found.mean == pytest.approx((low + high) / 2)
    assert (high - low) / 2 <= found.half_width <= 1.02 * (high - low) / 2  # degrees of freedom are rounded down
    assert found.p == pytest.approx(theirs.pvalue, rel=0.05)
    assert unpaired([1.0], b).half_width is None
    assert unpaired([NOTHING], b) == Difference(None, None, 0, "nothing was ordered")
    assert unpaired([1.0, 1.0], [1.0, 1.0]).p == 1
    assert unpaired([2.0, 2.0], [1.0, 1.0]).significant


def test_holm_keeps_the_chance_of_any_false_alarm_at_five_in_a_hundred():
    rng = np.random.default_rng(2)
    alarms = sum(min(holm(row.tolist())) <= 0.05 for row in rng.random((4000, 12)))
    assert 0.04 < alarms / 4000 < 0.061
    assert holm([0.5, 0.001, 0.02]) == pytest.approx([0.5, 0.003, 0.04])
    assert holm([]) == []


def test_a_ratio_of_means_worked_out_by_hand():
    """Ratio 6 / 12; residuals 1 - 1, 3 - 2, 2 - 3; s = 1; half-width 4.3027 x 1 / sqrt(3) / mean base 4."""
    found = ratio([1.0, 3.0, 2.0], [2.0, 4.0, 6.0])
    assert found.mean == 0.5
    assert found.half_width == pytest.approx(4.30265 / 3**0.5 / 4, rel=1e-5)
    assert ratio([0.0], [0.0]).mean is None
    assert ratio([1.0], [2.0]).half_width is None
