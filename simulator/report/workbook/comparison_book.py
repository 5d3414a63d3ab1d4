"""The workbook of a comparison of two results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simulator.experiment.results.comparison import Comparison, KpiChange
from simulator.experiment.results.results import Results
from simulator.experiment.statistics.measured import Labels
from simulator.experiment.statistics.verdicts import UNCLEAR
from simulator.report.cards.card import Cell
from simulator.report.terminal.comparison import NOT_SIGNIFICANT, TONES
from simulator.report.text.numbers import unit
from simulator.report.workbook.common import definitions, origin, places_of, scenario_sheet, share_of
from simulator.report.workbook.run_book import group_of
from simulator.report.workbook.sheet import Amount, Book, BookSheet, Content, SheetColumn


def comparison_book(a: Results, b: Results, found: Comparison) -> Book:
    """The workbook of the comparison of result `a` with result `b`."""
    facts: list[tuple[str, Content]] = []
    for side, results in (("A", a), ("B", b)):
        facts += [(f"{side}: {name}", value) for name, value in origin(results.manifest, results.replications)]
    pairing = f"by replication, {found.replications} pairs" if found.paired else "not paired, as the seeds differ"
    facts += [("pairing", pairing)]
    for side, names in (("A", found.left), ("B", found.new)):
        facts += [(f"only in {side}", ", ".join(names))] * bool(names)
    title = f"{a.manifest.title or a.scenario_name}: A and B compared"
    sheets = [changes([(b, found)], ("A", "B")), _behaviour(found), definitions(move.kpi for move in found.moves)]
    for side, results in (("A", a), ("B", b)):
        sheets.append(scenario_sheet(results.source, f"Scenario {side}", f"The scenario file of {side} as it was run."))
    return Book(title, facts, (), sheets)


def changes(compared: Sequence[tuple[Results, Comparison]], sides: tuple[str, str]) -> BookSheet:
    """How each KPI of each policy changed; `compared`: the results after the change, and what changed."""
    a, b = sides

    def rows() -> Iterator[Sequence[Content]]:
        for results, found in compared:
            for move in found.moves:
                yield results.scenario_name, *_change(move, results.manifest.labels)

    titles = ("scenario", "policy", "group", "KPI", "unit", a, f"{a} ±", b, f"{b} ±", f"{b} less {a}")
    ends = ("half_width", "low", "high", "n", "p", "significant", "verdict")
    columns = [SheetColumn(title) for title in (*titles, *ends)]
    about = f"How each KPI of each policy changed from {a} to {b}; p is adjusted for the number of tests (Holm)."
    return BookSheet("Differences", about, columns, rows(), fixed=4)


def _change(move: KpiChange, labels: Labels) -> Sequence[Content]:
    """One row of the sheet, without its scenario."""
    d, share = move.difference, share_of(move.kpi)
    places = places_of(move.kpi, [move.before, move.after, d])
    ends = [Amount(v, places, share) for e in (move.before, move.after) for v in (e.mean, e.half_width)]
    mean, low, high = (Amount(v, places, share, signed=True) for v in (d.mean, d.low, d.high))
    word = Cell(NOT_SIGNIFICANT if move.verdict == UNCLEAR else move.verdict, TONES.get(move.verdict, ""))
    half, name = Amount(d.half_width, places, share), unit(move.kpi, labels).name
    cells: list[Content] = [*ends, mean, half, low, high, d.n, Amount(move.p, 4)]
    return [move.policy, group_of(move.kpi), move.kpi, name, *cells, move.significant, word]


def _behaviour(found: Comparison) -> BookSheet:
    columns = [SheetColumn(title) for title in ("policy", "identical replications", "compared replications")]
    rows = [(policy, same, known) for policy, (same, known) in found.behaviour.items()]
    return BookSheet("Behaviour", "In how many replications the same happened to every order.", columns, rows)
