from __future__ import annotations

import pickle
import subprocess
import sys
import time

import pytest

from simulator.foundation.errors import UserError
from simulator.scenario.identity import fingerprint
from simulator.scenario.loader import load, load_text, validate
from simulator.scenario.templates import template
from tests.pace import within

SHOP = template("shop")


@pytest.fixture
def shop(tmp_path):
    path = tmp_path / "shop.yaml"
    path.write_text(SHOP, encoding="utf-8")
    return path


def test_settings_reach_policies_that_extend_the_one_they_change(shop):
    scenario = load(shop, ["policies.lean.window.days=10 d", "clock.horizon=90 d"])
    assert scenario.clock.horizon == 90
    assert [policy.window["default"].length for policy in scenario.policies.values()] == [10, 10, 10]


def test_a_fault_of_a_setting_is_reported_at_the_setting(shop):
    for setting, said in {
        "clock.horizon=lots": "--set clock.horizon:1:1: clock.horizon: 'lots' is not a duration",
        "clock.horzon=5": "--set clock.horzon:1:1: clock.horzon: unknown key 'horzon' (did you mean 'horizon'?)",
        "items.mug={price: 1, unit_cost: -1}": "--set items.mug:1:23: items.mug.unit_cost: -1 is out of range",
        "policies.lean.replenishment.s=30 d": "--set policies.lean.replenishment.s:1:1: policies.lean.replenishment.s: "
        "s = 30 d is above S = 21 d; s must be at most S",
        "policies.lean.replenishment.s=abc": "--set policies.lean.replenishment.s:1:1: policies.lean.replenishment.s: "
        "'abc' is not a level: write whole units, such as 30, or days of cover, such as 14 d",
        "warehouse.stock.mgu=3": "--set warehouse.stock.mgu:1:1: warehouse.stock.mgu: no item 'mgu'",
    }.items():
        with pytest.raises(UserError) as caught:
            load(shop, [setting])
        assert str(caught.value).startswith(said)


def test_editing_is_setting(shop):
    scenario = load(shop)
    changes = {"policies.lean.replenishment.S": "40 d", "experiment.seed": 9}
    edited = scenario.edit(changes)
    assert edited == load(shop, ["policies.lean.replenishment.S=40 d", "experiment.seed=9"])
    assert edited.policies["no_backorders"].replenishment["default"].S == 40
    assert scenario == load(shop)


def test_an_edit_that_does_not_fit_is_refused(shop):
    with pytest.raises(UserError, match=r"^edit clock.horizon:1:1: clock.horizon: -5 is out of range"):
        load(shop).edit({"clock.horizon": -5})


def test_an_edit_finds_data_files_again(tmp_path):
    (tmp_path / "days.csv").write_text("days\n1\n3\n")
    law = "{kind: empirical, file: days.csv, column: days}"
    path = tmp_path / "a.yaml"
    path.write_text(SHOP.replace("{kind: gamma, mean: 14 d, cv: 0.4}", law), encoding="utf-8")
    edited = pickle.loads(pickle.dumps(load(path))).edit({"clock.horizon": "90 d"})
    assert edited.suppliers["pottery"].lead_time.moments().mean == 2
    assert edited.data_digests == load(path).data_digests


def test_the_source_gives_the_same_scenario(shop):
    scenario = load(shop, ["clock.horizon=90 d"])
    again = load_text(scenario.source)
    assert again == scenario
    assert again.source == scenario.source
    assert fingerprint(again) == fingerprint(scenario)


def test_a_scenario_survives_pickling(shop):
    scenario = load(shop)
    again = pickle.loads(pickle.dumps(scenario))
    assert again == scenario
    assert (again.source, again.warnings) == (scenario.source, scenario.warnings)


def test_validate_returns_problems_and_warnings(shop):
    scenario, problems = validate(shop, ["clock.warm_up=300 d"])
    assert scenario is not None
    assert [str(p) for p in problems] == [
        "--set clock.warm_up:1:1: warning: clock.warm_up: 82% of the horizon is simulated but not counted"
    ]
    assert list(scenario.warnings) == problems
    scenario, problems = validate(shop, ["clock.warm_up=400 d"])
    assert scenario is None
    assert len(problems) == 1


def test_all_faults_come_at_once_and_at_most_twenty_are_printed():
    items = "\n".join(f"  i{k}: {{prise: 1}}" for k in range(30))
    with pytest.raises(UserError) as caught:
        load_text(f"name: a\nclock: {{horizon: 0}}\nitems:\n{items}\npolicies: {{a: {{replenishment: {{kind: x}}}}}}\n")
    lines = str(caught.value).splitlines()
    assert len(caught.value.problems) == 62
    assert len(lines) == 21
    assert lines[-1] == "… and 42 more"


def test_what_nobody_foresaw_becomes_a_problem_too(monkeypatch):
    def fail(*_: object) -> None:
        raise KeyError("unforeseen")

    monkeypatch.setattr("simulator.scenario.loader.checked", fail)
    with pytest.raises(UserError, match=r"cannot be read \(KeyError: 'unforeseen'\)"):
        load_text(SHOP)


def test_loading_is_quick():
    code = "import simulator.scenario.loader as l, simulator.scenario.templates as t; l.load_text(t.template('shop'))"
    with within(5, time.perf_counter):  # 0.5 s on an idle machine
        subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_ten_thousand_items_load():
    n = 10_000
    names = [f"item{k:05d}" for k in range(n)]
    text = "\n".join(
        [
            "name: big\nclock: {horizon: 365 d}\nitems:",
            *(f"  {name}: {{price: 2, unit_cost: 1, demand: 0.1 / d}}" for name in names),
            "customers:\n  web:\n    arrivals: {kind: poisson, rate: 1000 / d}\n    basket:\n      kind: weighted",
            "      items:",
            *(f"        {name}: 1" for name in names),
            f"suppliers:\n  maker: {{lead_time: 5 d, items: [{', '.join(names)}]}}",
            "policies:\n  base:\n    replenishment:",
            *(f"      {name}: {{kind: s_S, s: 5 d, S: 20 d}}" for name in names),
        ]
    )
    with within(10):
        assert len(load_text(text).items) == n
