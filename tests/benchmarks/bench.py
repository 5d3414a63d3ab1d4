"""`make bench`: how fast the simulator is, as ratios against references run in turn with it, in CPU time.

python tests/benchmarks/bench.py [--rounds 4] [--full] [--only PART,…] [--before COMMIT]

The parts are lane, ratios, slider, startup, before, pipeline, growth, studies, workers, cluster and instructions. All
but the last take less than five minutes; `--full` adds it, and runs of a hundred times the orders. A table of all
figures closes the run, each with its reference and its target.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from simulator.experiment.running.replicate import replicate  # noqa: E402
from simulator.foundation.collector import keep_memory  # noqa: E402
from simulator.kernel import lanes  # noqa: E402
from simulator.kernel.border import KernelFacts, library  # noqa: E402
from simulator.kernel.outside import KernelClock  # noqa: E402
from simulator.kernel.play import KernelPlay  # noqa: E402
from simulator.kpis.evaluate import evaluate  # noqa: E402
from simulator.randomness.streams import Streams  # noqa: E402
from simulator.record.digest import digest  # noqa: E402
from simulator.scenario.schema.schema import Scenario  # noqa: E402
from simulator.world.simulate import build, simulate  # noqa: E402
from tests.benchmarks import before, m1, pipeline, slider, studies  # noqa: E402
from tests.benchmarks.figures import note, show  # noqa: E402
from tests.benchmarks.reference import m1_c, m1_heapq, m1_naive, sq  # noqa: E402
from tests.benchmarks.reference.m1_data import Data, same  # noqa: E402

TARGETS = {"naive SimPy": 7.0, "flat heapq": 0.5, "C": 1 / 40}
"""At least this many times the speed of the reference, on M1."""
LANE_TARGETS = {"naive SimPy": 100.0}
"""The same for the compiled lane, with a ledger."""
KERNEL_TARGET = 0.6
"""Speed of the kernel alone, which writes a ledger, as a share of C without one."""
YEAR = 365.0
SQ = {
    "name": "sq",
    "clock": {"horizon": 10 * YEAR},
    "items": {"widget": {"price": 1, "unit_cost": 1}},
    "customers": {
        "all": {"arrivals": {"kind": "poisson", "rate": sq.RATE}, "basket": {"kind": "single", "item": "widget"}}
    },
    "warehouse": {"stock": {"widget": sq.INITIAL}},
    "suppliers": {"maker": {"items": ["widget"], "lead_time": sq.LEAD}},
    "policies": {"sq": {"replenishment": {"kind": "s_Q", "s": sq.S, "Q": sq.Q}}},
}


def without_gc(action: Callable[[], object]) -> Callable[[], object]:
    """The reference loops are measured with the collector off, as their best case."""

    def run() -> object:
        gc.disable()
        try:
            return action()
        finally:
            gc.enable()

    return run


def in_turn(actions: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Best CPU seconds of each, the rounds interleaved."""
    best = dict.fromkeys(actions, float("inf"))
    for _ in range(rounds):
        for name, action in actions.items():
            gc.collect()
            start = time.process_time()
            action()
            best[name] = min(best[name], time.process_time() - start)
    return best


def table(title: str, best: dict[str, float], orders: int, targets: dict[str, float]) -> bool:
    """Prints one comparison; returns whether every target is met."""
    mine, good = best["this project"], True
    print(f"\n{title}: {orders} orders")
    for name, seconds in best.items():
        ratio = f"this project runs at {seconds / mine:7.3f} x its speed" if name != "this project" else ""
        if name in targets:
            met = seconds / mine >= targets[name]
            good &= met
            ratio += f"   target {targets[name]:.3f}  {'ok' if met else 'MISSED'}"
        print(f"  {name:28s} {seconds / orders * 1e6:8.2f} us/order  {orders / seconds:12,.0f} orders/s  {ratio}")
    return good


def ratios(rounds: int) -> bool:
    """M1 and the single item against naive SimPy, a heapq loop and C."""
    data = Data(days=YEAR)
    scenario = m1.in_memory(data)
    run = simulate(scenario, m1.POLICY, 1)
    if not same(m1.record(run), m1_naive.run(data)):
        print("M1: the records DIFFER from the reference's")
        return False
    print("M1: the record of every order equals the reference's, bit for bit")
    actions: dict[str, Callable[[], object]] = {
        "naive SimPy": lambda: m1_naive.run(data),
        "flat heapq": without_gc(lambda: m1_heapq.flat(data, False)),
    }
    if shutil.which("gcc"):
        actions["C"] = lambda: m1_c.run(data)
    actions["this project"] = lambda: simulate(scenario, m1.POLICY, 1)
    actions["  with audit and all KPIs"] = lambda: measured(scenario, m1.POLICY)
    best = in_turn(actions, rounds)
    good = table("M1 (50 items, 1-4 lines, patience, partial shipping)", best, data.n, TARGETS)
    ratio = best["naive SimPy"] / best["this project"]
    note("SimPy lane, M1 with ledger", ratio, f"naive SimPy {best['naive SimPy']:.2f} s", at_least=7.0)

    single = Scenario.model_validate(SQ)
    days = single.clock.horizon
    actions = {"naive SimPy": lambda: sq.naive(days), "flat heapq": without_gc(lambda: sq.flat(days))}
    if shutil.which("gcc"):
        actions["C"] = lambda: sq.compiled(days)
    actions["this project"] = lambda: simulate(single, "sq", 1)
    orders = len(simulate(single, "sq", 1).demand.times)
    table("one item, (s,Q)", in_turn(actions, rounds), orders, {})
    return good


def lane(rounds: int) -> bool:
    """The compiled lane on M1: everything from the scenario on, and the kernel alone over arrays that stand ready."""
    kernel = library()
    if kernel is None or not shutil.which("gcc"):
        print("\nlane: there is no compiled kernel, or no gcc for the reference")
        return True
    data = Data(days=YEAR * 2)
    scenario = m1.in_memory(data)
    run = lanes.simulate(scenario, m1.POLICY, 1, lane="compiled")
    if digest(run) != digest(simulate(scenario, m1.POLICY, 1)) or not same(m1.record(run), m1_naive.run(data)):
        print("M1: the facts of the two lanes DIFFER")
        return False
    play = KernelPlay(build(scenario, m1.POLICY, Streams(1), KernelClock()))

    def alone() -> None:
        facts = KernelFacts()
        kernel.play(ctypes.byref(play.world), ctypes.byref(facts))
        kernel.forget(ctypes.byref(facts))

    best = in_turn(
        {
            "naive SimPy": lambda: m1_naive.run(data),
            "C": lambda: m1_c.run(data),
            "SimPy lane": lambda: simulate(scenario, m1.POLICY, 1),
            "kernel alone": alone,
            "this project": lambda: lanes.simulate(scenario, m1.POLICY, 1, lane="compiled"),
        },
        rounds,
    )
    good = table("M1 in the compiled lane", best, data.n, LANE_TARGETS)
    share = best["C"] / best["kernel alone"]
    met = note("kernel alone, M1", share, f"C without a ledger {best['C'] * 1e3:.1f} ms", at_least=KERNEL_TARGET)
    ratio = best["naive SimPy"] / best["this project"]
    note("compiled lane, M1 with ledger", ratio, f"naive SimPy {best['naive SimPy']:.2f} s", at_least=100.0)
    print(
        f"  the kernel alone runs at {share:.2f} x the speed of C   target {KERNEL_TARGET} {'ok' if met else 'MISSED'}"
    )
    return good and met


def measured(scenario: Scenario, policy: str) -> object:
    """What `backorder run` does for one replication of one policy."""
    run = simulate(scenario, policy, 1)
    run.audit()
    return evaluate(run)


WHOLE = "M1, replicated"
"""With audit, all KPIs and series, in the compiled lane."""


def growth_of(kind: str, times: float) -> None:
    """One run in a process of its own: prints orders, CPU seconds, MB before and at the peak."""
    if kind.startswith("M1"):
        data = Data(days=YEAR * times)
        scenario, policy = m1.in_memory(data), m1.POLICY
        orders = data.n
    else:
        scenario = Scenario.model_validate({**SQ, "clock": {"horizon": YEAR * 14 * times}})
        policy, orders = "sq", int(sq.RATE * YEAR * 14 * times)
    gc.collect()
    before = peak()
    start = time.process_time()
    if kind == WHOLE:
        keep_memory()  # as every command and worker does
        with tempfile.TemporaryDirectory() as folder:
            replicate(scenario, (policy,), 1, 0, series=Path(folder))
    else:
        simulate(scenario, policy, 1, records="sums" not in kind)
    seconds = time.process_time() - start
    print(orders, seconds, before, peak())


def peak() -> float:
    """MB that this process has held at most; getrusage would count what its parent held when it was forked."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else math.nan


def growth(full: bool) -> bool:
    """Speed and memory from 1 to 20 (or 100) times the orders."""
    print("\ngrowth (own process each; bytes are the peak above the inputs; with sums no records are kept)")
    good = True
    for kind in ("M1", WHOLE, "M1, sums", "one item, sums"):
        rates, grown = [], []
        for scale in (1, 10, 100) if full else (1, 20):
            command = [sys.executable, __file__, "--growth", kind, str(scale)]
            found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
            orders, seconds, before, after = map(float, found)
            rates.append(orders / seconds)
            size = (after - before) * 2**20 / orders
            grown.append(after - before)
            verdict = ""
            if "sums" in kind and scale > 10:
                flat = note(
                    f"memory of {scale} times the orders, {kind}",
                    grown[-1] - grown[0],
                    "more than of 1 time",
                    at_most=30,
                    unit="MB",
                )
                good &= flat
                verdict = f"  target flat (within 30 MB) {'ok' if flat else 'MISSED'}"
            if kind == WHOLE and scale > 10:
                small = note(
                    "memory of an order, M1, compiled lane", size, "all KPIs, audit, series", at_most=250, unit="B"
                )
                good &= small
                verdict = f"  target 250 B {'ok' if small else 'MISSED'}"
            if kind == "M1" and scale > 10:
                small_run = f"{rates[0]:,.0f} orders/s of 1 time"
                fast = note(f"pace of {scale} times the orders, M1", rates[-1] / rates[0], small_run, at_least=0.6)
                small = note("memory of an order, M1", size, "peak above the inputs", at_most=150, unit="B")
                good &= fast and small
                verdict = f"  targets 0.6 {'ok' if fast else 'MISSED'}, 150 B {'ok' if small else 'MISSED'}"
            pace = f"{rates[-1]:10,.0f}/s ({rates[-1] / rates[0]:4.2f} of the small run)"
            print(f"  {kind:14s} {orders:12,.0f} orders {pace}  peak {after:6.0f} MB, {size:5.0f} B/order{verdict}")
    return good


INSTRUCTIONS = """
import sys, gc
sys.path.insert(0, {root!r})
from tests.benchmarks.reference.m1_data import Data
from tests.benchmarks import m1
from simulator.world.simulate import simulate
data = Data(days=float(sys.argv[1]))
scenario = m1.in_memory(data)
gc.collect()
if sys.argv[2] == "run":
    simulate(scenario, m1.POLICY, 1)
"""


def instructions() -> bool:
    """Machine instructions an order under callgrind: immune to whatever else the machine does."""
    if not shutil.which("valgrind"):
        print("\ninstructions: valgrind is not there")
        return True

    def count(days: int, what: str) -> int:
        command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable, "-c"]
        command += [INSTRUCTIONS.format(root=str(ROOT)), str(days), what]
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        found = subprocess.run(command, capture_output=True, text=True, env=environment)
        return int(re.search(r"Collected : (\d+)", found.stderr)[1])  # type: ignore[index]

    low, high = 40, 100
    run = count(high, "run") - count(low, "run")
    inputs = count(high, "inputs") - count(low, "inputs")
    orders = Data(days=float(high)).n - Data(days=float(low)).n
    each = (run - inputs) / orders / 1000
    print(f"\ninstructions: {each:.1f} k an order on M1, target 60.0 {'ok' if each < 60 else 'MISSED'} (naive: 263)")
    return each < 60


def startup(rounds: int) -> bool:
    """Seconds until `--help` has answered, and until a run is about to begin; the exit of that process, which comes
    after the run, is not counted."""
    python = sys.executable
    helped = [python, "-m", "simulator", "--help"]
    until = "import os, simulator; simulator.load('scenarios/steady-shop.yaml'); simulator.run; os._exit(0)"
    ready = [python, "-c", until]
    good = True
    print("\nstart-up (wall seconds, best of rounds)")
    for name, command, limit in (("backorder --help", helped, 0.3), ("before the first replication", ready, 0.6)):
        best = busy = float("inf")
        for _ in range(rounds):
            taken = studies.timed(lambda of=command: subprocess.run(of, capture_output=True, check=True, cwd=ROOT))
            best, busy = min(best, taken[0]), min(busy, taken[1])
        good &= note(name, best, f"wall seconds; CPU {busy:.2f} s", at_most=limit, unit="s")
        print(f"  {name:30s} {best:.2f} s (CPU {busy:.2f} s), target {limit} {'ok' if best < limit else 'MISSED'}")
    return good


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--full", action="store_true", help="also runs of 100 times the orders, and instruction counts")
    parser.add_argument("--only", help="some parts, by name and comma")
    parser.add_argument("--before", default=before.BEFORE, metavar="COMMIT", help="the code to compare with")
    parser.add_argument("--growth", nargs=2, metavar=("KIND", "TIMES"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.growth:
        growth_of(options.growth[0], float(options.growth[1]))
        return
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # processes load compiled modules, as they do for users
    few = max(options.rounds // 2, 1)
    parts: dict[str, Callable[[], bool]] = {
        "lane": lambda: lane(options.rounds),
        "ratios": lambda: ratios(options.rounds),
        "slider": lambda: slider.slider(in_turn, few),
        "startup": lambda: startup(options.rounds),
        "before": lambda: before.compared(few, options.before),
        "pipeline": lambda: pipeline.pipeline(options.rounds),
        "growth": lambda: growth(options.full),
        "studies": lambda: studies.studies(few, options.full),
        "workers": studies.workers,
        "cluster": lambda: studies.scheduler(options.full),
        "instructions": lambda: not options.full or instructions(),
    }
    names = options.only.split(",") if options.only else list(parts)
    if unknown := [name for name in names if name not in parts]:
        parser.error(f"no part {', '.join(unknown)}; there are {', '.join(parts)}")
    keep_memory()  # as every command and worker does
    begun, good = time.perf_counter(), True
    for name in names:
        since = time.perf_counter()
        good &= parts[name]()
        print(f"  ({name}: {time.perf_counter() - since:.0f} s)", flush=True)
    good &= show()
    print(f"\n{'all targets met' if good else 'some targets were MISSED'}, {time.perf_counter() - begun:.0f} s")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
