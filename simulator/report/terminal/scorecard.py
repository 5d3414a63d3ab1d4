"""The scorecard: each policy's KPIs with intervals, paired differences to the first policy, and a conclusion."""

from __future__ import annotations

from simulator.experiment.results.results import Results
from simulator.experiment.results.tables import Cell, to_csv
from simulator.experiment.statistics.verdicts import judged
from simulator.experiment.statistics.waitless import waitless
from simulator.report.cards.card import BEST, Block, Card, Heading, line, notes, summary
from simulator.report.cards.inputs_table import TITLE, data_sentence, inputs_table
from simulator.report.cards.kpi_tables import differences_table, estimates_table
from simulator.report.cards.markdown import as_markdown
from simulator.report.text.conclusion import conclusion
from simulator.report.text.frame import run_frame
from simulator.report.text.levels import without_waits
from simulator.report.text.numbers import unit
from simulator.report.text.shown_kpis import MAIN_KPIS, KpiSelection, defined, keys, missing, select_kpis
from simulator.report.text.view import policy_title

COLUMNS = (
    "policy", "kpi", "mean", "half_width", "low", "high", "n", "unit", "difference", "difference_half_width", "verdict",
)  # fmt: skip


def scorecard(results: Results, selection: KpiSelection | None = None, width: int = 100, colour: bool = False) -> str:
    """The results as text for a terminal.

    Args:
        results: of a run.
        selection: the KPIs to show; the main ones unless given.
        width: columns of the terminal.
        colour: whether to use escape sequences.

    >>> import simulator
    >>> print(simulator.scorecard(simulator.run("textbook/base-stock", 2)).splitlines()[0])
    One for one
    """
    from simulator.report.cards.terminal import on_terminal  # with rich, which not every command needs

    return on_terminal(scorecard_card(results, selection or select_kpis()), width, colour)


def scorecard_card(results: Results, selection: KpiSelection) -> Card:
    """The scorecard with a line for each reason why KPIs have no value, and how to show more of them."""
    found = keys(results, selection)
    remarks = [*missing(results, found), *results.manifest.advice]
    if not selection.named and set(selection.names) == set(MAIN_KPIS):
        further = len(defined(results, results.kpis)) - len(defined(results, found))
        remarks.append(f"{further} more KPI{'s' * (further != 1)}: --all shows all, --kpi NAME selects some")
    return _card(results, selection, remarks)


def scorecard_markdown(results: Results, selection: KpiSelection) -> str:
    """Title, tables and closing sentences, to be pasted into a document."""
    return as_markdown(_card(results, selection, []))


def scorecard_csv(results: Results, selection: KpiSelection) -> str:
    """A row per policy and KPI: estimate and difference to the first policy; all digits, shares as fractions of 1."""
    rows = []
    for key in keys(results, selection):
        differences = judged(results, results.policies[0], key)
        how = unit(key, results.manifest.labels)
        for policy in results.policies:
            e, (d, word) = results.estimate(policy, key), differences.get(policy, (None, ""))
            name = "share" if how.name == "%" else how.name
            row: list[Cell] = [policy, key, e.mean, e.half_width, e.low, e.high, e.n, name]
            rows.append([*row, *((None, None, None) if d is None else (d.mean, d.half_width, word))])
    return to_csv(COLUMNS, rows).decode()


def _card(results: Results, selection: KpiSelection, remarks: list[str]) -> Card:
    shown = defined(results, keys(results, selection))
    titles = [f"{p}: {title}" for p in results.policies if (title := policy_title(results.written, p))]
    blocks: list[Block] = [*notes(titles), line(), estimates_table(results, shown)]
    if len(results.policies) > 1 and results.replications > 1:
        blocks.append(Heading(f"Difference to {results.policies[0]}, replication by replication"))
        blocks.append(differences_table(results, shown))
    if results.manifest.inputs is not None:
        blocks += [Heading(TITLE), inputs_table(results, shown), *notes([data_sentence(results)])]
    blocks += [line(), *notes([*_legend(results), *remarks]), *summary(conclusion(results, selection))]
    return Card(blocks, results.manifest.title or results.scenario_name, run_frame(results))


def _legend(results: Results) -> list[str]:
    """The meaning of the marks and words of the tables; empty where there is nothing to compare."""
    if len(results.policies) < 2 or results.replications < 2:
        return []
    level, others = f"{results.confidence * 100:g} %", len(results.policies) - 1
    same = "identical behaviour, fact by fact, in every replication"
    return [
        *without_waits(results, waitless(results)),
        *(f"{', '.join(group)}: {same}" for group in results.alike()),
        f"{BEST} significantly better than every other policy",
        f"unclear: no significant difference; the {level} interval includes 0",
        *[f"the {others} differences of a row are judged together: all their intervals hold with {level} confidence"]
        * (others > 1),
    ]
