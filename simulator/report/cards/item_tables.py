"""Tables of single items: the worst first, each with its ABC class and its KPIs under one policy."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.experiment.results.items import ItemTable
from simulator.experiment.statistics.measured import Labels
from simulator.kpis.groups.items import SUFFIX
from simulator.report.cards.card import Cell, Column, Number, Table
from simulator.report.cards.kpi_tables import numbers
from simulator.report.text.numbers import unit

SHOWN = (
    "fill_rate_by_item",
    "backorder_days_by_item",
    "wait_mean_by_item",
    "lost_margin_by_item",
    "contribution_by_item",
)
"""KPIs of an item that are shown unless others are named."""


def items_table(
    table: ItemTable,
    policy: str,
    items: Sequence[str],
    kpis: Sequence[str],
    labels: Labels,
    caption: str = "",
    folded: str = "",
) -> Table:
    """Items down, KPIs across.

    Args:
        table, policy, items, kpis: what is shown.
        labels: what numbers are counted in.
        caption, folded: see `Table`.
    """
    columns = [Column("item"), Column("class")]
    found: list[list[Number]] = []
    for kpi in kpis:
        how = unit(kpi, labels)
        columns.append(Column(f"{kpi.removesuffix(SUFFIX)} [{how.name}]", "number"))
        found.append(numbers(table.estimates(policy, kpi, items), how.factor))
    classes = [Cell(table.classes[item], "faint") for item in items]
    rows = [list(row) for row in zip(map(labels.named, items), classes, *found, strict=True)]
    return Table(columns, rows, caption, folded)
