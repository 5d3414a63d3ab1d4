"""What `backorder items` prints: the worst items of each policy."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.experiment.results.items import CLASS_NOTE, ItemTable
from simulator.experiment.results.results import Results
from simulator.kpis.groups.items import SUFFIX
from simulator.kpis.kpi import KPIS
from simulator.report.cards.card import Block, Card, Heading, line, notes
from simulator.report.cards.item_tables import items_table
from simulator.report.text.frame import run_frame


def items_card(
    results: Results, table: ItemTable, policies: Sequence[str], by: str, kpis: Sequence[str], top: int
) -> Card:
    """A table for each policy: the `top` items with the worst values of the KPI `by`, and KPIs of theirs."""
    blocks: list[Block] = []
    for policy in policies:
        ranked = table.worst(policy, by)
        blocks += [Heading(policy), items_table(table, policy, ranked[:top], kpis, results.manifest.labels)]
        if len(ranked) > top:
            blocks.append(line(f"{len(ranked) - top} more items; --top 0 shows all.", "faint"))
    first = "lowest" if KPIS[by].better == "higher" else "highest"
    texts = [f"Sorted by {by.removesuffix(SUFFIX)}, the {first} first. {KPIS[by].definition}", CLASS_NOTE]
    if table.replications < results.replications:
        texts.append(
            f"Means over the first {table.replications} of {results.replications} replications, whose items are saved."
        )
    return Card([*blocks, line(), *notes(texts)], f"Items of {results.scenario_name}", run_frame(results))
