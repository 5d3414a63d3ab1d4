"""A scenario out of a faulty tree: stand-ins take the place of what is wrong, so that the rest can be checked too."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Annotated, Any, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError

from simulator.scenario.faults.explain import Fault, faults
from simulator.scenario.faults.shape import Types, alternatives, family_of, fields_of, is_model, origin_of
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.nodes import MappingNode, Node, SequenceNode, from_plain, to_plain
from simulator.scenario.tree.paths import KeyPath

MOST_ROUNDS = 8
"""A fault may come to light only when another is out of the way."""
MOST_MENDED = 200
"""Faults; a file with more of them has to be mended by its author first."""
_PLAIN = (1, "1 / d", "all", "2000-01-01")
"""Values that stand in for nearly everything that is no mapping."""
_NOTHING = object()


def mended(root: Node, found: list[Fault]) -> tuple[Scenario | None, Node, set[KeyPath]]:
    """What is left of the scenario, its tree, and the paths that a stand-in took or that were left out.

    Keys stay where they can, and so do the places of lists: names that are used elsewhere remain defined.
    """
    changed: set[KeyPath] = set()
    tree = root
    for _ in range(MOST_ROUNDS):
        if len(found) > MOST_MENDED:
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
        changed.add(path[:-1])  # what was meant by the name is anybody's guess
    if fault.type == "extra_forbidden" or fault.key == "[key]":
        return _put(tree, path, _NOTHING, changed)
    if fault.type == "missing":
        value = _stand_in(_due(walk.types, fault.key))
        return _put(tree, path if value is _NOTHING else (*path, fault.key), value, changed)
    if unfit := next((path[:n] for n in range(1, len(path) + 1) if path[:n] in before), None):
        return _put(tree, unfit[:-1], _NOTHING, changed)
    models = [t for t in walk.types if is_model(t) and not family_of(t)]
    if models and isinstance(walk.node, MappingNode) and "file" not in walk.node.entries:
        if keys := _reconciled(models[0], to_plain(walk.node)):
            for key, value in keys.items():
                tree = _put(tree, (*path, key), value, changed)
            return tree
    return _put(tree, path, _stand_in(_due(walk.types_above, path[-1])) if path else _NOTHING, changed)


def _reconciled(model: type[BaseModel], data: dict[str, Any]) -> dict[str, Any]:
    """The one or two keys that contradict the others, with values that do not."""
    options = [(key, _NOTHING) for key in data]
    options += [(key, value) for key in fields_of(model) if (value := _stand_in(_due((model,), key))) is not _NOTHING]
    for count in (1, 2):
        for chosen in combinations(options, count):
            trial = {k: v for k, v in {**data, **dict(chosen)}.items() if v is not _NOTHING}
            if "kind" not in dict(chosen) and _fits(model, trial):
                return dict(chosen)
    return {}


def _due(above: Types, key: str | int) -> Any:
    """What the schema wants at a key of something of one of these types."""
    for t in above:
        if origin_of(t) in (dict, list):
            return get_args(t)[-1]
        if is_model(t) and not family_of(t) and (field := fields_of(t).get(str(key))):
            return Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    return None


_found: dict[str, Any] = {}


def _stand_in(annotation: Any) -> Any:
    """Plain data that is valid there, by way of trial."""
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
            yield {key: _stand_in(_due((t,), key)) for key, field in fields.items() if field.is_required()}
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
        _adapters[key] = TypeAdapter(annotation)
    return _adapters[key]


def _put(root: Node, path: KeyPath, value: Any, changed: set[KeyPath]) -> Node:
    """The tree with plain data at the path, or without what stands there."""
    changed.add(path)
    return _replaced(root, path, value)


def _replaced(root: Node, path: KeyPath, value: Any) -> Node:
    if not path:
        return root if value is _NOTHING else from_plain(value, root.place)
    step, rest = path[0], path[1:]
    if isinstance(root, MappingNode):
        entries = dict(root.entries)
        if rest and step in entries:
            place, node = entries[str(step)]
            entries[str(step)] = (place, _replaced(node, rest, value))
        elif value is _NOTHING:
            entries.pop(str(step), None)
        elif not rest:
            place = entries[str(step)][0] if step in entries else root.place
            entries[str(step)] = (place, from_plain(value, place))
        return MappingNode(root.place, entries, root.size)
    if isinstance(root, SequenceNode) and isinstance(step, int) and step < len(root.items):
        items: list[Node] = [*root.items]
        if rest or value is not _NOTHING:
            items[step] = _replaced(items[step], rest, value)
        else:
            items.clear()  # leaving out one would move the others
        return SequenceNode(root.place, items, root.size)
    return root
