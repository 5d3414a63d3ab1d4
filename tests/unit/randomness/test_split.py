"""The chance that a customer wants parts: known values, directions, and errors."""

import math

import pytest

from simulator.foundation.errors import UserError
from simulator.randomness.split import LogitSplit, Split, SteadySplit


def test_the_logit_has_the_chances_that_it_is_given():
    split = LogitSplit(at_7d=0.6, at_28d=0.9, no_date=0.7, fee_scale=2)
    assert split.chance(7, 0) == pytest.approx(0.6)
    assert split.chance(28, 0) == pytest.approx(0.9)
    assert split.chance(None, 0) == pytest.approx(0.7)
    odds = 0.6 / 0.4 / math.e  # a fee of one scale divides the odds by e
    assert split.chance(7, 2) == pytest.approx(odds / (1 + odds))


def test_more_days_mean_more_parts_and_a_higher_fee_means_fewer():
    split = LogitSplit()
    days, fees = (0.5, 3, 7, 20, 400, 1e6), (0, 1, 5, 1e9)
    assert sorted(split.chance(d, 1) for d in days) == [split.chance(d, 1) for d in days]
    assert sorted((split.chance(7, f) for f in fees), reverse=True) == [split.chance(7, f) for f in fees]


def test_a_constant_share_looks_at_nothing():
    assert {SteadySplit(share=0.3).chance(d, f) for d in (None, 1, 99) for f in (0, 50)} == {0.3}


@pytest.mark.parametrize("law", [{"kind": "logit", "at_7d": 1}, {"kind": "logit", "fee_scale": 0}, {"kind": "odds"}])
def test_an_impossible_choice_is_an_error(law):
    with pytest.raises((ValueError, UserError)):
        Split.parse(law)
