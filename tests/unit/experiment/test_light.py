"""Runs without records of single orders: the same sums, and KPIs that need records are left out by name."""

import json

import pytest
from click.testing import CliRunner

import simulator
from simulator.cli.main import backorder
from simulator.experiment.results.saved import saved_results
from simulator.foundation.errors import UserError
from tests.unit.experiment import fakes

FILE = "scenarios/steady-shop.yaml"
SHORT = ["clock.horizon=120 d"]
REASON = "the replication kept no records of single orders"


@pytest.fixture(scope="module")
def scenario():
    return simulator.load(FILE, SHORT)


@pytest.fixture(scope="module")
def results(scenario, tmp_path_factory):
    out = tmp_path_factory.mktemp("results")
    return [simulator.run(scenario, 2, seed=3, out=out, light=light) for light in (False, True)]


def test_a_light_run_has_the_sums_of_a_full_run(results):
    full, light = results
    assert light.kpis == full.kpis
    for policy in full.policies:
        known = [kpi for kpi in light.kpis if light.estimate(policy, kpi).mean is not None]
        assert {"fill_rate", "wait_mean", "on_hand_mean", "operating_cost", "contribution"} <= set(known)
        for kpi in known:
            rounded = 1 / 1024 if kpi.startswith("wait") else 0.0
            wanted = pytest.approx(full.values(policy, kpi), rel=1e-9, abs=rounded + 1e-9, nan_ok=True)
            assert light.values(policy, kpi) == wanted, kpi


def test_what_needs_records_has_a_reason(results):
    full, light = results
    missing = [k for k in light.kpis if light.estimate("lean", k).mean is None and full.estimate("lean", k).mean]
    assert {"fill_rate_orders", "otif_first_promise", "cancelled_patience"} <= set(missing)
    assert {light.estimate("lean", kpi).reason for kpi in missing} == {REASON}


def test_a_light_run_has_a_folder_of_its_own_without_series(results):
    full, light = results
    assert full.folder != light.folder
    assert (full.folder / "series").is_dir()
    assert not (light.folder / "series").exists()
    told = [json.loads((r.folder / "manifest.json").read_text()) for r in (full, light)]
    assert [(m["light"], set(m["lanes"].values())) for m in told] == [(False, {"compiled"}), (True, {"simpy"})]
    assert "light: no -> yes" in saved_results(full.folder.parent)[0].differs


def test_a_light_run_has_the_same_bytes_with_two_workers_and_goes_on(results, scenario, tmp_path):
    light = results[1]
    simulator.run(scenario, 1, seed=3, out=tmp_path, light=True)
    again = simulator.run(scenario, 2, seed=3, out=tmp_path, light=True, workers=2)
    assert fakes.contents(again.folder) == fakes.contents(light.folder)


def test_single_orders_cannot_be_kept_without_records(scenario, tmp_path):
    with pytest.raises(UserError, match="either keep or light"):
        simulator.run(scenario, light=True, keep_orders=True, out=tmp_path)
    with pytest.raises(UserError, match="cannot play policy 'lean': runs without records"):
        simulator.run(scenario, light=True, lane="compiled", out=tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_command_names_what_it_leaves_out(tmp_path):
    arguments = ["run", FILE, "--set", *SHORT, "--replications", "2", "--light", "--out", str(tmp_path)]
    told = CliRunner().invoke(backorder, [*arguments, "--memory", "1 MB"])
    assert told.exit_code == 0, told.output
    lines = " ".join(told.output.split())
    assert f"fill_rate_orders, otif_first_promise, cancellation_rate: {REASON}" in lines
    told = CliRunner().invoke(backorder, [*arguments, "--keep", "orders"])
    assert told.exit_code == 2
    assert "give only one" in told.output
