"""Kits in random worlds: one of the items becomes a kit of others."""

from __future__ import annotations

import random

from tests.properties.models.tellings import objects
from tests.properties.models.worlds import Plain

STOCKED = ("made", "visibility_lag", "release", "reserve", "shelf_life", "season")
"""What only an item with stock can have."""
IN_TURN = ("fifo", "lifo", "priority", "margin", "critical_level")
"""Allocations that serve one line after the other."""


def add_kit(dice: random.Random, d: Plain) -> bool:
    """Makes a kit of the last item that can be one; False where there is none."""
    items = list(d["items"])
    for kit in reversed(items):
        parts = [name for name in items if name != kit and d["items"][name].get("made") != "drop_ship"]
        stocks = [spec["stock"] for _, spec in objects(d, "suppliers") if "stock" in spec]
        if parts and not any(set(stock) <= {kit} for stock in stocks):
            _forget(d, kit, parts)
            spec = d["items"][kit]
            for key in STOCKED:
                spec.pop(key, None)
            if dice.random() < 0.5:
                del spec["unit_cost"]
            spec["kit"] = {name: dice.randint(1, 3) for name in parts[: dice.randint(1, 2)]}
            perish = any("shelf_life" in d["items"][part] for part in spec["kit"])
            for policy in d["policies"].values():
                if policy.get("allocation", {"kind": "fifo"})["kind"] not in IN_TURN:
                    policy["allocation"] = {"kind": "priority"}
                policy["kits"] = {"reserve": "together" if perish else dice.choice(["together", "piecewise"])}
            return True
    return False


def _forget(d: Plain, kit: str, parts: list[str]) -> None:
    """Takes an item out of stock, suppliers, decisions to buy and counts."""
    for place in [d.get("warehouse", {}), *d.get("warehouses", {}).values()]:
        place.get("stock", {}).pop(kit, None)
    for _, spec in objects(d, "suppliers"):
        for key in ("stock", "bom", "replenishment", "unit_cost"):
            if kit in spec.get(key, {}) and len(spec[key]) == 1 and key != "stock":
                del spec[key]
            spec.get(key, {}).pop(kit, None)
        if kit in spec["items"]:
            spec["items"] = [name for name in spec["items"] if name != kit] or [parts[0]]
        if "under_way" in spec:
            spec["under_way"] = [bought for bought in spec["under_way"] if bought["item"] != kit]
        if "stock" in spec:  # what it sells may now be made of nothing that it has
            spec["bom"] = {name: needs for name, needs in spec.get("bom", {}).items() if kit not in needs}
    for policy in d["policies"].values():
        policy.get("replenishment", {}).pop(kit, None)
        measure = policy.get("procurement", {})
        for step in [measure, *measure.get("steps", [])]:
            if "items" in step:
                step["items"] = [name for name in step["items"] if name != kit] or parts[:1]
    d["events"] = [event for event in d["events"] if event["kind"] != "record_error" or event.get("items") != kit]
