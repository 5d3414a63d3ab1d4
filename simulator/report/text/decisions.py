"""Decisions that differ by segment, item, site or date, as rows of a table: what applies where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from simulator.policies.decisions import DECIDED, DEFAULT, ITEMS, SEGMENTS
from simulator.policies.schedule import CHANGED, completed
from simulator.scenario.tree.inherit import with_policies_resolved
from simulator.scenario.tree.nodes import MappingNode, Place, to_plain
from simulator.scenario.tree.plain import from_plain


class Applied(NamedTuple):
    """A decision, and where it applies."""

    policy: str
    decision: str
    """Acceptance, promise, and so on."""
    to: str
    """Segments, items and sites."""
    when: str
    """'' for always."""
    rule: dict[str, Any]


def applied_decisions(scenario: Mapping[str, Any]) -> Iterator[Applied]:
    """Every decision of the policies that does not apply everywhere and always; `scenario` is plain data."""
    root = from_plain(dict(scenario), Place("", 0, 0))
    if not isinstance(root, MappingNode):
        return
    policies = to_plain(with_policies_resolved(root).root).get("policies") or {}
    for name, policy in policies.items():
        if not isinstance(policy, dict):
            continue
        for family in DECIDED:
            own = policy.get(family)
            if isinstance(own, dict) and "kind" not in own:
                yield from (Applied(name, family, to, "", rule) for to, rule in _flat(own))
        for entry in completed(policy).get("schedule") or ():
            when = _when(entry)
            for family in CHANGED:
                if family == "reservation" and isinstance(entry.get(family), dict):
                    yield Applied(name, family, "all", when, dict(entry[family]))
                elif isinstance(entry.get(family), dict):
                    yield from (Applied(name, family, to, when, rule) for to, rule in _flat(entry[family]))


def _flat(decisions: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """(where it applies, decision) of a decision, or of every decision of a mapping."""
    if "kind" in decisions:
        yield above or "all", dict(decisions)
        return
    for key, inner in decisions.items():
        if not isinstance(inner, dict):
            continue
        if key in (SEGMENTS, ITEMS) and "kind" not in inner:
            noun = "segment" if key == SEGMENTS else "item"
            for name, own in inner.items():
                yield from _flat(own, _joined(above, f"{noun} {name}"))
        else:
            yield from _flat(inner, _joined(above, "all others") if key == DEFAULT else _joined(above, str(key)))


def _joined(above: str, below: str) -> str:
    return f"{above}, {below}" if above else below


def _when(entry: Mapping[str, Any]) -> str:
    """'from 2025-09-15 to 2025-12-20', 'while importer is late'."""
    found = [f"{key} {entry[key]}" for key in ("from", "to") if key in entry]
    condition = entry.get("while")
    for state, names in condition.items() if isinstance(condition, dict) else ():
        found.append(f"while {' or '.join(names) if isinstance(names, list) else names} is {state}")
    return " ".join(found)
