"""The scorecard for other programs: Markdown for documents, CSV for spreadsheets."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.experiment.results.results import Results
from simulator.experiment.results.tables import Cell, to_csv
from simulator.experiment.statistics.verdicts import against, best, verdict
from simulator.report.terminal.scorecard import STAR, frame_words, legend
from simulator.report.text.conclusion import conclusion
from simulator.report.text.numbers import unit
from simulator.report.text.shown_kpis import Choice, defined, grouped, keys
from simulator.report.text.view import cells

COLUMNS = (
    "policy",
    "kpi",
    "mean",
    "half_width",
    "low",
    "high",
    "n",
    "unit",
    "difference",
    "difference_half_width",
    "verdict",
)


def as_csv(results: Results, choice: Choice) -> str:
    """A row a policy and KPI: estimate, and the difference to the first policy; numbers in full, shares as shares."""
    first, rows = results.policies[0], []
    for key in keys(results, choice):
        differences = against(results, first, key) if len(results.policies) > 1 else {}
        for policy in results.policies:
            e, d = results.estimate(policy, key), differences.get(policy)
            row: list[Cell] = [policy, key, e.mean, e.half_width, e.low, e.high, e.n, _unit(results, key)]
            rows.append([*row, *((None, None, None) if d is None else (d.mean, d.half_width, verdict(d, key)))])
    return to_csv(COLUMNS, rows).decode()


def _unit(results: Results, key: str) -> str:
    how = unit(key, results.manifest.currency)
    return "share" if how.name == "%" else how.name


def as_markdown(results: Results, choice: Choice) -> str:
    """Title, tables and closing sentences, to be pasted into a document."""
    shown = defined(results, keys(results, choice))
    lines = [f"# {results.manifest.title or results.scenario_name}", "", " · ".join(frame_words(results)), ""]
    lines += _table(("KPI", "unit", *results.policies), _estimates(results, shown))
    if len(results.policies) > 1 and results.replications > 1:
        first, *others = results.policies
        lines += ["", f"## Difference to {first}", ""]
        lines += _table(("KPI", "unit", *others), _differences(results, shown))
    lines += ["", *(f"- {note}" for note in legend(results)), "", "## In short", ""]
    return "\n".join([*lines, *(f"- {sentence}" for sentence in conclusion(results, choice))]).replace("\n\n\n", "\n\n")


def _estimates(results: Results, shown: Sequence[str]) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = []
    for members in grouped(shown).values():
        for key in members:
            how, winner = unit(key, results.manifest.currency), best(results, key)
            found = cells([results.estimate(p, key) for p in results.policies], how.factor)
            marked = [f"**{c}** {STAR}" if p == winner else c for p, c in zip(results.policies, found, strict=True)]
            rows.append((f"`{key}`", how.name, *marked))
    return rows


def _differences(results: Results, shown: Sequence[str]) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = []
    for members in grouped(shown).values():
        for key in members:
            how, found = unit(key, results.manifest.currency), against(results, results.policies[0], key)
            said = zip(cells(list(found.values()), how.factor), found.values(), strict=True)
            rows.append((f"`{key}`", how.of_difference, *(f"{c} {verdict(d, key)}".strip() for c, d in said)))
    return rows


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    ruler = ["---", "---", *["--:"] * (len(header) - 2)]
    return ["| " + " | ".join(c.replace("|", "\\|") for c in row) + " |" for row in (header, ruler, *rows)]
