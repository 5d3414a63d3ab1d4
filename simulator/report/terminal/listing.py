"""The catalogue as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from simulator.report.reference.catalogue import Entry, Family
from simulator.report.reference.pages import GRADES, Default
from simulator.report.terminal.tables import GAP, rendered


def overview(families: Iterable[Family], width: int = 100, colour: bool = False) -> str:
    """Every family with its entries, one line each."""
    table = _table()
    for family in families:
        table.add_row(Text(family.name, "bold"), Text(family.meaning))
        table.add_row("", Text(", ".join(family.entries), "dim"))
    return rendered(
        [table, "", Text("backorder list NAME shows a family, a kind or a KPI: every field with unit and default.")],
        width,
        colour,
    )


def details(family: Family, width: int = 100, colour: bool = False) -> str:
    """One family, entry by entry, with every field."""
    parts: list[RenderableType] = [Text(family.name, "bold"), Text(family.meaning)]
    for name, entry in family.entries.items():
        parts += ["", Text.assemble((name, "bold"), "  ", entry.meaning)]
        table = _table()
        for key, what in entry.fields.items():
            table.add_row(Text(f"  {key}"), Text(f"{what.type}; {what.default}", "cyan"), Text(what.meaning))
        if entry.fields:
            parts.append(table)
        if entry.kpi:
            parts.append(Text("  " + _facts(entry), "dim"))
    return rendered(parts, width, colour)


def graded_defaults(found: Iterable[Default], width: int = 100, colour: bool = False) -> str:
    """Every default that claims something about the world: key, value, grade, source."""
    table = _table()
    for default in found:
        table.add_row(
            Text(default.where, "bold"), Text(default.key.default, "cyan"), default.grades, Text(default.key.meaning)
        )
    grades = "; ".join(f"{grade} {said}" for grade, said in GRADES.items())
    return rendered([table, "", Text(f"Grades: {grades}.", "dim")], width, colour)


def _facts(entry: Entry) -> str:
    facts = entry.kpi or {}
    of = f" of {facts['denominator']}" if facts.get("denominator") else ""
    better = "" if facts.get("better") == "neither" else f"; {facts.get('better')} is better"
    return f"{facts.get('group')}; {facts.get('unit')}{of}{better}"


def _table() -> Table:
    return Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, show_header=False)
