"""Money over time, and what makes up the cost."""

from __future__ import annotations

from functools import partial

import numpy as np

from simulator.kpis.series.money import COSTS
from simulator.record.ledger import Floats
from simulator.report.drawing.plot import Plot, Size
from simulator.report.drawing.scale import reach
from simulator.report.sections.kpis import group_table
from simulator.report.sections.over_time import cell_ends, draw_lines, time_figure, time_frame
from simulator.report.sections.section import Figure, Section
from simulator.report.sections.statement import lifetime, statement
from simulator.report.text.conclusion import conclusion
from simulator.report.text.shown_kpis import KpiSelection
from simulator.report.text.view import ReportView

BALANCES = (
    ("cash", "Cash since the start", ("balance",)),
    ("owed", "Owed to customers: paid goods not yet shipped, and refunds", ("unearned", "refunds_due")),
    ("receivable", "Owed by customers: goods shipped and not yet paid", ("receivable",)),
)
"""Figures of balances: file, title, the series that are summed."""


def money(view: ReportView) -> Section | None:
    """Revenue less costs, day by day; balances; and the KPIs of money."""
    table = group_table(view, "money")
    if table is None:
        return None
    figures: list[Figure] = []
    paragraphs = []
    if view.curves is not None:
        earned = {p: _earned(view, p) for p in view.policies}
        if any(map(np.any, earned.values())):
            figures.append(_figure(view, "money", "Earned so far", earned, view.curves.frame.warm_up))
            paragraphs.append(
                "Earned so far: orders when they are placed, less refunds when units are cancelled, less costs, plus "
                "salvage; accumulated from the end of the warm-up, mean of the replications. It ends at the "
                "contribution of the statement below, whose revenue is already net of refunds. Cash differs from "
                "earnings: it depends on when customers pay and are refunded, and on when suppliers and carriers are "
                "paid."
            )
            rest = {p: float(view.curves.mean(p, "money.not_followed").sum()) for p in view.policies}
            if any(rest.values()):
                parts = ", ".join(f"{v:,.0f} {view.currency} of `{p}`" for p, v in rest.items() if v)
                paragraphs.append(f"Not in the curves, as it has no date: {parts} (the cost of refunds, for example).")
        for key, title, names in BALANCES:
            sums: dict[str, Floats] = {
                p: np.sum([view.curves.mean(p, f"cash.{name}") for name in names], axis=0) for p in view.policies
            }
            if any(map(np.any, sums.values())):
                figures.append(_figure(view, key, title, sums))
    lines, split = statement(view), lifetime(view)
    if split is not None:
        figures.insert(0, split)
        paragraphs[:0] = _later(view)
    return Section("money", "Money", paragraphs, figures, [*([] if lines is None else [lines]), table])


def _later(view: ReportView) -> list[str]:
    """What remembering customers change."""
    text = (
        "Customers remember delays and order less, or more, in the following years. Lifetime value is the margin of "
        "these later orders; policies are judged by contribution and lifetime value together."
    )
    judged = KpiSelection(("contribution", "contribution_with_ltv"), True)
    return [text, *(conclusion(view.results, judged) if len(view.policies) > 1 else [])]


def _figure(view: ReportView, key: str, title: str, values: dict[str, Floats], start: float = 0.0) -> Figure:
    draw = partial(_drawn, view, values, start)
    return time_figure(view, key, title, draw, cell_ends(view), values, f" {view.currency}")


def _drawn(view: ReportView, values: dict[str, Floats], start: float, size: Size) -> Plot:
    low, high = reach(min(float(v.min()) for v in values.values()), max(float(v.max()) for v in values.values()))
    days = cell_ends(view)
    shown = {p: v[days >= start] for p, v in values.items()}
    return draw_lines(view, time_frame(view, size, low, high, view.currency, start), days[days >= start], shown)


def _earned(view: ReportView, policy: str) -> Floats:
    """Revenue and salvage less refunds and costs, accumulated."""
    names = [name for name in ("refunds", *COSTS) if view.series.of(policy, f"money.{name}") is not None]
    found = -np.sum([view.series.mean(policy, f"money.{name}") for name in names], axis=0)
    for name in ("revenue", "salvage", "fee_income"):
        if view.series.of(policy, f"money.{name}") is None:
            continue
        found = found + view.series.mean(policy, f"money.{name}")
    return np.cumsum(found)
