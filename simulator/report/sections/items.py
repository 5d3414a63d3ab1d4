"""The items that do worst, by backorder-days and by lost margin."""

from __future__ import annotations

from simulator.experiment.results.items import CLASS_NOTE
from simulator.report.cards.card import Table
from simulator.report.cards.item_tables import SHOWN, items_table
from simulator.report.sections.section import Section
from simulator.report.text.view import ReportView

WORST = 10
"""Items that are named."""
BY = {"backorder_days_by_item": "backorder-days", "lost_margin_by_item": "lost margin"}


def items(view: ReportView) -> Section | None:
    """The ten worst items of each policy; None where there is only one item, or none was saved."""
    table = view.results.item_table
    if table is None or len(table.items) < 2:
        return None
    tables: list[Table] = []
    for kpi, words in BY.items():
        for number, policy in enumerate(view.policies):
            worst = [item for item in table.worst(policy, kpi, WORST) if table.mean(policy, kpi, item)]
            if worst:
                title = f"Items of {policy} with the most {words}"
                folded = title if number or tables else ""
                tables.append(items_table(table, policy, worst, SHOWN, view.labels, title, folded))
    if not tables:
        return None
    paragraphs = [f"Where the waiting and the loss come from: the {WORST} worst items of each policy. {CLASS_NOTE}"]
    if table.replications < view.results.replications:
        paragraphs.append(f"Means over the first {table.replications} replications, whose items are saved.")
    paragraphs.append("`backorder items` sorts and exports all of them; `items.csv` has every number.")
    return Section("items", "Items", paragraphs, (), tables)
