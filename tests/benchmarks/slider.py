"""A slider's move: an edit of a scenario, played by a `Player` and by the plain path."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

from simulator.kernel.lanes import Lane, simulate
from simulator.kernel.player import Player
from simulator.kpis.evaluate import evaluate
from simulator.report.text.shown_kpis import MAIN_KPIS
from simulator.scenario.loader import load
from tests.benchmarks.figures import note

SCENARIO = Path(__file__).resolve().parents[2] / "scenarios" / "steady-shop.yaml"
REPLICATIONS = 30
TARGET = 20.0
"""At least this many times the speed of the plain path of SimPy."""
InTurn = Callable[[dict[str, Callable[[], object]], int], dict[str, float]]
"""Best CPU seconds of actions, the rounds interleaved."""


def slider(in_turn: InTurn, rounds: int) -> bool:
    """The shown KPIs of 30 replications of a year after one edit: the plain path of SimPy, and a player."""
    rate = ["customers.households.arrivals.rate=35 / d"]
    scenario = load(SCENARIO, rate)
    player, moves = Player(scenario, "lean", REPLICATIONS), count(10)

    def edit() -> dict[str, str]:
        return {"policies.lean.replenishment.default.s": f"{10 + next(moves) % 10} d"}

    def plain(lane: Lane) -> None:
        changed = scenario.edit(edit())
        for number in range(REPLICATIONS):
            run = simulate(changed, "lean", changed.experiment.seed, number, lane=lane)
            run.audit()
            evaluate(run, MAIN_KPIS)

    player.evaluate(MAIN_KPIS)  # the first move draws the order books
    actions: dict[str, Callable[[], object]] = {
        "plain, SimPy": lambda: plain("simpy"),
        "plain, kernel": lambda: plain("auto"),
        "player": lambda: player.evaluate(MAIN_KPIS, edit()),
        "  the runs without KPIs": lambda: sum(1 for _ in player.play(edit())),
    }
    best = in_turn(actions, rounds)
    print(f"\nslider: {len(MAIN_KPIS)} KPIs of {REPLICATIONS} replications of a year after a move (CPU seconds)")
    for name, seconds in best.items():
        print(
            f"  {name:28s} {seconds:6.3f}  {best['plain, SimPy'] / seconds:6.1f} x as fast as the plain path of SimPy"
        )
    ratio, reference = best["plain, SimPy"] / best["player"], f"plain path of SimPy {best['plain, SimPy']:.2f} s"
    met = note("a slider's move, 12 KPIs of 30 replications", ratio, reference, at_least=TARGET)
    note("the same", best["player"], "CPU seconds on one core", at_most=0.1, unit="s")
    print(f"  target {TARGET:.0f} x {'ok' if met else 'MISSED'}")
    return met
