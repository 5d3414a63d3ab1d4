"""The shape of scenario files, derived from the schema: the keys allowed at a place, and the places of a key."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from simulator.foundation.docstrings import attribute_docstrings
from simulator.foundation.plugin import FAMILIES, Plugin
from simulator.policies.decisions import AT
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.nodes import MappingNode, Node, Place, SequenceNode
from simulator.scenario.tree.paths import KeyPath, Step

Types = tuple[Any, ...]

origin_of: Callable[[Any], Any] = get_origin
"""`dict` for dict[…], `list` for list[…]; its own type narrows too much for the type checker."""


def alternatives(annotation: Any) -> Types:
    """The alternatives of an annotation, without None."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return alternatives(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return tuple(t for part in get_args(annotation) for t in alternatives(part))
    return () if annotation is type(None) else (annotation,)


def is_model(t: Any) -> bool:
    """Whether the type is a mapping with fixed keys (or a family of them)."""
    return isinstance(t, type) and issubclass(t, BaseModel)


def family_of(t: Any) -> type[Plugin] | None:
    """The family, if the type is one: `kind` then decides which keys are allowed."""
    return t if is_model(t) and issubclass(t, Plugin) and FAMILIES.get(t.family) is t else None


def fields_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """A model's fields by their key in the file."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def description(model: type[BaseModel], key: str) -> str:
    """What a key of the file means, on one line: the docstring below its field; empty if there is none."""
    docs = attribute_docstrings(model)
    names = (name for name, field in model.model_fields.items() if key == (field.alias or name))
    return " ".join(docs.get(next(names, ""), "").split())


def children(value: Any) -> Iterator[tuple[Step, Any]]:
    """What a parsed value holds directly: each key of the file, or index, with its value."""
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            yield field.alias or name, getattr(value, name)
    elif isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)


def keys_of(model: type[BaseModel]) -> list[str]:
    """The keys that a mapping of this model can have, `kind` first."""
    keys = sorted(fields_of(model), key=lambda key: key != "kind")
    return ["extends", *keys] if model is Scenario else keys


def inside(found: Types, step: Step) -> Types:
    """The types below a key or index."""
    below: list[Any] = []
    for t in found:
        origin, arguments = origin_of(t), get_args(t)
        if origin is dict and isinstance(step, str):
            below.extend(alternatives(arguments[1]))
        elif origin is list and isinstance(step, int):
            below.extend(alternatives(arguments[0]))
        elif is_model(t) and not family_of(t) and (field := fields_of(t).get(str(step))):
            below.extend(alternatives(field.annotation))
    return tuple(below)


class Walk:
    """Follows the location of an error through the schema and the file at the same time.

    Locations have steps that the file does not have: the chosen `kind`, the branch of a union, the `default` of a
    decision that is written once for all items. Such a step changes the types, but not the node.
    """

    def __init__(self, root: Node, location: Iterable[Step]) -> None:
        self.node: Node = root
        self.key_place: Place = root.place
        """Place of the last key."""
        self.types: Types = (Scenario,)
        self.types_above: Types = ()
        """The types of the mapping or list that holds the last key."""
        self.path: KeyPath = ()
        """The steps that exist in the file."""
        self.forks: list[tuple[KeyPath, Step]] = []
        """(path, branch) of every union on the way."""
        for step in location:
            if isinstance(step, str) and AT in step:  # a path to a decision is one key for the schema
                *above, step = step.split(AT)
                types = self.types
                for key in above:
                    in_list = isinstance(self.node, SequenceNode) and key.isdigit()
                    self._go(int(key) if in_list else key)
                    self.types = types
            self._go(step)

    @property
    def place(self) -> Place:
        """Place of the value."""
        return self.node.place

    def _go(self, step: Step) -> None:
        family = next((f for t in self.types if (f := family_of(t))), None)
        if family and step in family.kinds:
            self.types = (family.kinds[str(step)],)
            return
        if isinstance(self.node, MappingNode) and step in self.node.entries:
            self.key_place, self.node = self.node.entries[str(step)]
        elif isinstance(self.node, SequenceNode) and isinstance(step, int) and step < len(self.node.items):
            self.node = self.node.items[step]
            self.key_place = self.node.place
        else:
            if len(self.types) == 1:
                self.types = inside(self.types, step)
            else:
                self.forks.append((self.path, step))
            return
        self.types_above, self.types = self.types, inside(self.types, step)
        self.path = (*self.path, step)


@lru_cache(maxsize=1)
def places() -> dict[str, tuple[str, ...]]:
    """Every key with the paths at which it is allowed, such as `customers.NAME.patience`; the shortest first."""
    found: dict[str, list[str]] = {}
    for key, path in _known((Scenario,), "", ()):
        paths = found.setdefault(key, [])
        if path not in paths:
            paths.append(path)
    return {key: tuple(sorted(paths, key=lambda path: path.count("."))) for key, paths in found.items()}


def _known(found: Types, path: str, above: tuple[Any, ...]) -> Iterator[tuple[str, str]]:
    for t in found:
        family, origin = family_of(t), origin_of(t)
        if t in above:  # distributions contain distributions
            continue
        if family:
            for member in family.kinds.values():
                yield from _known((member,), path, (*above, t))
        elif is_model(t):
            for key, field in fields_of(t).items():
                here = f"{path}.{key}" if path else key
                yield key, here
                yield from _known(alternatives(field.annotation), here, (*above, t))
        elif origin is dict:
            below = alternatives(get_args(t)[1])
            decision = path.startswith("policies.") and any(map(family_of, below))
            yield from _known(below, path if decision else f"{path}.NAME", above)
        elif origin is list:
            yield from _known(alternatives(get_args(t)[0]), f"{path}.0", above)
