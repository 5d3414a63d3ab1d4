"""What differs between two scenarios, in words: values are compared, so 24 h and 1 d do not differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.foundation.errors import some
from simulator.scenario.identity import COVER, affects_results, fingerprint, plain_values
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.inherit import with_policies_resolved
from simulator.scenario.tree.nodes import MappingNode, Place, parse, to_plain
from simulator.scenario.tree.paths import dotted, steps

NOUNS = {
    "policies": "policy",
    "items": "item",
    "customers": "customers",
    "suppliers": "supplier",
    "carriers": "carrier",
    "warehouses": "warehouse",
    "events": "event",
}
"""What an entry of a section is called."""
LONGEST = 90
_ABSENT = object()


@dataclass(frozen=True)
class ChangedKey:
    """One key or entry that differs."""

    subject: str
    """What it belongs to, such as 'policy lean'; '' for the scenario itself."""
    path: str
    said: str
    matters: bool
    """Whether it can change results."""

    def __str__(self) -> str:
        return f"{self.subject}: {self.said}" if self.subject else self.said


@dataclass(frozen=True)
class ScenarioDiff:
    """Everything that differs between two scenarios."""

    found: tuple[ChangedKey, ...]
    same_results: bool
    """Whether both have the same fingerprint, so that results are the same."""

    @property
    def conclusion(self) -> str:
        """One sentence about results."""
        if not self.found:
            return "No difference."
        return "Results are the same." if self.same_results else "Results may differ: run both and compare them."


def scenario_diff(old: Scenario, new: Scenario) -> ScenarioDiff:
    """The differences from one scenario to another, in the order of the sections."""
    written = (_written(old), _written(new))
    found = [_worded(path, a, b, written) for path, a, b in _walk(plain_values(old), plain_values(new), ())]
    if old.data_digests != new.data_digests:
        names = sorted(n for n in {*old.data_digests, *new.data_digests} if _digest(old, n) != _digest(new, n))
        found.append(ChangedKey("", "", f"data files differ: {some(names)}", matters=True))
    if list(old.policies) != list(new.policies) and set(old.policies) == set(new.policies):
        said = f"the order of policies changes to {some(new.policies)}; differences are to the first"
        found.append(ChangedKey("", "policies", said, matters=True))
    return ScenarioDiff(tuple(found), fingerprint(old) == fingerprint(new))


def written_at(scenario: Scenario, path: str) -> str:
    """What the file says at a dotted path, parents merged in; '' where it says nothing.

    >>> import simulator
    >>> written_at(simulator.load("steady-shop"), "suppliers.importer.lead_time.mean")
    '12 d'
    """
    here = _written(scenario)
    for step in steps(path, Place(path, 1, 1)):
        entries = {str(k): v for k, v in enumerate(here)} if isinstance(here, list) else here
        if not isinstance(entries, Mapping) or step not in entries:
            return ""
        here = entries[step]
    return "" if here is None else _shown(here)


def _digest(scenario: Scenario, name: str) -> str | None:
    return scenario.data_digests.get(name)


def _written(scenario: Scenario) -> Any:
    """The keys as the user wrote them, with every policy's parents merged in."""
    tree = parse(scenario.source, "scenario")
    return to_plain(with_policies_resolved(tree).root) if isinstance(tree, MappingNode) else {}


def _walk(old: Any, new: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any, Any]]:
    """Every path at which two plain values differ, with both; a change of kind is one difference."""
    if _is_cover(old) and _is_cover(new):
        old, new = old[COVER], new[COVER]
    if isinstance(old, Mapping) and isinstance(new, Mapping) and old.get("kind") == new.get("kind"):
        for key in dict.fromkeys([*old, *new]):
            yield from _walk(old.get(key, _ABSENT), new.get(key, _ABSENT), (*path, key))
    elif isinstance(old, list) and isinstance(new, list) and path == ("events",):
        for number in range(max(len(old), len(new))):
            before, after = (found[number] if number < len(found) else _ABSENT for found in (old, new))
            yield from _walk(before, after, (*path, number))
    elif old != new:
        yield path, old, new


def _worded(path: tuple[str | int, ...], old: Any, new: Any, written: tuple[Any, Any]) -> ChangedKey:
    noun = NOUNS.get(str(path[0]))
    subject = f"{noun} {path[1]}" if noun and len(path) > 1 else ""
    keys = [str(step) for step in (path[2:] if subject else path) if step != "default"]
    matters = affects_results(path)
    if not keys:
        whole = new if old is _ABSENT else old
        return ChangedKey(
            "", dotted(path), f"{subject} is {'new' if old is _ABSENT else 'gone'}{_kind(whole)}", matters
        )
    before, after = (_shown(_at(tree, path, value)) for tree, value in zip(written, (old, new), strict=True))
    key = ".".join(keys)
    if old is _ABSENT or old in (None, ""):
        said = f"{key} is now {after} (before: {'not there' if old is _ABSENT else 'nothing'})"
    elif new is _ABSENT or new in (None, ""):
        said = f"{key} is {'gone' if new is _ABSENT else 'nothing now'} (before: {before})"
    elif _number(old) and _number(new):
        share = f" ({(new - old) / abs(old):+.0%})" if old else ""
        said = f"{key} {'rises' if new > old else 'falls'} from {before} to {after}{share}"
    else:
        said = f"{key} changes from {before} to {after}"
    return ChangedKey(subject, dotted(path), said, matters)


def _at(tree: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """What is written at a path, `default` left out where it is not written; the value itself where nothing is."""
    here = tree
    for step in path:
        entries = dict(enumerate(here)) if isinstance(here, list) else here
        if isinstance(entries, Mapping) and step in entries:
            here = entries[step]
        elif step != "default":
            return value
    return here


def _is_cover(value: Any) -> bool:
    return isinstance(value, Mapping) and list(value) == [COVER]


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _kind(value: Any) -> str:
    kind = value.get("kind") if isinstance(value, Mapping) else None
    return f" ({kind})" if kind else ""


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        kind = f"{value['kind']} " if "kind" in value else ""
        inner = ", ".join(f"{k} {_shown(v)}" for k, v in value.items() if k != "kind" and v is not None)
        text = f"{kind}({inner})" if inner else kind.strip() or "nothing"
    elif isinstance(value, list):
        text = ", ".join(map(_shown, value)) or "nothing"
    elif isinstance(value, float):
        text = f"{value:g}"
    else:
        text = str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
