"""Identity of scenarios: a name that is safe for folders, and a fingerprint of everything that affects results."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from typing import Any

from pydantic import BaseModel

from simulator.foundation.units import HoldingCost
from simulator.policies.replenishment.replenishment import Cover
from simulator.scenario.faults.shape import children
from simulator.scenario.schema.schema import Scenario

LONGEST_SLUG = 60
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{k}" for port in ("com", "lpt") for k in range(10))}
COVER = "days of cover"
TEXT_ONLY = {"title", "description", "sources", "expect"}
"""Fields of the scenario that are shown or checked and do not affect results; so is the title of a policy."""


def slug(name: str) -> str:
    """A safe, short file name for any name; a name that had to be changed ends in its hash.

    >>> slug("flash-sale"), slug("../Été 2025")
    ('flash-sale', 'Ete-2025-250da039')
    """
    stem = name.split(".")[0].lower()
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name) and len(name) <= LONGEST_SLUG and stem not in _RESERVED:
        if not name.endswith("."):
            return name
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "scenario"
    return f"{stem}-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def fingerprint(scenario: Scenario) -> str:
    """SHA-256 (hex) of `fingerprint_data`."""
    text = json.dumps(fingerprint_data(scenario), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def affects_results(path: tuple[str | int, ...]) -> bool:
    """Whether results can depend on the key at a path.

    >>> affects_results(("costs", "order")), affects_results(("policies", "lean", "title"))
    (True, False)
    """
    return path[0] not in TEXT_ONLY and not (path[0] == "policies" and path[2:] == ("title",))


def plain_values(scenario: Scenario) -> dict[str, Any]:
    """Every value of a scenario in its unit, by key, as plain data."""
    found: dict[str, Any] = _plain(scenario)
    return found


def fingerprint_data(scenario: Scenario) -> dict[str, Any]:
    """Everything that affects results, as plain data: values in their units, and digests of data files.

    Comments, anchors, `extends`, the order of keys and the notation of a value (24 h or 1 d) make no difference.
    Order matters in lists, and in three mappings whose first entry is special: policies (differences are relative to
    it), suppliers of an item and carriers (it is the default).
    """
    sellers: dict[str, list[str]] = {}
    for path, supplier, spec in scenario.all_suppliers():
        for item in spec.items:
            sellers.setdefault("\x1f".join((*path[1:-1:2], item)), []).append(supplier)
    values = {k: v for k, v in _plain(scenario).items() if k not in TEXT_ONLY}
    values["policies"] = {name: {**policy, "title": ""} for name, policy in values["policies"].items()}
    return {
        "scenario": values,
        "first policy": next(iter(scenario.policies), None),
        "carriers": {name: scenario.carrier_of(name) for name in scenario.customers},
        "sites": {name: scenario.site_of(name) for name in scenario.customers if scenario.warehouses},
        "suppliers": {item: names for item, names in sellers.items() if len(names) > 1},
        "data": dict(scenario.data_digests),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return {key: _plain(inner) for key, inner in children(value) if key != "extends"}
    if isinstance(value, Cover):
        return {COVER: float(value)}
    if isinstance(value, HoldingCost):
        return value._asdict()
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value
