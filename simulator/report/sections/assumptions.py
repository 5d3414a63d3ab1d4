"""What the answer is based on: events, and numbers with their sources and how far they can be trusted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, get_args

from simulator.foundation.docstrings import is_mentioned
from simulator.report.cards.card import text_table
from simulator.report.reference.key_types import NONE, REQUIRED, default_text
from simulator.report.reference.pages import GRADE, GRADES
from simulator.report.sections.section import Section
from simulator.report.text.decisions import applied_decisions
from simulator.report.text.view import ReportView
from simulator.scenario.faults.shape import alternatives, description, family_of, fields_of, is_model, origin_of
from simulator.scenario.schema.schema import Scenario

WHEN = ("at", "until", "lasts", "every", "chance")
MOST = 60
"""Graded values that are shown."""
MOST_ENTRIES = 8
"""Entries of a mapping that are shown."""


class GradedValue(NamedTuple):
    """A number that makes a claim about the world."""

    where: str
    value: str
    given: bool
    """Whether the file gives it; otherwise it is a default."""
    grade: str
    source: str


def assumptions(view: ReportView) -> Section | None:
    """Events as the file puts them; sources named by the author; values that make a claim, with their grades."""
    paragraphs, tables = [], []
    if events := list(_events(view.scenario)):
        tables.append(text_table(("Event", "kind", "when", "details"), events, "What happens in this scenario."))
    if decisions := list(applied_decisions(view.scenario)):
        headings = ("Policy", "decision", "applies to", "when", "rule")
        rows = [(d.policy, d.decision, d.to, d.when or "always", _pairs(d.rule)) for d in decisions[:MOST]]
        about = "Decisions that differ: the more specific one applies, and those with a time before all others."
        tables.append(text_table(headings, rows, about))
    notes = [(key, _value(view.scenario, key), str(note)) for key, note in (view.scenario.get("sources") or {}).items()]
    if notes:
        tables.append(text_table(("Number", "value", "source"), notes, "Sources of numbers, as stated by the author."))
    graded: dict[tuple[str, str], GradedValue] = {}
    for v in _graded((Scenario,), view.scenario, ""):
        graded.setdefault((v.source, v.value), v)  # once, however many items, segments or policies share it
    if values := list(graded.values()):
        rows = [(v.where, v.value, "file" if v.given else "default", v.grade, v.source) for v in values[:MOST]]
        used = {grade for v in values for grade in v.grade.split(", ")}
        grades = "; ".join(f"{grade}: {meaning}" for grade, meaning in GRADES.items() if grade in used)
        tables.append(text_table(("Number", "value", "from", "grade", "meaning and source"), rows, grades + "."))
        paragraphs.append("A grade tells how far a number that makes a claim about the world can be trusted.")
    return Section("assumptions", "What the answer is based on", paragraphs, (), tables) if tables else None


# ------------------------------------------------------------------ events
def _events(scenario: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for event in scenario.get("events") or []:
        if isinstance(event, dict):
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


def _value(scenario: Mapping[str, Any], path: str) -> str:
    """The value at a dotted path of the file; '' where the file does not give it."""
    found: Any = scenario
    for step in re.findall(r'"[^"]*"|[^.]+', path):
        step = step.strip('"')
        if isinstance(found, list) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
        elif isinstance(found, dict) and step in found:
            found = found[step]
        else:
            return ""
    if isinstance(found, dict) and len(found) > MOST_ENTRIES:
        return f"{len(found):,} entries"
    text = _short(found)
    return text if len(text) <= 80 else text[:79] + "…"


# ----------------------------------------------------------- graded values
def _graded(types: tuple[Any, ...], plain: Any, path: str) -> Iterator[GradedValue]:
    """Values whose description states a grade, in every mapping that the file uses."""
    for t in types:
        arguments = get_args(t)
        family = next(filter(None, map(family_of, alternatives(arguments[1]))), None) if origin_of(t) is dict else None
        if family and isinstance(plain, dict):
            yield from _of_decisions(family, plain, path)
        elif origin_of(t) is dict and isinstance(plain, dict):
            for key, value in plain.items():
                yield from _graded(alternatives(arguments[1]), value, f"{path}.{key}")
        elif origin_of(t) is list and isinstance(plain, list):
            for number, value in enumerate(plain):
                yield from _graded(alternatives(arguments[0]), value, f"{path}.{number}")
        elif is_model(t) and isinstance(plain, dict):
            family = family_of(t)
            model = family.kinds.get(str(plain.get("kind"))) if family else t
            if model is not None:
                yield from _of_model(model, plain, path)


def _of_decisions(family: Any, plain: Mapping[str, Any], path: str) -> Iterator[GradedValue]:
    """One decision, or a mapping of decisions."""
    if "kind" in plain:
        yield from _graded((family,), plain, path)
        return
    for key, value in plain.items():
        if isinstance(value, dict):
            yield from _of_decisions(family, value, f"{path}.{key}")


def _of_model(model: Any, plain: Mapping[str, Any], path: str) -> Iterator[GradedValue]:
    graded = is_mentioned("grade", model)
    for key, field in fields_of(model).items():
        here = f"{path}.{key}".lstrip(".")
        meaning = description(model, key) if graded else ""
        if grades := GRADE.findall(meaning):
            default = default_text(field)
            if key in plain or default not in (NONE, REQUIRED):
                value = _short(plain[key]) if key in plain else default
                yield GradedValue(here, value, key in plain, ", ".join(dict.fromkeys(grades)), meaning)
        if key in plain:
            yield from _graded(alternatives(field.annotation), plain[key], here)
