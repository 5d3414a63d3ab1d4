"""The scorecard: policies side by side, the telling KPIs open, all the others folded up."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.experiment.statistics.verdicts import best
from simulator.report.sections.section import Section, Table
from simulator.report.text.numbers import unit
from simulator.report.text.shown_kpis import TELLING, chosen_kpis, defined, grouped, keys, missing
from simulator.report.text.view import View

STAR = "★"


def scores(view: View) -> Section:
    """Mean ± half-width, the best marked."""
    results = view.results
    telling = defined(results, keys(results, chosen_kpis()))
    every = defined(results, results.kpis)
    words = []
    if len(view.policies) > 1 and results.replications > 1:
        words.append(f"{STAR} stands at a policy that is significantly better than every other one.")
    tables = [_table(view, telling, "")]
    if len(every) > len(telling):
        tables.append(_table(view, every, f"All {len(every)} numbers"))
    if without := missing(results, keys(results, chosen_kpis(TELLING))):
        tables.append(
            Table(("Not measured", "why"), [line.split(": ", 1) for line in without], "", "Without a value", True)
        )
    interval = f"mean ± half-width of the {view.level} interval" if results.replications > 1 else "one replication"
    return Section(
        "scorecard", "Scorecard", [f"Each number is the {interval}.".replace("the one", "of one"), *words], (), tables
    )


def _table(view: View, shown: Sequence[str], folded: str) -> Table:
    rows: list[Sequence[str]] = []
    for group, members in grouped(shown).items():
        rows.append([f"# {group}"])
        for key in members:
            winner = best(view.results, key)
            row = [f"{c} {STAR}" if p == winner else c for p, c in zip(view.policies, view.row(key), strict=True)]
            rows.append([key, unit(key, view.currency).name, *row])
    return Table(("KPI", *view.policies), rows, "", folded, units=True)
