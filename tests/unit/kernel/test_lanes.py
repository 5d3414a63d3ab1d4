"""Both lanes in shipped scenarios and on the command line: the same bytes, and who plays what."""

import json
from pathlib import Path

import pytest

from simulator.cli.main import main
from simulator.foundation.errors import UserError
from simulator.kernel.border import library
from simulator.kernel.eligible import reasons
from simulator.kernel.lanes import VARIABLE, SharedNumbers, lane_of, simulate, why_not
from simulator.scenario.loader import load
from simulator.world import simulate as simpy_lane
from tests.unit.kernel.shipped import SCENARIOS, scenario_of, shipped
from tests.unit.kernel.storm import compiled, difference

GOLDEN = Path(__file__).with_name("played.json")
SHORT = 100.0
"""Days of a shipped scenario in the default run; the slow one plays all of them."""
built = pytest.mark.skipif(library() is None, reason="no compiled kernel: run `make kernel`, which needs cc")


def test_the_list_of_shipped_policies_that_the_kernel_plays(update_golden):
    found = {}
    for file in shipped():
        scenario = scenario_of(file)
        if names := [name for name in scenario.policies if not reasons(scenario, name)]:
            found[file] = names
    if update_golden:
        GOLDEN.write_text(json.dumps(found, indent=1) + "\n")
    assert found == json.loads(GOLDEN.read_text())


def played():
    return json.loads(GOLDEN.read_text()).items() if GOLDEN.exists() else ()


def compare(file, policies, days):
    scenario = scenario_of(file)
    if scenario.clock.horizon > days:
        clock = scenario.clock.model_copy(update={"horizon": days, "warm_up": 0.0})
        scenario = scenario.model_copy(update={"clock": clock})
    seed = scenario.experiment.seed
    for policy in policies:
        run = compiled(scenario, policy, seed)
        run.audit()
        assert difference(simpy_lane.simulate(scenario, policy, seed), run) == "", policy


@built
@pytest.mark.parametrize(("file", "policies"), played())
def test_a_shipped_policy_has_the_same_facts_in_both_lanes(file, policies):
    compare(file, policies, SHORT)


@built
@pytest.mark.slow
@pytest.mark.parametrize(("file", "policies"), played())
def test_a_shipped_policy_has_the_same_facts_in_both_lanes_to_its_horizon(file, policies):
    compare(file, policies, float("inf"))


@built
@pytest.mark.parametrize(("file", "days"), [("steady-shop", 365), ("flash-sale", 60), ("online-retail", 60)])
def test_policies_that_share_random_numbers_have_the_facts_that_they_have_alone(file, days):
    scenario = load(SCENARIOS / f"{file}.yaml", [f"clock.horizon={days} d", "clock.warm_up=0 d"])
    shared = SharedNumbers()
    for policy in [name for name in scenario.policies if not reasons(scenario, name)]:
        together = simulate(scenario, policy, 3, 1, lane="compiled", shared=shared)
        assert difference(simpy_lane.simulate(scenario, policy, 3, 1), together) == ""
    assert shared.kept.book is not None
    assert shared.kept.streams


@built
def test_a_run_without_records_is_played_by_simpy():
    scenario = load(SCENARIOS / "textbook" / "base-stock.yaml", ["clock.horizon=100 d"])
    assert simulate(scenario, "base", 1, records=False).totals is not None
    with pytest.raises(UserError, match="runs without records"):
        simulate(scenario, "base", 1, records=False, lane="compiled")


# ------------------------------------------------------------------------------------------------ the command line
def backorder(*words):
    with pytest.raises(SystemExit) as left:
        main([str(word) for word in words])
    return left.value.code


def folder_of(out):
    (manifest,) = out.rglob("manifest.json")
    return manifest.parent


@built
def test_results_on_disk_do_not_depend_on_the_lane(tmp_path):
    file = SCENARIOS / "steady-shop.yaml"
    for lane, more in (("simpy", ()), ("compiled", ("--workers", 2))):
        words = ("--replications", 2, "--no-report", "--quiet", "--out", tmp_path / lane)
        assert backorder("run", file, "--set", "clock.horizon=120 d", "--lane", lane, *words, *more) == 0
    one, other = folder_of(tmp_path / "simpy"), folder_of(tmp_path / "compiled")
    assert one.name == other.name
    for name in ("kpis.csv", "summary.csv", "differences.csv", "replications.jsonl"):
        if (one / name).exists():
            assert (one / name).read_bytes() == (other / name).read_bytes()
    lanes = [set(json.loads((folder / "manifest.json").read_text())["lanes"].values()) for folder in (one, other)]
    assert lanes == [{"simpy"}, {"compiled"}]


@built
def test_the_compiled_lane_is_an_error_that_names_the_keys_where_the_kernel_cannot_play(tmp_path, capsys):
    file = SCENARIOS / "silence-or-delay.yaml"
    assert backorder("run", file, "--lane", "compiled", "--out", tmp_path, "--quiet") == 2
    said = capsys.readouterr().err
    first = next(name for name in load(file).policies if why_not(load(file), name))
    assert f"the compiled lane cannot play policy {first!r}: " in said
    assert "customers." in said
    assert not list(tmp_path.rglob("kpis.csv"))


@built
def test_the_environment_says_which_lane_plays(monkeypatch):
    scenario = load(SCENARIOS / "steady-shop.yaml")
    policy = next(iter(scenario.policies))
    assert lane_of(scenario, policy) == "compiled"
    monkeypatch.setenv(VARIABLE, "simpy")
    assert lane_of(scenario, policy) == "simpy"
    assert lane_of(scenario, policy, "compiled") == "compiled"
    monkeypatch.setenv(VARIABLE, "fast")
    with pytest.raises(UserError, match="BACKORDER_LANE: 'fast' is not a lane; must be one of auto, simpy, compiled"):
        lane_of(scenario, policy)


@built
def test_explain_names_the_lane_of_each_policy_and_the_keys_that_only_simpy_plays(capsys):
    assert backorder("explain", SCENARIOS / "steady-shop.yaml") == 0
    assert [line.split(": ")[1] for line in capsys.readouterr().out.splitlines()] == ["compiled"] * 3
    assert backorder("explain", SCENARIOS / "silence-or-delay.yaml", "--json") == 0
    plain = json.loads(capsys.readouterr().out)["policies"]
    assert all(set(found) == {"lane", "why"} for found in plain.values())
    assert any(why.startswith("customers.") for found in plain.values() for why in found["why"])
