"""Faults of shape in the user's words: where it stands, what is wrong, what would be right."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from simulator.foundation.errors import Problem, nearest, some
from simulator.scenario.nodes import Mapping, Node, Place, Scalar, Sequence, at
from simulator.scenario.paths import dotted
from simulator.scenario.shape import Types, Walk, family_of, fields_of, is_model, keys_of, places

MOST_EXPLAINED = 1000
"""Faults that are put into words; a file with more is hardly meant."""

Details = dict[str, Any]
_TYPE_FAULTS = {"dict_type", "list_type", "model_type", "model_attributes_type"}


@dataclass(frozen=True)
class Fault:
    """One fault that the schema found, and where its location leads."""

    type: str
    details: Details
    """The error's context: limits, expected values, our own message."""
    location: tuple[int | str, ...]
    walk: Walk


def explained(error: ValidationError, root: Node) -> list[Problem]:
    """Every fault with its place, sorted; the branches of a union that the user did not mean are left out."""
    raw = error.errors(include_url=False, include_input=False)[:MOST_EXPLAINED]
    faults = [Fault(e["type"], e.get("ctx", {}), e["loc"], Walk(root, e["loc"])) for e in raw]
    faults = _without_other_branches(faults)
    strangers: dict[tuple[int | str, ...], list[str]] = {}
    for fault in faults:
        if fault.type == "extra_forbidden":
            strangers.setdefault(fault.walk.path[:-1], []).append(str(fault.location[-1]))
    kept = [f for f in faults if not (f.type == "missing" and _misspelt(f, strangers.get(f.walk.path, ())))]
    return sorted({_problem(f) for f in kept})


def _misspelt(fault: Fault, strangers: Iterable[str]) -> bool:
    key = str(fault.location[-1])
    return any(repr(key) in nearest(word, keys_of(_model(fault.walk.types))) for word in strangers)


def _without_other_branches(faults: list[Fault]) -> list[Fault]:
    """Of a union's branches only the one that went deepest is meant; a wrong type comes last."""
    best: dict[tuple[int | str, ...], tuple[int, bool, int | str]] = {}
    for fault in faults:
        for path, branch in fault.walk.forks[:-1] if fault.type == "missing" else fault.walk.forks:
            score = (len(fault.walk.path), fault.type not in _TYPE_FAULTS, branch)
            if path not in best or score[:2] > best[path][:2]:
                best[path] = score
    return [f for f in faults if all(best.get(path, (0, 0, branch))[2] == branch for path, branch in f.walk.forks)]


def _problem(fault: Fault) -> Problem:
    walk = fault.walk
    path, place = walk.path, walk.place
    if fault.type == "missing":
        key = str(fault.location[-1])
        return at(place, f"is missing{_meaning(walk.types, key)}", dotted((*path, key)))
    if fault.type == "extra_forbidden":
        return at(walk.key_place, _unknown_key(str(fault.location[-1]), fault), dotted(path))
    if fault.location[-1] == "[key]":
        return at(_key_place(fault), _WORDS.get(fault.type, _as_it_is)(fault), dotted((*path, fault.location[-2])))
    if fault.type == "unknown_kind" and isinstance(walk.node, Mapping) and "kind" in walk.node.entries:
        return at(walk.node.entries["kind"][1].place, str(fault.details["message"]), dotted((*path, "kind")))
    return at(place, _WORDS.get(fault.type, _as_it_is)(fault), dotted(path))


def _key_place(fault: Fault) -> Place:
    return fault.walk.key_place


def _model(types: Types) -> type[BaseModel]:
    return next((t for t in types if is_model(t) and not family_of(t)), BaseModel)


def _meaning(types: Types, key: str) -> str:
    field = fields_of(_model(types)).get(key)
    return f": {field.description}" if field and field.description else ""


def _unknown_key(key: str, fault: Fault) -> str:
    above = Walk.__new__(Walk)
    above = fault.walk
    allowed = keys_of(_model(above.types))
    return key + str(allowed)


def _as_it_is(fault: Fault) -> str:
    return str(fault.details.get("message") or fault.type)
