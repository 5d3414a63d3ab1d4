"""What the numbers of a run rest on, in short phrases: time, replications, seed, confidence."""

from __future__ import annotations

from simulator.experiment.results.results import Results


def run_frame(results: Results) -> list[str]:
    """'365 d from 2025-01-06, excluding the first 60 d', '10 replications', 'seed 7', '95 % intervals'."""
    clock = results.written.get("clock")
    found = []
    if isinstance(clock, dict) and "horizon" in clock:
        start = f" from {clock['start']}" if clock.get("start") else ""
        warm_up = f", excluding the first {_days(clock['warm_up'])}" if clock.get("warm_up") else ""
        found.append(f"{_days(clock['horizon'])}{start}{warm_up}")
    return [*found, *_open(results), *study_frame(results.replications, results.seed, results.confidence)]


def _open(results: Results) -> list[str]:
    """'13 orders open at the start', where there were some."""
    if "opening_orders" not in results.kpis:
        return []
    orders = results.estimate(results.policies[0], "opening_orders").mean
    return [] if orders is None else [f"{orders:,.0f} order{'' if orders == 1 else 's'} open at the start"]


def study_frame(replications: int, seed: int, confidence: float, each: str = "") -> list[str]:
    """'10 replications', 'seed 7', '95 % intervals'; `each` follows the replications."""
    intervals = [f"{confidence * 100:g} % intervals"] if replications > 1 else []
    return [f"{replications} replication{'s' * (replications != 1)}{each}", f"seed {seed}", *intervals]


def _days(duration: object) -> str:
    return str(duration) if isinstance(duration, str) else f"{duration:,g} d"
