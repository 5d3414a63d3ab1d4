"""What `backorder list` prints: the catalogue of kinds, keys and KPIs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from simulator.report.cards.card import Block, Card, Cell, Column, Line, Table, line
from simulator.report.reference.catalogue import Entry, Family
from simulator.report.reference.pages import GRADES, Default


def overview(families: Iterable[Family]) -> Card:
    """Every family with its entries, one line each."""
    rows: list[Sequence[Cell]] = []
    for family in families:
        rows.append([Cell(family.name, "strong"), Cell(family.meaning)])
        rows.append([Cell(""), Cell(", ".join(family.entries), "faint")])
    more = "`backorder list NAME` shows a family, a kind or a KPI: every field with unit and default."
    return Card([_table(rows), line(), line(more)])


def details(families: Iterable[Family]) -> Card:
    """Families, entry by entry, with every field."""
    blocks: list[Block] = []
    for family in families:
        blocks += [*([line()] if blocks else []), line(family.name, "strong"), line(family.meaning)]
        for name, entry in family.entries.items():
            blocks += [line(), Line([Cell(name, "strong"), Cell(f"  {entry.meaning}")])]
            rows = [
                [Cell(f"  {key}"), Cell(f"{what.type}; {what.default}", "type"), Cell(what.meaning)]
                for key, what in entry.fields.items()
            ]
            blocks += [_table(rows)] * bool(rows)
            blocks += [line("  " + _facts(entry), "faint")] * bool(entry.kpi)
    return Card(blocks)


def graded_defaults(found: Iterable[Default]) -> Card:
    """Every default that makes a claim about the world: key, value, grade, source."""
    rows = [[Cell(d.where, "strong"), Cell(d.key.default, "type"), Cell(d.grades), Cell(d.key.meaning)] for d in found]
    grades = "; ".join(f"{grade} {meaning}" for grade, meaning in GRADES.items())
    return Card([_table(rows), line(), line(f"Grades: {grades}.", "faint")])


def examples_card(titles: Mapping[str, str]) -> Card:
    """The examples of the package with their titles, by folder."""
    rows: list[Sequence[Cell]] = []
    folder = ""
    for name, title in titles.items():
        if (place := name.rpartition("/")[0]) != folder:
            folder = place
            rows.append([Cell("")])
        rows.append([Cell(name, "strong"), Cell(title)])
    more = "`backorder run NAME` runs one; `backorder examples --to DIR` copies them."
    return Card([_table(rows), line(), line(more)])


def _facts(entry: Entry) -> str:
    facts = entry.kpi or {}
    of = f" of {facts['denominator']}" if facts.get("denominator") else ""
    better = "" if facts.get("better") == "neither" else f"; {facts.get('better')} is better"
    return f"{facts.get('group')}; {facts.get('unit')}{of}{better}"


def _table(rows: Sequence[Sequence[Cell]]) -> Table:
    return Table([Column(kind="text")] * max(map(len, rows), default=0), rows)
