"""Decisions that differ: by customer segment, item and site, with the more specific one before the more general one.

In a scenario file a decision is one for all (`{kind: always}`), or a mapping with any of these keys: `default`,
`segments` (segment -> a decision, or again a mapping), `items` (item -> decision), `rules` (a list of decisions for the
items with some attributes), and, as a short form, the names of items and sites themselves. Read, it is a flat mapping,
whose keys are the paths in the file below the decision, joined by `AT`; so every fault is found at its place. Rules
become decisions for their items once the items are known (`with_rules`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Annotated, Any, ClassVar, NamedTuple, TypeVar

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from simulator.foundation.errors import misspelt
from simulator.foundation.plugin import Plugin
from simulator.foundation.units import Text, wrong

Decision = TypeVar("Decision", bound=Plugin)
AT = "\x1f"
"""Between the steps of the path of a decision."""
DEFAULT, SEGMENTS, ITEMS, RULES = "default", "segments", "items", "rules"
WHERE, USE = "where", "use"
DECIDED = ("acceptance", "promise", "communication", "fulfilment", "window", "sourcing", "payment")
"""The decisions about customers' orders, which may differ by segment, item and site."""


class Reach(NamedTuple):
    """What one of several decisions is for; '' where it is for all."""

    segment: str
    site: str
    item: str
    """The name of an item, or of a site whose every item it is for; 'default': all other items."""


@lru_cache(maxsize=1 << 17)  # checks look at the decisions of all items in turn, again and again
def reach_of(key: str) -> Reach:
    """What the decision with this key is for.

    >>> reach_of(AT.join(("segments", "b2b", "items", "mug")))
    Reach(segment='b2b', site='', item='mug')
    """
    steps, segment = key.split(AT), ""
    if steps[0] == SEGMENTS and len(steps) > 1:
        segment, steps = steps[1], steps[2:] or [DEFAULT]
    if steps[0] == ITEMS and len(steps) > 1:
        return Reach(segment, "", steps[1])
    return Reach(segment, steps[0], steps[1]) if len(steps) > 1 else Reach(segment, "", steps[0])


def place_of(key: str) -> tuple[str, str]:
    """Site ('' for all) and item of a decision's key."""
    reach = reach_of(key)
    return reach.site, reach.item


# ------------------------------------------------------------------------------------------------------ reading
def _is_decision(value: Any) -> bool:
    return not isinstance(value, dict) or "kind" in value


def _differs(value: dict[Any, Any]) -> bool:
    """Whether a mapping without `kind` holds decisions, not the fields of one."""
    return any(isinstance(inner, dict | Plugin) or name == RULES for name, inner in value.items())


def _flat(value: Any, by_segment: bool) -> Any:
    """The flat mapping of one decision, or of a mapping of decisions."""
    if isinstance(value, Plugin):
        return {DEFAULT: value}
    if not isinstance(value, dict):
        return value
    if "kind" in value:
        return {DEFAULT: value}
    if value and all(isinstance(key, str) and isinstance(inner, Plugin) for key, inner in value.items()):
        return value
    if not _differs(value):
        raise wrong(f"`kind:` is missing{misspelt('kind', value)}, or a mapping item -> decision")
    found: dict[Any, Any] = {}
    for path, decision in _paths(value, by_segment):
        key = path[0] if len(path) == 1 else AT.join(map(str, path))
        if len(path) > 1 and path[-2] == ITEMS and (twin := AT.join(map(str, (*path[:-2], path[-1])))) in found:
            raise wrong(f"{twin.rsplit(AT)[-1]!r} is given twice, once below `items`; write one of the two")
        found[key] = decision
    return found


def _paths(value: dict[Any, Any], by_segment: bool) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every decision of a mapping with its path; `items` comes last, so that it meets the short form."""
    for name, inner in sorted(value.items(), key=lambda pair: pair[0] == ITEMS):
        if name == RULES and isinstance(inner, list):
            yield from (((RULES, _condition(k, rule), str(k), USE), rule[USE]) for k, rule in enumerate(inner))
        elif by_segment and name == SEGMENTS and not _is_decision(inner):
            for segment, own in inner.items():
                if _is_decision(own) or not _differs(own):
                    yield (name, segment), own
                else:
                    yield from (((name, segment, *path), found) for path, found in _paths(own, False))
        elif _is_decision(inner) or not inner or not all(isinstance(own, dict | Plugin) for own in inner.values()):
            yield (name,), inner
        else:
            yield from (((name, own), decision) for own, decision in inner.items())


def in_text(value: Any) -> Any:
    """A number as text; other values as they are."""
    return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else value


def _condition(number: int, rule: Any) -> str:
    """The attributes that a rule asks for, as JSON.

    Raises:
        PydanticCustomError: `rule` is not a mapping with `where` and `use`.
    """
    if not isinstance(rule, dict) or set(rule) != {WHERE, USE} or not isinstance(rule[WHERE], dict) or not rule[WHERE]:
        raise wrong(f"rules[{number}]: expected {{where: {{attribute: value, …}}, use: {{kind: …}}}}")
    asked = {
        str(name): [*map(in_text, given if isinstance(given, list) else [given])] for name, given in rule[WHERE].items()
    }
    if not all(isinstance(value, str) for values in asked.values() for value in values):
        raise wrong(f"rules[{number}]: a value below `where` must be a text, a number, or a list of them")
    return json.dumps(asked)


class _Differing:
    """One decision for all, or several (see the module)."""

    by_segment: ClassVar[bool] = True

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(
            lambda value: _flat(value, self.by_segment), handler(source)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        mapping = handler(schema)
        decision = mapping["additionalProperties"]
        either = {"anyOf": [decision, {"type": "object", "additionalProperties": decision}]}
        found = {**mapping, "additionalProperties": either, "properties": {RULES: _rules_schema(decision)}}
        if self.by_segment:
            inner = {"type": "object", "additionalProperties": either, "properties": found["properties"]}
            segment = {"anyOf": [decision, inner]}
            found["properties"] = {**found["properties"], SEGMENTS: {"type": "object", "additionalProperties": segment}}
        return {"anyOf": [decision, found]}


def _rules_schema(decision: dict[str, Any]) -> dict[str, Any]:
    value = {"type": ["string", "number"]}
    asked = {"anyOf": [value, {"type": "array", "items": value}]}
    where = {"type": "object", "additionalProperties": asked, "minProperties": 1}
    rule = {"type": "object", "properties": {WHERE: where, USE: decision}, "required": [WHERE, USE]}
    return {"type": "array", "items": {**rule, "additionalProperties": False}}


class _DifferingByItem(_Differing):
    by_segment = False


PerItem = Annotated[dict[Text, Decision], _DifferingByItem()]
"""A decision that may differ by item and site."""
PerSegment = Annotated[dict[Text, Decision], _Differing()]
"""A decision that may differ by customer segment, item and site."""


def with_rules(
    decisions: Mapping[str, Decision], attributes: Mapping[str, Mapping[str, str]]
) -> tuple[dict[str, Decision], list[str]]:
    """Rules as decisions for their items; an item's own decision comes first, then the first rule that fits it.

    Args:
        decisions: a flat mapping (see the module).
        attributes: those of every item, in the order of the file.

    Returns:
        The mapping without rules, and the paths of rules that fit no item, joined by `AT`.
    """
    found = {key: decision for key, decision in decisions.items() if RULES not in key.split(AT)}
    idle = []
    for key, decision in decisions.items():
        steps = key.split(AT)
        if RULES not in steps:
            continue
        at = steps.index(RULES)
        asked = {name: frozenset(values) for name, values in json.loads(steps[at + 1]).items()}
        mine = [item for item, has in attributes.items() if all(has.get(n) in values for n, values in asked.items())]
        for item in mine:
            short, long = AT.join((*steps[:at], item)), AT.join((*steps[:at], ITEMS, item))
            if short not in found and long not in found:
                found[short] = decision
        if not mine:
            idle.append(AT.join((*steps[:at], RULES, steps[at + 2], WHERE)))
    return found, idle


# ------------------------------------------------------------------------------------------------------- asking
IN_SEGMENT, OF_SITE, OF_ITEM, OF_ALL = 8, 4, 2, 1
"""How specific a decision is, as a sum."""


def _keys(item: str, site: str) -> Iterator[tuple[str, int]]:
    """The keys under which a decision for an item at a site may stand, the most specific first, and how specific."""
    if site:
        yield f"{site}{AT}{item}", OF_SITE + OF_ITEM
        yield f"{site}{AT}{DEFAULT}", OF_SITE
        yield site, OF_SITE
    yield item, OF_ITEM
    yield f"{ITEMS}{AT}{item}", OF_ITEM
    yield DEFAULT, OF_ALL


def ranked_decision(
    decisions: Mapping[str, Decision], item: str, site: str = "", segment: str = ""
) -> tuple[int, Decision] | None:
    """The decision for a line, and how specific it is (higher: more specific); None: there is none.

    Item within segment comes before segment, segment before item, item before default; a site before all sites.
    """
    if segment and (len(decisions) > 1 or DEFAULT not in decisions):
        above = f"{SEGMENTS}{AT}{segment}"
        for key, rank in _keys(item, site):
            if (found := decisions.get(f"{above}{AT}{key}")) is not None:
                return IN_SEGMENT + rank, found
        if (found := decisions.get(above)) is not None:
            return IN_SEGMENT + OF_ALL, found
    for key, rank in _keys(item, site):
        if (found := decisions.get(key)) is not None:
            return rank, found
    return None


def decision_for(decisions: Mapping[str, Decision], item: str, site: str = "", segment: str = "") -> Decision | None:
    """The decision for an item, else None; the more specific one comes first (see `ranked_decision`)."""
    found = ranked_decision(decisions, item, site, segment)
    return None if found is None else found[1]


def decision_at(decisions: Mapping[str, Decision], item: str, site: str) -> Decision | None:
    """The decision for one site: of the item, or of all its other items; else None."""
    if not site:
        return None
    return decisions.get(f"{site}{AT}{item}") or decisions.get(f"{site}{AT}default") or decisions.get(site)


def only(decisions: Mapping[str, Decision]) -> Decision | None:
    """The decision for everything; None where they differ."""
    return decisions.get(DEFAULT) if len(decisions) == 1 else None


def each(decisions: Mapping[str, Decision]) -> list[tuple[tuple[str, ...], Decision]]:
    """Every decision with its path below the key of the family; none for one decision for everything."""
    if (one := only(decisions)) is not None:
        return [((), one)]
    return [(tuple(key.split(AT)), decision) for key, decision in decisions.items()]
