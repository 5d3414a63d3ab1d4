"""The digest of what happened: the same for the same facts, another one for any other."""

import pytest

from simulator.record.digest import DIGITS, digest
from simulator.record.ledger import FactColumns
from simulator.scenario.loader import load, load_text
from simulator.world.simulate import simulate


@pytest.fixture(scope="module")
def shop():
    return load("scenarios/steady-shop.yaml").edit({"clock.horizon": 90, "clock.warm_up": 10})


def test_the_same_run_has_the_same_digest_and_another_one_another(shop):
    first = digest(simulate(shop, "lean", 1))
    assert first == digest(simulate(shop, "lean", 1))
    assert len(first) == DIGITS
    others = [simulate(shop, "safe", 1), simulate(shop, "lean", 2), simulate(shop, "lean", 1, 1)]
    assert len({first, *map(digest, others)}) == 4


def test_any_fact_that_differs_in_its_last_bit_shows(shop):
    for table, column in (("fills", "time"), ("purchases", "units"), ("parcels", "delivered"), ("cancelled", "cause")):
        run = simulate(shop, "lean", 1)
        before = digest(run)
        facts = getattr(run, table)
        assert facts[column].size
        changed = facts[column].copy()
        changed[-1] += 2**-40
        setattr(run, table, FactColumns({**facts, column: changed}))
        assert digest(run) != before, table


def test_what_moves_no_fact_moves_no_digest(shop):
    dearer = shop.edit({"costs.order": 99, "items.rug.price": 130})
    assert digest(simulate(dearer, "lean", 1)) == digest(simulate(shop, "lean", 1))
    run = simulate(shop, "lean", 1)
    before = digest(run)
    run.orders()  # what is computed later takes no part
    assert digest(run) == before


def test_the_last_digit_is_kept_by_a_double():
    assert int("f" * DIGITS, 16) == int(float(int("f" * DIGITS, 16))) < 2**53


SHOP = """\
name: shop
clock: {horizon: 60 d}
items: {mug: {price: 12, unit_cost: 5}}
customers:
  web: {arrivals: {kind: poisson, rate: 2 / d}, basket: {kind: single, item: mug}, contact: {}, STREAM}
suppliers:
  maker: {items: all, lead_time: {kind: exponential, mean: 3 d}, capacity: {rate: 3 / d, breakdown: LINE}, STREAM}
carriers: {van: {transit: {kind: exponential, mean: 2 d}, lost: 5 %, STREAM}}
events:
  - {kind: demand_spike, customers: web, every: {kind: exponential, mean: 9}, lasts: 3, factor: 3}
  - {kind: capacity_loss, supplier: maker, every: {kind: exponential, mean: 9}, lasts: 3, left: 50 %}
policies: {lean: {replenishment: {kind: s_S, s: 5, S: 20}, promise: {kind: quantile}}}
"""


@pytest.mark.parametrize("name", ["web", "maker", "van"])
def test_renaming_moves_no_fact_if_the_stream_is_kept(name):
    def played(text):
        return digest(simulate(load_text(text.replace("LINE", "{every: 9, repair: 1}")), "lean", 1))

    before = played(SHOP.replace(", STREAM", ""))
    renamed = SHOP.replace(name, "zebra")
    kept = "".join(line.replace("STREAM", f"stream: {name}") if "zebra: {" in line else line.replace(", STREAM", "")
                   for line in renamed.splitlines(keepends=True))  # fmt: skip
    assert played(kept) == before
    assert played(renamed.replace(", STREAM", "")) != before
