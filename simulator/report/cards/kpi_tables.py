"""Tables of KPIs: estimates of every policy, and differences to the first one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from simulator.experiment.results.results import Results
from simulator.experiment.statistics.intervals import Difference, Estimate
from simulator.experiment.statistics.verdicts import NO_BACKORDERS, best, judged
from simulator.report.cards.card import BEST, Cell, Column, Number, Table, Tone
from simulator.report.text.numbers import arms, decimals, is_exact, unit, written
from simulator.report.text.shown_kpis import grouped

VERDICTS: dict[str, Tone] = {
    "better": "good", "worse": "bad", "unclear": "faint", "same": "faint", NO_BACKORDERS: "faint",
}  # fmt: skip
NO_MARK = Cell("")
LEFT = (Column("KPI", "kpi"), Column("unit", "unit"))


def numbers(estimates: Iterable[Estimate], factor: float = 1.0, marks: Iterable[Cell] = ()) -> list[Number]:
    """Estimates with common decimals: '95.1 ± 0.2', '+4.1 ± 0.5' for a difference, '–' without a value.

    Args:
        estimates: those that share their decimals.
        factor: value as stored to value as written, such as 100 for per cent.
        marks: one for each estimate, or none.
    """
    found = list(estimates)
    places = decimals(found, factor)
    return [_number(e, places, factor, mark) for e, mark in zip(found, [*marks] or [NO_MARK] * len(found), strict=True)]


def _number(e: Estimate, places: int, factor: float, mark: Cell) -> Number:
    if e.mean is None:
        return Number("–", mark=mark)
    mean = written(e.mean * factor, places, sign=isinstance(e, Difference))
    return Number(mean, "" if e.half_width is None else arms(e, places, factor), mark, is_exact(e))


def cells(estimates: Iterable[Estimate], factor: float = 1.0) -> list[str]:
    """The same as texts."""
    return [found.plain for found in numbers(estimates, factor)]


def estimates_table(
    results: Results,
    keys: Iterable[str],
    folded: str = "",
    marked: bool = True,
    headed: bool = True,
    caption: str = "",
) -> Table:
    """KPIs down, policies across.

    Args:
        results, keys: what is shown.
        folded: the label of a table that is folded up on a page.
        marked: mark a policy that is significantly better than every other.
        headed: put a heading above the KPIs of each group.
        caption: see `Table`.
    """

    def row(key: str) -> tuple[str, list[Number]]:
        how, winner = unit(key, results.manifest.labels), best(results, key) if marked else None
        marks = [Cell(BEST, "best") if p == winner else Cell(" ") for p in results.policies]
        return how.name, numbers((results.estimate(p, key) for p in results.policies), how.factor, marks)

    return replace(_table(results.policies, {key: row(key) for key in keys}, folded, headed), caption=caption)


def differences_table(
    results: Results, keys: Iterable[str], folded: str = "", headed: bool = True, caption: str = ""
) -> Table:
    """KPIs down, all policies but the first across: the paired difference to the first, with its verdict."""

    def row(key: str) -> tuple[str, list[Number]]:
        how, found = unit(key, results.manifest.labels), judged(results, results.policies[0], key).values()
        marks = [Cell(word, VERDICTS.get(word, "")) for _, word in found]
        return how.of_difference, numbers((d for d, _ in found), how.factor, marks)

    return replace(_table(results.policies[1:], {key: row(key) for key in keys}, folded, headed), caption=caption)


def _table(policies: Sequence[str], rows: dict[str, tuple[str, list[Number]]], folded: str, headed: bool) -> Table:
    found: list[Sequence[str | Cell | Number]] = []
    for group, members in grouped(rows).items() if headed else [("", list(rows))]:
        found += [[Cell(group, "strong")]] if headed else []
        found += [[key, rows[key][0], *rows[key][1]] for key in members]
    return Table([*LEFT, *(Column(p, "number") for p in policies)], found, folded=folded)
