"""The workbook of a run: scorecard, differences, every KPI, every replication, levels over time, items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simulator.experiment.results.results import Results
from simulator.experiment.statistics.verdicts import best, judged
from simulator.experiment.storage.columns import ROWS
from simulator.kpis.groups.items import SUFFIX
from simulator.kpis.kpi import KPIS
from simulator.report.cards.card import BEST, Cell
from simulator.report.cards.kpi_tables import VERDICTS
from simulator.report.page.page import view_of
from simulator.report.sections.answer import answer
from simulator.report.text.numbers import unit
from simulator.report.text.shown_kpis import defined
from simulator.report.text.view import ReportView, policy_title
from simulator.report.workbook.common import (
    ESTIMATE,
    REASON,
    date_of,
    definitions,
    estimate_cells,
    origin,
    places_of,
    scenario_sheet,
    share_of,
    value_cell,
    value_columns,
)
from simulator.report.workbook.sheet import Amount, Book, BookSheet, Content, SheetColumn

LEVELS = {"backlog": "backlog", "on_hand": "on hand", "on_order": "on order", "position": "position"}


def run_book(results: Results) -> Book:
    """The workbook of a run."""
    view = view_of(results)
    manifest = results.manifest
    facts = list(origin(manifest, results.replications))
    if (first := date_of(results.written, 0.0)) is not None:
        facts.insert(2, ("day 0", first.date()))
    if manifest.selection is not None:
        facts.append(("selected", f"{manifest.selection['best']} by {manifest.selection['kpi']}"))
    titles = [(f"policy {p}", title) for p in results.policies if (title := policy_title(results.written, p))]
    facts += titles
    sheets = [_scorecard(results), *_differences(results), _kpis(results), _replications(results)]
    sheets += [*_over_time(view), *_items(results), definitions(results.kpis), scenario_sheet(results.source)]
    sentences = [sentence.replace("`", "") for sentence in answer(view)]
    return Book(manifest.title or manifest.scenario, facts, sentences, sheets)


def group_of(kpi: str) -> str:
    """The group of a KPI; '' if this version does not know it."""
    known = KPIS.get(kpi.split("[")[0])
    return known.group if known else ""


def _scorecard(results: Results) -> BookSheet:
    labels = results.manifest.labels

    def rows() -> Iterator[Sequence[Content]]:
        for kpi in defined(results, results.kpis):
            estimates = [results.estimate(policy, kpi) for policy in results.policies]
            places, share, winner = places_of(kpi, estimates), share_of(kpi), best(results, kpi)
            cells = [Amount(v, places, share) for e in estimates for v in (e.mean, e.half_width)]
            found: list[Content] = [group_of(kpi), kpi, unit(kpi, labels).name, *cells]
            yield [*found, Cell(winner or "", "best")] if len(results.policies) > 1 else found

    columns = [SheetColumn(title) for title in ("group", "KPI", "unit")]
    for policy in results.policies:
        title = policy_title(results.written, policy)
        columns += [SheetColumn(f"{policy} ({title})" if title else policy), SheetColumn(f"{policy} ±")]
    columns += [SheetColumn(f"best {BEST}")] * (len(results.policies) > 1)
    level = f"{results.confidence * 100:g} %"
    about = f"KPIs down, policies across: mean, and ± half-width of the {level} interval."
    if len(results.policies) > 1:
        about += " Best: significantly better than every other policy."
    return BookSheet("Scorecard", about, columns, rows(), fixed=2)


def _differences(results: Results) -> Iterator[BookSheet]:
    if len(results.policies) < 2:
        return
    first, labels = results.policies[0], results.manifest.labels

    def rows() -> Iterator[Sequence[Content]]:
        found = {kpi: judged(results, first, kpi) for kpi in results.kpis}
        for policy in results.policies[1:]:
            for kpi, others in found.items():
                d, word = others[policy]
                if d.mean is not None or d.reason:
                    cells = estimate_cells(kpi, d, labels)
                    verdict = Cell(word, VERDICTS.get(word, ""))
                    yield policy, first, group_of(kpi), kpi, *cells, d.significant, verdict, d.reason

    columns = [SheetColumn(title) for title in ("policy", "less", "group", "KPI")]
    columns += [*ESTIMATE, SheetColumn("significant"), SheetColumn("verdict"), REASON]
    about = f"Each policy less {first}, paired by replication"
    about += "; the intervals of a KPI hold for all policies at once." if len(results.policies) > 2 else "."
    yield BookSheet("Differences", about, columns, rows(), fixed=4)


def _kpis(results: Results) -> BookSheet:
    def rows() -> Iterator[Sequence[Content]]:
        for policy in results.policies:
            for kpi in results.kpis:
                e = results.estimate(policy, kpi)
                yield policy, group_of(kpi), kpi, *estimate_cells(kpi, e, results.manifest.labels), e.reason

    columns = [*(SheetColumn(title) for title in ("policy", "group", "KPI")), *ESTIMATE, REASON]
    return BookSheet("KPIs", "Every KPI of every policy, one to a row, with its interval.", columns, rows(), fixed=3)


def _replications(results: Results) -> BookSheet:
    kpis = results.kpis

    def rows() -> Iterator[Sequence[Content]]:
        for policy in results.policies:
            for first in range(0, results.replications, ROWS):
                columns = [results.column(policy, kpi, first, first + ROWS) for kpi in kpis]
                for number, values in enumerate(zip(*columns, strict=True), first):
                    yield policy, number, *map(value_cell, kpis, values)

    columns = [SheetColumn("policy"), SheetColumn("replication"), *value_columns(kpis, results.manifest.labels)]
    about = "Every KPI in every replication, for pivot tables. All policies meet the same customers in a replication."
    return BookSheet("Replications", about, columns, rows(), fixed=2)


def _over_time(view: ReportView) -> Iterator[BookSheet]:
    curves = view.curves
    if curves is None:
        return
    written = view.results.written
    dated = date_of(written, 0.0) is not None
    found = [
        (policy, title, curve.mean.tolist())
        for policy in view.policies
        for level, title in LEVELS.items()
        if (curve := curves.of(policy, f"level.{level}")) is not None
    ]

    def rows() -> Iterator[Sequence[Content]]:
        for k, day in enumerate(curves.days.tolist()):
            date = [date_of(written, day)] if dated else []
            yield day, *date, *(Amount(values[k], 2) for _, _, values in found)

    columns = [SheetColumn("day"), *[SheetColumn("date")] * dated]
    columns += [SheetColumn(f"{title} of {policy}", view.labels.all_goods) for policy, title, _ in found]
    about = f"Backlog, stock on hand, on order and position over time: the mean of {curves.replications} replications."
    yield BookSheet("Over time", about, columns, rows(), fixed=1 + dated)


def _items(results: Results) -> Iterator[BookSheet]:
    table = results.item_table
    if table is None:
        return
    labels = results.manifest.labels

    def rows() -> Iterator[Sequence[Content]]:
        for policy in table.policies:
            found = {kpi: table.estimates(policy, kpi, table.items) for kpi in table.kpis}
            for k, item in enumerate(table.items):
                cells = [
                    Amount(value, places_of(kpi, [estimates[k]]), share_of(kpi))
                    for kpi, estimates in found.items()
                    for value in (estimates[k].mean, estimates[k].half_width)
                ]
                yield policy, labels.named(item), table.classes[item], *cells

    columns = [SheetColumn(title) for title in ("policy", "item", "class")]
    for kpi in table.kpis:
        columns += [SheetColumn(f"{kpi.removesuffix(SUFFIX)}{end}", unit(kpi, labels).name) for end in ("", " ±")]
    about = f"KPIs of single items: the mean of {table.replications} replications, ± half-width, and the ABC class."
    yield BookSheet("Items", about, columns, rows(), fixed=2)
