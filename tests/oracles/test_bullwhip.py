"""Bullwhip of an order-up-to policy that forecasts: moving average (Chen et al. 2000), exponential smoothing."""

import pytest

from tests.oracles.helper import replicate, textbook

L, P, ALPHA = 3, 5, 0.2
"""Periods of demand that an order must cover: a lead time of 2 d and a review every day."""


def test_a_moving_average_makes_orders_vary_2_92_times_as_much_as_demand():
    """Chen, Drezner, Ryan & Simchi-Levi 2000, with z = 0: 1 + 2L/p + 2L²/p², exact for independent demand."""
    theory = 1 + 2 * L / P + 2 * L**2 / P**2
    assert theory == pytest.approx(2.92)
    replicate(textbook("bullwhip"), "average", "bullwhip", replications=12).assert_close(bullwhip=theory)


def test_smoothing_makes_orders_vary_as_the_formula_says():
    """Chen, Ryan & Simchi-Levi 2000: 1 + 2αL + 2α²L² / (2 - α)."""
    theory = 1 + 2 * ALPHA * L + 2 * ALPHA**2 * L**2 / (2 - ALPHA)
    replicate(textbook("bullwhip"), "smoothed", "bullwhip", replications=10).assert_close(bullwhip=theory)


def test_a_forecast_that_never_moves_passes_demand_on_as_it_is():
    runs = replicate(textbook("bullwhip", {"clock.horizon": "1000 d"}), "given", "bullwhip", replications=10)
    assert runs["bullwhip"] == pytest.approx(1.0, abs=2e-3)  # the first and the last day of the window differ by one
