"""Faults that the schema finds, as messages: where, what is wrong, what is expected."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from simulator.foundation.errors import Problem, nearest
from simulator.foundation.plugin import Plugin
from simulator.foundation.units import BAD_DATA
from simulator.scenario.faults.shape import (
    Types,
    Walk,
    alternatives,
    description,
    family_of,
    fields_of,
    is_model,
    keys_of,
    origin_of,
    places,
)
from simulator.scenario.tree.nodes import MappingNode, Node, ScalarNode, SequenceNode, at
from simulator.scenario.tree.paths import KeyPath, Step, dotted, is_set

MOST_EXPLAINED = 1000
"""Faults that are explained; a file with more is probably not a scenario."""

MOST_PLACES = 4
"""Places that are suggested for a misplaced key."""

Details = dict[str, Any]
_TYPE_FAULTS = {"dict_type", "list_type", "model_type", "model_attributes_type"}


@dataclass(frozen=True)
class Fault:
    """One fault that the schema found, and where its location leads."""

    type: str
    details: Details
    """The error's context: limits, expected values, our own message."""
    message: str
    """The library's message, for types without one here."""
    key: str
    """The last step of its location; for a missing key, that key."""
    walk: Walk


def faults(error: ValidationError, root: Node) -> list[Fault]:
    """The faults with their places, without those of union branches that the user did not mean."""
    return _without_other_branches(
        [_fault(e, root) for e in error.errors(include_url=False, include_input=False)[:MOST_EXPLAINED]]
    )


def explained(found: Iterable[Fault]) -> list[Problem]:
    """A message with its place for every fault, sorted."""
    found = list(found)
    unknown: dict[KeyPath, list[str]] = defaultdict(list)
    for fault in found:
        if fault.type == "extra_forbidden":
            unknown[fault.walk.path[:-1]].append(fault.key)
    kept = [f for f in found if not (f.type == "missing" and _misspelt(f, unknown[f.walk.path]))]
    return sorted(distinct(map(_problem, kept)))


def distinct(problems: Iterable[Problem]) -> list[Problem]:
    """The first of problems with the same message and place (as for a policy and those that extend it)."""
    return list({(p.file, p.line, p.column, p.message): p for p in reversed(list(problems))}.values())


def _fault(error: Any, root: Node) -> Fault:
    location = error["loc"]
    own_key = error["type"] == "missing" or location[-1:] == ("[key]",)
    walk = Walk(root, location[:-1] if own_key else location)
    return Fault(error["type"], error.get("ctx", {}), error["msg"], str(location[-1]) if location else "", walk)


def _misspelt(fault: Fault, unknown: Iterable[str]) -> bool:
    """Whether an unknown key in the same mapping is the missing one with a typo: one message is enough."""
    return any(repr(fault.key) in nearest(word, keys_of(_model(fault.walk.types))) for word in unknown)


def _without_other_branches(found: list[Fault]) -> list[Fault]:
    """Keep the faults of one branch of each union.

    The library reports a fault for every branch. The branch whose faults lie deepest fits the user's value best; one
    that rejects the value's type fits worst.
    """
    best: dict[KeyPath, tuple[tuple[int, bool], Step]] = {}
    for fault in found:
        score = (len(fault.walk.path), fault.type not in _TYPE_FAULTS)
        for path, branch in fault.walk.forks:
            if path not in best or score > best[path][0]:
                best[path] = (score, branch)
    return [f for f in found if all(best[path][1] == branch for path, branch in f.walk.forks)]


def _problem(fault: Fault) -> Problem:
    walk, path = fault.walk, fault.walk.path
    if fault.type == "missing":
        meaning = description(_model(walk.types), fault.key)
        said = f"is missing ({meaning})" if meaning else "is missing"
        return at(walk.place, said, dotted((*path, fault.key)), "BO111")
    if fault.type == "extra_forbidden":
        return at(walk.key_place, _unknown_key(fault), dotted(path), "BO112")
    if fault.type == "unknown_kind" and isinstance(walk.node, MappingNode) and (kind := walk.node.get("kind")):
        return at(kind.place, str(fault.details["message"]), dotted((*path, "kind")), "BO113")
    if fault.key == "[key]":
        return at(walk.key_place, _key_fault(fault), dotted(path), "BO112")
    message, code = _message(fault), "BO115" if fault.type == BAD_DATA else "BO114"
    # Keys that contradict each other are reported at the mapping; if --set gave one of them, that one is to blame.
    if isinstance(walk.node, MappingNode) and not is_set(walk.node):
        for key, (_, node) in walk.node.entries.items():
            if is_set(node) and re.search(rf"\b{re.escape(key)}\b", message):
                return at(node.place, message, dotted((*path, key)), code)
    return at(walk.place, message, dotted(path), code)


def _model(types: Types) -> type[BaseModel]:
    return next((t for t in types if is_model(t) and not family_of(t)), BaseModel)


def _unknown_key(fault: Fault) -> str:
    allowed = keys_of(_model(fault.walk.types_above))
    if kinds := _kinds_with(fault.key, fault.walk.types_above):
        elsewhere = f"; it is a key of kind {' and '.join(kinds)}"
    elif 0 < len(known := _known_places(fault)) <= MOST_PLACES:
        elsewhere = f"; it belongs at {' or '.join(known)}"
    else:
        elsewhere = ""
    key = repr(fault.key if len(fault.key) <= 60 else fault.key[:57] + "...")
    near = nearest(fault.key, allowed)
    if isinstance(fault.walk.node, ScalarNode) and fault.walk.node.value is None:
        if re.match(r"\d", fault.key):
            near = "; a comma separates keys here: a number has a decimal point, and no separators between thousands"
        elif ":" in fault.key:
            near += "; a space must follow the colon"
    return f"unknown key {key}{near}{elsewhere}; allowed: {', '.join(allowed)}"


def _kinds_with(key: str, types: Types) -> list[str]:
    """The other kinds of the family that have the key."""
    model = _model(types)
    members = model.kinds.items() if issubclass(model, Plugin) else ()
    return [kind for kind, member in members if key in fields_of(member)]


def _known_places(fault: Fault) -> list[str]:
    return [path for path in places().get(fault.key, ()) if path != dotted(fault.walk.path)]


def _key_fault(fault: Fault) -> str:
    key = str(fault.walk.path[-1]) if fault.walk.path else ""
    if fault.type == "string_pattern_mismatch" and (words := re.fullmatch(r"\^\((.*)\)\$", fault.details["pattern"])):
        allowed = words[1].split("|")
        return f"unknown key {key[:60]!r}{nearest(key, allowed)}; allowed: {', '.join(allowed)}"
    if fault.type in {"too_short", "string_too_short"}:
        return "the name is empty"
    if fault.type in {"too_long", "string_too_long"}:
        return f"the name has {len(key)} characters; must have at most {fault.details['max_length']}"
    return _message(fault)


def shown(node: Node) -> str:
    """A value as the user wrote it, short."""
    if isinstance(node, MappingNode):
        return "a mapping"
    if isinstance(node, SequenceNode):
        return "a list"
    if node.value is None:
        return "nothing"
    text = node.text if len(node.text) <= 40 else node.text[:37] + "..."
    return repr(text) if isinstance(node.value, str) else text


def _short(fault: Fault) -> str:
    if isinstance(fault.walk.node, ScalarNode):
        return "is empty; expected text"
    actual = fault.details["actual_length"] or "no"
    return f"{shown(fault.walk.node)} with {actual} entries; must have at least {fault.details['min_length']}"


def _long(fault: Fault) -> str:
    node = fault.walk.node
    unit = "characters" if isinstance(node, ScalarNode) else "entries"
    actual = len(node.text) if isinstance(node, ScalarNode) else fault.details.get("actual_length")
    return f"{actual} {unit}; must have at most {fault.details['max_length']}"


def _choice(fault: Fault) -> str:
    allowed = re.findall(r"'([^']*)'", fault.details["expected"]) or [fault.details["expected"]]
    text = fault.walk.node.text if isinstance(fault.walk.node, ScalarNode) else ""
    words = ["true" if word == "True" else word for word in allowed]
    return f"{shown(fault.walk.node)} is not a valid value{nearest(text, words)}; allowed: {', '.join(words)}"


def _no_mapping(fault: Fault) -> str:
    """A value where keys are expected: which keys, or which kinds."""
    node, types = fault.walk.node, fault.walk.types
    found = f"expected a mapping, got {shown(node)}"
    if isinstance(node, ScalarNode) and node.value is None:
        return f"{found}; its keys must be indented below it"
    for t in types:
        arguments = get_args(t)
        if origin_of(t) is dict and len(arguments) == 2:
            family = next((f for a in alternatives(arguments[1]) if (f := family_of(a))), None)
            if family:
                text = node.text if isinstance(node, ScalarNode) else ""
                kind = text if text in family.kinds else next(iter(family.kinds))
                return f"{found}; write for example {{kind: {kind}}}; kinds: {', '.join(family.kinds)}"
            if words := _words_of(arguments[0]):
                return f"{found}; write a value for each key, such as {{{words[0]}: 1.5}}: {', '.join(words)}"
    return found


def _words_of(key: Any) -> list[str]:
    """The keys that a mapping can have, where its type lists them in a pattern."""
    patterns = [m.pattern for d in get_args(key)[1:] for m in (d, *getattr(d, "metadata", ())) if hasattr(m, "pattern")]
    match = re.fullmatch(r"\^\((.*)\)\$", patterns[0]) if patterns and patterns[0] else None
    return match[1].split("|") if match else []


def _no_list(fault: Fault) -> str:
    node = fault.walk.node
    hint = f"; write [{node.text[:40]}]" if isinstance(node, ScalarNode) and node.value is not None else ""
    return f"expected a list, got {shown(node)}{hint}"


def _too_much(fault: Fault) -> str:
    node, most = fault.walk.node, fault.details["le"]
    value = node.value if isinstance(node, ScalarNode) else None
    percent = most == 1 and isinstance(value, int | float) and 1 < value <= 100
    hint = f"; write {value:g} % if it is in percent" if percent else ""
    return f"{shown(node)} is out of range; must be at most {most:g}{hint}"


def _message(fault: Fault) -> str:
    if template := _TEMPLATES.get(fault.type):
        return template.format(shown=shown(fault.walk.node), **fault.details)
    if special := _MESSAGES.get(fault.type):
        return special(fault)
    return str(fault.details.get("message") or fault.details.get("error") or fault.message)


_TEMPLATES = {
    "greater_than": "{shown} is out of range; must be more than {gt:g}",
    "greater_than_equal": "{shown} is out of range; must be at least {ge:g}",
    "less_than": "{shown} is out of range; must be less than {lt:g}",
}
_MESSAGES: dict[str, Callable[[Fault], str]] = {
    "too_short": _short,
    "string_too_short": _short,
    "too_long": _long,
    "string_too_long": _long,
    "literal_error": _choice,
    "dict_type": _no_mapping,
    "model_type": _no_mapping,
    "model_attributes_type": _no_mapping,
    "list_type": _no_list,
    "less_than_equal": _too_much,
}
