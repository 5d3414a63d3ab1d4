"""Who leaves and why: where every unit that was asked for ends, and lines cancelled by cause."""

from __future__ import annotations

from functools import partial

from simulator.kpis.series.series import EXITS
from simulator.report.drawing.plot import LINE, Axis, Plot, Size
from simulator.report.drawing.scale import Tick, plain_ticks, reach
from simulator.report.drawing.style import number
from simulator.report.sections.section import Figure, Section, Table
from simulator.report.text.view import View

SAID = {
    "kept_at_once": "delivered from stock",
    "kept_late": "delivered after a wait",
    "open": "still open at the end",
    "cancelled_patience": "cancelled: patience ran out",
    "cancelled_window": "cancelled: the window had passed",
    "cancelled_called_off": "called off by the customer",
    "cancelled_record": "cancelled: sold, and not there",
    "cancelled_no_consent": "cancelled: no consent to a delay",
    "cancelled_offer": "cancelled: gave up when offered",
    "cancelled_need_by": "cancelled: too late for the need",
    "cancelled_seller": "cancelled by the seller",
    "cancelled_payment": "cancelled: card not charged",
    "cancelled_inflated": "cancelled: ordered beyond the need",
    "left_refused": "could not be ordered",
    "left_walked": "walked away at checkout",
    "left_switched": "switched to a rival",
    "left_waitlisted": "signed up for the wait-list",
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


def said(name: str) -> str:
    """An exit in words; one that has none yet by its name."""
    return SAID.get(name, name.replace("_", " "))


def leaving(view: View) -> Section | None:
    """Exits add up to demand; cancellations are told apart by cause."""
    figures, tables = [], []
    if view.curves is not None:
        figures.append(Figure("exits", "Where every unit ended", partial(_funnel, view)))
        tables.append(_exits(view))
    causes = _causes(view)
    if causes:
        figures.append(
            Figure("cancellations", "Lines cancelled, by cause", partial(_cancelled, view, causes), half=False)
        )
    if not figures:
        return None
    words = ["Every unit that was asked for ends in exactly one of these ways, so the parts add up to demand."]
    return Section("leaving", "Who leaves, and why", words[: len(tables)], figures, tables)


def _shares(view: View, policy: str) -> dict[str, float]:
    """Units by exit, mean of a replication."""
    assert view.curves is not None
    return dict(zip(EXITS, view.curves.mean(policy, "exit").tolist(), strict=True))


def _funnel(view: View, size: Size) -> Plot:
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
    x_axis = Axis(0.0, 100.0, plain_ticks(0.0, 100.0, 5), "% of the units asked for")
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
                told = f"{policy}, {name}: {share:.1f} % of the units asked for"
                plot.bar(at, at + share, n - 1 - k, 22, look, k, told)
            at += share
    return plot


def _exits(view: View) -> Table:
    found = {p: _shares(view, p) for p in view.policies}
    rows = [
        [said(name), *(f"{found[p][name]:,.0f}" for p in view.policies)]
        for name in EXITS
        if any(found[p][name] for p in view.policies)
    ]
    rows.append(["asked for", *(f"{sum(found[p].values()):,.0f}" for p in view.policies)])
    caption = f"Units of a replication, mean of {view.curves.replications if view.curves else 0}."
    return Table(("", *view.policies), rows, caption, "The exits as numbers")


def _causes(view: View) -> list[str]:
    return [name for name in EXITS if name.startswith("cancelled_") and view.told(name)]


def _cancelled(view: View, causes: list[str], size: Size) -> Plot:
    """Each cause a row, each policy a mark."""
    _, high = reach(0.0, view.most(causes))
    n = len(causes)
    names = [said(c).replace("cancelled: ", "").replace("cancelled ", "") for c in causes]
    y = Axis(-0.6, n - 0.4, [Tick(n - 1 - k, name) for k, name in enumerate(names)])
    x = Axis(0.0, high, plain_ticks(0.0, high, 5), "% of the lines demanded")
    plot = Plot(size._replace(height=100 + max(34.0, 13.0 * len(view.policies)) * n), x, y, view.legend, rows=True)
    spread = 0.7 / max(len(view.policies) - 1, 1)
    for k, policy in enumerate(view.policies):
        for row, key in enumerate(causes):
            at = n - 1 - row + (0.35 - k * spread if len(view.policies) > 1 else 0.0)
            told = f"{policy}: {view.value(policy, key):.2f} % {names[row]}"
            plot.point(k, view.value(policy, key), at, view.ends(policy, key), told=told)
    return plot
