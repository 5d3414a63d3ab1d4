"""What is expected, held against results whose intervals are known."""

import pytest

from simulator.experiment.results.expectations import FAILS, HOLDS, UNCLEAR, check_expectation
from simulator.experiment.results.results import Results
from simulator.experiment.storage.manifest import Manifest
from simulator.experiment.storage.replication import Replication
from simulator.foundation.errors import UserError
from simulator.kpis.kpi import Undefined
from simulator.scenario.schema.expect import Expectation

LUCK = (-0.01, 0.0, 0.01, 0.005, -0.005)


@pytest.fixture
def results():
    runs = [
        Replication(
            k,
            {
                "lean": {"fill_rate": 0.90 + x, "wait_mean": 3 + 10 * x, "turns": Undefined("nothing was sold")},
                "safe": {"fill_rate": 0.95 + x, "wait_mean": 2 + 12 * x, "turns": 4.0},
                "like": {"fill_rate": 0.90 - x, "wait_mean": 3 + 10 * x, "turns": 4.0},
            },
        )
        for k, x in enumerate(LUCK)
    ]
    manifest = Manifest("shop", "run", "f" * 64, 7, ("lean", "safe", "like"), 0.95, replications=5)
    return Results(manifest, "", runs, None)


@pytest.mark.parametrize(
    ("expectation", "outcome"),
    [
        ({"policy": "safe", "kpi": "fill_rate", "at_least": 0.93}, HOLDS),
        ({"policy": "safe", "kpi": "fill_rate", "at_least": 0.97}, FAILS),
        ({"policy": "safe", "kpi": "fill_rate", "at_least": 0.949}, UNCLEAR),  # the mean is 0.95, the interval wider
        ({"policy": "safe", "kpi": "wait_mean", "at_most": "2.2 d"}, HOLDS),
        ({"policy": "safe", "kpi": "wait_mean", "at_most": "1.8 d"}, FAILS),
        ({"policy": "lean", "kpi": "fill_rate", "at_least": 0.8, "at_most": 0.99}, HOLDS),
        ({"policy": "lean", "kpi": "fill_rate", "at_least": 0.8, "at_most": 0.85}, FAILS),
        ({"policy": "lean", "kpi": "turns", "at_least": 1}, FAILS),  # no value
        ({"better": "safe", "than": "lean", "kpi": "fill_rate"}, HOLDS),
        ({"better": "lean", "than": "safe", "kpi": "fill_rate"}, FAILS),
        ({"better": "safe", "than": "lean", "kpi": "wait_mean"}, HOLDS),  # less is better
        ({"better": "like", "than": "lean", "kpi": "fill_rate"}, UNCLEAR),
        ({"better": "like", "than": "lean", "kpi": "wait_mean"}, FAILS),  # they are the same
        ({"better": "safe", "than": "lean", "kpi": "fill_rate", "by": 0.04}, HOLDS),
        ({"better": "safe", "than": "lean", "kpi": "fill_rate", "by": 0.06}, FAILS),
        ({"better": "safe", "than": "lean", "kpi": "wait_mean", "by": "0.99 d"}, UNCLEAR),
    ],
)
def test_the_whole_interval_decides(results, expectation, outcome):
    assert check_expectation(results, Expectation(**expectation)).outcome == outcome


def test_one_replication_shows_nothing(results):
    alone = Results(results.manifest.finished(1), "", results.runs[:1], None)
    assert check_expectation(alone, Expectation(policy="safe", kpi="fill_rate", at_least=0.1)).outcome == UNCLEAR
    assert check_expectation(alone, Expectation(better="safe", than="lean", kpi="fill_rate")).outcome == UNCLEAR


def test_what_the_results_do_not_have_is_named(results):
    with pytest.raises(UserError, match="no policy 'bold' in these results; policies: lean, safe, like"):
        check_expectation(results, Expectation(policy="bold", kpi="fill_rate", at_least=0.1))
    with pytest.raises(
        UserError, match=r"no policy 'leen' in these results \(did you mean 'lean'\?\); policies: lean,"
    ):
        check_expectation(results, Expectation(policy="leen", kpi="fill_rate", at_least=0.1))
    with pytest.raises(UserError, match="no such KPI in these results"):
        check_expectation(results, Expectation(policy="lean", kpi="total_cost", at_least=0.1))
