"""Dotted paths to keys, as in `--set policies.base.replenishment.S=20`: read, written, and followed to set a value."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Mapping as Changes

from simulator.foundation.errors import UserError, nearest, some
from simulator.scenario.tree.nodes import (
    DEEPEST,
    MappingNode,
    Node,
    Place,
    ScalarNode,
    SequenceNode,
    at,
    from_plain,
    parse,
)

_STEP = re.compile(r'"((?:[^"\\]|\\.)*)"|([^."]+)')

Step = str | int
KeyPath = tuple[Step, ...]


def dotted(steps: Iterable[Step]) -> str:
    """The path as text; a name with dots, blanks or quotes stands in quotes.

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
    """The steps of a dotted path; a step in quotes may hold dots."""
    found, end = [], -1
    while end < len(path):
        match = _STEP.match(path, end + 1)
        if not match or (match.end() < len(path) and path[match.end()] != "."):
            raise UserError([at(place, f"{path!r} is not a path; write for example policies.base.replenishment.S")])
        found.append(match[2] if match[1] is None else re.sub(r"\\(.)", r"\1", match[1]))
        end = match.end()
    if len(found) > DEEPEST:
        raise UserError([at(place, f"a path of {len(found)} steps; at most {DEEPEST} are due")])
    return found


SET, EDIT = "--set", "edit"
"""What a place is called, before the path, where a value was not written in a file."""


def is_set(node: Node) -> bool:
    """Whether the value was put there by `--set` or an edit."""
    return node.place.file.startswith((f"{SET} ", f"{EDIT} "))


def with_settings(root: Node, settings: Iterable[str]) -> Node:
    """The tree after every `PATH=VALUE`; values are YAML, and what stood there is replaced."""
    for setting in settings:
        path, equals, text = halves(setting)
        label = f"{SET} {path}"
        place = Place(label, 1, 1)
        if not equals or not path:
            raise UserError([at(place, f"{setting!r} is not PATH=VALUE")])
        root = put(root, steps(path, place), parse(text, label), place)
    return root


def halves(setting: str) -> tuple[str, str, str]:
    """Split at the first `=` outside quotes."""
    match = re.match(r'((?:"(?:[^"\\]|\\.)*"|[^"=])*)(=?)(.*)', setting, re.DOTALL)
    assert match is not None  # every part may be empty
    return match[1].strip(), match[2], match[3]


def with_changes(root: Node, changes: Changes[str, object]) -> Node:
    """The tree after every change of {path: plain Python value}."""
    for path, value in changes.items():
        place = Place(f"{EDIT} {path}", 1, 1)
        root = put(root, steps(path, place), from_plain(value, place), place)
    return root


def put(root: Node, path: list[str], value: Node, place: Place, done: int = 0) -> Node:
    """A tree with `value` at the end of the path; mappings on the way are made where they are missing."""
    if done == len(path):
        return value
    step, here = path[done], dotted(path[:done]) or "the file"
    if isinstance(root, ScalarNode) and root.value is None:
        root = MappingNode(place, {})
    if isinstance(root, MappingNode):
        where, old = root.entries.get(step, (place, MappingNode(place, {})))
        new = put(old, path, value, place, done + 1)
        return MappingNode(
            root.place, {**root.entries, step: (where if step in root.entries else place, new)}, root.size
        )
    if isinstance(root, SequenceNode):
        if not step.isdecimal() or int(step) >= len(root.items):
            span = f"0 to {len(root.items) - 1}" if root.items else "none, the list is empty"
            raise UserError([at(place, f"{here} is a list, and {step!r} is no index of it ({span})", dotted(path))])
        index = int(step)
        items = [*root.items]
        items[index] = put(items[index], path, value, place, done + 1)
        return SequenceNode(root.place, items, root.size)
    raise UserError([at(place, f"{here} is {root.text[:40]!r}, which has no {step!r} inside", dotted(path))])


def unknown(word: str, known: Iterable[str], noun: str, nouns: str = "") -> str:
    """What to say of a name that nothing has.

    >>> unknown("mgu", ["mug", "plate"], "item")
    "no item 'mgu' (did you mean 'mug'?); items: mug, plate"
    """
    names = list(known)
    return f"no {noun} {word!r}{nearest(word, names)}; " + (
        f"{nouns or noun + 's'}: {some(names)}" if names else "none is defined"
    )
