"""EOQ with planned backorders: steady demand, no randomness; the formula is met to the grain of the demand."""

from __future__ import annotations

import math

import pytest

from simulator.kpis.evaluate import evaluate
from tests.oracles.helper import play, textbook

K, H, P, RATE = 8.0, 0.225, 5.0, 1300.0  # a year
GRAIN = 100  # steps of the scenario in one unit of the book
YEAR = 365.0


def cost(Q: float, r: float) -> float:
    """Yearly cost of ordering Q when the backlog has reached r (Snyder & Shen, 3.5; Zipkin 3.3.7)."""
    return K * RATE / Q + H * (Q - r) ** 2 / (2 * Q) + P * r**2 / (2 * Q)


def yearly_cost(scenario, policy: str) -> float:
    kpis = evaluate(play(scenario, policy))
    return kpis["total_cost"] * YEAR / (scenario.clock.horizon - scenario.clock.warm_up)


def test_planned_backorders_cost_what_the_formula_says():
    """Snyder & Shen, Fundamentals of Supply Chain Theory, section 3.5."""
    Q = math.sqrt(2 * K * RATE * (H + P) / (H * P))
    share = H / (H + P)
    assert (Q, share, cost(Q, share * Q)) == pytest.approx((310.8126, 0.043062, 66.9214), rel=1e-5)

    scenario = textbook("eoq-planned-backorders")
    kpis = evaluate(play(scenario, "planned_backorders"))
    counted = scenario.clock.horizon - scenario.clock.warm_up
    print(f"cost: theory 66.9214, measured {kpis['total_cost'] * YEAR / counted:.4f}")
    print(f"backlog: peak {kpis['backlog_peak'] / GRAIN}, mean {kpis['backlog_mean'] / GRAIN:.5f}")
    assert kpis["total_cost"] * YEAR / counted == pytest.approx(66.9214, rel=2e-4)
    assert kpis["backlog_peak"] / GRAIN == pytest.approx(13.384, abs=2 / GRAIN)
    assert kpis["backlog_mean"] / GRAIN == pytest.approx(0.28818, rel=2e-3)
    assert kpis["wait_max"] / YEAR == pytest.approx(0.010296, rel=2e-3)
    assert 1 - kpis["fill_rate"] == pytest.approx(share, rel=2e-3)
    assert kpis["purchases"] == 2


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


def test_without_planned_backorders_it_is_the_plain_eoq():
    """Harris 1913: Q 304.0468, cost 68.4105."""
    Q = math.sqrt(2 * K * RATE / H)
    assert (Q, cost(Q, 0)) == pytest.approx((304.0468, 68.4105), rel=1e-6)
    steps = 30405
    scenario = textbook(
        "eoq-planned-backorders",
        {
            "warehouse.stock.widget": steps,
            "clock.warm_up": f"{(steps + 0.5) / 130_000} y",
            "clock.horizon": f"{(3 * steps + 0.5) / 130_000} y",
        },
    )
    assert yearly_cost(scenario, "no_backorders") == pytest.approx(68.4105, rel=2e-4)
    assert evaluate(play(scenario, "no_backorders"), ["backlog_peak"])["backlog_peak"] == 0


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
    measured = yearly_cost(scenario, "planned_backorders")
    assert measured == pytest.approx(cost(lot / GRAIN, r / GRAIN), rel=1e-3)
    assert measured > 66.93
