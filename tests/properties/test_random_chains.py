"""Whatever chain, line, lane and carrier a scenario puts together, its books keep the laws of the audit."""

from __future__ import annotations

import random
from typing import Any

import pytest
import yaml

from simulator.kpis.evaluate import evaluate
from simulator.scenario.loader import load_text
from simulator.world.simulate import simulate

LEVELS = [{"kind": "s_S", "s": 3, "S": 12}, {"kind": "R_S", "R": 1, "S": 12}, {"kind": "base_stock", "S": 6}]


def supplier(dice: random.Random, items: list[str], depth: int, name: str) -> dict[str, Any]:
    words: dict[str, Any] = {
        "items": items,
        "lead_time": dice.choice([0, 1, 2.5, {"kind": "exponential", "mean": 2}]),
        "crossing": dice.choice(["allowed", "fifo"]),
        "order_delay": dice.choice([0, 0, 1.5]),
    }
    if dice.random() < 0.6:
        words["capacity"] = {"rate": dice.choice([3, 8, 20]), "lines": dice.choice([1, 2]), "setup": 0.1}
        if dice.random() < 0.5:
            words["capacity"]["breakdown"] = {"every": {"kind": "exponential", "mean": 4}, "repair": 1}
    if dice.random() < 0.4:
        words["lane"] = {"departures": {"every": 1, "units": dice.choice([4, 20])}}
        words["lane"]["customs"] = {"inspected": 0.3, "delay": 2}
    if dice.random() < 0.4:
        words["yield"] = {"kind": "uniform", "low": 0.6, "high": 1}
    if depth and dice.random() < 0.8:
        words["stock"] = {item: dice.randint(0, 15) for item in items}
        words["replenishment"] = dice.choice(LEVELS)
        words["fulfilment"] = {"kind": dice.choice(["as_available", "line_complete"])}
        words["allocation"] = {"kind": dice.choice(["fifo", "lifo", "priority"])}
        above = {f"{name}x": supplier(dice, items, depth - 1, f"{name}x")} if dice.random() < 0.6 else {}
        if dice.random() < 0.4:
            words["stock"]["clay"], words["bom"] = 20, {items[0]: {"clay": 2}}
            above[f"{name}q"] = {"items": ["clay"], "lead_time": 2}
        if above:
            words["suppliers"] = above
    return words


def world(seed: int) -> dict[str, Any]:
    dice = random.Random(seed)
    basket = {
        "kind": "weighted",
        "lines": 1,
        "items": {"mug": 1, "cup": 1},
        "quantity": {"kind": "geometric", "mean": 1.5},
    }
    people = {
        "arrivals": {"kind": "poisson", "rate": 3},
        "basket": basket,
        "patience": {"kind": "exponential", "mean": 4},
    }
    storm = {"kind": "path_closed", "supplier": "p", "carrier": "v", "every": 5, "lasts": 1.5, "name": "storm"}
    more = {"kind": "path_closed", "supplier": "p", "at": 0.7, "lasts": 2, "chance": 0.5, "name": "flood"}
    return {
        "name": "chain",
        "clock": {"horizon": 30},
        "items": {"mug": {"price": 3, "unit_cost": 1}, "cup": {"price": 2, "unit_cost": 1}},
        "customers": {"a": {"site": "n", **people}, "b": {"site": "s", **people}},
        "warehouses": {"n": {"stock": {"mug": 5, "cup": -2}}, "s": {"stock": {"mug": 3}, "priority": 2}},
        "suppliers": {"p": supplier(dice, ["mug", "cup"], 2, "p")},
        "carriers": {"v": {"transit": 1, "lost": dice.choice([0, 0.1]), "missed_after": 2, "stalled": 0.1}},
        "events": [dice.choice([storm | {"then": more}, {"kind": "outage", "supplier": "p", "every": 6, "lasts": 2}])],
        "policies": {
            "only": {
                "replenishment": {"kind": "s_S", "s": 3, "S": 10, "cancel_purchase": dice.choice([True, False])},
                "fulfilment": {"kind": dice.choice(["as_available", "order_complete"])},
                "promise": {"kind": dice.choice(["none", "ctp"])},
            }
        },
    }


@pytest.mark.parametrize("seed", range(40))
def test_the_books_of_every_stage_balance(seed):
    scenario = load_text(yaml.safe_dump(world(seed), sort_keys=False))
    run = simulate(scenario, "only", seed)
    run.audit()
    assert evaluate(run) == evaluate(simulate(scenario, "only", seed))
