"""Parse YAML text into a tree of nodes with their places: YAML 1.2 values, limited size, nothing is executed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sized
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import yaml
from yaml.reader import Reader

from simulator.foundation.errors import Problem, UserError, nearest

DEEPEST = 50
"""Levels of nesting."""
MOST_NODES = 500_000
"""Keys and values as written; 10,000 items with a decision each need about 200,000."""
MOST_ENTRIES = 50_000
"""Entries of one list or mapping; longer columns belong in data files."""
MOST_REPEATED = 100_000
"""Keys and values that aliases (`*name`) may expand to."""
LONGEST_NUMBER = 400
"""Digits of a whole number; numbers beyond 1e15 are rejected later, and messages can still show this many digits."""

_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_KNOWN_TAGS = {None, "!", *(f"tag:yaml.org,2002:{kind}" for kind in ("str", "map", "seq"))}
FORBIDDEN: re.Pattern[str] = Reader.NON_PRINTABLE
"""Characters that YAML allows in no file."""
_CONSTANTS: dict[str, object] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((sign + word for sign in ("", "+") for word in (".inf", ".Inf", ".INF")), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_WHOLE = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


class Place(NamedTuple):
    """The place of something in a file; lines and columns count from 1."""

    file: str
    line: int
    column: int


@dataclass(slots=True, eq=False)
class ScalarNode:
    """A single value."""

    place: Place
    value: Any
    """The value by the core schema of YAML 1.2: text, number, truth value or None."""
    text: str
    """As written."""
    size: int = 1
    """Keys and values inside, aliases expanded; only the parser needs it."""


@dataclass(slots=True, eq=False)
class SequenceNode:
    """A list."""

    place: Place
    items: list[Node]
    size: int = 1


@dataclass(slots=True, eq=False)
class MappingNode:
    """Keys, always text, with the place of each and its value, in the order of the file."""

    place: Place
    entries: dict[str, tuple[Place, Node]]
    size: int = 1

    def get(self, key: str) -> Node | None:
        """The key's value, None where it is not given."""
        found = self.entries.get(key)
        return found[1] if found else None


Node = ScalarNode | SequenceNode | MappingNode
"""Treated as immutable: aliases and merged parents share nodes."""


def parse(text: str, file: str) -> Node:
    """The only document in `text`.

    Raises:
        UserError: all duplicate keys and tags, or the first fault that stops parsing.
    """
    if found := FORBIDDEN.search(text):
        before = text[: found.start()]
        place = Place(file, before.count("\n") + 1, found.start() - before.rfind("\n"))
        offset = len(before.encode("utf-8", "surrogatepass"))
        raise UserError([at(place, f"control or unprintable character U+{ord(found[0]):04X} at byte {offset}")])
    if found := re.search(r"^%TAG\b", text, re.MULTILINE):
        raise UserError(
            [at(Place(file, text.count("\n", 0, found.start()) + 1, 1), "%TAG directives are not supported")]
        )
    composer = _Composer(text, file)
    try:
        return composer.document()
    except yaml.MarkedYAMLError as error:
        raise UserError([*composer.problems, _not_yaml(error, text, file)]) from None
    except yaml.YAMLError as error:
        raise UserError([*composer.problems, at(Place(file, 1, 1), f"not YAML: {error}")]) from None


def at(place: Place, message: str, key: str = "", code: str = "BO102") -> Problem:
    """A problem at a place; one of the text unless its code says otherwise."""
    return Problem(*place, key, message, code=code)


def _not_yaml(error: yaml.MarkedYAMLError, text: str, file: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    lines = text.splitlines() or [""]
    line, column = (mark.line, mark.column) if mark else (0, 0)
    if line >= len(lines):  # the text ends too early
        line, column = len(lines) - 1, len(lines[-1])
    rest = lines[line][column:]
    message = f"not YAML: {error.problem}" + (f" ({error.context})" if error.context else "")
    if "nesting depth" in (error.problem or ""):  # newer versions of libyaml have their own limit
        message = f"nested deeper than {DEEPEST} levels"
    elif rest.startswith("\t"):
        message = "not YAML: a tab; indent with spaces"
    elif rest[:1] in {"@", "`", "%", "*", "&", "!"}:
        message += f"; quote text that starts with {rest[0]!r}"
    elif "block mapping" in (error.context or "") or "mapping values" in (error.problem or ""):
        message += "; check the indentation: the keys of a mapping begin in the same column"
    return at(Place(file, line + 1, column + 1), message)


class _Composer:
    """Builds nodes from the parser's events, so that depth and size are bounded while reading."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)
        self.problems: list[Problem] = []
        self.anchors: dict[str, Node | None] = {}  # None while the node is still open
        self.depth = self.nodes = self.repeated = 0

    def document(self) -> Node:
        root: Node = ScalarNode(Place(self.file, 1, 1), None, "")
        documents = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.stop(event, "a second document starts here; remove the line `---`")
                root = self.node(next(self.events))
        if self.problems:
            raise UserError(self.problems)
        return root

    def place(self, event: Any) -> Place:
        return Place(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def complain(self, event: Any, message: str) -> None:
        self.problems.append(at(self.place(event), message))
        if len(self.problems) > 1000:
            raise UserError(self.problems)

    def stop(self, event: Any, message: str) -> None:
        raise UserError([*self.problems, at(self.place(event), message)])

    def node(self, event: Any) -> Node:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            self.stop(event, f"more than {MOST_NODES:,} keys and values")
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event)
        if event.tag not in _KNOWN_TAGS:
            shown = event.tag.replace("tag:yaml.org,2002:", "!!")[:60]
            self.complain(event, f"the tag {shown} is not supported; write the plain value")
        if event.anchor:
            self.anchors[event.anchor] = None
        if isinstance(event, yaml.ScalarEvent):
            found: Node = self.scalar(event)
        else:
            self.depth += 1
            if self.depth > DEEPEST:
                self.stop(event, f"nested deeper than {DEEPEST} levels")
            found = self.sequence(event) if isinstance(event, yaml.SequenceStartEvent) else self.mapping(event)
            self.depth -= 1
        if event.anchor:
            self.anchors[event.anchor] = found
        return found

    def alias(self, event: Any) -> Node:
        if event.anchor not in self.anchors:
            known = sorted(self.anchors)
            self.stop(event, f"no anchor &{event.anchor} is defined before this alias{nearest(event.anchor, known)}")
        target = self.anchors[event.anchor]
        if target is None:
            raise UserError(
                [*self.problems, at(self.place(event), f"*{event.anchor} is used inside its own definition")]
            )
        self.repeated += target.size
        if self.repeated > MOST_REPEATED:
            self.stop(event, f"the aliases expand to more than {MOST_REPEATED:,} keys and values")
        return target

    def scalar(self, event: Any) -> ScalarNode:
        place, text = self.place(event), event.value
        if not event.implicit[0] or event.tag is not None:  # quoted, or tagged as text
            if event.style == '"' and (found := FORBIDDEN.search(text)):
                self.complain(event, f"control character U+{ord(found[0]):04X} in text")
            return ScalarNode(place, text, text)
        if len(text) > LONGEST_NUMBER and _WHOLE.fullmatch(text):
            self.complain(event, f"a number of {len(text)} digits; must be at most 1e15")
            return ScalarNode(place, 0, text)
        return ScalarNode(place, resolved(text), text)

    def sequence(self, event: Any) -> SequenceNode:
        found = SequenceNode(self.place(event), [])
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            node = self.node(event)
            self.count(event, found.items)
            found.items.append(node)
            found.size += node.size
        return found

    def count(self, event: Any, entries: Sized) -> None:
        if len(entries) == MOST_ENTRIES:
            self.stop(
                event, f"a list or mapping of more than {MOST_ENTRIES:,} entries; put long columns into data files"
            )

    def mapping(self, event: Any) -> MappingNode:
        found = MappingNode(self.place(event), {})
        seen: dict[str, tuple[str, int]] = {}
        merged: list[tuple[Any, Node]] = []
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.node(event)
            value = self.node(next(self.events))
            if not isinstance(key, ScalarNode) or isinstance(event, yaml.AliasEvent):
                self.complain(event, "a key must be plain text")
                continue
            if key.text == "<<" and event.implicit[0]:
                merged.append((event, value))
                continue
            plain = plain_key(key.text)
            if plain in seen:
                other, line = seen[plain]
                but = "" if other == key.text else f" ({other!r}, which differs only in spaces or accents)"
                self.complain(event, f"duplicate key {key.text!r}; first defined on line {line}{but}")
            seen[plain] = (key.text, key.place.line)
            self.count(event, found.entries)
            found.entries[key.text] = (key.place, value)
        for where, node in merged:
            self.merge(found, where, node)
        # Counted here, where aliases are known, because each alias repeats the nodes of its target.
        found.size = 1 + sum(1 + node.size for _, node in found.entries.values())
        return found

    def merge(self, into: MappingNode, event: Any, value: Node) -> None:
        """`<<: *other` or `<<: [*one, *two]`: keys of the mapping itself win, then the first one named."""
        for node in value.items if isinstance(value, SequenceNode) else [value]:
            if isinstance(node, MappingNode):
                into.entries.update({k: v for k, v in node.entries.items() if k not in into.entries})
            else:
                self.complain(event, "`<<` merges mappings; expected an alias of a mapping, or a list of such aliases")


def plain_key(text: str) -> str:
    """What makes a key different from others."""
    return text.strip() if text.isascii() else unicodedata.normalize("NFC", text).strip()


def resolved(text: str) -> Any:
    """What a plain scalar means in YAML 1.2: 1e5 and 010 are numbers, `NO`, `12:30` and dates are text.

    >>> [resolved(t) for t in ("010", "1e5", "NO", "12:30", "true", "~")]
    [10, 100000.0, 'NO', '12:30', True, None]
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] in "+-.0123456789" and len(text) <= LONGEST_NUMBER:
        if _WHOLE.fullmatch(text):
            return int(text)
        if _BASED.fullmatch(text):
            return int(text, 0)
        if _FLOAT.fullmatch(text):
            return float(text)
    return text


def to_plain(node: Node) -> Any:
    """The node as plain Python data."""
    if isinstance(node, MappingNode):
        return {key: to_plain(value) for key, (_, value) in node.entries.items()}
    if isinstance(node, SequenceNode):
        return [to_plain(item) for item in node.items]
    return node.value


class _Dumper(yaml.CSafeDumper if yaml.__with_libyaml__ else yaml.SafeDumper):  # type: ignore[misc]
    """Block style without aliases; quotes text that YAML 1.2 would read as something else."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


@lru_cache(maxsize=4096)
def _style(value: str) -> str | None:
    """How a text is written; the keys of ten thousand items are the same few words."""
    quoted = not isinstance(resolved(value), str)
    return "'" if quoted else "|" if "\n" in value.strip("\n") else None


def _text(dumper: Any, value: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=_style(value))  # type: ignore[no-any-return]


_Dumper.add_representer(str, _text)


def dump(data: Any) -> str:
    """Plain data as YAML text; `parse` returns the same data."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
