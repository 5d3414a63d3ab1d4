"""Scenarios that would not fit into memory are refused before anything runs."""

import subprocess
import sys

import pytest

from simulator.experiment.running import memory
from simulator.experiment.running.memory import check_memory, expected_size, machine_memory
from simulator.foundation.errors import UserError
from simulator.scenario.loader import load_text

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


def test_orders_and_lines_are_estimated():
    size = expected_size(load_text(SHOP))
    assert size.orders == pytest.approx(50_001_000, rel=1e-6)
    assert size.lines == pytest.approx(100_001_500, rel=1e-6)
    assert 25e9 < size.bytes < 35e9


def test_a_recorded_order_book_counts_what_is_before_the_horizon(tmp_path):
    (tmp_path / "o.csv").write_text("t,o,i,q\n1,A,mug,1\n1,A,rug,1\n2,B,mug,1\n2000,C,mug,1\n")
    trace = "{arrivals: {kind: trace, file: o.csv, time: t, order: o, item: i, quantity: q}}"
    text = "\n".join(f"  web: {trace}" if line.startswith("  web") else line for line in SHOP.splitlines())
    assert expected_size(load_text(text, folder=tmp_path)) == pytest.approx((2 + 1000, 3 + 1500), rel=2e-3)


def test_what_does_not_fit_is_refused_with_what_would_help(monkeypatch):
    shop = load_text(SHOP)
    with pytest.raises(UserError, match=r"about 5e\+07 orders with 1e\+08 lines .* about 30 GB, more than the 8 GB"):
        check_memory(shop, 1, 8e9)
    with pytest.raises(UserError, match=r"30 GB in each of 2 workers, .* use fewer --workers, shorten clock.horizon"):
        check_memory(shop, 2, 40e9)
    check_memory(shop, 1, 40e9)
    monkeypatch.setattr(memory, "machine_memory", lambda: 16e9)
    with pytest.raises(UserError, match=r"more than the 13 GB allowed"):
        check_memory(shop, 1)
    check_memory(load_text(SHOP.replace("50000 / d", "50 / d")), 64, 1e6), "small scenarios are never refused"
    assert machine_memory() > 1e8


def test_the_estimate_is_above_what_a_run_takes():
    code = (
        "import tracemalloc, simulator; from simulator.scenario.loader import load_text;"
        "from simulator.kpis.evaluate import evaluate;"
        f"shop = load_text({SHOP.replace('50000 / d', '200 / d').replace('400000', '1500')!r});"
        "simulator.simulate(shop, 'lean', seed=1); tracemalloc.start();"
        "run = simulator.simulate(shop, 'lean', seed=1); evaluate(run, ['fill_rate', 'wait_p95']);"
        "print(tracemalloc.get_traced_memory()[1])"
    )
    taken = int(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
    size = expected_size(load_text(SHOP.replace("50000 / d", "200 / d")))
    assert 0.3 * size.bytes < taken < 1.3 * size.bytes
