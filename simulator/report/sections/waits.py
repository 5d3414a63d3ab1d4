"""How long customers wait: the survival curve of every segment, ages of those who waited, ages by shipments."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from simulator.kpis.groups.waiting import AGES
from simulator.kpis.series.series import SHIPMENTS
from simulator.record.ledger import Floats
from simulator.report.drawing.plot import Axis, Plot, Size
from simulator.report.drawing.scale import Tick, plain_ticks, reach
from simulator.report.sections.section import Figure, Section, Table
from simulator.report.text.view import View

KINDS = ("ended", "cancelled", "open")


def waits(view: View) -> Section | None:
    """Of the units ordered, how many were still waiting so many days later."""
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
        figures.append(Figure("ages", "Of the units that waited: how long", partial(_ages, view), half=several))
    words = (
        "Share of the units ordered that were still on backorder so many days after the order; the curve begins at the "
        "share that was not in stock. A wait ends when the unit is filled or cancelled; units still open at the end "
        "count with the days they had waited."
    )
    tables = [t for p in view.policies if (t := _by_shipments(view, p)) is not None]
    return Section("waits", "How long customers wait", [words], figures, tables)


def _late(view: View, policy: str, segment: str) -> Floats:
    """Units by bin of waits that are not zero."""
    curves = view.curves
    assert curves is not None
    found: Floats = np.sum([curves.mean(policy, f"wait.{segment}.{kind}") for kind in KINDS], axis=0)
    return found[1:]


def _curve(view: View, policy: str, segment: str) -> Floats:
    """Share still waiting at each edge."""
    curves = view.curves
    assert curves is not None
    units = np.sum([curves.mean(policy, f"wait.{segment}.{kind}") for kind in KINDS], axis=0)
    total = units.sum()
    left: Floats = total - np.cumsum(units)
    return np.maximum(left / total, 0.0) if total else left


def _survival(view: View, segment: str, size: Size) -> Plot:
    curves = view.curves
    assert curves is not None
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


def _aged(view: View, policy: str) -> bool:
    """Whether somebody had to wait under the policy."""
    return view.told(f"age_buckets[{next(iter(AGES))}]", policy) or view.told(f"age_buckets[{list(AGES)[-1]}]", policy)


def _ages(view: View, size: Size) -> Plot:
    """Each bucket a row, each policy a mark."""
    keys = {age: f"age_buckets[{age}]" for age in AGES}
    _, high = reach(0.0, view.most(list(keys.values())))
    n = len(AGES)
    y = Axis(-0.6, n - 0.4, [Tick(n - 1 - k, age) for k, age in enumerate(AGES)])
    x = Axis(0.0, high, plain_ticks(0.0, high, 5), "% of the units that waited")
    plot = Plot(size._replace(height=92 + max(27.0, 11.0 * len(view.policies)) * n), x, y, view.legend, rows=True)
    spread = 0.55 / max(len(view.policies) - 1, 1)
    for k, policy in enumerate(view.policies):
        if not _aged(view, policy):
            continue
        for row, (age, key) in enumerate(keys.items()):
            at = n - 1 - row + (0.275 - k * spread if len(view.policies) > 1 else 0.0)
            plot.point(
                k,
                view.value(policy, key),
                at,
                view.ends(policy, key),
                told=f"{policy}, {age}: {view.value(policy, key):.1f} %",
            )
    return plot


def _by_shipments(view: View, policy: str) -> Table | None:
    curves = view.curves
    assert curves is not None
    flat = curves.mean(policy, "age")
    if not flat.sum():
        return None
    table = flat.reshape(len(AGES), SHIPMENTS)
    header = (
        "Longest wait",
        "not shipped",
        *(f"{n} shipment{'s' * (n > 1)}" for n in range(1, SHIPMENTS - 1)),
        f"{SHIPMENTS - 1} or more",
        "all",
    )
    rows = [[age, *_numbers([*row, row.sum()])] for age, row in zip(AGES, table, strict=True)]
    rows.append(["all", *_numbers([*table.sum(axis=0), table.sum()])])
    caption = "Orders of which a unit had to wait, by the longest wait and the shipments made; mean of a replication."
    return Table(header, rows, caption, f"Ages and shipments: {policy}")


def _numbers(values: Sequence[float]) -> list[str]:
    return [f"{v:,.0f}" if v >= 10 or v == round(v) else f"{v:.1f}" for v in values]
