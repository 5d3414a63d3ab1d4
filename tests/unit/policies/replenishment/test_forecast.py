"""Forecasts against numbers worked out by hand."""

import pytest

from simulator.policies.replenishment.forecast import Forecast


def learned(words, *periods, mean=0.0):
    method = Forecast.parse(words)
    belief = method.start(mean)
    for units in periods:
        belief = method.learn(belief, units)
    return method, belief


def test_a_moving_average_is_the_mean_of_the_last_periods():
    method, belief = learned({"kind": "moving_average", "periods": 3}, 10, 20, 30, 40, mean=5)
    assert belief.level == 30
    assert method.ahead(belief, 2.5) == 75
    assert learned({"kind": "moving_average", "periods": 3}, 10, 20)[1].level == 15, "of what there is, at first"


def test_smoothing_moves_by_a_share_of_the_error():
    _, belief = learned({"kind": "smoothing", "alpha": 0.5}, 20, 20, mean=10)
    assert belief.level == 17.5
    assert belief.squared_error == pytest.approx((10**2 + 5**2) / 2), "the mean square of the errors ahead: 10, then 5"


LUMPY = (0, 0, 6, 0, 0, 0, 2)
"""Sizes 6 and 2; intervals 3 and 4."""


def test_croston_divides_the_smoothed_size_by_the_smoothed_interval():
    """Size 6 + 0.1 (2 - 6) = 5.6, interval 3 + 0.1 (4 - 3) = 3.1."""
    assert learned({"kind": "croston", "alpha": 0.1}, *LUMPY)[1].level == pytest.approx(5.6 / 3.1)


def test_syntetos_and_boylan_take_out_crostons_bias():
    assert learned({"kind": "sba", "alpha": 0.1}, *LUMPY)[1].level == pytest.approx(0.95 * 5.6 / 3.1)


def test_only_tsb_forgets_an_item_that_has_stopped_selling():
    quiet = (*LUMPY, *[0] * 60)
    assert learned({"kind": "croston"}, *quiet)[1].level == pytest.approx(5.6 / 3.1)
    tsb = {"kind": "tsb", "alpha": 0.1, "beta": 0.2}
    assert learned(tsb, *quiet)[1].level < 0.01 * learned(tsb, *LUMPY)[1].level


def test_tsb_smooths_size_and_chance_apart():
    """Starts at size 4, chance 1: chance 0.9, then 0.91 with size 4 + 0.1 (8 - 4) = 4.4."""
    _, belief = learned({"kind": "tsb", "alpha": 0.1, "beta": 0.1}, 0, 8, mean=4)
    assert belief.level == pytest.approx(4.4 * 0.91)


def test_a_season_is_learned_and_looked_up_period_by_period():
    method, belief = learned({"kind": "seasonal", "season": 2, "alpha": 0.3, "gamma": 0.5}, *[10, 30] * 60, mean=20)
    assert method.ahead(belief, 1) == pytest.approx(10, rel=0.02)
    assert method.ahead(belief, 2) == pytest.approx(40, rel=0.01)
    assert method.ahead(belief, 1.5) == pytest.approx(25, rel=0.02)


def test_factors_of_a_season_may_be_given_and_must_fit():
    method, belief = learned({"kind": "seasonal", "season": 2, "factors": [0.5, 1.5]}, mean=20)
    assert (method.ahead(belief, 1), method.ahead(belief, 2)) == (10, 40)
    with pytest.raises(ValueError, match="3 factors for a season of 2"):
        Forecast.parse({"kind": "seasonal", "season": 2, "factors": [1, 1, 1]})


def test_a_fixed_belief_learns_nothing():
    _, belief = learned({"kind": "fixed", "mean": 7}, 100, 100, mean=7)
    assert (belief.level, belief.periods) == (7, 2)
