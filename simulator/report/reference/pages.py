"""The catalogue as Markdown: the reference page of keys, kinds and KPIs, and that of defaults."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import yaml

from simulator.report.reference.catalogue import KPI, SCENARIO, Entry, Family, Key, family, family_names
from simulator.report.reference.key_types import NONE, REQUIRED

Cells = Sequence[str]

GRADES = {
    "A": "peer-reviewed, or an official rule",
    "B": "product documentation, or measured by an industry body",
    "C": "claimed by a vendor or a blog",
    "D": "our own assumption",
    "M": "known literature, not checked again",
}
"""How far a default that says something about the world can be trusted."""
GRADE = re.compile(r"\bgrade ([A-Z])\b")
NOTHING = re.compile(r"0( |$)|100 %|1$|false$|its defaults$")
"""Defaults that leave a mechanism out, or change nothing."""


# --------------------------------------------------------------------------------------------------------------- pages
def markdown(families: Iterable[Family], on_top: str) -> str:
    """Any families as one page."""
    lines: list[str] = []
    for found in families:
        lines += [f"## {found.name}", "", found.meaning, ""]
        lines += _kpi_tables(found) if found.name == KPI else _entries(found)
    return _page("Kinds, fields and KPIs", on_top, lines)


def _page(title: str, on_top: str, lines: Iterable[str]) -> str:
    return "\n".join([f"# {title}", "", on_top, "", *lines]).rstrip() + "\n"


# ------------------------------------------------------------------------------------------------------- keys and kinds
def _entries(found: Family) -> list[str]:
    lines: list[str] = []
    for name, entry in found.entries.items():
        lines += [f"### `{name}`", "", entry.meaning, ""]
        if entry.example:
            lines += [f"`{_flow(entry.example)}`", ""]
        if entry.fields:
            rows = [(f"`{key}`", k.type, k.default, k.meaning) for key, k in entry.fields.items()]
            lines += [*_table(("key", "what", "unless given", "meaning"), rows), ""]
    return lines


def _flow(example: dict[str, Any]) -> str:
    text = yaml.safe_dump(example, default_flow_style=True, sort_keys=False, width=10_000, allow_unicode=True)
    return " ".join(text.split())


def _kpi_tables(found: Family) -> list[str]:
    groups: dict[str, list[Cells]] = {}
    for name, entry in found.entries.items():
        facts = entry.kpi or {}
        better = {"higher": "↑", "lower": "↓"}.get(facts["better"], "")
        row = (f"`{name}`", facts["unit"], facts["denominator"], better, entry.meaning)
        groups.setdefault(facts["group"], []).append(row)
    lines = ["↑ higher is better, ↓ lower is better.", ""]
    for group, rows in groups.items():
        header = ("KPI", "unit", "share or mean of", "better", "definition")
        lines += [f"### {group}", "", *_table(header, rows), ""]
    return lines


def _table(header: Cells, rows: Iterable[Cells]) -> list[str]:
    def line(cells: Cells) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

    return [line(header), line(["---"] * len(header)), *map(line, rows)]


# ------------------------------------------------------------------------------------------------------------- defaults
class Default(NamedTuple):
    """A key that has a value unless one is given."""

    where: str
    """'costs.contact', or 'join: logit.at_7d' for a field of a kind."""
    key: Key

    @property
    def grades(self) -> str:
        """The grades that stand in its meaning: 'A', 'A, D', or '' where it claims nothing."""
        return ", ".join(dict.fromkeys(GRADE.findall(self.key.meaning)))

    def to_plain(self) -> dict[str, str]:
        """Plain data."""
        return {"key": self.where, "default": self.key.default, "grades": self.grades, "meaning": self.key.meaning}


def defaults() -> Iterator[Default]:
    """Every default of a scenario's sections and of the kinds."""
    for name in family_names():
        if name != KPI:
            for entry, said in family(name).entries.items():
                yield from _defaults_of(name, entry, said)


def _defaults_of(name: str, entry: str, said: Entry) -> Iterator[Default]:
    for key, what in said.fields.items():
        if what.default not in (REQUIRED, NONE):
            path = (f"{entry}." if entry != "the file" else "") if name == SCENARIO else f"{name}: {entry}."
            yield Default(f"{path}{key}", what)


def defaults_page(on_top: str) -> str:
    """Every default: those that say something about the world with their grades, then conventions, then what is off."""
    found = list(defaults())
    graded = [d for d in found if d.grades]
    left = [d for d in found if not d.grades]
    off = [d for d in left if NOTHING.match(d.key.default) and not d.where.startswith("experiment.")]
    lines = [
        "A default is what stands at a key unless the file says otherwise. Some claim something about the world; these",
        "carry a grade, which says how far the number can be trusted:",
        "",
        *_table(("grade", "the number is"), GRADES.items()),
        "",
        "## Defaults that claim something",
        "",
    ]
    if graded:
        shown = [(f"`{d.where}`", d.key.default, d.grades, d.key.meaning) for d in graded]
        lines += _table(("key", "default", "grade", "meaning and source"), shown)
    for title, said, some in (
        ("Conventions", "What a sensible shop would do, or what a run is done with; no claim about the world.", left),
        ("Left out unless asked for", "0, 100 % or 1: the mechanism is not there, or changes nothing.", off),
    ):
        rest = [d for d in some if some is off or d not in off]
        rows = [(f"`{d.where}`", d.key.default, d.key.meaning) for d in rest]
        lines += ["", f"## {title}", "", said, "", *_table(("key", "default", "meaning"), rows)]
    return _page("Defaults and their grades", on_top, lines)
