"""A search finds what theory says is best: a lot at a reorder point, (s,S) levels, the best of Law & Kelton's."""

from pathlib import Path

import pytest

import simulator
from simulator.experiment.studies.optimise import optimise
from simulator.theory.base_stock import reorder_cost
from simulator.theory.lots import renewal_cost

TEXTBOOK = Path(__file__).parents[2] / "scenarios" / "textbook"


def best(made):
    (point,) = made.chosen
    cost = made.study.estimate(point, made.policy, "total_cost", made.replications)
    return tuple(point.values.values()), cost


def test_the_best_lot_at_a_reorder_point():
    """Federgruen & Zheng 1992: (9, 14) at 13.45413 a day; the next best, (9, 13), costs 0.26 % more."""
    scenario = simulator.load(TEXTBOOK / "reorder-point.yaml").edit({"clock.horizon": "2010 d"})
    made = optimise(
        scenario,
        {"policies.r9_Q20.replenishment.s": "6..12", "policies.r9_Q20.replenishment.Q": "8..22"},
        minimise=["total_cost"],
        goals_only=True,
        trials=32,
        replications=4,
        finalists=4,
        indifference=0.0025,
        seed=2,
    )
    values, cost = best(made)
    assert values == (9, 14)
    assert made.decided
    assert cost.mean / 2000 == pytest.approx(reorder_cost(2.0, 5.0, 9, 14, 32, 1, 9), abs=2 * cost.half_width / 2000)
    assert reorder_cost(2.0, 5.0, 9, 14, 32, 1, 9) == pytest.approx(13.45413, abs=1e-5)
    base = made.points[0]
    saving = made.study.difference((made.chosen[0], made.policy), (base, made.policy), "total_cost", made.replications)
    assert saving.significant
    assert saving.mean / 2000 == pytest.approx(13.45413 - 14.36795, abs=2 * saving.half_width / 2000)


def test_the_best_levels_under_periodic_review():
    """Zheng & Federgruen 1991: (4, 10) at 8.034112 a period."""
    scenario = simulator.load(TEXTBOOK / "periodic-s-S.yaml").edit({"clock.horizon": "1010 d"})
    made = optimise(
        scenario,
        {"policies.s3_S10.replenishment.s": "1..7", "policies.s3_S10.replenishment.S": "7..14"},
        minimise=["total_cost"],
        goals_only=True,
        trials=32,
        replications=4,
        indifference=0.003,
        seed=1,
    )
    values, cost = best(made)
    assert values == (4, 10)
    assert cost.mean / 1000 == pytest.approx(renewal_cost(4, 10, 6.0, 5, 1, 4), abs=2 * cost.half_width / 1000)
    assert renewal_cost(4, 10, 6.0, 5, 1, 4) == pytest.approx(8.034112, abs=5e-7)


def test_the_best_of_law_and_keltons_nine_settings():
    """Simulation Modeling and Analysis, 1.5: (20, 60) at 119.01 a month; we pay when receiving, 0.5 a month less."""
    scenario = simulator.load(TEXTBOOK / "law-kelton.yaml")
    nine = [policy.replenishment["default"] for policy in scenario.policies.values()]
    levels = [{"kind": "R_s_S", "R": "1 d", "first": "0 d", "s": int(p.s), "S": int(p.S)} for p in nine]
    made = optimise(
        scenario,
        {"policies.20-40.replenishment": levels},
        minimise=["total_cost"],
        goals_only=True,
        trials=40,
        sampler="random",
        replications=5,
        finalists=4,
        seed=2,
    )
    assert len(made.points) == 10  # each of the nine, and the file's
    ((found,), cost) = best(made)
    assert (found["s"] + 1, found["S"]) == (20, 60)
    assert cost.mean / 120 == pytest.approx(118.5, abs=2 * cost.half_width / 120)
