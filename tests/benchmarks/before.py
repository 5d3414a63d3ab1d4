"""This code against the code of an earlier commit, in turn: start, load, runs with everything, a whole command."""

from __future__ import annotations

import io
import json
import os
import resource
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.figures import note

ROOT = Path(__file__).resolve().parents[2]
BEFORE = "d89ccae"
"""The last commit before the pipeline was made faster and the kernel was written."""
LIMITS = {"steady-shop": 1 / 4, "flash-sale": 1 / 4, "online-retail": 1 / 6}
"""CPU time of a run with audit, all KPIs and series, as a share of that before."""
SIMPY = "steady-shop"
"""The file that SimPy plays in both codes."""
PLAY = """
import json, sys, tempfile, time
from pathlib import Path
start = time.process_time()
import simulator
simulator.run, simulator.load
loaded = time.process_time()
found = {"import": loaded - start}
if sys.argv[1:]:
    try:
        from simulator.experiment.running.replicate import replicate
    except ImportError:  # where it was before
        from simulator.experiment.replicate import replicate
    begun = time.process_time()
    scenario = simulator.load(Path(sys.argv[1]))
    found["ready"] = found["import"] + time.process_time() - begun
    policies = tuple(scenario.policies)
    try:
        from simulator.kernel.lanes import KeptPlays
        more = {"plays": KeptPlays()}
    except ImportError:
        more = {}
    with tempfile.TemporaryDirectory() as folder:
        replicate(scenario, policies, 1, 0, **more)
        times = []
        for number in range(int(sys.argv[2])):
            begun = time.process_time()
            replicate(scenario, policies, 1, number, series=Path(folder), **more)
            times.append((time.process_time() - begun) / len(policies))
    found["run"] = min(times)
    from simulator.world.simulate import simulate
    times = []
    for number in range(int(sys.argv[3])):
        begun = time.process_time()
        for policy in policies:
            simulate(scenario, policy, 1, number)
        times.append((time.process_time() - begun) / len(policies))
    found["simpy"] = min(times, default=0.0)
print(json.dumps(found))
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


def played(root: Path, *arguments: str) -> dict[str, float]:
    """CPU seconds that the script above prints about the code of a folder.

    Linear algebra has one thread: any other thread waits in a loop at first, which would count as CPU time.
    """
    command = [sys.executable, "-P", "-c", PLAY, *arguments]
    alone = {**environment(root), "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=root, env=alone, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


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


def compared(rounds: int, commit: str = BEFORE) -> bool:
    """Both codes in turn, best of rounds; each plays its own scenario files, which say the same."""
    with code(commit) as old:
        if old is None:
            print(f"\nbefore: the repository does not know commit {commit}; name another with --before")
            return True
        print(f"\nbefore: CPU seconds of commit {commit} and now, best of rounds in turn")
        best: dict[str, list[float]] = {}
        for _ in range(rounds):
            for which, root in enumerate((old, ROOT)):
                taken = {"import": played(root)["import"], "command, 4 replications": command(root)}
                for file in LIMITS:
                    found = played(root, f"scenarios/{file}.yaml", "4", "4" if file == SIMPY else "0")
                    taken[file] = found["run"]
                    if file == SIMPY:
                        taken["before the first replication"] = found["ready"]
                        taken["SimPy lane"] = found["simpy"]
                for what, seconds in taken.items():
                    both = best.setdefault(what, [float("inf")] * 2)
                    both[which] = min(both[which], seconds)
    good = True
    limits = {"import": 0.7, "before the first replication": 0.5, "command, 4 replications": 0.5, "SimPy lane": 1.0}
    limits |= LIMITS
    for what, (then, now) in best.items():
        print(f"  {what:28s} {then * 1e3:8.1f} ms  {now * 1e3:8.1f} ms  {now / then:.2f}")
        name = f"a run of {what}, all KPIs, audit, series" if what in LIMITS else what
        good &= note(name, now / then, f"commit {commit}: {then * 1e3:.0f} ms", at_most=round(limits[what], 3))
    return good
