"""On time in full against the date that was promised."""

from simulator.kpis.evaluate import evaluate
from simulator.kpis.kpi import Undefined
from simulator.scenario.loader import load_text
from simulator.world.simulate import simulate

SHOP = """
name: promises
clock: {horizon: 20 d}
items: {mug: {price: 1, unit_cost: 1}}
customers: {all: {arrivals: {kind: every, interval: 1 d}, basket: {kind: single, item: mug}}}
warehouse: {stock: {mug: 4}}
suppliers: {maker: {items: [mug], lead_time: 6 d}}
carriers: {van: {transit: 1 d}}
policies:
  silent: {replenishment: {kind: base_stock, S: 4}}
  tight: {replenishment: {kind: base_stock, S: 4}, promise: {kind: fixed, within: 2 d}}
  true: {replenishment: {kind: base_stock, S: 4}, promise: {kind: fixed, within: 3 d}}
"""


def otif(policy: str) -> object:
    scenario = load_text(SHOP)
    found = evaluate(simulate(scenario, policy, seed=1))
    assert found["otif_first_promise"] == found["otif_last_promise"]
    return found["otif_first_promise"]


def test_a_promise_shorter_than_the_wait_is_kept_only_while_there_is_stock() -> None:
    """Four at once on days 1 to 4 (1 d on the way); then each waits 6 - 4 = 2 d for its own purchase, and is late."""
    assert otif("tight") == 4 / 17  # orders of days 1 to 17 are due before day 20


def test_a_promise_as_long_as_the_wait_is_always_kept() -> None:
    assert otif("true") == 1.0


def test_without_a_promise_there_is_nothing_to_keep() -> None:
    assert isinstance(otif("silent"), Undefined)
