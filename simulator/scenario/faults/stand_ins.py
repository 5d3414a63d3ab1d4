"""Partial validation: stand-ins replace faulty values, so that the rest of the scenario can be checked too."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Annotated, Any, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError

from simulator.foundation.validators import adapter_of
from simulator.scenario.faults.explain import Fault, faults
from simulator.scenario.faults.shape import Types, alternatives, family_of, fields_of, is_model, origin_of
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.nodes import MappingNode, Node, to_plain
from simulator.scenario.tree.paths import KeyPath, put
from simulator.scenario.tree.plain import from_plain

MOST_ROUNDS = 8
"""Rounds of validation: some faults show only after others are gone."""
MOST_FAULTS = 200
"""A file with more faults is not validated further."""
_PLAIN = (1, "1 / d", "all", "2000-01-01")
"""Values that fit nearly every field that is not a mapping."""
_NOTHING = object()


def with_stand_ins(root: Node, found: list[Fault]) -> tuple[Scenario | None, Node, set[KeyPath]]:
    """The scenario with its faulty values replaced or removed, its tree, and the paths that changed.

    Keys are kept where possible, and so are the indices of lists: names that are used elsewhere remain defined.
    None for the scenario: it has too many faults, or stand-ins do not help.
    """
    changed: set[KeyPath] = set()
    tree = root
    for _ in range(MOST_ROUNDS):
        if len(found) > MOST_FAULTS:
            break
        before = frozenset(changed)
        for fault in found:
            if not any(fault.walk.path[: len(path)] == path for path in changed - before):
                tree = _without_fault(tree, fault, changed, before)
        if () in changed:
            break
        try:
            return Scenario.model_validate(to_plain(tree)), tree, changed
        except ValidationError as again:
            found = faults(again, tree)
    return None, tree, changed


def _without_fault(tree: Node, fault: Fault, changed: set[KeyPath], before: frozenset[KeyPath]) -> Node:
    walk, path = fault.walk, fault.walk.path
    if fault.key == "[key]":
        changed.add(path[:-1])  # the intended name is unknown, so every reference to it is in doubt
    if fault.type == "extra_forbidden" or fault.key == "[key]":
        return _put(tree, path, _NOTHING, changed)
    if fault.type == "missing":
        value = _stand_in(_annotation_at(walk.types, fault.key))
        return _put(tree, path if value is _NOTHING else (*path, fault.key), value, changed)
    # A stand-in that does not fit either: remove what contains it.
    if unfit := next((path[:n] for n in range(1, len(path) + 1) if path[:n] in before), None):
        return _put(tree, unfit[:-1], _NOTHING, changed)
    models = [t for t in walk.types if is_model(t) and not family_of(t)]
    if models and isinstance(walk.node, MappingNode) and "file" not in walk.node.entries:
        if keys := _reconciled(models[0], to_plain(walk.node)):
            for key, value in keys.items():
                tree = _put(tree, (*path, key), value, changed)
            return tree
    return _put(tree, path, _stand_in(_annotation_at(walk.types_above, path[-1])) if path else _NOTHING, changed)


def _reconciled(model: type[BaseModel], data: dict[str, Any]) -> dict[str, Any]:
    """The one or two keys to change, and to what, so that the keys of a mapping no longer contradict each other."""
    options = [(key, _NOTHING) for key in data]
    options += [
        (key, value) for key in fields_of(model) if (value := _stand_in(_annotation_at((model,), key))) is not _NOTHING
    ]
    for count in (1, 2):
        for chosen in combinations(options, count):
            trial = {k: v for k, v in {**data, **dict(chosen)}.items() if v is not _NOTHING}
            if "kind" not in dict(chosen) and _fits(model, trial):
                return dict(chosen)
    return {}


def _annotation_at(above: Types, key: str | int) -> Any:
    """The annotation of a key, or of an entry, of the first of these types that has it."""
    for t in above:
        if origin_of(t) in (dict, list):
            return get_args(t)[-1]
        if is_model(t) and not family_of(t) and (field := fields_of(t).get(str(key))):
            return Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    return None


_found: dict[str, Any] = {}


def _stand_in(annotation: Any) -> Any:
    """The first candidate that is valid there, as plain data."""
    key = repr(annotation)
    if key not in _found:
        _found[key] = next((value for value in _candidates(annotation) if _fits(annotation, value)), _NOTHING)
    return _found[key]


def _candidates(annotation: Any) -> Iterator[Any]:
    if annotation is None:
        return
    yield from _PLAIN
    for t in alternatives(annotation):
        if family := family_of(t):
            yield from (member.example for member in family.kinds.values())
        elif is_model(t):
            fields = fields_of(t)
            yield {key: _stand_in(_annotation_at((t,), key)) for key, field in fields.items() if field.is_required()}
        elif origin_of(t) is dict:
            below = _stand_in(get_args(t)[1])
            yield from ({}, below, {"all": below})
        elif origin_of(t) is list:
            yield []


def _fits(annotation: Any, value: Any) -> bool:
    try:
        _adapter(annotation).validate_python(value)
    except (ValidationError, ArithmeticError):
        return False
    return True


_adapters: dict[str, TypeAdapter[Any]] = {}


def _adapter(annotation: Any) -> TypeAdapter[Any]:
    key = repr(annotation)
    if key not in _adapters:
        _adapters[key] = adapter_of(annotation)
    return _adapters[key]


def _put(root: Node, path: KeyPath, value: Any, changed: set[KeyPath]) -> Node:
    """The tree with plain data at the path, or without the key there."""
    changed.add(path)
    return put(root, path, None if value is _NOTHING else from_plain(value, root.place), root.place)
