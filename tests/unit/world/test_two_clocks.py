"""One model on two clocks: our queue of bare calls with its feed, and SimPy's public interface, give the same facts."""

from fractions import Fraction

import numpy as np
import pytest
import yaml

from simulator.randomness.arrivals.trace import Trace
from simulator.randomness.orderbook import OrderBook
from simulator.randomness.streams import Streams
from simulator.scenario.loader import load_text
from simulator.scenario.schema.schema import Scenario
from simulator.world.simulate import build, play, start
from tests.properties.models.facts import digest
from tests.unit.world.plain_clock import PlainClock

ITEMS = ["bowl", "jug", "mug", "plate"]
TICK = 1024
"""Every time is a multiple of 1/1024 day: sums and differences are exact, however they are taken."""


def dyadic(dice, low, high, shape):
    return dice.integers(int(low * TICK), int(high * TICK), shape) / TICK


def order_book(dice, n, days):
    """Recorded orders, many at one instant, with all that a record may settle."""
    times = np.sort(np.round(dyadic(dice, 0, days, n) * 8) / 8)
    counts = dice.integers(1, 4, n)
    items = np.concatenate([dice.permutation(len(ITEMS))[:count] for count in counts])
    quantities = dice.integers(1, 5, items.size)
    owner = np.repeat(times, counts)
    book = OrderBook(times, counts, items, quantities)
    book.patience = dyadic(dice, 0, 20, n)
    book.transits = dyadic(dice, 0, 5, (n, 4))
    book.one_parcel = dice.random(n) < 0.2
    book.priority = dice.integers(1, 4, n)
    book.cancel_at = np.where(dice.random(items.size) < 0.15, owner + dyadic(dice, 0, 10, items.size), np.nan)
    book.cancel_quantity = np.maximum(quantities - 1, 1)
    return book


def world(dice):
    lead = {"kind": "discrete", "values": dyadic(dice, 1, 9, 7).tolist()}
    d = {
        "name": "dyadic",
        "clock": {"horizon": 90, "warm_up": 10},
        "items": {name: {"price": 9, "unit_cost": 4} for name in ITEMS},
        "customers": {
            "web": {
                "arrivals": {"kind": "every", "interval": 0.25},
                "basket": {"kind": "bundle", "items": {"mug": {"kind": "discrete", "values": [0, 1, 2]}, "jug": 1}},
                "patience": {"kind": "discrete", "values": [0, 0.5, 2.25, 30]},
                "one_parcel": 0.5,
            }
        },
        "warehouse": {
            "stock": {"bowl": -4, "jug": 30, "mug": 20, "plate": 10},
            "picking": {"time": {"kind": "discrete", "values": [1 / 64, 1 / 16]}, "workers": 1},
        },
        "suppliers": {
            "pottery": {"items": ITEMS, "lead_time": lead, "crossing": "fifo", "yield": 0.75},
            "importer": {"items": ["jug", "mug"], "lead_time": lead, "closures": [{"from": 30, "to": 40}]},
        },
        "carriers": {"van": {"transit": {"kind": "discrete", "values": [0, 0.5, 1.25]}}},
        "events": [
            {"kind": "outage", "supplier": "pottery", "every": 7.5, "lasts": {"kind": "discrete", "values": [1, 2.5]}},
            {"kind": "closure", "warehouse": True, "at": 20, "lasts": 1.5},
            {"kind": "outage", "carrier": "van", "at": 21, "lasts": 2},
            {"kind": "supplier_delay", "supplier": ["pottery", "importer"], "at": 50, "lasts": 20, "extra": 0.5},
        ],
        "policies": {
            "lean": {
                "replenishment": {
                    "default": {"kind": "s_S", "s": 12, "S": 30},
                    "mug": {"kind": "R_S", "R": 2.5, "S": 60, "supplier": {"pottery": 0.5, "importer": 0.5}},
                    "jug": {"kind": "base_stock", "S": 40, "supplier": "importer", "cancel_purchase": True},
                },
                "acceptance": {"default": {"kind": "always"}, "plate": {"kind": "limit", "units": 6}},
                "allocation": {"kind": "critical_level", "units": 2, "top": 1},
            },
            "whole": {
                "replenishment": {"kind": "s_Q", "s": 10, "Q": 16},
                "fulfilment": {"kind": "order_complete"},
                "window": {"kind": "cancel_after", "days": 6},
            },
        },
    }
    scenario = load_text(yaml.safe_dump(d))
    recorded = scenario.customers["web"].model_copy(
        update={"arrivals": Trace.of(order_book(dice, 400, 90), tuple(ITEMS)), "basket": None}
    )
    return scenario.model_copy(update={"customers": {**scenario.customers, "record": recorded}})


def played(scenario: Scenario, policy: str, clock) -> object:
    state = build(scenario, policy, Streams(3, 1), clock)
    start(state)
    run = play(state, policy, 3, 1)
    run.audit()
    return run


@pytest.mark.parametrize("policy", ["lean", "whole"])
@pytest.mark.parametrize("seed", range(3))
def test_the_same_model_gives_the_same_facts_on_simpys_public_interface(policy, seed):
    scenario = world(np.random.default_rng(seed))
    fast, plain = played(scenario, policy, None), played(scenario, policy, PlainClock())
    assert digest(fast) == digest(plain)
    for table in ("fills", "cancelled", "picks", "receipts", "parcels"):
        column = next(iter(getattr(fast, table).values()))
        assert column.size > 20, table
        assert all(Fraction(x).denominator <= TICK**2 for x in column.tolist()), "not dyadic: the comparison means less"
