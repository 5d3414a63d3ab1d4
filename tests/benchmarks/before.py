"""This code against the code of an earlier commit, in turn: start, load, runs with everything, a whole command."""

from __future__ import annotations

import io
import os
import resource
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from tests.benchmarks.figures import note

ROOT = Path(__file__).resolve().parents[2]
BEFORE = "d89ccae"
"""The last commit before the pipeline was made faster and the kernel was written."""
LIMITS = {"steady-shop": 1 / 4, "flash-sale": 1 / 4, "online-retail": 1 / 6}
"""CPU time of a run with audit, all KPIs and series, as a share of that before."""
SIMPY = "steady-shop"
"""The file that SimPy plays in both codes."""
PAIRS = {"steady-shop": 20, "flash-sale": 4, "online-retail": 2}
"""Replications that both codes play in turn in each round."""
PLAY = """
import sys, tempfile, time
from pathlib import Path
start = time.process_time()
import simulator
simulator.run, simulator.load
loaded = time.process_time()
found = loaded - start
if sys.argv[1:]:
    try:
        from simulator.experiment.running.replicate import replicate
    except ImportError:  # where it was before
        from simulator.experiment.replicate import replicate
    scenario = simulator.load(Path(sys.argv[1]))
    policies = tuple(scenario.policies)
    try:
        from simulator.kernel.lanes import KeptPlays
        more = {"plays": KeptPlays()}
    except ImportError:
        more = {}
    from simulator.world.simulate import simulate
print(found, flush=True)
with tempfile.TemporaryDirectory() as folder:
    for line in sys.stdin:
        what, number = line.split()
        begun = time.process_time()
        if what == "run":
            replicate(scenario, policies, 1, int(number), series=Path(folder), **more)
        else:
            for policy in policies:
                simulate(scenario, policy, 1, int(number))
        print((time.process_time() - begun) / len(policies), flush=True)
"""


@contextmanager
def code(commit: str) -> Iterator[Path | None]:
    """A folder with the package at a commit; None where the repository does not know it."""
    done = subprocess.run(["git", "archive", commit, "simulator", "scenarios"], cwd=ROOT, capture_output=True)
    if done.returncode:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            archive.extractall(folder, filter="data")
        yield Path(folder)


def environment(root: Path) -> dict[str, str]:
    """Variables with which Python finds the code of a folder, and keeps its compiled modules."""
    return {**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": ""}


class Played:
    """A process that plays a scenario with the code of a folder, a replication at a time, and says how long it took.

    Linear algebra has one thread: any other thread waits in a loop at first, which would count as CPU time.
    """

    def __init__(self, root: Path, *file: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", PLAY, *file],
            cwd=root,
            env={**environment(root), "OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.imported = self._said()
        """CPU seconds of its import."""

    def _said(self) -> float:
        assert self.process.stdout is not None
        return float(self.process.stdout.readline())

    def seconds(self, what: str, number: int) -> float:
        """CPU seconds of a replication, `run` or `simpy`, for each policy."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{what} {number}\n")
        self.process.stdin.flush()
        return self._said()

    def __enter__(self) -> Played:
        return self

    def __exit__(self, *raised: Any) -> None:
        self.process.communicate()


def command(root: Path) -> float:
    """CPU seconds of a whole command with 4 replications."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory() as out:
        run = ["run", "scenarios/steady-shop.yaml", "--replications", "4", "--force", "--out", out]
        subprocess.run(
            [sys.executable, "-P", "-m", "simulator", *run],
            cwd=root,
            env=environment(root),
            capture_output=True,
            check=True,
        )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


Pairs = list[tuple[float, float]]
"""CPU seconds of the code before and of this one, measured one after the other."""


def started(old: Path) -> dict[str, tuple[float, float]]:
    """What both codes take to start."""
    imports, commands = [], []
    for root in (old, ROOT):
        with Played(root) as play:
            imports.append(play.imported)
        commands.append(command(root))
    return {"import": (imports[0], imports[1]), "command, 4 replications": (commands[0], commands[1])}


def in_turn(old: Path, file: str) -> dict[str, Pairs]:
    """What both codes take for a file; each plays its own scenario files, which say the same."""
    with Played(old, f"scenarios/{file}.yaml") as then, Played(ROOT, f"scenarios/{file}.yaml") as now:

        def pairs(what: str, numbers: range) -> Pairs:
            return [(then.seconds(what, number), now.seconds(what, number)) for number in numbers]

        pairs("run", range(1))  # what is worked out once
        found = {file: pairs("run", range(1, PAIRS[file] + 1))}
        if file == SIMPY:
            found["SimPy lane"] = pairs("simpy", range(12))
    return found


def compared(rounds: int, commit: str = BEFORE) -> bool:
    """Both codes in turn; a ratio is the median of those of all pairs, so that the machine may change its pace."""
    with code(commit) as old:
        if old is None:
            print(f"\nbefore: the repository does not know commit {commit}; name another with --before")
            return True
        print(f"\nbefore: CPU seconds of commit {commit} and now in turn, medians; and the ratios of half of all pairs")
        found: dict[str, Pairs] = {}
        for _ in range(rounds):
            for what, pair in started(old).items():
                found.setdefault(what, []).append(pair)
            for file in LIMITS:
                for what, pairs in in_turn(old, file).items():
                    found.setdefault(what, []).extend(pairs)
    good = True
    limits = {"import": 0.7, "command, 4 replications": 0.5, "SimPy lane": 1.0} | LIMITS
    for what, measured in found.items():
        then, now = (median(taken) for taken in zip(*measured, strict=True))
        low, ratio, high = quantiles([after / before for before, after in measured], n=4, method="inclusive")
        print(f"  {what:28s} {then * 1e3:8.1f} ms  {now * 1e3:8.1f} ms  {ratio:.3f}  ({low:.3f} to {high:.3f})")
        name = f"a run of {what}, all KPIs, audit, series" if what in LIMITS else what
        good &= note(name, ratio, f"commit {commit}: {then * 1e3:.0f} ms", at_most=round(limits[what], 3))
    return good
