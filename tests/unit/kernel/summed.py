"""KPIs of a summed play, and of the same run with all its facts."""

from contextlib import suppress
from pathlib import Path

from simulator.kernel.border import library
from simulator.kernel.outside import KernelClock
from simulator.kernel.play import KernelPlay
from simulator.kernel.sums import RowsNeeded, measurable
from simulator.kpis.evaluate import evaluate, evidence_of
from simulator.kpis.kpi import KPIS
from simulator.randomness.streams import Streams
from simulator.scenario.schema.schema import Scenario
from simulator.world.simulate import build
from tests.unit.kernel.storm import Storm, compiled


def every_kpi(run, evidence):
    """The values of all KPIs that the world has and for which no single parcel is asked, by key."""
    found = {}
    for name, kpi in KPIS.items():
        if kpi.applies is None or kpi.applies(run.world):
            with suppress(RowsNeeded):
                found |= evaluate(run, [name], evidence)
    return found


def summed(scenario: Scenario, policy: str, seed: int, replication: int = 0, path: Path | None = None):
    """`every_kpi` of a play that is only summed."""
    kernel = library() if path is None else library(path)
    play = KernelPlay(build(scenario, policy, Streams(seed, replication), KernelClock()))
    try:
        evidence = measurable(play, kernel, policy, (seed, replication), ())
        return every_kpi(evidence.facts, evidence)
    finally:
        play.forget(kernel)


def differing(mine, run):
    """The keys of KPIs that a run with all its facts has otherwise."""
    evidence = evidence_of(run)
    full = evaluate(run, dict.fromkeys(key.split("[")[0] for key in mine), evidence)
    return sorted(key for key in mine.keys() | full.keys() if mine.get(key, "missing") != full.get(key, "missing"))


def sums_compared(seed: int, path: Path | None = None) -> str:
    """Both ways to the KPIs in the world of a seed; what differs."""
    scenario = Storm(seed).scenario()
    if seed % 4:
        scenario = scenario.model_copy(update={"clock": scenario.clock.model_copy(update={"warm_up": 10.0 + seed % 2})})
    mine = summed(scenario, "p", seed, seed % 3, path)
    return ", ".join(differing(mine, compiled(scenario, "p", seed, seed % 3)))
