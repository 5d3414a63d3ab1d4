"""Plays that go on with the next replication: the same facts as plays that are built for it."""

from __future__ import annotations

import gc
import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest

import simulator
from simulator.experiment.running.replicate import replicate
from simulator.kernel import lanes
from simulator.kernel.border import library
from simulator.kernel.lanes import KeptPlays, SharedNumbers, lane_of, simulate
from simulator.kernel.outside import KernelClock
from simulator.kernel.play import KernelPlay, NotPlayed
from simulator.kernel.player import Player
from simulator.randomness.streams import Streams
from simulator.scenario.loader import load, load_text
from simulator.world.simulate import build
from tests.unit.kernel.shipped import SCENARIOS, scenario_of, shipped
from tests.unit.kernel.storm import Storm, compiled, difference

pytestmark = pytest.mark.skipif(library() is None, reason="no compiled kernel: run `make kernel`, which needs cc")
SHORT = 60.0
"""Days of a shipped scenario."""


def cut(scenario, days=SHORT):
    clock = scenario.clock
    if clock.horizon <= days:
        return scenario
    return scenario.model_copy(update={"clock": clock.model_copy(update={"horizon": days, "warm_up": 0.0})})


def played_again(scenario, policies, seed, replications=3):
    """Differences between plays that go on and plays of their own, and how many went on. The policies take turns in
    drawing what all of them share."""
    plays, differing, kept = KeptPlays(), {}, 0
    for number in range(replications):
        shared = SharedNumbers()
        for policy in policies[number % len(policies) :] + policies[: number % len(policies)]:
            before = plays._plays.get(policy)
            mine = simulate(scenario, policy, seed, number, shared=shared, plays=plays)
            kept += before is not None and plays._plays.get(policy) is before
            mine.audit()
            if found := difference(compiled(scenario, policy, seed, number), mine):
                differing[policy, number] = found
    return differing, kept


@pytest.mark.parametrize("file", shipped())
def test_shipped_policies_that_go_on_have_the_facts_that_they_have_alone(file):
    scenario = cut(scenario_of(file))
    policies = [policy for policy in scenario.policies if lane_of(scenario, policy) == "compiled"]
    if policies:
        assert played_again(scenario, policies, scenario.experiment.seed)[0] == {}


def quiet(seed):
    """A random world in which no event happens: few others go on."""
    scenario = Storm(seed).scenario()
    return scenario.model_copy(update={"events": type(scenario.events)()})


def goes_on(scenario, seed):
    play = KernelPlay(build(scenario, "p", Streams(seed, 0), KernelClock()))
    found = play.replays
    play.forget(library())
    return found


@pytest.mark.parametrize("first", [0, 250])
def test_random_worlds_that_go_on_have_the_facts_that_they_have_alone(first):
    worlds = {seed: scenario for seed in range(first, first + 250) if goes_on(scenario := quiet(seed), seed)}
    assert len(worlds) >= 10
    found = {seed: played_again(scenario, ["p"], seed) for seed, scenario in worlds.items()}
    assert found == dict.fromkeys(worlds, ({}, 2))


IMPORTS = """
name: imports
clock: {start: 2025-01-06, horizon: 200 d}
items: {mug: {price: 10, unit_cost: 4, demand: 3 / d}}
customers: {web: {arrivals: {kind: poisson, rate: 3 / d}, basket: {kind: single, item: mug}}}
suppliers:
  pottery: {items: all, lead_time: {kind: gamma, mean: 8 d, cv: 0.4}, lane: {customs: {inspected: 0.5, delay: DELAY}}}
policies: {lean: {replenishment: {kind: s_S, s: 8 d, S: 16 d}}}
experiment: {replications: 3, seed: 3}
"""


@pytest.mark.parametrize("delay", ["6 d", "{kind: exponential, mean: 4 d}"])
def test_customs_draw_anew_in_every_replication(delay):
    scenario = load_text(IMPORTS.replace("DELAY", delay))
    assert lane_of(scenario, "lean") == "compiled"
    assert played_again(scenario, ["lean"], 3) == ({}, 0)
    player, alone = Player(scenario, "lean"), [simulate(scenario, "lean", 3, k) for k in range(3)]
    for _ in range(3):  # as when a slider is moved back and forth
        assert [difference(*pair) for pair in zip(alone, player.play(), strict=True)] == [""] * 3
        player.evaluate(["fill_rate"], {"policies.lean.replenishment.S": "30 d"})


def test_a_quiet_shop_goes_on_with_every_policy():
    scenario = cut(scenario_of("steady-shop.yaml"))
    policies = [*scenario.policies]
    assert played_again(scenario, policies, 5) == ({}, 2 * len(policies))


def test_replications_in_a_row_are_those_that_each_would_be_alone():
    scenario = cut(scenario_of("steady-shop.yaml"))
    policies, plays = [*scenario.policies], KeptPlays()
    together = [replicate(scenario, policies, 3, number, plays=plays) for number in (0, 2, 1)]
    assert together == [replicate(scenario, policies, 3, number) for number in (0, 2, 1)]


@pytest.fixture
def forgotten(monkeypatch):
    """The plays whose memory is given back."""
    found, forget = [], KernelPlay.forget

    def forgets(play, kernel):
        found.append(id(play))
        forget(play, kernel)

    monkeypatch.setattr(KernelPlay, "forget", forgets)
    return found


@pytest.fixture
def shop():
    return cut(load(SCENARIOS / "steady-shop.yaml"))


def test_memory_is_given_back_once_nobody_keeps_the_plays(shop, forgotten):
    plays = KeptPlays()
    simulate(shop, "lean", 1, plays=plays)
    simulate(shop, "safe", 1, plays=plays)
    mine = [id(play) for play in plays._plays.values()]
    assert (len(mine), forgotten) == (2, [])
    del plays
    gc.collect()
    assert sorted(forgotten) == sorted(mine)


def test_plays_of_another_scenario_are_not_kept(shop, forgotten):
    plays, other = KeptPlays(), shop.edit({"policies.lean.replenishment.default.s": "3 d"})
    simulate(shop, "lean", 1, plays=plays)
    mine = simulate(other, "lean", 1, 1, plays=plays)
    assert len(forgotten) == 1
    assert difference(compiled(other, "lean", 1, 1), mine) == ""
    assert [*plays._plays] == ["lean"]


def test_what_another_thread_has_kept_or_asked_for_meanwhile_stays(shop, forgotten):
    plays, other = KeptPlays(), shop.edit({"policies.lean.replenishment.default.s": "3 d"})
    made = []
    for scenario in (shop, shop, other):
        simulate(scenario, "lean", 1, plays=plays)
        made.append(plays.take(scenario, "lean"))
    plays.keep(other, "lean", made[2])
    plays.keep(other, "lean", made[1])  # there is one already
    plays.keep(shop, "lean", made[0])  # of the scenario before
    assert (plays._plays, sorted(forgotten)) == ({"lean": made[2]}, sorted(map(id, made[:2])))


def test_threads_may_share_plays(shop):
    alone = simulator.run(shop, replications=8, out=None)
    with ThreadPoolExecutor(3) as pool:
        together = simulator.run(shop, replications=8, out=None, workers=3, executor=pool)
    assert together.runs == alone.runs


def test_a_play_that_fails_is_not_kept_and_simpy_plays_instead(shop, forgotten, monkeypatch):
    plays = KeptPlays()
    simulate(shop, "lean", 1, plays=plays)
    with monkeypatch.context() as patch:
        patch.setattr(KernelPlay, "to_horizon", lambda play, kernel: (_ for _ in ()).throw(NotPlayed))
        mine = simulate(shop, "lean", 1, 1, plays=plays)
    assert difference(compiled(shop, "lean", 1, 1), mine) == ""
    assert (plays._plays, len(forgotten)) == ({}, 2)  # one of them by `compiled`


@pytest.mark.parametrize("moment", ["turn_to", "play"])
def test_an_interrupt_gives_back_the_memory_and_the_next_replication_is_whole(shop, forgotten, monkeypatch, moment):
    plays = KeptPlays()
    simulate(shop, "lean", 1, plays=plays)

    def interrupted(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(KernelPlay, moment, interrupted)
        with pytest.raises(KeyboardInterrupt):
            simulate(shop, "lean", 1, 1, plays=plays)
    assert (plays._plays, len(forgotten)) == ({}, 1)
    mine = simulate(shop, "lean", 1, 1, plays=plays)
    assert difference(compiled(shop, "lean", 1, 1), mine) == ""


def test_long_plays_give_their_memory_back_at_once(shop, monkeypatch):
    plays = KeptPlays()
    simulate(shop, "lean", 1, plays=plays)
    (orders,) = (play.book.inflow.size for play in plays._plays.values())
    monkeypatch.setattr(lanes, "MOST_REPLAYED", orders + 1)
    simulate(shop, "safe", 1, plays=plays)
    assert [*plays._plays] == ["lean"]


def test_another_process_begins_without_plays(shop):
    plays = KeptPlays()
    simulate(shop, "lean", 1, plays=plays)
    copy = pickle.loads(pickle.dumps(plays))
    assert (len(plays._plays), copy._plays) == (1, {})
