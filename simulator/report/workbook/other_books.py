"""Workbooks of checks, and of the outlook of open orders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import fields

from simulator.experiment.results.backlog_outlook import DAYS, TABLES, BacklogOutlook
from simulator.experiment.results.check import CheckResult
from simulator.experiment.statistics.measured import labels_of
from simulator.report.cards.card import Cell
from simulator.report.terminal.comparison import OUTCOMES, TONES, measured
from simulator.report.text.numbers import unit
from simulator.report.workbook.common import definitions, origin, places_of, share_of
from simulator.report.workbook.comparison_book import changes
from simulator.report.workbook.sheet import Amount, Book, BookSheet, Content, SheetColumn

SHARES = ("covers", "miss", "cancel", "drop", "told")
"""Fields of the outlook of a line that are shares."""
HELD = {
    "lines": "For each open order line: what it waits for, when it ships, and what may go wrong.",
    "purchases": "For each purchase under way: when it comes, and what it holds up.",
    "items": "For each item: what is owed, and when it clears.",
}


# ------------------------------------------------------------------ checks
def check_book(found: Sequence[CheckResult]) -> Book:
    """The workbook of `backorder check`: every expectation, and what changed against the baselines."""

    def rows() -> Iterator[Sequence[Content]]:
        for check in found:
            labels = check.results.manifest.labels
            for j in check.judgements:
                kpi = j.expectation.kpi
                measure = j.difference or next(iter(j.estimates.values()))
                places, share = places_of(kpi, [measure]), share_of(kpi)
                how = unit(kpi, labels)
                cells = [Amount(v, places, share) for v in (measure.mean, measure.low, measure.high)]
                word = Cell(OUTCOMES[j.outcome], TONES.get(j.outcome, "unsure"))
                name = how.name if j.difference is None else how.of_difference
                said = measured(j, labels)
                yield check.results.scenario_name, str(j.expectation), word, kpi, name, *cells, measure.n, said

    titles = ("scenario", "expectation", "outcome", "KPI", "unit", "mean", "low", "high", "n")
    columns = [*(SheetColumn(title) for title in titles), SheetColumn("measured", wide=True)]
    about = "Every expectation and the interval that decided it; of a comparison, the paired difference."
    moved = [(check.results, check.comparison) for check in found if check.comparison is not None]
    sheets = [BookSheet("Expectations", about, columns, rows(), fixed=2)]
    sheets += [changes(moved, ("baseline", "now"))] if moved else []
    kpis = [kpi for check in found for kpi in check.results.kpis]
    facts: list[tuple[str, Content]] = []
    for check in found:
        facts.append(("outcome", Cell("passed", "good") if check.passed else Cell("FAILED", "failed")))
        facts += origin(check.results.manifest, check.results.replications)
    return Book("Checks", facts, (), [*sheets, definitions(kpis)])


# ----------------------------------------------------------------- outlook
def outlook_book(found: BacklogOutlook) -> Book:
    """The workbook of the outlook of open orders: lines, purchases, items; with dates where the scenario has them."""
    scenario = found.scenario
    facts: list[tuple[str, Content]] = [
        ("scenario", scenario.name),
        ("policies", ", ".join(found.policies)),
        ("replications", found.replications),
        ("seed", found.seed),
    ]
    if scenario.clock.start is not None:
        facts.insert(1, ("today", scenario.clock.start))
    sheets = [_outlook_sheet(found, name) for name in TABLES]
    return Book(scenario.title or scenario.name, facts, (), sheets)


QUANTITIES = ("units", "owed", "on_hand", "on_order", "held")
"""Fields of the outlook that are quantities."""


def _outlook_sheet(found: BacklogOutlook, name: str) -> BookSheet:
    start, keys = found.scenario.clock.start, [field.name for field in fields(TABLES[name])]
    shares = [key in SHARES and name == "lines" for key in keys]

    def cell(key: str, share: bool, value: object) -> Content:
        if value is None or isinstance(value, str):
            return value
        assert isinstance(value, int | float)
        if key in DAYS and start is not None:
            return start + dt.timedelta(days=value)
        whole = isinstance(value, int) or float(value).is_integer()
        return Amount(value, 0 if share or whole else 2, share)

    def rows() -> Iterator[Sequence[Content]]:
        for row in getattr(found, name):
            yield [cell(key, share, getattr(row, key)) for key, share in zip(keys, shares, strict=True)]

    scenario = found.scenario
    units = {"age": "d", "oldest_age": "d", "value": scenario.currency}
    units |= {key: "%" for key, share in zip(keys, shares, strict=True) if share}
    if start is None:
        units |= dict.fromkeys(DAYS, "d")
    units |= dict.fromkeys(QUANTITIES, labels_of(scenario).units.get("", ""))
    columns = [SheetColumn(key, units.get(key, "")) for key in keys]
    return BookSheet(name.capitalize(), HELD[name], columns, rows(), fixed=3)
