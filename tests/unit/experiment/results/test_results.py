"""What results tell."""

import json
import math
import sys
import types

import numpy as np
import pytest

from simulator.experiment.results.results import open_results
from simulator.experiment.run import run as simulate_all
from simulator.experiment.statistics.intervals import difference, estimate
from simulator.foundation.errors import UserError
from simulator.kpis.kpi import Undefined
from simulator.record.digest import digest
from simulator.scenario.loader import load
from simulator.world.simulate import simulate


def test_results_say_where_they_come_from(run):
    results = run(seed=3, replications=4, policies=["careful", "lean"])
    assert results.scenario_name == "corner-shop"
    assert results.policies == ("careful", "lean")
    assert (results.replications, results.seed, results.confidence) == (4, 3, 0.95)
    assert len(results.fingerprint) == 64
    assert results.folder is None


def test_values_come_in_the_order_of_replications(run):
    results = run()
    values = results.values("lean", "fill_rate")
    assert values.shape == (6,)
    assert values.tolist() == [r.values["lean"]["fill_rate"] for r in results.runs]
    assert np.isnan(results.values("lean", "wait_backordered")).tolist() == [False, True] * 3
    assert results.column("lean", "wait_backordered")[1] == Undefined("nothing was backordered")


def test_estimates_and_differences_are_those_of_the_values(run):
    results = run(confidence=0.9)
    lean, careful = results.column("lean", "fill_rate"), results.column("careful", "fill_rate")
    assert results.estimate("lean", "fill_rate") == estimate(lean, 0.9, share=True)
    found = results.difference("careful", "lean", "fill_rate")
    assert found == difference(careful, lean, 0.9)
    assert found.mean == pytest.approx(0.01)
    assert found.significant


def test_an_unknown_name_is_answered_with_the_nearest(run):
    results = run()
    with pytest.raises(UserError, match="did you mean 'fill_rate'"):
        results.estimate("lean", "fillrate")
    with pytest.raises(UserError, match="did you mean 'careful'"):
        results.difference("carefull", "lean", "fill_rate")


def test_json_is_what_the_contract_says_and_never_nan(run, tmp_path):
    results = run(out=tmp_path)
    found = results.to_json()
    assert list(found) == ["scenario", "fingerprint", "replications", "seed", "policies", "differences", "results"]
    assert found["results"] == str(results.folder)
    lean = found["policies"]["lean"]
    e = results.estimate("lean", "fill_rate")
    assert lean["fill_rate"] == {
        "mean": e.mean,
        "half_width": e.half_width,
        "low": e.low,
        "high": e.high,
        "n": 6,
        "unit": "share",
    }
    assert lean["write_off_units"]["mean"] is None
    assert lean["write_off_units"]["half_width"] is None
    assert lean["write_off_units"]["reason"] == "nothing spoils here"
    assert list(found["differences"]) == ["careful", "=bold"]
    assert found["differences"]["careful"]["total_cost"] == {"mean": 0.0, "half_width": 0.0, "significant": False}
    assert found["differences"]["careful"]["write_off_units"]["mean"] is None
    json.dumps(found, allow_nan=False)
    json.dumps(run(replications=1).to_json(), allow_nan=False)


def test_one_replication_has_means_without_intervals(run):
    found = run(replications=1).to_json()["policies"]["lean"]["fill_rate"]
    assert found["half_width"] is None
    assert found["reason"] == "one replication has no interval"


def test_the_table_is_aligned_plain_text(run):
    lines = run().table().splitlines()
    assert lines[0].split() == ["lean", "careful", "=bold"]
    assert lines[1].startswith("fill_rate")
    assert "±" in lines[1]
    assert lines[1].count("*") == 2
    assert any(line.split()[:2] == ["write_off_units", "-"] for line in lines)
    assert lines[-1] == "* differs significantly from the first policy, adjusted for all comparisons"


def test_saved_results_open_as_they_were(run, tmp_path):
    results = run(replications=5)
    results.save(tmp_path / "mine")
    results.save(tmp_path / "mine")
    opened = open_results(tmp_path / "mine")
    assert opened.runs == results.runs
    assert opened.kpis == results.kpis
    assert opened.source == results.source
    assert {**opened.to_json(), "results": None} == results.to_json()


def test_pandas_is_asked_for_kindly_when_it_is_missing(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UserError, match="needs the extra"):
        run(replications=2).to_pandas()


def test_a_data_frame_is_tidy(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", types.SimpleNamespace(DataFrame=dict))
    frame = run(replications=2, policies=["lean"]).to_pandas()
    assert list(frame) == ["policy", "replication", "kpi", "value"]
    assert len({len(column) for column in frame.values()}) == 1
    assert frame["replication"][:4] == [0, 1, 0, 1]
    assert math.isnan(frame["value"][frame["kpi"].index("write_off_units")])


def test_digests_and_settling_times_are_kept_with_the_results(tmp_path):
    scenario = load("scenarios/steady-shop.yaml").edit({"clock.horizon": 60, "clock.warm_up": 10})
    results = simulate_all(scenario, replications=3, out=tmp_path, policies=["lean", "safe"])
    facts = results.facts("lean")
    assert len(set(facts)) == 3
    assert facts != results.facts("safe")
    assert facts[1] == digest(simulate(scenario, "lean", scenario.experiment.seed, 1))
    opened = open_results(results.folder)
    assert opened.facts("lean") == facts
    assert opened.settled("safe") == results.settled("safe")
    assert opened.runs == results.runs
    assert opened.runs[2].facts == {"lean": facts[2], "safe": results.facts("safe")[2]}


def test_a_bad_year_is_a_quantile_of_the_replications(run):
    results = run(replications=40)
    found = results.quantile("lean", "wait_mean", 0.9)
    assert found.mean == sorted(results.values("lean", "wait_mean"))[35]
    assert found.low < found.mean < found.high
