"""Money over time, and what makes up the cost."""

from __future__ import annotations

from functools import partial

import numpy as np

from simulator.kpis.kpi import KPIS
from simulator.kpis.series.money import COSTS
from simulator.record.ledger import Floats
from simulator.report.drawing.plot import Axis, Plot, Size
from simulator.report.drawing.scale import plain_ticks, reach, time_ticks
from simulator.report.sections.section import Figure, Reading, Section, Table
from simulator.report.text.numbers import unit
from simulator.report.text.view import View


def money(view: View) -> Section | None:
    """What has come in less what was spent, day by day, and the KPIs of money."""
    keys = [k for k in view.results.kpis if k in KPIS and KPIS[k].group == "money" and view.told(k)]
    if not keys:
        return None
    figures, words = [], []
    if view.curves is not None and any(np.any(_earned(view, p)) for p in view.policies):
        days = _days(view)
        values = [(k, p, [f"{v:,.0f} {view.currency}" for v in _earned(view, p)]) for k, p in enumerate(view.policies)]
        reading = Reading(days, [view.day(d) for d in days], values)
        figures.append(Figure("money", "Earned so far", partial(_drawn, view), reading=reading))
        words.append(
            "Revenue and salvage less refunds and costs (the parts of total_cost), added up from the end of the "
            "warm-up; mean of the replications. Cash is another matter: it depends on when customers pay and are "
            "paid back, and on when suppliers and carriers are."
        )
        rest = {p: float(view.curves.mean(p, "money.not_followed").sum()) for p in view.policies}
        if any(rest.values()):
            told = ", ".join(f"{v:,.0f} {view.currency} of `{p}`" for p, v in rest.items() if v)
            words.append(f"Not followed over time, so not in the curves: {told} (the cost of refunds, for example).")
    figures += _balances(view)
    rows = [[k, unit(k, view.currency).name, *view.row(k)] for k in keys]
    return Section("money", "Money", words, figures, [Table(("KPI", *view.policies), rows, units=True)])


BALANCES = (
    ("cash", "Cash since the start", ("balance",)),
    ("owed", "Owed to customers: goods paid and not shipped, refunds due", ("unearned", "refunds_due")),
    ("receivable", "Owed by customers: shipped and not paid", ("receivable",)),
)
"""Figures of balances: file, title, what is added up."""


def _balances(view: View) -> list[Figure]:
    """Cash is not earnings: what is paid when, and what is owed meanwhile."""
    figures = []
    for key, title, parts in BALANCES:
        found = {p: _sum(view, p, parts) for p in view.policies}
        if any(f.size and np.any(f) for f in found.values()):
            days = _days(view)
            values = [(k, p, [f"{v:,.0f} {view.currency}" for v in found[p]]) for k, p in enumerate(view.policies)]
            reading = Reading(days, [view.day(d) for d in days], values)
            figures.append(Figure(key, title, partial(_balance, view, found), reading=reading))
    return figures


def _sum(view: View, policy: str, parts: tuple[str, ...]) -> Floats:
    if view.curves is None:
        return np.zeros(0)
    found: Floats = np.sum([view.curves.mean(policy, f"cash.{part}") for part in parts], axis=0)
    return found


def _balance(view: View, found: dict[str, Floats], size: Size) -> Plot:
    assert view.curves is not None
    frame, days = view.curves.frame, _days(view)
    low, high = reach(min(float(f.min()) for f in found.values()), max(float(f.max()) for f in found.values()))
    x = Axis(0.0, frame.horizon, time_ticks(0.0, frame.horizon, view.start, 4 if size.narrow else 9))
    plot = Plot(size, x, Axis(low, high, plain_ticks(low, high, 5), view.currency), view.legend)
    if frame.warm_up:
        plot.span(0.0, frame.warm_up, "warm-up" if frame.warm_up > frame.horizon / 12 else "", "wu")
    for k, policy in enumerate(view.policies):
        plot.line(k, days, found[policy].tolist())
    return plot


def _days(view: View) -> list[float]:
    assert view.curves is not None
    cells = view.curves.days.size
    found: list[float] = ((np.arange(cells) + 1) * view.curves.frame.horizon / cells).tolist()
    return found


def _earned(view: View, policy: str) -> Floats:
    assert view.curves is not None
    found: Floats = view.curves.mean(policy, "money.revenue") - view.curves.mean(policy, "money.refunds")
    found = found + view.curves.mean(policy, "money.salvage")
    for cost in COSTS:
        found = found - view.curves.mean(policy, f"money.{cost}")
    return np.cumsum(found)


def _drawn(view: View, size: Size) -> Plot:
    assert view.curves is not None
    frame, days = view.curves.frame, np.array(_days(view))
    found = {p: _earned(view, p) for p in view.policies}
    low, high = reach(min(float(f.min()) for f in found.values()), max(float(f.max()) for f in found.values()))
    counted = days >= frame.warm_up
    x = Axis(
        frame.warm_up, frame.horizon, time_ticks(frame.warm_up, frame.horizon, view.start, 4 if size.narrow else 9)
    )
    plot = Plot(size, x, Axis(low, high, plain_ticks(low, high, 5), view.currency), view.legend)
    for k, policy in enumerate(view.policies):
        plot.line(k, days[counted].tolist(), found[policy][counted].tolist())
    return plot
