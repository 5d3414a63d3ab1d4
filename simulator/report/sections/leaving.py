"""Who leaves and why: how every unit demanded ends, and lines cancelled by cause."""

from __future__ import annotations

from functools import partial

from simulator.kpis.series.series import EXITS
from simulator.report.cards.card import Column, Number, Table
from simulator.report.drawing.charts import Dot, dot_chart
from simulator.report.drawing.plot import LINE, Axis, Plot, Size
from simulator.report.drawing.scale import Tick, plain_ticks, reach
from simulator.report.drawing.style import number
from simulator.report.sections.section import Figure, Section
from simulator.report.text.view import ReportView

NAMES = {
    "kept_at_once": "delivered from stock",
    "kept_late": "delivered after a wait",
    "open": "still open at the end",
    "cancelled_patience": "cancelled: patience ran out",
    "cancelled_window": "cancelled: the window had expired",
    "cancelled_called_off": "called off by the customer",
    "cancelled_record": "cancelled: sold but not in stock",
    "cancelled_no_consent": "cancelled: no consent to a delay",
    "cancelled_offer": "cancelled: offered to cancel, accepted",
    "cancelled_need_by": "cancelled: too late for the need-by date",
    "cancelled_seller": "cancelled by the seller",
    "cancelled_payment": "cancelled: payment failed",
    "cancelled_inflated": "cancelled: ordered in excess of need",
    "left_refused": "could not be ordered",
    "left_walked": "walked away at checkout",
    "left_switched": "switched to a competitor",
    "left_waitlisted": "joined the wait-list",
    "left_substituted": "took a substitute",
}
GROUPS = (
    ("from stock", ("kept_at_once",), 2),
    ("after a wait", ("kept_late",), 5),
    ("still open", ("open",), 6),
    ("cancelled", tuple(name for name in EXITS if name.startswith("cancelled_")), 1),
    ("left at checkout", tuple(name for name in EXITS if name.startswith("left_")), 3),
)
"""Bars of the funnel: name, exits, colour."""


def exit_name(name: str) -> str:
    """An exit in words; its identifier where it has none."""
    return NAMES.get(name, name.replace("_", " "))


def leaving(view: ReportView) -> Section | None:
    """Exits, which add up to demand, and cancellations by cause."""
    figures, tables, paragraphs = [], [], []
    if view.curves is not None:
        figures.append(Figure("exits", "Where every unit ended", partial(_funnel, view)))
        tables.append(_exits(view))
        paragraphs.append("Every unit demanded ends in exactly one of these ways, so the parts add up to demand.")
    causes = [name for name in EXITS if name.startswith("cancelled_") and view.nonzero(name)]
    if causes:
        figures.append(Figure("cancellations", "Lines cancelled, by cause", partial(_cancelled, view, causes)))
    return Section("leaving", "Who leaves, and why", paragraphs, figures, tables) if figures else None


def _shares(view: ReportView, policy: str) -> dict[str, float]:
    """Units per replication by exit, on average."""
    return dict(zip(EXITS, view.series.mean(policy, "exit").tolist(), strict=True))


def _funnel(view: ReportView, size: Size) -> Plot:
    n = len(view.policies)
    y = Axis(-0.5, n - 0.5, [Tick(n - 1 - k, p) for k, p in enumerate(view.policies)])
    rows = [g for g in GROUPS if any(_shares(view, p)[e] for p in view.policies for e in g[1])]
    x, down, legend = 10.0, 0.0, []
    for name, _, look in rows:
        width = 34 + 7.0 * len(name)
        if x > 10 and x + width > size.width:
            x, down = 10.0, down + LINE
        legend.append((name, look, x, down))
        x += width
    flat = size._replace(height=74 + 34.0 * n + down)
    x_axis = Axis(0.0, 100.0, plain_ticks(0.0, 100.0, 5), "% of the units demanded")
    plot = Plot(flat, x_axis, y, rows=True, above=down + 22)
    for name, look, left, down in legend:
        plot.raw(
            f'<rect class="f{number(look)}" x="{left:g}" y="{3 + down:g}" width="14" height="12"/>'
            f'<text class="nm" x="{left + 19:g}" y="{13 + down:g}">{name}</text>'
        )
    for k, policy in enumerate(view.policies):
        found, at = _shares(view, policy), 0.0
        total = sum(found.values()) or 1.0
        for name, exits, look in rows:
            share = 100 * sum(found[e] for e in exits) / total
            if share:
                tooltip = f"{policy}, {name}: {share:.1f} % of the units demanded"
                plot.bar(at, at + share, n - 1 - k, 22, look, k, tooltip)
            at += share
    return plot


def _exits(view: ReportView) -> Table:
    found = {p: _shares(view, p) for p in view.policies}
    rows: list[list[str | Number]] = [
        [exit_name(name), *(Number(f"{found[p][name]:,.0f}") for p in view.policies)]
        for name in EXITS
        if any(found[p][name] for p in view.policies)
    ]
    rows.append(["demanded", *(Number(f"{sum(found[p].values()):,.0f}") for p in view.policies)])
    caption = f"Units per replication, mean of {view.series.replications}."
    columns = [Column(), *(Column(p, "number") for p in view.policies)]
    return Table(columns, rows, caption, "The exits as numbers")


def _cancelled(view: ReportView, causes: list[str], size: Size) -> Plot:
    """Each cause a row, each policy a mark."""
    names = [exit_name(c).replace("cancelled: ", "").replace("cancelled ", "") for c in causes]
    dots = [
        Dot(row, k, view.value(p, c), view.ends(p, c), f"{p}: {view.value(p, c):.2f} % {names[row]}")
        for k, p in enumerate(view.policies)
        for row, c in enumerate(causes)
    ]
    return dot_chart(size, names, dots, *reach(0.0, view.most(causes)), "% of the lines demanded", view.legend)
