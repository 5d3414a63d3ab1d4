"""Stock and supply: turns, and every number of stock and supply; the numbers by segment."""

from __future__ import annotations

from functools import partial

from simulator.kpis.kpi import KPIS
from simulator.report.drawing.plot import Axis, Plot, Size
from simulator.report.drawing.scale import Tick, plain_ticks, reach
from simulator.report.sections.section import Figure, Section, Table
from simulator.report.text.numbers import unit
from simulator.report.text.view import View


def stock(view: View) -> Section | None:
    """How fast the stock turns over."""
    rows = group_rows(view, "stock and supply")
    if not rows:
        return None
    figures = []
    for key, title in (("turns", "Inventory turns"), ("on_hand_mean", "Mean stock on hand")):
        if view.defined(key):
            figures.append(Figure(key.replace("_", "-"), title, partial(_dots, view, key), half=True))
    return Section("stock", "Stock and supply", (), figures, [Table(("KPI", *view.policies), rows, units=True)])


def by_segment(view: View) -> Section | None:
    """Who is served how well."""
    rows = group_rows(view, "by segment")
    if len(view.scenario.get("customers") or {}) < 2 or not rows:
        return None
    words = ["A mean over all customers hides who waits; here each segment stands for itself."]
    return Section(
        "segments", "Customer by customer segment", words, (), [Table(("KPI", *view.policies), rows, units=True)]
    )


def group_rows(view: View, group: str) -> list[list[str]]:
    """The rows of a table of all KPIs of a group that have something to tell."""
    keys = [
        k for k in view.results.kpis if (known := KPIS.get(k.split("[")[0])) and known.group == group and view.told(k)
    ]
    return [[key, unit(key, view.currency).name, *view.row(key)] for key in keys]


def talk(view: View) -> Section | None:
    """What customers are told and what they ask."""
    return _of_group(view, "talk", "talk", "Messages and questions")


def disruption(view: View) -> Section | None:
    """How the company gets through what goes wrong."""
    words = "From the start of an event to the first unit short because of it, and from its end until all is as before."
    return _of_group(view, "disruption", "disruption", "Disruptions", words)


def _of_group(view: View, group: str, key: str, title: str, *words: str) -> Section | None:
    rows = group_rows(view, group)
    return Section(key, title, words, (), [Table(("KPI", *view.policies), rows, units=True)]) if rows else None


def _dots(view: View, key: str, size: Size) -> Plot:
    n = len(view.policies)
    low, high = reach(0.0, view.most([key]), 0.08)
    y = Axis(-0.5, n - 0.5, [Tick(n - 1 - k, p) for k, p in enumerate(view.policies)])
    x = Axis(low, high, plain_ticks(low, high, 5), unit(key, view.currency).name)
    plot = Plot(size._replace(height=64 + 30.0 * n), x, y, rows=True)
    for k, policy in enumerate(view.policies):
        told = f"{policy}: {view.value(policy, key):,.2f} {unit(key, view.currency).name}"
        plot.point(k, view.value(policy, key), n - 1 - k, view.ends(policy, key), told=told)
    return plot
