"""How long customers wait: survival curves by segment, ages of the units that waited, ages by shipments."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from simulator.kpis.groups.waiting import AGES
from simulator.kpis.series.series import SHIPMENTS
from simulator.record.ledger import Floats
from simulator.report.cards.card import Column, Number, Table
from simulator.report.drawing.charts import Dot, dot_chart
from simulator.report.drawing.plot import Axis, Plot, Size
from simulator.report.drawing.scale import plain_ticks, reach
from simulator.report.sections.section import Figure, Section
from simulator.report.text.view import ReportView

KINDS = ("ended", "cancelled", "open")


def waits(view: ReportView) -> Section | None:
    """The share of the units ordered that was still waiting so many days later."""
    curves = view.curves
    if curves is None or not any(_late(view, p, s).sum() for p in view.policies for s in curves.frame.segments):
        return None
    several = len(curves.frame.segments) > 1
    figures = [
        Figure(
            f"waits-{k + 1}" if several else "waits",
            f"Still waiting{f': {segment}' if several else ''}",
            partial(_survival, view, segment),
            half=several,
        )
        for k, segment in enumerate(curves.frame.segments)
        if any(_late(view, p, segment).sum() for p in view.policies)
    ]
    if any(_aged(view, p) for p in view.policies):
        figures.append(Figure("ages", "Units that waited, by length of the wait", partial(_ages, view), half=several))
    text = (
        "Share of the units ordered that were still on backorder so many days after the order; the curve starts at the "
        "share that was not in stock. A wait ends when the unit is filled or cancelled; a unit still open at the end "
        "counts with the days it has waited so far."
    )
    if view.defined("early_share"):  # some customers name a later day
        text += (
            " Where goods are wanted on a later day, the wait counts from the last day on which they can leave and be "
            "there in time."
        )
    tables = [t for p in view.policies if (t := _by_shipments(view, p)) is not None]
    return Section("waits", "How long customers wait", [text], figures, tables)


def _late(view: ReportView, policy: str, segment: str) -> Floats:
    """Units by bin of the wait, for waits longer than 0."""
    return _units(view, policy, segment)[1:]


def _units(view: ReportView, policy: str, segment: str) -> Floats:
    found: Floats = np.sum([view.series.mean(policy, f"wait.{segment}.{kind}") for kind in KINDS], axis=0)
    return found


def _curve(view: ReportView, policy: str, segment: str) -> Floats:
    """Share still waiting at each edge of the bins."""
    units = _units(view, policy, segment)
    total = units.sum()
    left: Floats = total - np.cumsum(units)
    return np.maximum(left / total, 0.0) if total else left


def _survival(view: ReportView, segment: str, size: Size) -> Plot:
    curves = view.series
    found = {p: _curve(view, p, segment) * 100 for p in view.policies}
    edges = curves.edges
    most = max(float(f.max()) for f in found.values())
    shown = max(int(np.count_nonzero(f > 0.01 * most)) for f in found.values())
    shown = min(max(shown, 4), edges.size - 1)
    low, high = reach(0.0, most)
    x = Axis(0.0, float(edges[shown]), plain_ticks(0.0, float(edges[shown]), 8), "days since the order")
    plot = Plot(size, x, Axis(low, high, plain_ticks(low, high, 5), "% of units ordered"), view.legend)
    for k, policy in enumerate(view.policies):
        plot.line(k, edges[: shown + 1].tolist(), found[policy][: shown + 1].tolist())
    return plot


def _aged(view: ReportView, policy: str) -> bool:
    """Whether any customer had to wait under the policy."""
    return any(view.nonzero(f"age_buckets[{age}]", policy) for age in AGES)


def _ages(view: ReportView, size: Size) -> Plot:
    """Each bucket a row, each policy a mark."""
    keys = {age: f"age_buckets[{age}]" for age in AGES}
    dots = [
        Dot(row, k, value := view.value(p, key), view.ends(p, key), f"{p}, {age}: {value:.1f} %")
        for k, p in enumerate(view.policies)
        if _aged(view, p)
        for row, (age, key) in enumerate(keys.items())
    ]
    high = reach(0.0, view.most(list(keys.values())))[1]
    return dot_chart(size, list(AGES), dots, 0.0, high, "% of the units that waited", view.legend)


def _by_shipments(view: ReportView, policy: str) -> Table | None:
    curves = view.series
    flat = curves.mean(policy, "age")
    if not flat.sum():
        return None
    table = flat.reshape(len(AGES), SHIPMENTS)
    header = (
        "not shipped",
        *(f"{n} shipment{'s' * (n > 1)}" for n in range(1, SHIPMENTS - 1)),
        f"{SHIPMENTS - 1} or more",
        "all",
    )
    rows = [[age, *_numbers([*row, row.sum()])] for age, row in zip(AGES, table, strict=True)]
    rows.append(["all", *_numbers([*table.sum(axis=0), table.sum()])])
    caption = "Orders with units that had to wait, by longest wait and number of shipments; mean per replication."
    columns = [Column("Longest wait"), *(Column(title, "number") for title in header)]
    return Table(columns, rows, caption, f"Ages and shipments: {policy}")


def _numbers(values: Sequence[float]) -> list[str | Number]:
    return [Number(f"{v:,.0f}" if v >= 10 or v == round(v) else f"{v:.1f}") for v in values]
