"""Promises: delivery against the day promised first and last, and whether quoted days are kept as often as they say."""

from __future__ import annotations

from functools import partial

import numpy as np

from simulator.kpis.groups.promises import AHEAD
from simulator.kpis.series.promises import PROMISE_EDGES, SLIPS
from simulator.record.ledger import Floats
from simulator.report.drawing.plot import Axis, Plot, Size
from simulator.report.drawing.scale import Tick, plain_ticks, reach
from simulator.report.sections.section import Figure, Section, Table
from simulator.report.sections.stock import group_rows
from simulator.report.text.view import View

SHOWN = (-10.0, 30.0)
"""Days around the promised day that the ladder shows at most."""


def promises(view: View) -> Section | None:
    """Where a day is promised: the ladder, the calibration, how often days move."""
    rows = group_rows(view, "promise")
    dated = [p for p in view.policies if _orders(view, p, "first").sum()]
    if not rows and not dated:
        return None
    figures = []
    for name in ("first", "last") if dated else ():
        title = f"Delivery against the day promised {name}"
        figures.append(Figure(f"promise-{name}", title, partial(_ladder, view, dated, name), half=True))
    if any(view.told(f"promise_calibration[{part}]") for part in AHEAD):
        title = "Late, by how far away the promised day was"
        figures.append(Figure("calibration", title, partial(_calibration, view), half=True))
    words = (
        "Share of the delivered orders that were wholly at the door so many days after the promised day; at 0 "
        "stands the share that was on time. Where the two pictures differ, the seller moved "
        "the day to one that could be kept."
    )
    tables = [Table(("KPI", *view.policies), rows, units=True)]
    given = [(p, _orders(view, p, "days_given")) for p in dated]
    if any(days.sum() for _, days in given):
        header = ("Days given", *(p for p, _ in given))
        names = ["none", *(str(k) for k in range(1, SLIPS - 1)), f"{SLIPS - 1} or more"]
        body = [[name, *(f"{days[k]:,.1f}" for _, days in given)] for k, name in enumerate(names)]
        caption = "Orders on backorder by how many days they were given in all; mean of a replication."
        tables.append(Table(header, body, caption, "The promise ladder as numbers"))
    return Section("promises", "Promises", [words], figures, tables)


def _orders(view: View, policy: str, name: str) -> Floats:
    return np.zeros(0) if view.curves is None else view.curves.mean(policy, f"promise.{name}")


def _ladder(view: View, dated: list[str], name: str, size: Size) -> Plot:
    found = {p: _orders(view, p, name) for p in dated}
    shares = {p: 100 * np.cumsum(f)[:-1] / f.sum() for p, f in found.items() if f.sum()}
    wide = [k for k in range(PROMISE_EDGES.size) if any(0.5 < s[k] < 99.5 for s in shares.values())]
    wide = wide or [PROMISE_EDGES.size // 2]
    low = max(min(float(PROMISE_EDGES[wide[0]]) - 1, -2.0), SHOWN[0])
    high = min(max(float(PROMISE_EDGES[wide[-1]]) + 1, 4.0), SHOWN[1])
    inside = (low <= PROMISE_EDGES) & (high >= PROMISE_EDGES)
    x = Axis(low, high, plain_ticks(low, high, 6), "days after the promised day")
    plot = Plot(size, x, Axis(0.0, 104.0, plain_ticks(0.0, 100.0, 5), "% at the door"), view.legend)
    plot.upright(0.0)
    for policy, share in shares.items():
        plot.line(view.policies.index(policy), PROMISE_EDGES[inside].tolist(), share[inside].tolist(), stairs=True)
    return plot


def _calibration(view: View, size: Size) -> Plot:
    keys = {part: f"promise_calibration[{part}]" for part in AHEAD}
    shown = {part: key for part, key in keys.items() if view.told(key)}
    _, high = reach(0.0, view.most(list(shown.values())))
    n = len(shown)
    y = Axis(-0.6, n - 0.4, [Tick(n - 1 - k, part) for k, part in enumerate(shown)])
    x = Axis(0.0, high, plain_ticks(0.0, high, 5), "% late, of the orders quoted so")
    plot = Plot(size._replace(height=92 + max(27.0, 12.0 * len(view.policies)) * n), x, y, view.legend, rows=True)
    spread = 0.6 / max(len(view.policies) - 1, 1)
    for k, policy in enumerate(view.policies):
        for row, (part, key) in enumerate(shown.items()):
            if view.results.estimate(policy, key).mean is not None:
                at = n - 1 - row + (0.3 - k * spread if len(view.policies) > 1 else 0.0)
                told = f"{policy}, quoted {part} ahead: {view.value(policy, key):.1f} % late"
                plot.point(k, view.value(policy, key), at, view.ends(policy, key), told=told)
    return plot
