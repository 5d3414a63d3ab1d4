"""What a study costs beside its simulation: keeping, going on where it stood, two workers, a scheduler."""

from __future__ import annotations

import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import simulator
from simulator.experiment import run as experiment
from simulator.experiment.running.replicate import replicate
from simulator.experiment.storage.replication import Replication
from simulator.foundation.collector import stay_quiet
from simulator.scenario.schema.schema import Scenario
from tests.benchmarks.figures import note

ROOT = Path(__file__).resolve().parents[2]
POLICIES = ("lean", "safe")
OVERHEAD = 0.05
"""At most this share of the simulation's CPU time may go elsewhere."""


def cpu() -> float:
    """CPU seconds of this process and of those that it has waited for."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )


def timed(action: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds."""
    wall, busy = time.perf_counter(), cpu()
    action()
    return time.perf_counter() - wall, cpu() - busy


class Ready:
    """In place of the simulation: a replication that was played before, under another number."""

    def __init__(self, replication: Replication) -> None:
        self.replication = replication

    def __call__(self, _scenario: Scenario, _policies: object, _seed: int, number: int, **_kept: object) -> Replication:
        return replace(self.replication, number=number)


def studies(rounds: int, full: bool) -> bool:
    """The steady shop, two policies; medians of some rounds, the variants in turn."""
    scenario = simulator.load(ROOT / "scenarios" / "steady-shop.yaml")
    n, many = (60, 2000) if full else (40, 600)
    ready = Ready(replicate(scenario, POLICIES, 1, 0))
    real = experiment.replicate
    busy: dict[str, list[float]] = {}

    def take(name: str, action: Callable[..., object], *arguments: object) -> None:
        busy.setdefault(name, []).append(timed(partial(action, *arguments))[1])

    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as out:
            take("bare", bare, scenario, n, Path(out, "0"))
            try:
                experiment.replicate = ready
                for workers in (1, 2):
                    take(f"few {workers}", played, scenario, 2, f"{out}/few-{workers}", workers)
                    take(f"all {workers}", played, scenario, many, f"{out}/all-{workers}", workers)
                take("few again", played, scenario, 2, f"{out}/few-1")
                take("all again", played, scenario, many, f"{out}/all-1")
            finally:
                experiment.replicate = real
    middle = {name: statistics.median(found) for name, found in busy.items()}
    each = middle["bare"] / n
    good = True
    print(f"\nstudies: replications of two policies over a year, {each * 1e3:.0f} ms CPU each; beside that, for each")
    for name, what in (
        ("1", "sent to this process, kept"),
        ("2", "sent to two workers, kept"),
        ("again", "taken up again"),
    ):
        cost = (middle[f"all {name}"] - middle[f"few {name}"]) / (many - 2)
        target = ""
        if name != "again":
            reference = f"simulation of one: {each * 1e3:.0f} ms CPU"
            good &= note(f"a replication {what}, beside it", cost / each, reference, at_most=OVERHEAD)
            target = f", target 5 % {verdict(cost <= OVERHEAD * each)}"
        print(f"  {what:28s} {cost * 1e3:6.2f} ms, {cost / each * 100:.1f} %{target}")
    return good


def workers(serial: float = 15.0) -> bool:
    """How much faster two workers are, their start included, where one process needs 15 seconds."""
    stay_quiet()  # as in a command, which workers are copies of
    scenario = simulator.load(ROOT / "scenarios" / "steady-shop.yaml")
    with tempfile.TemporaryDirectory() as out:
        n = 20
        n = max(int(serial / timed(lambda: played(scenario, n, f"{out}/0"))[0] * n), n)
        (one, busy), (two, both) = (timed(lambda w=w: played(scenario, n, f"{out}/{w}", w)) for w in (1, 2))
        apart, _ = timed(lambda: side_by_side(scenario, n // 2, out))
    print(f"\nworkers: {n} replications of two policies take {one:.1f} s, with two workers {two:.1f} s")
    print(
        f"  CPU {busy:.1f} s and {both:.1f} s; two processes that share nothing take {apart:.1f} s for half of it each"
    )
    reference = f"one process {one:.1f} s; two that share nothing: {one / apart:.2f} x; {os.cpu_count()} cores"
    return note("two workers of a command", one / two, reference, at_least=1.8, alone=2.0)


def side_by_side(scenario: Scenario, n: int, out: str) -> None:
    """The same replications in two processes at once: what the machine gives at best."""
    both = [get_context("fork").Process(target=played, args=(scenario, n, f"{out}/apart-{k}")) for k in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join()


def bare(scenario: Scenario, n: int, folder: Path) -> None:
    """The simulation alone, one replication after the other."""
    folder.mkdir()
    for number in range(n):
        replicate(scenario, POLICIES, 1, number, series=folder)


def verdict(good: bool) -> str:
    """As the other parts say it."""
    return "ok" if good else "MISSED"


def played(scenario: Scenario, n: int, out: str, workers: int = 1) -> None:
    """A study as `backorder run` plays it."""
    simulator.run(scenario, n, seed=1, workers=workers, policies=POLICIES, out=out)


def scheduler(full: bool) -> bool:
    """What a batch costs on a dask scheduler with two workers on this machine."""
    try:
        from distributed import LocalCluster
    except ImportError:
        print("\ncluster: distributed is not there")
        return True
    from simulator.experiment.running.cluster import cluster

    batches = 1000 if full else 200
    with ExitStack() as stack:
        local = stack.enter_context(LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None))
        executor = stack.enter_context(cluster(local.scheduler_address))
        for future in [executor.submit(abs, -1) for _ in range(50)]:
            future.result()
        wall = time.perf_counter()
        for future in [executor.submit(abs, -1) for _ in range(batches)]:
            future.result()
        each = (time.perf_counter() - wall) / batches
    print(f"\ncluster: {each * 1e3:.1f} ms a batch through a dask scheduler on this machine; batches take a second")
    return True
