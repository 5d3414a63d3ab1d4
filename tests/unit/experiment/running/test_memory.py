"""Scenarios that would not fit into memory are refused before anything runs."""

import subprocess
import sys

import pytest

from simulator.experiment.running import memory
from simulator.experiment.running.memory import check_memory, expected_bytes, machine_memory
from simulator.foundation.errors import UserError
from simulator.scenario.loader import load_text
from simulator.scenario.size import expected_size

SHOP = """\
name: shop
clock: {horizon: 1000 d}
items: {mug: {price: 2, unit_cost: 1}, rug: {price: 2, unit_cost: 1}, jug: {price: 2, unit_cost: 1}}
customers:
  web: {arrivals: {kind: poisson, rate: 50000 / d}, basket: {kind: bundle, items: {mug: 1, rug: 1}}}
  b2b: {arrivals: {kind: every, interval: 1 d}, basket: {kind: weighted, items: {mug: 1, jug: 1}, lines: 1.5}}
suppliers: {maker: {items: all, lead_time: 5 d}}
policies: {lean: {replenishment: {kind: base_stock, S: 400000}}}
"""


def test_what_does_not_fit_is_refused_with_what_would_help(monkeypatch):
    shop = load_text(SHOP)
    with pytest.raises(UserError, match=r"about 5e\+07 orders with 1e\+08 lines .* about 23 GB, more than the 8 GB"):
        check_memory(shop, 1, 8e9)
    with pytest.raises(UserError, match=r"23 GB in each of 2 workers, .* use fewer --workers, shorten clock.horizon"):
        check_memory(shop, 2, 40e9)
    check_memory(shop, 1, 40e9)
    monkeypatch.setattr(memory, "machine_memory", lambda: 16e9)
    with pytest.raises(UserError, match=r"more than the 13 GB allowed"):
        check_memory(shop, 1)
    check_memory(load_text(SHOP.replace("50000 / d", "50 / d")), 64, 1e6), "small scenarios are never refused"
    assert machine_memory() > 1e8


LITTLE = """\
name: little
clock: {horizon: 1000 d}
items: {mug: {price: 2, unit_cost: 1}, rug: {price: 2, unit_cost: 1}}
customers: {web: {arrivals: {kind: poisson, rate: 50 / d}, basket: {kind: bundle, items: {mug: 1, rug: 1}}}}
suppliers: {maker: {items: all, lead_time: 10 d}}
policies: {lean: {replenishment: {kind: s_S, s: 300, S: 1000}}}
"""
ALL_WAIT = LITTLE.replace("1000 d", "3000 d").replace("s: 300, S: 1000", "s: 0, S: 100")
ONE_LINE = LITTLE.replace("1000 d", "3000 d").replace("{mug: 1, rug: 1}}}", "{mug: 1}}}")
LOUD = LITTLE.replace("1000 d", "100 d").replace("{replen", "{communication: {kind: heartbeat, every: 0.1 d}, replen")
PEAK = """
import sys, tempfile
from pathlib import Path
from simulator.experiment.running.replicate import replicate
from simulator.scenario.loader import load_text

def peak(shop):
    with tempfile.TemporaryDirectory() as folder:
        replicate(shop, ["lean"], 1, 0, series=Path(folder))
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024

shop = load_text(sys.stdin.read())
print(-peak(shop.edit({"clock.horizon": 10})) + peak(shop))
"""


@pytest.mark.parametrize("text", [LITTLE, LOUD, ALL_WAIT, ONE_LINE])
def test_the_estimate_is_within_a_factor_of_two_of_the_peak_of_a_replication(text):
    """The second one sends ten messages for each order; in the third every order waits."""
    told = subprocess.run([sys.executable, "-c", PEAK], input=text, capture_output=True, text=True, check=True)
    assert 0.5 < expected_bytes(expected_size(load_text(text))) / int(told.stdout) < 2
