"""What tells scenarios apart: a name that is safe for folders, and a fingerprint of everything that moves numbers."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from typing import Any

from pydantic import BaseModel

from simulator.foundation.units import HoldingCost
from simulator.policies.replenishment.replenishment import Cover
from simulator.scenario.faults.shape import fields_of
from simulator.scenario.schema.schema import Scenario

LONGEST_SLUG = 60
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{k}" for port in ("com", "lpt") for k in range(10))}
_WORDS_ONLY = {"title", "description", "sources", "expect"}
"""Fields of the scenario that are shown or checked and move no number."""


def slug(name: str) -> str:
    """A safe, short file name for any name; one that had to be changed ends in a hash of the name.

    >>> slug("flash-sale"), slug("../Été 2025")
    ('flash-sale', 'Ete-2025-250da039')
    """
    stem = name.split(".")[0].lower()
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name) and len(name) <= LONGEST_SLUG and stem not in _RESERVED:
        if not name.endswith("."):
            return name
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "scenario"
    return f"{words}-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def fingerprint(scenario: Scenario) -> str:
    """SHA-256 (hex) of `fingerprint_data`."""
    text = json.dumps(fingerprint_data(scenario), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def fingerprint_data(scenario: Scenario) -> dict[str, Any]:
    """Everything that moves numbers, as plain data: values in their units, and the content of data files.

    Comments, anchors, `extends`, the order of keys and the way a value is written (24 h or 1 d) make no difference.
    Order counts in lists, and in three mappings where the first one is special: the policies (differences are to the
    first), the suppliers of an item (the first is asked), the carriers (the first delivers).
    """
    sellers: dict[str, list[str]] = {}
    for path, supplier, spec in scenario.all_suppliers():
        for item in spec.items:
            sellers.setdefault("\x1f".join((*path[1:-1:2], item)), []).append(supplier)
    return {
        "scenario": {k: v for k, v in _plain(scenario).items() if k not in _WORDS_ONLY},
        "first policy": next(iter(scenario.policies), None),
        "carriers": {name: scenario.carrier_of(name) for name in scenario.customers},
        "sites": {name: scenario.site_of(name) for name in scenario.customers if scenario.warehouses},
        "suppliers": {item: names for item, names in sellers.items() if len(names) > 1},
        "data": dict(scenario.data_digests),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        names = {field_name: key for key, field_name in _names(type(value)).items()}
        return {key: _plain(getattr(value, name)) for name, key in names.items() if key != "extends"}
    if isinstance(value, Cover):
        return {"days of cover": float(value)}
    if isinstance(value, HoldingCost):
        return value._asdict()
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value


def _names(model: type[BaseModel]) -> dict[str, str]:
    """The file's key -> the attribute."""
    fields = fields_of(model)
    by_field = {id(field): name for name, field in model.model_fields.items()}
    return {key: by_field[id(field)] for key, field in fields.items()}
