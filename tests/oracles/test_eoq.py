"""EOQ with planned backorders: steady demand, no randomness; the formula is met to the grain of the demand."""

from __future__ import annotations

import pytest

from simulator.experiment.textbook.measures import cost_per_year
from simulator.kpis.evaluate import evaluate
from simulator.theory.lots import lot_cost
from tests.oracles.helper import play, textbook

GRAIN = 100  # steps of the scenario in one unit of the book


def test_in_whole_steps_the_levels_are_exact():
    """The level falls step by step from Q - r to -(r - 1); the purchase made at -r arrives at the same instant."""
    Q, r = 31081, 1338
    scenario = textbook("eoq-planned-backorders")
    kpis = evaluate(play(scenario, "planned_backorders"))
    # The window is two whole lots, and its horizon is rounded to 1e-4 d: 6e-7 of it.
    assert kpis["backlog_mean"] == pytest.approx(r * (r - 1) / 2 / Q, rel=2e-6)
    assert kpis["on_hand_mean"] == pytest.approx((Q - r) * (Q - r + 1) / 2 / Q, rel=2e-6)
    assert kpis["backlog_peak"] == r - 1
    assert kpis["wait_max"] == pytest.approx((r - 1) * 365 / 130_000, rel=1e-9)


@pytest.mark.parametrize(("lot", "r"), [(26000, 1338), (37000, 1338), (31081, 600), (31081, 2400)])
def test_any_other_lot_or_reorder_point_costs_more(lot, r):
    """The same formula away from its minimum."""
    scenario = textbook(
        "eoq-planned-backorders",
        {
            "warehouse.stock.widget": lot - r,
            "policies.planned_backorders.replenishment.s": -r,
            "policies.planned_backorders.replenishment.Q": lot,
            "clock.warm_up": "0 d",
            "clock.horizon": f"{(lot + 0.5) / 130_000} y",
        },
    )
    measured = cost_per_year(play(scenario, "planned_backorders"))
    assert measured == pytest.approx(lot_cost(lot / GRAIN, r / GRAIN, 1300, 8, 0.225, 5), rel=1e-3)
    assert measured > 66.93
