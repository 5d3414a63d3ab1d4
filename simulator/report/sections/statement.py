"""The money of a run as a statement that adds up line by line, and what customers will buy later because of it."""

from __future__ import annotations

import math
from functools import partial

from simulator.experiment.statistics.intervals import Estimate
from simulator.experiment.statistics.verdicts import against
from simulator.report.cards.card import Cell, Column, Number, Table
from simulator.report.drawing.charts import Dot, dot_chart
from simulator.report.drawing.plot import Plot, Size
from simulator.report.drawing.scale import reach
from simulator.report.sections.section import Figure
from simulator.report.text.conclusion import loyal
from simulator.report.text.kpi_names import title_of
from simulator.report.text.numbers import written
from simulator.report.text.view import ReportView

COSTS = (
    "purchase_cost",
    "holding_cost",
    "storage_cost",
    "ordering_cost",
    "freight_cost",
    "expedite_premium",
    "markdown_cost",
    "backorder_cost",
    "contact_cost",
    "notice_cost",
    "refund_cost",
    "late_discounts",
    "lost_sale_cost",
    "handling_cost",
)
"""The parts of the total cost."""
LATER = ("contribution", "lifetime_value_change", "contribution_with_ltv")
WHOLE = 100_000.0
"""Amounts from here on are written without decimals."""
Row = tuple[str, dict[str, float], bool]
"""A title, an amount by policy, and whether it is the sum of the lines above."""


def statement(view: ReportView) -> Table | None:
    """From what was ordered to the contribution; every sum is that of the lines above it as they are written."""
    if not all(view.defined(key) for key in ("revenue", "refunds", "salvage", "contribution")):
        return None
    places = 0 if max(abs(view.value(p, "revenue")) for p in view.policies) >= WHOLE else 2
    so_far = dict.fromkeys(view.policies, 0.0)
    rows: list[Row] = []

    def add(title: str, amounts: dict[str, float]) -> None:
        shown = {p: round(amount, places) for p, amount in amounts.items()}
        if any(shown.values()):
            rows.append((title, shown, False))
            for p, amount in shown.items():
                so_far[p] += amount

    def total(title: str) -> None:
        rows.append((f"= {title}", dict(so_far), True))

    def of(key: str, sign: int = 1) -> dict[str, float]:
        return {p: sign * view.value(p, key) for p in view.policies}

    if view.nonzero("refunds"):
        add(
            "Orders before refunds",
            {p: view.value(p, "revenue") + view.value(p, "refunds") for p in view.policies},
        )
        add("Refunds", of("refunds", -1))
        total("Revenue")
    else:
        add("Revenue", of("revenue"))
    add("Salvage", of("salvage"))
    income = [key for key in ("revenue", "salvage", "fee_income") if view.defined(key)]
    if "fee_income" in income:
        add("Fees", of("fee_income"))
    known = [key for key in COSTS if view.defined(key)]
    for key in known:
        add(title_of(key), of(key, -1))
    exact = {
        p: math.fsum((*(view.value(p, k) for k in income), *(-view.value(p, k) for k in known))) for p in view.policies
    }
    rest = {p: view.value(p, "contribution") - amount for p, amount in exact.items()}
    add("Other costs", {p: amount if abs(amount) > 0.005 else 0.0 for p, amount in rest.items()})
    total("Contribution")
    if loyal(view.results):
        add("Lifetime value change", of("lifetime_value_change"))
        total("Contribution with lifetime value")
    body: list[list[str | Cell | Number]] = [
        [Cell(title, "strong" if is_sum else ""), *(Number(written(amounts[p], places)) for p in view.policies)]
        for title, amounts, is_sum in rows
    ]
    columns = [Column(f"{view.currency}, mean per replication"), *(Column(p, "number") for p in view.policies)]
    return Table(
        columns,
        body,
        f"From orders to contribution by policy, {view.currency}: each sum is that of the lines above it.",
    )


def lifetime(view: ReportView) -> Figure | None:
    """Contribution within the run and lifetime value after it, where customers remember: as differences to the first
    policy, or the amounts of the only one."""
    if not loyal(view.results) or not all(map(view.defined, LATER)):
        return None
    title = "Contribution, split into this run and later orders"
    if len(view.policies) > 1:
        title += f": difference to {view.policies[0]}"
    return Figure("lifetime-value", title, partial(_split, view))


def _split(view: ReportView, size: Size) -> Plot:
    several = len(view.policies) > 1
    shown = view.policies[1:] if several else view.policies
    dots, extremes = [], [0.0]
    for row, key in enumerate(LATER):
        found: dict[str, Estimate] = {p: view.results.estimate(p, key) for p in shown}
        if several:
            found = dict(against(view.results, view.policies[0], key))
        for p, e in found.items():
            tooltip = f"{p}, {title_of(key)}: {written(e.mean or 0.0, 0, sign=several)} {view.currency}"
            dots.append(Dot(row, view.policies.index(p), e.mean or 0.0, e.ends, tooltip))
            extremes += [e.mean or 0.0, *(e.ends or ())]
    low, high = reach(min(extremes), max(extremes), 0.08)
    legend = [(view.policies.index(p), p) for p in shown] if len(shown) > 1 else []
    return dot_chart(size, ["within the run", "later orders", "together"], dots, low, high, view.currency, legend, True)
