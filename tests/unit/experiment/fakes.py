"""Stand-ins for the simulation: quick, pure, and able to be slow, to die and to say that they were called."""

import os
import signal
import time
from pathlib import Path

import yaml

from simulator.experiment.storage.replication import Replication
from simulator.kpis.kpi import Undefined
from simulator.randomness.streams import Streams
from simulator.scenario.loader import load_text

SMALL = {
    "name": "corner-shop",
    "title": "A corner shop",
    "clock": {"horizon": 100},
    "items": {"mug": {"price": 12, "unit_cost": 5}},
    "policies": {name: {"replenishment": {"kind": "none"}} for name in ("lean", "careful", "=bold")},
    "experiment": {"replications": 6, "seed": 7},
}


def scenario(folder=None, **changes):
    return load_text(yaml.safe_dump({**SMALL, **changes}, sort_keys=False), folder)


def replicate(scenario, policies, seed, number, **kept):
    """Pure; `FAKE_LOG` names a folder that gets a line a call, `FAKE_SECONDS` makes it slow."""
    if log := os.environ.get("FAKE_LOG"):
        with (Path(log) / f"{number}.log").open("a") as file:
            file.write(f"{os.getpid()}\n")
    time.sleep(float(os.environ.get("FAKE_SECONDS", "0")))
    luck = Streams(seed, number).stream("luck").random()
    values = {}
    for k, policy in enumerate(policies):
        values[policy] = {
            "fill_rate": 0.9 + 0.05 * luck + 0.01 * k,
            "wait_mean": 2 + luck,
            "total_cost": 1000.0,
            "operating_cost": 1000.0,
            "age_buckets[0-3 d]": 1 / 3 + luck,
            "wait_backordered": Undefined("nothing was backordered") if number % 2 else luck,
            "write_off_units": Undefined("nothing spoils here"),
        }
    return Replication(number, values)


def deadly(scenario, policies, seed, number, **kept):
    """Kills its worker at replication 3: once, or each time when `FAKE_ALWAYS` is set."""
    marker = Path(os.environ["FAKE_MARKER"])
    if number == 3 and (os.environ.get("FAKE_ALWAYS") or not marker.exists()):
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return replicate(scenario, policies, seed, number)


def hungry(scenario, policies, seed, number, **kept):
    """Runs out of memory at replication 3, once."""
    marker = Path(os.environ["FAKE_MARKER"])
    if number == 3 and not marker.exists():
        marker.touch()
        raise MemoryError
    return replicate(scenario, policies, seed, number)


def cube(key):
    return key**3


def calls(log):
    """How often each replication was begun, by number."""
    return {int(p.stem): len(p.read_text().splitlines()) for p in Path(log).glob("*.log")}


def contents(folder):
    """Every file of a results folder but the timing, by name."""
    folder = Path(folder)
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and "timing" not in p.name
    }


def starving(scenario, policies, seed, number, **kept):
    """Runs out of memory at replication 3, each time."""
    if number == 3:
        raise MemoryError
    return replicate(scenario, policies, seed, number)
