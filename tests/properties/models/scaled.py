"""A world in other units: all money or all times multiplied, found by the types of the keys, defaults included."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from simulator.foundation import units
from simulator.foundation.plugin import FAMILIES, Plugin
from simulator.foundation.rounds import RoundByRound
from simulator.randomness.distribution import Distribution
from simulator.report.reference.key_types import type_text
from simulator.scenario.faults.shape import family_of
from simulator.scenario.schema.schema import Costs, Scenario
from simulator.scenario.schema.supply import SupplierCosts
from tests.properties.models.worlds import Plain

Change = Callable[[Any], Any]
MONEY_RATES = {(Costs, "storage"), (Costs, "backorder"), (SupplierCosts, "backorder")}
"""Rates of money; all others are rates of orders or units."""
SAME = object()
"""Nothing to change."""


class Units:
    """Multiplies one dimension of a scenario: how to change a value, by the words for the type of its key."""

    def __init__(self, changes: dict[str, Change], money_rate: Change) -> None:
        self.changes, self.money_rate = changes, money_rate

    def scenario(self, document: Plain) -> Plain:
        """The scenario in other units."""
        found: Plain = self.mapping(Scenario, document)
        return found

    def mapping(self, model: type[BaseModel], value: Plain) -> Plain:
        """A section of the file, or a kind; keys that are not given get their defaults in the new units."""
        found = dict(value)
        for name, field in model.model_fields.items():
            key = field.alias or name
            change = self.money_rate if (model, name) in MONEY_RATES else None
            if key in value:
                found[key] = self.value(field.annotation, field.metadata, value[key], change)
            elif issubclass(model, RoundByRound):
                continue  # its decisions have what its family shares
            elif (new := self.default(field, change)) is not SAME:
                found[key] = new
        return found

    def default(self, field: FieldInfo, change: Change | None) -> Any:
        """The default of a key in the new units; SAME where it does not change."""
        if field.is_required():
            return SAME
        given = field.get_default(call_default_factory=True, validated_data={})
        if isinstance(given, Distribution):
            given = given.moments().mean
        if isinstance(given, Plugin) or given is None:
            return SAME
        if isinstance(given, BaseModel):
            return self.mapping(type(given), {}) or SAME
        if isinstance(given, list | dict | bool | str):
            return SAME
        new = self.value(field.annotation, field.metadata, given, change)
        return SAME if new == given else new

    def value(self, annotation: Any, metadata: Any, value: Any, change: Change | None = None) -> Any:
        """One value of a type."""
        if value is None:
            return None
        if change := change or self.change_of(annotation, metadata):
            return [change(inner) for inner in value] if isinstance(value, list) else change(value)
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            return self.value(arguments[0], arguments[1:], value)
        if origin in (Union, types.UnionType):
            fitting = [a for a in arguments if fits(a, value)]
            return self.value(fitting[0], (), value) if fitting else value
        if origin in (list, tuple) and isinstance(value, list | dict):  # one event may stand for a list
            one = isinstance(value, dict)
            found = [self.value(arguments[0], (), inner) for inner in ([value] if one else value)]
            return found[0] if one else found
        if origin is dict:
            return self.names(arguments[1], value)
        if family := family_of(annotation):
            plain = family.family == "distribution" or not isinstance(value, dict)
            return value if plain else self.mapping(FAMILIES[family.family].kinds[value["kind"]], value)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel) and isinstance(value, dict):
            return self.mapping(annotation, value)
        return value

    def names(self, inner: Any, value: Plain) -> Plain:
        """A mapping from names; a decision in place of decisions by item, or by site and item."""
        if "kind" in value and family_of(inner):
            found: Plain = self.value(inner, (), value)
            return found
        nested = {k for k, v in value.items() if family_of(inner) and isinstance(v, dict) and "kind" not in v}
        return {k: self.names(inner, v) if k in nested else self.value(inner, (), v) for k, v in value.items()}

    def change_of(self, annotation: Any, metadata: Any) -> Change | None:
        """What to do with values of a type, by the words of the reference: 'duration > 0' is a duration."""
        if get_origin(annotation) in (dict, list, Literal):
            return None
        word = type_text(annotation, metadata)
        known = [name for name in self.changes if word == name or word.startswith((f"{name} >", f"{name} ≥"))]
        return self.changes[known[0]] if known else None


def fits(annotation: Any, value: Any) -> bool:
    """Whether a part of a union may be meant."""
    bare = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    if bare is type(None) or get_origin(bare) is Literal:
        return False
    if isinstance(value, dict):
        return get_origin(bare) is dict or (isinstance(bare, type) and issubclass(bare, BaseModel))
    return get_origin(bare) is not dict


def holding(times: float) -> Change:
    """A holding cost in other units of time (`times` applies to both its parts)."""

    def change(value: Any) -> Any:
        share, money = units.holding(value)
        return f"{share * times * 100!r} % / d" if share else money * times

    return change


def dearer(k: float) -> Units:
    """All money times k."""

    def holding_cost(value: Any) -> Any:
        share, money = units.holding(value)
        return value if share else money * k

    return Units(
        {"currency": lambda value: value * k, "holding cost": holding_cost}, lambda value: units.rate(value) * k
    )


def slower(k: float) -> Units:
    """All durations times k, and all rates divided by k."""

    def days(value: Any) -> Any:
        return units.duration(value) * k

    def level(value: Any) -> Any:
        return f"{units.duration(value) * k!r} d" if isinstance(value, str) else value

    def law(value: Any) -> Any:
        """A distribution of durations: what it says in days, times k; counts are replaced by their mean."""
        if not isinstance(value, dict):
            return days(value)
        if value["kind"] in ("poisson", "geometric", "negative_binomial"):
            return value["mean"] * k
        found = dict(value)
        for key in ("value", "mean", "low", "mode", "high", "sd", "by"):
            if key in value:
                found[key] = days(value[key])
        if "values" in value:
            found["values"] = [days(number) for number in value["values"]]
        if "file" in value:
            found["scale"] = value.get("scale", 1) * k
        if "parts" in value:
            found["parts"] = [{**part, "of": law(part["of"])} for part in value["parts"]]
        if "of" in value:
            found["of"] = law(value["of"])
        return found

    def rate(value: Any) -> Any:
        return units.rate(value) / k

    return Units(
        {
            "duration": days,
            "duration or date": days,
            "distribution of durations": law,
            "rate": rate,
            "holding cost": holding(1 / k),
            "units or days of cover": level,
        },
        rate,
    )
