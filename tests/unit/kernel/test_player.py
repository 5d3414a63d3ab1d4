"""A `Player` gives the numbers of `run`, whatever it has kept from the edits before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import simulator
from simulator.kernel.play import KernelPlay
from simulator.kernel.player import Player
from simulator.kernel.sums import SummedEvidence, measurable
from simulator.kpis.kpi import KPIS
from simulator.record.digest import digest
from simulator.report.text.shown_kpis import MAIN_KPIS
from simulator.scenario.schema.schema import Scenario
from tests.unit.kernel.shipped import scenario_of
from tests.unit.kernel.summed import differing, every_kpi

Edits = Mapping[str, Any]
PLAYED = json.loads(Path(__file__).with_name("played.json").read_text())
LEAN = "policies.lean"
STEADY: list[Edits] = [
    {},
    {f"{LEAN}.replenishment.default.s": "9 d"},
    {f"{LEAN}.replenishment.default.s": "9 d", f"{LEAN}.replenishment.lamp.S": "44 d"},
    {f"{LEAN}.acceptance": {"kind": "limit", "units": 5}},
    {f"{LEAN}.window": {"kind": "cancel_after", "days": "12 d"}},
    {f"{LEAN}.allocation": {"kind": "lifo"}},
    {"suppliers.importer.lead_time.mean": "16 d"},
    {"suppliers.importer.lead_time.mean": "16 d", f"{LEAN}.replenishment.default.s": "9 d"},
    {"customers.households.arrivals.rate": "24 / d"},
    {},
]


def same_as_run(scenario: Scenario, policy: str, edits: list[Edits], kpis: tuple[str, ...], seed: int = 11) -> None:
    player = Player(scenario, policy, replications=3, seed=seed)
    for edit in edits:
        found = player.evaluate(kpis, edit)
        changed = scenario.edit(edit) if edit else scenario
        results = simulator.run(changed, replications=3, policies=[policy], seed=seed)
        for key, values in found.items():
            assert values == results.column(policy, key), (edit, key)


def test_every_kpi_of_edits_of_a_quiet_shop() -> None:
    shop = simulator.load("scenarios/steady-shop.yaml", ["clock.horizon=180 d"])
    usual = tuple(kpi.id for kpi in KPIS.values() if not kpi.on_request and kpi.applies is None)
    same_as_run(shop, "lean", STEADY, usual)
    R = "policies.weekly.replenishment.default.R"
    same_as_run(shop, "weekly", [{}, {R: "14 d"}, {R: "3 d"}], MAIN_KPIS)


def test_the_shown_kpis_of_edits_of_a_flash_sale() -> None:
    s, S = "policies.capped.replenishment.s", "policies.capped.replenishment.S"
    edits: list[Edits] = [{}, {s: "12 d"}, {s: "12 d", S: "40 d"}, {"policies.capped.acceptance.units": 20}, {}]
    same_as_run(simulator.load("scenarios/flash-sale.yaml", ["clock.horizon=130 d"]), "capped", edits, MAIN_KPIS)


def test_a_policy_that_only_simpy_plays() -> None:
    scenario = simulator.load("scenarios/steady-shop.yaml", ["clock.horizon=120 d"])
    ahead = {"policies.lean.promise": {"kind": "ctp"}}
    with pytest.raises(simulator.UserError, match="promise"):
        list(Player(scenario.edit(ahead), "lean", 1, lane="compiled").play())
    same_as_run(scenario, "lean", [{}, ahead, {}], MAIN_KPIS)


def test_whoever_looks_at_one_run_at_a_time_sees_facts_of_its_own() -> None:
    scenario = simulator.load("scenarios/steady-shop.yaml", ["clock.horizon=120 d"])
    player = Player(scenario, "lean", 3)
    first, again = list(player.play()), list(player.play())
    assert [digest(run) for run in first] == [digest(run) for run in again]
    next(player.play())  # and who stops after one run leaves nothing behind
    assert [digest(run) for run in player.play()] == [digest(run) for run in first]


@pytest.fixture
def plays(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """The tables that have rows although the kernel could sum them, play by play."""
    seen: list[set[str]] = []

    def counted(play: KernelPlay, kernel: Any, policy: str, replication: Any, keeps: set[str]) -> SummedEvidence:
        seen.append(set(keeps))
        return measurable(play, kernel, policy, replication, keeps)

    monkeypatch.setattr("simulator.kernel.player.measurable", counted)
    return seen


def test_the_shown_kpis_need_no_rows_of_parcels(plays: list[set[str]]) -> None:
    Player(simulator.load("scenarios/steady-shop.yaml", ["clock.horizon=90 d"]), "lean", 2).evaluate(MAIN_KPIS)
    assert plays == [set(), set()]


def test_kpis_of_single_parcels_get_their_rows_and_the_player_remembers_it(plays: list[set[str]]) -> None:
    scenario = simulator.load("scenarios/steady-shop.yaml", ["clock.horizon=90 d"])
    player, names = Player(scenario, "lean", 2), ("fill_rate", "perfect_order", "utilisation")
    first = player.evaluate(names)
    both = {"parcels", "picks"}
    assert plays == [set(), {"parcels"}, both, both]
    assert player.evaluate(names) == first
    assert plays[4:] == [both, both]
    results = simulator.run(scenario, replications=2, policies=["lean"])
    assert first == {name: results.column("lean", name) for name in names}
    assert player.evaluate(["fill_rate"]) == {"fill_rate": first["fill_rate"]}
    assert plays[6:] == [set(), set()]


def test_a_function_measures_the_replications_from_the_one_that_is_named() -> None:
    player = Player(simulator.load("scenarios/steady-shop.yaml", ["clock.horizon=90 d"]), "lean", 3)
    several = list(player.measured(lambda run, evidence: (run.replication, evidence.order_count), first=1))
    placed = [int((run.demand.times >= 65).sum()) for run in player.play()]
    assert several == [(1, placed[1]), (2, placed[2])]


def summed_like_full(scenario: Scenario, policy: str, days: float) -> None:
    end = min(scenario.clock.horizon, days)
    clock = scenario.clock.model_copy(update={"horizon": end, "warm_up": min(scenario.clock.warm_up, end / 4)})
    player = Player(scenario.model_copy(update={"clock": clock}), policy, replications=2)
    for _ in range(2):  # the second time, what was known of the order book is used again
        for number, found in enumerate(player.measured(every_kpi)):
            full = simulator.simulate(player.scenario, policy, player.seed, number)
            assert differing(found, full) == [], (policy, number)
            assert len(found) > 100


@pytest.mark.parametrize(
    ("file", "policy"),
    [
        ("steady-shop.yaml", "lean"),
        ("flash-sale.yaml", "capped"),
        ("online-retail.yaml", "lean"),
        ("textbook/beer-game.yaml", "people"),
    ],
)
def test_a_summed_play_has_the_kpis_of_all_facts(file: str, policy: str) -> None:
    summed_like_full(simulator.load(f"scenarios/{file}"), policy, 30.0)


def test_a_play_so_long_that_nothing_is_kept_has_them_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("simulator.kpis.evidence.evidence", "simulator.kernel.sums"):
        monkeypatch.setattr(f"{module}.MOST_KEPT", 10)
    summed_like_full(simulator.load("scenarios/steady-shop.yaml"), "lean", 30.0)


@pytest.mark.slow
@pytest.mark.parametrize(("file", "policies"), PLAYED.items())
def test_a_summed_play_of_every_shipped_policy_has_the_kpis_of_all_facts(file: str, policies: list[str]) -> None:
    for policy in policies:
        summed_like_full(simulator.load(f"scenarios/{file}"), policy, 200.0)


@pytest.mark.parametrize(("file", "policies"), PLAYED.items())
def test_a_second_play_of_shipped_policies(file: str, policies: list[str]) -> None:
    scenario = scenario_of(file)
    clock = scenario.clock.model_copy(update={"horizon": min(scenario.clock.horizon, 60.0), "warm_up": 0.0})
    scenario = scenario.model_copy(update={"clock": clock})
    for policy in policies:
        player = Player(scenario, policy, replications=2)
        list(player.play())  # keeps the books, with which the second play builds only once
        for run in player.play():
            assert digest(run) == digest(simulator.simulate(scenario, policy, run.seed, run.replication)), policy


def test_faults() -> None:
    scenario = simulator.load("scenarios/steady-shop.yaml")
    with pytest.raises(simulator.UserError, match="replications: 0"):
        Player(scenario, "lean", 0)
    with pytest.raises(simulator.UserError, match="no policy 'leen'"):
        Player(scenario, "leen")
    with pytest.raises(simulator.UserError, match="no KPI 'fil_rate'"):
        Player(scenario, "lean").evaluate(["fil_rate"])
    with pytest.raises(simulator.UserError, match="replenishment"):
        Player(scenario, "lean").evaluate(["fill_rate"], {"policies.lean.replenishment.default.s": "soon"})
