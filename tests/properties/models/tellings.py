"""The same world told in other words: renamed, reordered, or with things that nobody uses."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

from tests.properties.models.worlds import Plain, Words

FAMILIES = ("items", "customers", "suppliers", "carriers")
"""Objects that may keep their random numbers under another name (`stream`). Sites, material and events are known to
their random numbers by their names alone."""


def with_names(value: Any, names: dict[str, str]) -> Any:
    """Keys and values with other names."""
    if isinstance(value, dict):
        return {names.get(key, key): with_names(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [with_names(inner, names) for inner in value]
    return names.get(value, value) if isinstance(value, str) else value


def column_with_names(table: str, column: str, names: dict[str, str]) -> str:
    """A CSV file with other names in one of its columns."""
    if not table or column not in table.splitlines()[0].split(","):
        return table
    head, *rows = [line.split(",") for line in table.splitlines()]
    place = head.index(column)
    rows = [[names.get(cell, cell) if k == place else cell for k, cell in enumerate(row)] for row in rows]
    return "\n".join(map(",".join, [head, *rows])) + "\n"


def renamed(words: Words, dice: random.Random) -> tuple[Words, dict[str, str]]:
    """Every object that has random numbers of its own keeps them under another name; policies get other names, too."""
    d = copy.deepcopy(words.document)
    names = {}
    for family in FAMILIES:
        for number, (name, spec) in enumerate(objects(d, family)):
            spec["stream"] = f"\x00{name}"
            names[name] = f"{dice.choice('azÄ')} {family} {number}"
    d = with_names(d, names)
    for family in FAMILIES:
        for _, spec in objects(d, family):
            spec["stream"] = spec["stream"][1:]
    d["policies"] = {f"as {name}": policy for name, policy in d["policies"].items()}
    for policy in d["policies"].values():
        if "extends" in policy:
            policy["extends"] = f"as {policy['extends']}"
    files = {name: column_with_names(text, "item", names) for name, text in words.files.items()}
    return Words(d, column_with_names(words.orders, "item", names), files), names


def objects(d: Plain, family: str) -> Iterator[tuple[str, Plain]]:
    """The objects of a family; suppliers at all levels."""
    for name, spec in d.get(family, {}).items():
        yield name, spec
        if family == "suppliers":
            yield from objects(spec, family)


def shuffled(value: Any, dice: random.Random, key: str = "") -> Any:
    """Mappings in another order, where it means nothing: the first supplier, carrier and site mean something."""
    if isinstance(value, dict):
        names = list(value)
        if key not in ("suppliers", "carriers", "supplier", "warehouses"):
            dice.shuffle(names)
        return {name: shuffled(value[name], dice, name) for name in names}
    return [shuffled(inner, dice) for inner in value] if isinstance(value, list) else value


def with_idlers(words: Words, name: str) -> Words:
    """The world with an item that nobody orders, a supplier that nobody asks and a carrier that nobody calls; the first
    supplier of an item, or the first carrier, would be asked."""
    d = copy.deepcopy(words.document)
    sold = {item: None for spec in d["suppliers"].values() for item in spec["items"]}
    if sold:
        d["suppliers"][f"{name} maker"] = {"items": [*sold], "lead_time": {"kind": "exponential", "mean": 3}}
        d["suppliers"][f"{name} maker"]["unit_cost"] = dict.fromkeys(sold, 1e4)  # the cheapest is a yardstick of cost
    if d["carriers"]:
        d["carriers"][f"{name} van"] = {"transit": {"kind": "exponential", "mean": 3}, "cost": {"parcel": 9}}
    d["items"][name] = {"price": 3, "unit_cost": 1}
    for policy in d["policies"].values():
        policy.setdefault("replenishment", {})[name] = {"kind": "none"}
        for step in _measures(policy.get("procurement", {"kind": "wait"})):
            if step["kind"] == "spot_buy":
                step["items"] = [item for item, spec in words.document["items"].items() if "kit" not in spec]
    return words._replace(document=d)


def _measures(procurement: Plain) -> Iterator[Plain]:
    """The measures of a procurement, one after the other or round by round."""
    parts = procurement.get("steps", procurement.get("decisions"))
    for part in [procurement] if parts is None else parts:
        yield from [part] if part is procurement else _measures(part)
