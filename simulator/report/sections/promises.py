"""Promises: delivery against the first and the last promised date, and how reliable quoted dates are."""

from __future__ import annotations

from functools import partial

import numpy as np

from simulator.kpis.groups.promises import AHEAD
from simulator.kpis.series.promises import PROMISE_EDGES, SLIPS
from simulator.record.ledger import Floats
from simulator.report.cards.card import Column, Number, Table
from simulator.report.drawing.charts import Dot, dot_chart
from simulator.report.drawing.plot import Axis, Plot, Size
from simulator.report.drawing.scale import plain_ticks, reach
from simulator.report.sections.kpis import group_table
from simulator.report.sections.section import Figure, Section
from simulator.report.text.view import ReportView

SHOWN = (-10.0, 30.0)
"""Days around the promised date that are shown at most."""


def promises(view: ReportView) -> Section | None:
    """Where dates are promised: delivery against the promise, its calibration, and how often dates move."""
    table = group_table(view, "promise")
    dated = [p for p in view.policies if _orders(view, p, "first").sum()]
    if table is None and not dated:
        return None
    figures = []
    for name in ("first", "last") if dated else ():
        title = f"Delivery against the {name} promised date"
        figures.append(Figure(f"promise-{name}", title, partial(_ladder, view, dated, name), half=True))
    if any(view.nonzero(f"promise_calibration[{part}]") for part in AHEAD):
        title = "Share late, by how far ahead the date was promised"
        figures.append(Figure("calibration", title, partial(_calibration, view), half=True))
    text = (
        "Share of the delivered orders that had arrived completely so many days after the promised date; the value at "
        "0 is the share on time. Where the two charts differ, the seller moved the date to one that could be kept."
    )
    tables = [table] if table else []
    given = {p: _orders(view, p, "days_given") for p in dated}
    if any(days.sum() for days in given.values()):
        names = ["none", *(str(k) for k in range(1, SLIPS - 1)), f"{SLIPS - 1} or more"]
        rows: list[list[str | Number]] = [
            [name, *(Number(f"{days[k]:,.1f}") for days in given.values())] for k, name in enumerate(names)
        ]
        caption = "Orders on backorder by how many dates they were given in total; mean per replication."
        columns = [Column("Dates given"), *(Column(p, "number") for p in given)]
        tables.append(Table(columns, rows, caption, "Dates given, as numbers"))
    return Section("promises", "Promises", [text], figures, tables)


def _orders(view: ReportView, policy: str, name: str) -> Floats:
    return np.zeros(0) if view.curves is None else view.curves.mean(policy, f"promise.{name}")


def _ladder(view: ReportView, dated: list[str], name: str, size: Size) -> Plot:
    found = {p: _orders(view, p, name) for p in dated}
    shares = {p: 100 * np.cumsum(f)[:-1] / f.sum() for p, f in found.items() if f.sum()}
    wide = [k for k in range(PROMISE_EDGES.size) if any(0.5 < s[k] < 99.5 for s in shares.values())]
    wide = wide or [PROMISE_EDGES.size // 2]
    low = max(min(float(PROMISE_EDGES[wide[0]]) - 1, -2.0), SHOWN[0])
    high = min(max(float(PROMISE_EDGES[wide[-1]]) + 1, 4.0), SHOWN[1])
    inside = (low <= PROMISE_EDGES) & (high >= PROMISE_EDGES)
    x = Axis(low, high, plain_ticks(low, high, 6), "days after the promised date")
    plot = Plot(size, x, Axis(0.0, 104.0, plain_ticks(0.0, 100.0, 5), "% delivered"), view.legend)
    plot.upright(0.0)
    for policy, share in shares.items():
        plot.line(view.policies.index(policy), PROMISE_EDGES[inside].tolist(), share[inside].tolist(), stairs=True)
    return plot


def _calibration(view: ReportView, size: Size) -> Plot:
    keys = {part: f"promise_calibration[{part}]" for part in AHEAD}
    shown = {part: key for part, key in keys.items() if view.nonzero(key)}
    dots = [
        Dot(row, k, value := view.value(p, key), view.ends(p, key), f"{p}, quoted {part} ahead: {value:.1f} % late")
        for k, p in enumerate(view.policies)
        for row, (part, key) in enumerate(shown.items())
        if view.results.estimate(p, key).mean is not None
    ]
    high = reach(0.0, view.most(list(shown.values())))[1]
    return dot_chart(size, list(shown), dots, 0.0, high, "% late, of the orders quoted so", view.legend)
