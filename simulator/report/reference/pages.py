"""The catalogue as Markdown: the reference page of keys, kinds and KPIs, and the page of defaults."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import yaml

from simulator.report.cards.markdown import code, escaped, pipes
from simulator.report.reference.catalogue import KPI, SCENARIO, Family, Key, family, family_names
from simulator.report.reference.key_types import NONE, REQUIRED

Cells = Sequence[str]

TITLE = "Keys, kinds and KPIs"
BETTER = {"higher": "↑", "lower": "↓", "neither": ""}
ARROWS = "↑ higher is better, ↓ lower is better."
DEFINITION = ("KPI", "unit", "share or mean of", "better", "definition")
"""Header of a table of KPIs."""

GRADES = {
    "A": "peer-reviewed, or an official rule",
    "B": "product documentation, or measured by an industry body",
    "C": "claimed by a vendor or a blog",
    "D": "our own assumption",
    "M": "from the literature, not checked again",
}
"""How far a default that makes a claim about the world can be trusted."""
GRADE = re.compile(r"\bgrade ([A-Z])\b")
NOTHING = re.compile(r"0( |$)|100 %|1$|false$|its defaults$")
"""Defaults that switch a mechanism off or have no effect."""


# --------------------------------------------------------------------------------------------------------------- pages
def markdown(families: Iterable[Family], on_top: str) -> str:
    """The families as one page."""
    lines: list[str] = []
    for found in families:
        lines += [f"## {escaped(found.name)}", "", escaped(found.meaning), "", *_contents(found, "###")]
    return _page(TITLE, on_top, lines)


def family_pages(on_top: str) -> dict[str, str]:
    """Maps the file name of an overview, and of one page for each family, to its text."""
    families = [family(name) for name in family_names()]
    rows = [(f"[{f.name}](kinds/{f.name}.md)", escaped(f.meaning), _links(f)) for f in families]
    overview = _page(TITLE, on_top, pipes(("family", "meaning", "contents"), rows))
    pages = {
        f"kinds/{f.name}.md": _page(f.name, on_top, [escaped(f.meaning), "", *_contents(f, "##")]) for f in families
    }
    return {"kinds.md": overview, **pages}


def _links(found: Family) -> str:
    """The entries of a family, each linked to its place; the KPIs by their groups."""
    if found.name == KPI:
        names = [(group, group) for group in dict.fromkeys((e.kpi or {})["group"] for e in found.entries.values())]
    else:
        names = [(code(name), name) for name in found.entries]
    return ", ".join(f"[{shown}](kinds/{found.name}.md#{_anchor(name)})" for shown, name in names)


def _anchor(heading: str) -> str:
    """The fragment that Markdown renderers give to a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def _page(title: str, on_top: str, lines: Iterable[str]) -> str:
    return "\n".join([f"# {title}", "", on_top, "", *lines]).rstrip() + "\n"


# ------------------------------------------------------------------------------------------------------- keys and kinds
def _contents(found: Family, heading: str) -> list[str]:
    return _kpi_tables(found, heading) if found.name == KPI else _entries(found, heading)


def _entries(found: Family, heading: str) -> list[str]:
    lines: list[str] = []
    for name, entry in found.entries.items():
        lines += [f"{heading} {code(name)}", "", escaped(entry.meaning), ""]
        if entry.example:
            lines += [code(_flow(entry.example)), ""]
        if entry.fields:
            rows = [(code(key), *map(escaped, (k.type, k.default, k.meaning))) for key, k in entry.fields.items()]
            lines += [*pipes(("key", "type", "default", "meaning"), rows), ""]
    return lines


def _flow(example: dict[str, Any]) -> str:
    text = yaml.safe_dump(example, default_flow_style=True, sort_keys=False, width=10_000, allow_unicode=True)
    return " ".join(text.split())


def _kpi_tables(found: Family, heading: str) -> list[str]:
    groups: dict[str, list[Cells]] = {}
    for name, entry in found.entries.items():
        facts = entry.kpi or {}
        row = (code(name), *map(escaped, (facts["unit"], facts["denominator"], BETTER[facts["better"]], entry.meaning)))
        groups.setdefault(facts["group"], []).append(row)
    lines = [ARROWS, ""]
    for group, rows in groups.items():
        lines += [f"{heading} {group}", "", *pipes(DEFINITION, rows), ""]
    return lines


# ------------------------------------------------------------------------------------------------------------- defaults
class Default(NamedTuple):
    """A key with a default value."""

    where: str
    """'costs.contact', or 'join: logit.at_7d' for a field of a kind."""
    key: Key

    @property
    def grades(self) -> str:
        """The grades stated in its meaning: 'A', 'A, D', or '' where it makes no claim."""
        return ", ".join(dict.fromkeys(GRADE.findall(self.key.meaning)))

    def to_plain(self) -> dict[str, str]:
        """Plain data."""
        return {"key": self.where, "default": self.key.default, "grades": self.grades, "meaning": self.key.meaning}


def defaults() -> Iterator[Default]:
    """Every default of a scenario's sections and of the kinds."""
    for name in family_names():
        if name != KPI:
            for entry, described in family(name).entries.items():
                path = f"{name}: {entry}." if name != SCENARIO else f"{entry}." if entry != "the file" else ""
                for key, what in described.fields.items():
                    if what.default not in (REQUIRED, NONE):
                        yield Default(f"{path}{key}", what)


def defaults_page(on_top: str) -> str:
    """Every default: claims about the world with their grades, then conventions, then what is switched off."""
    found = list(defaults())
    graded = [d for d in found if d.grades]
    left = [d for d in found if not d.grades]
    off = [d for d in left if NOTHING.match(d.key.default) and not d.where.startswith("experiment.")]
    lines = [
        "A default is the value of a key that the file does not set. Some defaults make a claim about the world; these",
        "carry a grade, which tells how far the number can be trusted:",
        "",
        *pipes(("grade", "the number is"), GRADES.items()),
        "",
        "## Defaults that make a claim",
        "",
    ]
    if graded:
        shown = [(code(d.where), *map(escaped, (d.key.default, d.grades, d.key.meaning))) for d in graded]
        lines += pipes(("key", "default", "grade", "meaning and source"), shown)
    for title, text, part in (
        ("Conventions", "What a sensible shop would do, or settings of a run; no claims about the world.", left),
        ("Switched off by default", "0, 100 % or 1: the mechanism is switched off or has no effect.", off),
    ):
        rest = [d for d in part if part is off or d not in off]
        rows = [(code(d.where), *map(escaped, (d.key.default, d.key.meaning))) for d in rest]
        lines += ["", f"## {title}", "", text, "", *pipes(("key", "default", "meaning"), rows)]
    return _page("Defaults and their grades", on_top, lines)
