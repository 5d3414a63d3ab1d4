"""What a command costs around and within its replications, in CPU time: start, stages of a run, collecting results."""

from __future__ import annotations

import os
import pickle
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import simulator
from simulator.experiment.running.replicate import replicate
from simulator.experiment.statistics.warm_up import settled
from simulator.experiment.storage.columns import Columns
from simulator.experiment.storage.journal import Journal, Task
from simulator.kernel.lanes import simulate
from simulator.kpis.evaluate import evaluate, evidence_of
from simulator.kpis.series.series import measure
from simulator.record.digest import digest
from tests.benchmarks.figures import note

ROOT = Path(__file__).resolve().parents[2]
FILES = ("steady-shop", "flash-sale", "online-retail")
CLIENT = 0.15
"""Milliseconds that the collecting process may take for a replication."""


def busy() -> str:
    """A remark if other programs use the machine: even CPU times are then up to twice as long."""
    load = os.getloadavg()[0]
    return f"  (load {load:.1f} on {os.cpu_count()} cores: doubtful)" if load > 1.5 else ""


def pipeline(rounds: int) -> bool:
    """A whole command, the stages of a run, and the collecting process."""
    print(f"\npipeline (CPU, best of rounds){busy()}")
    for name, seconds in commands(rounds).items():
        print(f"  {name:40s} {seconds:6.2f} s")
    for file in FILES:
        found = stages(file, max(rounds // 2, 1))
        said = ", ".join(f"{stage} {seconds * 1e3:.1f}" for stage, seconds in found.items())
        print(f"  ms a run of {file}: {said}")
    cost = collecting(rounds)
    total = sum(cost.values())
    said = ", ".join(f"{stage} {ms:.3f}" for stage, ms in cost.items())
    print(
        f"  ms to collect a replication: {total:.2f} ({said}), target {CLIENT} {'ok' if total <= CLIENT else 'MISSED'}"
    )
    return note("to collect a replication", total, "3 policies of the steady shop", at_most=CLIENT, unit="ms")


def commands(rounds: int) -> dict[str, float]:
    """CPU seconds of starting Python with the package, of loading a file, and of a command with 4 replications."""
    with tempfile.TemporaryDirectory() as out:
        load = "import simulator; simulator.run; simulator.load('scenarios/{}.yaml')"
        run = ("-m", "simulator", "run", "scenarios/steady-shop.yaml", "--replications", "4", "--force", "--out", out)
        given: dict[str, tuple[str, ...]] = {
            "import": ("-c", "import simulator; simulator.run, simulator.load"),
            "import and load steady-shop": ("-c", load.format("steady-shop")),
            "import and load online-retail": ("-c", load.format("online-retail")),
            "run steady-shop, 4 replications": run,
        }
        return {name: min(_cpu(command) for _ in range(rounds)) for name, command in given.items()}


def _cpu(command: tuple[str, ...]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *command], capture_output=True, check=True, cwd=ROOT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def stages(file: str, rounds: int) -> dict[str, float]:
    """CPU seconds of each stage of one run of the first policy."""
    scenario = simulator.load(ROOT / "scenarios" / f"{file}.yaml")
    policy = next(iter(scenario.policies))
    best: dict[str, float] = {}

    def timed(stage: str, action: Callable[[], Any]) -> Any:
        start = time.process_time()
        found = action()
        best[stage] = min(best.get(stage, float("inf")), time.process_time() - start)
        return found

    for _ in range(rounds):
        run = timed("simulate", lambda: simulate(scenario, policy, 1))
        timed("audit", run.audit)
        timed("digest", lambda run=run: digest(run))
        timed("settled", lambda run=run: settled(run))
        evidence = evidence_of(run)
        timed("KPIs", lambda run=run, evidence=evidence: evaluate(run, evidence=evidence))
        timed("series", lambda evidence=evidence: measure(evidence))
    return best


def collecting(rounds: int, number: int = 400, batch: int = 8) -> dict[str, float]:
    """Milliseconds that the collecting process takes for a replication of the steady shop from a worker."""
    scenario = simulator.load(ROOT / "scenarios" / "steady-shop.yaml")
    played = [replicate(scenario, tuple(scenario.policies), 1, k) for k in range(4)]
    sent = [
        pickle.dumps([replace(played[k % 4], number=k) for k in range(first, first + batch)])
        for first in range(0, number, batch)
    ]
    best: dict[str, float] = {}
    for _ in range(rounds):
        spent = dict.fromkeys(("unpack", "journal", "columns"), 0.0)
        with tempfile.TemporaryDirectory() as folder:
            journal, columns = Journal(Path(folder) / "replications.jsonl", "f" * 64), Columns()
            for content in sent:
                start = time.process_time()
                found = pickle.loads(content)
                unpacked = time.process_time()
                journal.append([(Task("", replication.number), replication) for replication in found])
                written = time.process_time()
                for replication in found:
                    columns.add(replication)
                ends = unpacked, written, time.process_time()
                for stage, since, end in zip(spent, (start, *ends), ends, strict=False):
                    spent[stage] += (end - since) / number * 1e3
        if not best or sum(spent.values()) < sum(best.values()):
            best = spent
    return best
