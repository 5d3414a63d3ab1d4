"""Types, units, limits and defaults of keys as text, derived from the schema."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from simulator.foundation import quantities, units
from simulator.foundation.plugin import Plugin
from simulator.foundation.units import HoldingCost
from simulator.policies.replenishment.replenishment import level
from simulator.randomness.distribution import Durations, Quantities, Shares
from simulator.scenario.faults.shape import family_of
from simulator.scenario.schema.expect import bound

REQUIRED = "required"
NONE = "none"

_BY_FUNCTION: dict[Callable[..., Any], str] = {
    units.duration: "duration",
    units.rate: "rate",
    units.fraction: "share",
    units.whole: "whole number",
    quantities.quantity: "units",
    quantities.granularity: "number",
    units.holding: "holding cost",
    units.date: "date",
    units.moment: "duration or date",
    units.text: "text",
    units.amount: "amount",
    units.plain: "number",
    level: "units or days of cover",
    bound: "amount in the KPI's unit",
}
_BY_VALIDATOR: list[tuple[Any, str]] = [
    (get_args(alias)[1], word)
    for alias, word in (
        (units.Money, "currency"),
        (Durations, "distribution of durations"),
        (Quantities, "distribution of quantities"),
        (Shares, "distribution of shares"),
    )
]
_WRITTEN = {"duration": " d", "rate": " / d", "duration or date": " d", "distribution of durations": " d"}
_SIGNS = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}


def type_text(annotation: Any, metadata: Iterable[Any] = ()) -> str:
    """The type of a key, for example 'duration > 0', 'text or list of text', 'NAME → share'."""
    found = _validated(metadata)
    if found:
        limits = _limits(metadata) if found not in {"share", "currency"} else ""
        return f"{found} {limits}".strip()
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return type_text(arguments[0], arguments[1:])
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(type_text(a) for a in arguments if a is not type(None)))
    if origin is Literal:
        return " | ".join(str(a).lower() if isinstance(a, bool) else str(a) for a in arguments)
    if origin in (list, tuple):
        return f"list of {type_text(arguments[0])}"
    if origin is dict:
        return f"NAME → {type_text(arguments[1])}"
    if family := family_of(annotation):
        return family.family
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "mapping"
    return {bool: "true or false", int: "whole number", float: "number", str: "text"}.get(annotation, "value")


def _validated(metadata: Iterable[Any]) -> str:
    for mark in metadata:
        for validator, word in _BY_VALIDATOR:
            if mark is validator:
                return word
    functions = (getattr(mark, "func", None) for mark in metadata)
    return next((_BY_FUNCTION[f] for f in functions if f in _BY_FUNCTION), "")


def _limits(metadata: Iterable[Any]) -> str:
    found = []
    for mark in metadata:
        if isinstance(mark, FieldInfo):
            found.append(_limits(mark.metadata))
        found += [f"{sign} {getattr(mark, name):g}" for name, sign in _SIGNS.items() if hasattr(mark, name)]
    return ", ".join(filter(None, found))


def default_text(field: FieldInfo) -> str:
    """The default of a key: 'required', 'none', '0 d', 'fifo'."""
    if field.is_required():
        return REQUIRED
    value = field.get_default(call_default_factory=True, validated_data={})
    return _shown(value, type_text(field.annotation, field.metadata))


def _shown(value: Any, words: str) -> str:
    if value is None or value == [] or value == {} or value == "":
        return NONE
    if isinstance(value, HoldingCost):
        return f"{value.money:g} / d"
    if isinstance(value, Plugin):
        fields = {k: v for k, v in value if k != "kind" and v is not None}
        return _shown(fields["value"], words) if set(fields) == {"value"} else str(getattr(value, "kind", ""))
    if isinstance(value, BaseModel):
        return "its defaults"
    if isinstance(value, dict):
        inside = {k: _shown(v, words) for k, v in value.items()}
        return inside["default"] if set(inside) == {"default"} else str(inside)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and words.endswith(("share", "shares")):
        return f"{value * 100:g} %"
    if isinstance(value, int | float) and not isinstance(value, Enum):
        unit = next((u for w, u in _WRITTEN.items() if words == w or words.startswith(f"{w} ")), "")
        return f"{value:g}{unit}"
    return str(value)
