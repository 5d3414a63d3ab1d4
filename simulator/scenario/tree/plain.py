"""Nodes from plain Python data, as a scenario that is written in Python has them."""

from __future__ import annotations

from functools import partial
from typing import Any

from simulator.foundation.errors import UserError
from simulator.scenario.tree.nodes import (
    DEEPEST,
    FORBIDDEN,
    MappingNode,
    Node,
    Place,
    ScalarNode,
    SequenceNode,
    at,
    plain_key,
)


def from_plain(value: Any, place: Place, path: tuple[str | int, ...] = ()) -> Node:
    """Plain Python data as nodes, all at the same place.

    Raises:
        UserError: the value, or one in it, is not plain data, or two of its keys differ only in spaces or accents.
    """
    refuse = partial(_refused, place, path)
    if len(path) > DEEPEST:
        raise UserError([at(place, f"nested deeper than {DEEPEST} levels")])
    if isinstance(value, dict):
        found: dict[str, tuple[Place, Node]] = {}
        plain: dict[str, object] = {}
        for given, inner in value.items():
            key = given if isinstance(given, str) else str(given)
            if (other := plain.setdefault(plain_key(key), given)) is not given:
                raise refuse(f"the keys {other!r} and {given!r} are the same")
            if isinstance(given, tuple) or FORBIDDEN.search(key):
                raise refuse(f"{given!r} is not a key; a key must be plain text")
            found[key] = (place, from_plain(inner, place, (*path, key)))
        return MappingNode(place, found)
    if isinstance(value, list | tuple):
        return SequenceNode(place, [from_plain(v, place, (*path, k)) for k, v in enumerate(value)])
    if hasattr(value, "isoformat"):
        value = value.isoformat()
    elif getattr(value, "shape", None) == ():  # a numpy scalar
        value = value.item()
    if not isinstance(value, str | int | float | None):
        hint = "; pass tables by name: `tables={...}`" if hasattr(value, "columns") else ""
        raise refuse(f"expected plain data, got {type(value).__name__}{hint}")
    if isinstance(value, int) and value.bit_length() > 1024:
        raise refuse("a number of more than 300 digits; must be at most 1e15")
    if isinstance(value, str) and (bad := FORBIDDEN.search(value)):
        raise refuse(f"control character U+{ord(bad[0]):04X} in text")
    return ScalarNode(place, value, str(value))


def _refused(place: Place, path: tuple[str | int, ...], message: str) -> UserError:
    return UserError([at(place, message, ".".join(map(str, path)))])
