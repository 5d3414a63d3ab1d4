"""Whatever is planned, misrecorded, hurried or spoils: runs keep the laws, repeat, and no policy moves the demand."""

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from simulator.kpis.evaluate import evaluate
from simulator.kpis.kpi import Undefined
from simulator.world.simulate import simulate
from tests.properties.models.laws import are_numbers, played, same_demand
from tests.properties.models.planners import Planner
from tests.properties.models.worlds import LOOK, Words


@st.composite
def planned_worlds(draw):
    author = Planner(draw)
    return Words(author.world(), author.orders)


def look_at(words):
    scenario = words.scenario()
    runs = []
    for name in scenario.policies:
        run = played(words, scenario, name)
        folded = simulate(scenario, name, 11, 3, records=False)
        folded.audit()
        reported, sums = evaluate(run), evaluate(folded)
        are_numbers(reported)
        for key, value in reported.items():
            told = sums[key]
            if not isinstance(told, Undefined) and not key.startswith(("wait", "age")):
                assert told == pytest.approx(value, rel=1e-9, abs=1e-9), key
        for table in ("adjusted", "oversold", "hurried", "forecasts"):
            event(f"{table}: {bool(len(next(iter(getattr(run, table).values()))))}")
        runs.append(run)
    same_demand(*runs)


@settings(LOOK, max_examples=50)
@given(planned_worlds())
def test_every_run_of_a_planned_world_keeps_the_laws(words):
    look_at(words)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@settings(LOOK, max_examples=2000)
@given(planned_worlds())
def test_every_run_of_very_many_planned_worlds_keeps_the_laws(words):
    look_at(words)
