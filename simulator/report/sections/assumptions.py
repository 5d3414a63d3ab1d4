"""What the answer rests on: events, and numbers of the scenario with their sources and how far to trust them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, get_args

from simulator.report.reference.pages import GRADE, GRADES
from simulator.report.reference.type_words import NONE, REQUIRED, default_words
from simulator.report.sections.section import Section, Table
from simulator.report.text.view import View
from simulator.scenario.faults.shape import alternatives, family_of, fields_of, is_model, origin_of
from simulator.scenario.schema.schema import Scenario

WHEN = ("at", "until", "lasts", "every", "chance")
MOST = 60
"""Rows of the list."""


MOST_ENTRIES = 8
"""Entries of a mapping that are shown."""


class Claim(NamedTuple):
    """A number that says something about the world."""

    where: str
    value: str
    given: bool
    """Whether it stands in the file; else it is a default."""
    grade: str
    source: str


def assumptions(view: View) -> Section | None:
    """Events as the file words them; sources that its author names; defaults that claim something, with grades."""
    words, tables = [], []
    if events := list(_events(view.scenario)):
        tables.append(Table(("Event", "kind", "when", "what"), events, "What happens to this world.", words=True))
    notes = [(key, _value(view.scenario, key), str(said)) for key, said in (view.scenario.get("sources") or {}).items()]
    if notes:
        caption = "Where numbers of this scenario come from, as its author says."
        tables.append(Table(("Number", "value", "source"), notes, caption, words=True))
    if claims := list(_distinct(_claims((Scenario,), view.scenario, ""))):
        rows = [(c.where, c.value, "file" if c.given else "default", c.grade, c.source) for c in claims[:MOST]]
        used = {grade for c in claims for grade in c.grade.split(", ")}
        said = "; ".join(f"{grade}: {meaning}" for grade, meaning in GRADES.items() if grade in used)
        tables.append(Table(("Number", "value", "from", "grade", "meaning and source"), rows, said + ".", words=True))
        words.append("A grade says how far a number that claims something about the world can be trusted.")
    return Section("assumptions", "What the answer rests on", words, (), tables) if tables else None


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
    """What stands at a dotted path of the file; '' where it is a default."""
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


# ------------------------------------------------------------------ claims
def _claims(types: tuple[Any, ...], plain: Any, path: str) -> Iterator[Claim]:
    """Fields whose description carries a grade, wherever the file uses the mapping that has them."""
    for t in types:
        arguments = get_args(t)
        if origin_of(t) is dict and isinstance(plain, dict):
            for key, value in plain.items():
                yield from _claims(alternatives(arguments[1]), value, f"{path}.{key}")
        elif origin_of(t) is list and isinstance(plain, list):
            for number, value in enumerate(plain):
                yield from _claims(alternatives(arguments[0]), value, f"{path}.{number}")
        elif is_model(t) and isinstance(plain, dict):
            family = family_of(t)
            model = family.kinds.get(str(plain.get("kind"))) if family else t
            if model is not None:
                yield from _of_model(model, plain, path)


def _of_model(model: Any, plain: Mapping[str, Any], path: str) -> Iterator[Claim]:
    for key, field in fields_of(model).items():
        here = f"{path}.{key}".lstrip(".")
        meaning = " ".join((field.description or "").split())
        if grades := GRADE.findall(meaning):
            default = default_words(field)
            if key in plain or default not in (NONE, REQUIRED):
                value = _short(plain[key]) if key in plain else default
                yield Claim(here, value, key in plain, ", ".join(dict.fromkeys(grades)), meaning)
        if key in plain:
            yield from _claims(alternatives(field.annotation), plain[key], here)


def _distinct(claims: Iterator[Claim]) -> Iterator[Claim]:
    """Each claim once, at its first place, however many items, segments or policies make it."""
    seen = set()
    for claim in claims:
        if (claim.source, claim.value) not in seen:
            seen.add((claim.source, claim.value))
            yield claim
