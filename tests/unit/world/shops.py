"""A tiny shop as plain data, to be changed key by key."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from simulator.kernel import lanes
from simulator.scenario.loader import load_text
from simulator.scenario.tree.nodes import dump
from simulator.world.simulate import simulate

PLAIN: dict[str, Any] = {
    "name": "tiny shop",
    "clock": {"horizon": 40},
    "items": {"mug": {"price": 12, "unit_cost": 5}},
    "customers": {
        "web": {"arrivals": {"kind": "every", "interval": 1}, "basket": {"kind": "single", "item": "mug"}},
    },
    "suppliers": {"pottery": {"items": ["mug"], "lead_time": 4}},
    "warehouse": {"stock": {"mug": 6}},
    "policies": {"first": {"replenishment": {"kind": "s_Q", "s": 4, "Q": 5}}},
}


def shop(**changes: Any) -> dict[str, Any]:
    """The tiny shop with `a__b=value` written at a.b."""
    d = copy.deepcopy(PLAIN)
    for path, value in changes.items():
        *folders, last = path.split("__")
        place = d
        for name in folders:
            place = place.setdefault(name, {})
        place[last] = copy.deepcopy(value)
    return d


def play(
    d: dict[str, Any], policy: str = "first", seed: int = 1, replication: int = 0, lane: lanes.Lane = "simpy"
) -> Any:
    """An audited run; SimPy plays it unless the test only looks at what both lanes draw."""
    run = lanes.simulate(load_text(dump(d)), policy, seed, replication, lane=lane)
    run.audit()
    return run


def play_book(
    folder: Path, *lines: str, policy: dict[str, Any] | None = None, records: bool = True, **changes: Any
) -> Any:
    """An audited run of recorded orders of mugs and cups, "day,order,item,units,day called off,units called off".

    Nothing is bought in the run unless the policy says so.
    """
    (folder / "orders.csv").write_text("\n".join(["ts,order,item,qty,off,offq", *lines]) + "\n")
    d = shop(items__cup={"price": 7, "unit_cost": 3}, **changes)
    d["suppliers"]["pottery"]["items"] = "all"
    d["policies"]["first"] = {"replenishment": {"kind": "none"}, **(policy or {})}
    d["customers"]["web"] |= {
        "arrivals": {"kind": "trace", "file": "orders.csv", "time": "ts", "order": "order", "item": "item"}
        | {"quantity": "qty", "cancel_time": "off", "cancel_quantity": "offq"}
    }
    del d["customers"]["web"]["basket"]
    run = simulate(load_text(dump(d), folder=folder), "first", 1, records=records)
    run.audit()
    return run
