"""The size of a replication is estimated before it runs."""

from __future__ import annotations

import pytest

from simulator.scenario.loader import load_text
from simulator.scenario.size import expected_size, frequent

SHOP = """\
name: shop
clock: {horizon: 1000 d}
items: {mug: {price: 2, unit_cost: 1}, rug: {price: 2, unit_cost: 1}, jug: {price: 2, unit_cost: 1}}
customers:
  web: {arrivals: {kind: poisson, rate: 500 / d}, basket: {kind: bundle, items: {mug: 1, rug: 1}}}
  b2b: {arrivals: {kind: every, interval: 1 d}, basket: {kind: weighted, items: {mug: 1, jug: 1}, lines: 1.5}}
suppliers: {maker: {items: all, lead_time: 5 d}}
policies:
  lean: {replenishment: {kind: base_stock, S: 400000}}
  loud: {extends: lean}
"""


def test_orders_and_lines_are_estimated():
    found = expected_size(load_text(SHOP))
    assert found.orders == pytest.approx(501_000, rel=1e-6)
    assert found.lines == pytest.approx(1_001_500, rel=1e-6)
    assert found.others == 0


def test_a_recorded_order_book_counts_what_is_before_the_horizon(tmp_path):
    (tmp_path / "o.csv").write_text("t,o,i,q\n1,A,mug,1\n1,A,rug,1\n2,B,mug,1\n2000,C,mug,1\n")
    trace = "{arrivals: {kind: trace, file: o.csv, time: t, order: o, item: i, quantity: q}}"
    text = "\n".join(f"  web: {trace}" if line.startswith("  web") else line for line in SHOP.splitlines())
    found = expected_size(load_text(text, folder=tmp_path))
    assert found[:2] == pytest.approx((2 + 1000, 3 + 1500), rel=2e-3)


def test_the_orders_of_spikes_are_added():
    spike = "events:\n  - {kind: demand_spike, customers: web, at: 100 d, lasts: 10 d, factor: 101}\n"
    assert expected_size(load_text(SHOP + spike)).orders == pytest.approx(501_000 + 500_000, rel=1e-6)


WAITS = 0.2 * 501_000
"""Orders that wait: half a lead time, 2.5 days."""


@pytest.mark.parametrize(
    ("key", "value", "path", "times"),
    [
        ("promise", "{kind: atp, repromise: periodic, every: 1 d}", "policies.loud.promise.every", WAITS * 2.5),
        ("communication", "{kind: heartbeat, every: 0.5 d}", "policies.loud.communication.every", WAITS * 5),
        ("communication", "{kind: silent, also: [order, shipped]}", "policies.loud.communication.also", WAITS * 2),
    ],
)
def test_what_happens_while_orders_wait_is_counted_for_the_policy_that_does_most(key, value, path, times):
    shop = load_text(SHOP.replace("{extends: lean}", f"{{extends: lean, {key}: {value}}}"))
    assert frequent(shop, "lean") == {}
    assert frequent(shop, "loud") == {tuple(path.split(".")): pytest.approx(times)}
    assert expected_size(shop).others == pytest.approx(times)


def test_contacts_and_carts_are_counted():
    shop = SHOP.replace("basket: {kind: b", "patience: 1 d, contact: {per_day_waiting: 1, split: 1}, basket: {kind: b")
    assert frequent(load_text(shop), "lean") == {("customers", "web", "contact"): pytest.approx(0.2 * 500_000 * 3)}
    shop = SHOP.replace("basket: {kind: b", "carts: {abandoned: 75 %}, basket: {kind: b")
    assert frequent(load_text(shop), "lean") == {}
    found = frequent(load_text(shop.replace("{extends: lean}", "{extends: lean, reservation: at_cart}")), "loud")
    assert found == {("customers", "web", "carts", "abandoned"): pytest.approx(500_000 * 3 * 2 * 2)}
