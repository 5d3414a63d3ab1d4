"""What the answer rests on: events, and numbers of the scenario with where they come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simulator.report.sections.section import Section, Table
from simulator.report.view import View

WHEN = ("at", "until", "lasts", "every", "chance")


def assumptions(view: View) -> Section | None:
    """Events as the file words them, with what they strike."""
    tables = []
    if events := list(_events(view.scenario)):
        tables.append(Table(("Event", "kind", "when", "what"), events, words=True))
    if not tables:
        return None
    return Section("events", "Events", (), (), tables)


def _events(scenario: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for event in scenario.get("events") or []:
        if not isinstance(event, dict):
            continue
        rest = {k: v for k, v in event.items() if k not in (*WHEN, "kind", "name")}
        when = {k: event[k] for k in WHEN if k in event}
        yield str(event.get("name") or event.get("kind")), str(event.get("kind")), _pairs(when), _pairs(rest)
    for name, supplier in (scenario.get("suppliers") or {}).items():
        for closure in (supplier or {}).get("closures") or []:
            yield str(closure.get("name", "closure")), "closure", f"{closure.get('from')} to {closure.get('to')}", name


def _pairs(found: Mapping[str, Any]) -> str:
    return ", ".join(f"{k} {_short(v)}" for k, v in found.items())


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + _pairs(value) + "}"
    if isinstance(value, list):
        return ", ".join(map(_short, value))
    return str(value)
