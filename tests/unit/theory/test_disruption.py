"""Disruption and bullwhip have the values that the books print, or that another implementation gave."""

import pytest

from simulator.theory import bullwhip, disruption


def test_the_triangle():
    assert disruption.triangle(20, 100, 15, 25) == pytest.approx(
        {
            "time_to_survive": 5,
            "peak": 200,
            "time_to_clear": 40,
            "backlog_area": 5000,
            "units_late": 1000,
            "wait_max": 10,
            "wait_backordered": 5,
        }
    )
    assert disruption.triangle(20, 400, 15, 25)["backlog_area"] == 0, "what lies on the shelf outlasts it"


def test_the_best_lot_of_a_supplier_that_fails():
    """As another implementation has it: 772.811 at 173.950; without failures the plain lot."""
    assert disruption.best_lot(1300, 8, 0.225, 5, 1.5, 14) == pytest.approx((772.811, 173.950), abs=1e-3)
    assert disruption.best_lot(1300, 8, 0.225, 5, 1e-9, 14) == pytest.approx((304.047, 68.411), abs=1e-2)


def test_bullwhip():
    assert bullwhip.moving_average(3, 5) == pytest.approx(2.92)
    assert bullwhip.in_a_row([3, 3, 3], 5) == pytest.approx(24.897, abs=1e-3)
    assert bullwhip.in_a_row([3, 3, 3], 5, shared=True) == pytest.approx(11.08)
    assert bullwhip.smoothing(3, 0.2) == pytest.approx(2.6)
