"""From a scenario to results."""

import os
import subprocess
import sys

import pytest

import simulator
from simulator.experiment.running.stopping import HEADLINES
from simulator.foundation.errors import UserError
from tests.unit.experiment import fakes


def test_without_out_nothing_is_written(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    results = run()
    assert results.folder is None
    assert list(tmp_path.iterdir()) == []


def test_the_scenario_decides_what_is_not_said(run):
    results = run(fakes.scenario(experiment={"replications": 3, "seed": 11, "confidence": 0.8}))
    assert (results.replications, results.seed, results.confidence) == (3, 11, 0.8)


def test_replication_k_alone_equals_replication_k_of_many(run):
    assert run(replications=3).runs == run(replications=9).runs[:3]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"replications": 0}, "replications: 0 is not a whole number from 1 to 1000000"),
        ({"replications": 2.5}, "replications: 2.5"),
        ({"replications": True}, "replications: True"),
        ({"replications": 10**18}, "replications: 1000000000000000000"),
        ({"seed": -1}, "seed: -1 is not a whole number from 0"),
        ({"workers": 0}, "workers: 0 is not a valid number of processes; must be at least 1"),
        ({"confidence": 95}, "confidence: 95 is not between 0.5 and 1"),
        ({"precision": 0}, "precision: 0 is not between 0 and 1"),
        ({"precision": 0.1, "precise": ["fil_rate"]}, "no KPI 'fil_rate' .did you mean 'fill_rate'"),
        ({"policies": ["leen"]}, "no policy 'leen' .did you mean 'lean'.*policies: lean, careful, =bold"),
        ({"policies": []}, "policies: name at least one policy"),
    ],
)
def test_a_wrong_argument_is_the_users_mistake(run, log, tmp_path, options, message):
    with pytest.raises(UserError, match=message):
        run(out=tmp_path / "out", **options)
    assert fakes.calls(log) == {}
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("workers", [1, 2])
def test_precision_runs_as_many_as_it_takes_and_no_more(run, tmp_path, log, workers):
    results = run(precision=0.02, precise=["wait_mean"], workers=workers, out=tmp_path / "out")
    n = results.replications
    assert results.estimate("lean", "wait_mean").relative <= 0.02
    assert 8 < n < 1000
    assert fakes.calls(log) == dict.fromkeys(range(n), 1)
    assert results.manifest.precision == {
        "target": 0.02,
        "kpis": ["wait_mean"],
        "most": 1000,
        "reached": True,
        "missed": [],
        "without": [],
    }
    again = run(precision=0.02, precise="wait_mean", out=tmp_path / "out")
    assert again.replications == n
    assert fakes.calls(log) == dict.fromkeys(range(n), 1)


def test_precision_writes_the_same_bytes_for_any_number_of_workers(run, tmp_path):
    one = run(precision=0.03, out=tmp_path / "1")
    two = run(precision=0.03, out=tmp_path / "2", workers=3)
    assert one.manifest.precision["kpis"] == list(HEADLINES)
    assert fakes.contents(one.folder) == fakes.contents(two.folder)


def test_replications_bound_the_search_for_precision(run):
    results = run(precision=0.0001, replications=12)
    assert results.replications == 12
    assert results.manifest.precision["reached"] is False


def test_importing_the_room_loads_nothing_heavy():
    code = (
        "import sys, simulator.experiment.run; "
        "print([m for m in ('loky', 'tqdm', 'pandas', 'scipy', 'cloudpickle') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert done.stdout == "[]\n"


def test_a_scenario_may_be_named_by_its_file():
    named = simulator.run("scenarios/textbook/base-stock.yaml", replications=2, seed=3)
    loaded = simulator.run(simulator.load("scenarios/textbook/base-stock.yaml"), replications=2, seed=3)
    assert named.runs == loaded.runs
    with pytest.raises(UserError, match=r"nowhere\.yaml: no such file"):
        simulator.run("nowhere.yaml")
