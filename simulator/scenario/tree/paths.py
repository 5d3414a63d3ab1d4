"""Dotted paths to keys, as in `--set policies.base.replenishment.S=20`: parse, format, and set values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from simulator.foundation.errors import UserError, nearest, some
from simulator.scenario.tree.nodes import (
    DEEPEST,
    MappingNode,
    Node,
    Place,
    ScalarNode,
    SequenceNode,
    at,
    parse,
)
from simulator.scenario.tree.plain import from_plain

_STEP = re.compile(r'"((?:[^"\\]|\\.)*)"|([^."]+)')

Step = str | int
KeyPath = tuple[Step, ...]


def dotted(steps: Iterable[Step]) -> str:
    """The path as text; a name with dots, spaces or quotes is quoted.

    >>> dotted(["items", "a.b", "price"]), dotted(["events", 0, "at"])
    ('items."a.b".price', 'events.0.at')
    """
    return ".".join(map(_shown, steps))


def _shown(step: Step) -> str:
    text = str(step)
    if text and not re.search(r'[.\s"\\=]', text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def steps(path: str, place: Place) -> list[str]:
    """The steps of a dotted path; a quoted step may contain dots."""
    found, end = [], -1
    while end < len(path):
        match = _STEP.match(path, end + 1)
        if not match or (match.end() < len(path) and path[match.end()] != "."):
            raise UserError(
                [
                    at(
                        place,
                        f"{path!r} is not a valid path; write for example policies.base.replenishment.S",
                        code="BO104",
                    )
                ]
            )
        found.append(match[2] if match[1] is None else re.sub(r"\\(.)", r"\1", match[1]))
        end = match.end()
    if len(found) > DEEPEST:
        raise UserError([at(place, f"a path of {len(found)} steps; must have at most {DEEPEST}", code="BO104")])
    return found


SET, EDIT = "--set", "edit"
"""How places of values are labelled, before the path, that were not written in a file."""


def is_set(node: Node) -> bool:
    """Whether `--set` or an edit gave the value."""
    return node.place.file.startswith((f"{SET} ", f"{EDIT} "))


def with_settings(root: Node, settings: Iterable[str]) -> Node:
    """The tree after every `PATH=VALUE`; values are YAML and replace the existing ones."""
    for setting in settings:
        path, equals, text = path_and_value(setting)
        label = f"{SET} {path}"
        place = Place(label, 1, 1)
        if not equals or not path:
            raise UserError([at(place, f"expected PATH=VALUE, got {setting!r}", code="BO104")])
        root = put(root, steps(path, place), parse(text, label), place)
    return root


def path_and_value(setting: str) -> tuple[str, str, str]:
    """Split at the first `=` outside quotes."""
    match = re.match(r'((?:"(?:[^"\\]|\\.)*"|[^"=])*)(=?)(.*)', setting, re.DOTALL)
    assert match is not None  # every part may be empty
    return match[1].strip(), match[2], match[3]


def with_changes(root: Node, changes: Mapping[str, object]) -> Node:
    """The tree after every change of {path: plain Python value}."""
    for path, value in changes.items():
        place = Place(f"{EDIT} {path}", 1, 1)
        root = put(root, steps(path, place), from_plain(value, place), place)
    return root


def put(root: Node, path: Sequence[Step], value: Node | None, place: Place, done: int = 0) -> Node:
    """A tree with `value` at the end of the path, or without that key (None).

    Mappings on the way are created where they are missing. Removing one entry of a list would renumber the others,
    so that the whole list is emptied instead.
    """
    if done == len(path):
        return root if value is None else value
    step, here, last = str(path[done]), dotted(path[:done]) or "the file", done + 1 == len(path)
    if isinstance(root, ScalarNode) and root.value is None:
        root = MappingNode(place, {})
    if isinstance(root, MappingNode):
        entries = dict(root.entries)
        if value is None and (last or step not in entries):
            entries.pop(step, None)
        else:
            where, old = entries.get(step, (place, MappingNode(place, {})))
            entries[step] = (where, put(old, path, value, place, done + 1))
        return MappingNode(root.place, entries)
    if isinstance(root, SequenceNode):
        if not step.isdecimal() or int(step) >= len(root.items):
            span = f"must be 0 to {len(root.items) - 1}" if root.items else "the list is empty"
            raise UserError(
                [at(place, f"{here} is a list, and {step!r} is not a valid index ({span})", dotted(path), "BO104")]
            )
        items = [] if value is None and last else [*root.items]
        if items:
            items[int(step)] = put(items[int(step)], path, value, place, done + 1)
        return SequenceNode(root.place, items)
    raise UserError([at(place, f"{here} is {root.text[:40]!r} and has no key {step!r}", dotted(path), "BO104")])


def unknown(word: str, known: Iterable[str], noun: str, nouns: str = "") -> str:
    """The message for a name that is not defined.

    >>> unknown("mgu", ["mug", "plate"], "item")
    "no item 'mgu' (did you mean 'mug'?); items: mug, plate"
    """
    names = list(known)
    return f"no {noun} {word!r}{nearest(word, names)}; " + (
        f"{nouns or noun + 's'}: {some(names)}" if names else "none are defined"
    )
