"""The stress test of a nearly fluid world gives the triangle of the books."""

from pathlib import Path

import pytest

from simulator.experiment.studies.stress import stress
from simulator.scenario.loader import load
from simulator.theory.disruption import triangle

SCENARIO = Path(__file__).parents[2] / "scenarios" / "causes" / "single-source.yaml"


def measures(policy):
    outcome = stress(load(SCENARIO), [policy], at=60.0, lasts=15.0, within=5.0)
    (maker,) = (knock for knock in outcome.knocks if knock.target.name == "maker")
    return {name: estimate.mean for name, estimate in maker.measures.items()}


def test_the_knock_out_of_the_only_maker_is_the_triangle():
    """Simchi-Levi et al. 2015: d 20, I 100, T 15, c 25; whole units in place of a fluid make 1 in 200."""
    theory, found = triangle(20, 100, 15, 25), measures("thin")
    for name in ("time_to_survive", "peak", "time_to_clear", "backlog_area"):
        assert found[name] == pytest.approx(theory[name], rel=0.01), name
    assert found["units_short"] == pytest.approx(theory["units_late"], rel=0.01)
    # A unit asked for t days after the start waits 15 - t + (20 t - 100) / 25 days: five or less from t = 30 on.
    assert found["time_to_recover"] == pytest.approx(15, rel=0.05)


def test_a_buffer_that_outlasts_it_is_never_short():
    found = measures("buffered")
    assert (found["time_to_survive"], found["peak"], found["backlog_area"]) == (None, 0, 0)
