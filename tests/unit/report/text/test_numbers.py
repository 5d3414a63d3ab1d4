"""Numbers as people read them."""

import pytest

from simulator.experiment.statistics.intervals import Difference, Estimate
from simulator.experiment.statistics.measured import Labels
from simulator.report.text.numbers import decimals, unit, written


@pytest.mark.parametrize(
    ("estimates", "factor", "places"),
    [
        ([Estimate(0.9512, 0.0021, 10)], 100, 2),
        ([Estimate(123456.0, 1234.0, 10)], 1, 0),
        ([Estimate(2.0, 0.16, 10), Estimate(2.0, 0.007, 10)], 1, 3),
        ([Estimate(1.0, 1e-7, 10)], 1, 4),
        ([Estimate(4.0, 1e-17, 10)], 1, 0),
        ([Estimate(0.8706, None, 1)], 100, 2),
        ([Estimate(1.0, 0.0, 10)], 100, 0),
        ([Estimate(None, None, 0)], 1, 0),
        ([Difference(-0.005, 0.00499, 3)], 100, 3),  # significant: its end does not read as 0
        ([Difference(0.05, 0.03, 3), Difference(0.05, 0.06, 3)], 1, 3),
    ],
)
def test_a_number_has_as_many_digits_as_its_interval_bears(estimates, factor, places):
    assert decimals(estimates, factor) == places


def test_large_numbers_have_their_thousands_apart():
    assert written(1234567.8, 0) == "1,234,568"
    assert written(1234567.8, 1, sign=True) == "+1,234,567.8"


def test_what_rounds_to_zero_has_no_sign():
    assert written(-0.0004, 2) == "0.00"
    assert written(0.0004, 2, sign=True) == "0.00"


def test_shares_are_written_in_percent_and_their_differences_in_points():
    assert unit("fill_rate", Labels("EUR")) == ("%", 100.0, "points")
    assert unit("age_buckets[0-3 d]", Labels("EUR")).name == "%"
    assert unit("total_cost", Labels("CHF")) == ("CHF", 1.0, "CHF")
    assert unit("unheard_of", Labels("EUR")) == ("", 1.0, "")
