"""Backlog, stock and inventory position over time, and cumulative demand and supply."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from simulator.experiment.storage.series_files import Curve
from simulator.record.ledger import Floats
from simulator.report.drawing.plot import Axis, Plot, Size
from simulator.report.drawing.scale import Tick, plain_ticks, reach
from simulator.report.sections.over_time import draw_lines, time_figure, time_frame
from simulator.report.sections.section import Figure, Section
from simulator.report.text.view import ReportView

SHORTEST, LONGEST = 24.0, 120.0
"""Fewest and most days that the cumulative curves show around the largest backlog."""
MOST_POLICIES = 6
"""Cumulative charts that are drawn."""


def over_time(view: ReportView) -> Section | None:
    """The mean of each day over the replications, between the lowest and the highest."""
    curves = view.curves
    if curves is None:
        return None
    shown = [
        ("backlog", "Backlog", "units on backorder"),
        ("on_hand", "Stock on hand", "units on hand"),
        ("position", "Inventory position", "on hand + on order − backlog, units"),
    ]
    figures = []
    for key, title, what in shown:
        found = {p: c for p in curves.policies if (c := curves.of(p, f"level.{key}")) is not None}
        means, name = {p: c.mean for p, c in found.items()}, f"{key.replace('_', '-')}-over-time"
        what = what.replace("units", view.labels.all_goods)
        figures.append(time_figure(view, name, title, partial(_drawn, view, what, found), curves.days, means))
    n = curves.replications
    range_ = f"The line is the mean of {n} replications; the ribbon spans the lowest to the highest."
    paragraphs = [range_ if n > 1 else "One replication."]
    if curves.frame.warm_up:
        paragraphs.append("The warm-up on the left is simulated but not counted.")
    if any(_bands(view)):
        paragraphs.append("Grey bands are events: the fainter, the fewer replications had the event at that time.")
    return Section("over-time", "Backlog, stock and position over time", paragraphs, figures)


def _drawn(view: ReportView, what: str, found: dict[str, Curve], size: Size) -> Plot:
    days = view.series.days
    ends = [float(end) for c in found.values() for end in (c.low.min(), c.high.max())]
    bands = _bands(view)
    # The axis begins at 0 unless all values lie close together far above it; events need room for their names on top.
    low, high = reach(min(ends), max(ends), 0.05, zero=min(ends) < 0.5 * max(ends))
    high += (0.21 if bands else 0.01) * (high - low)
    plot = time_frame(view, size, low, high, what, x_title="" if view.start else "days")
    for row, (label, start, end, share) in enumerate(bands):
        plot.span(start, end, label, "ev", max(share, 0.25), 1 + row % 3)
    for k, policy in enumerate(view.policies):
        if policy in found and np.any(found[policy].high > found[policy].low):
            plot.ribbon(k, days.tolist(), found[policy].low.tolist(), found[policy].high.tolist())
    return draw_lines(view, plot, days, {p: c.mean for p, c in found.items()})


def _bands(view: ReportView) -> list[tuple[str, float, float, float]]:
    """Periods in which an event is active: name, start, end, share of the replications."""
    curves = view.series
    width = curves.frame.horizon / max(curves.days.size, 1)
    found = []
    policy = view.policies[0]
    for number, name in enumerate(curves.frame.events):
        on = curves.mean(policy, f"event.{number}")
        for first, last in _runs(on > 0):
            share = float(on[first:last].max())
            if share >= 0.1 or last - first > 2:
                found.append((name, first * width, last * width, share))
    return found[:12]


def _runs(on: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    ends = np.flatnonzero(np.diff(np.concatenate(([0], on.astype(np.int8), [0]))))
    return list(zip(ends[::2].tolist(), ends[1::2].tolist(), strict=True))


# -------------------------------------------------------- demand and supply
def demand_and_supply(view: ReportView) -> Section | None:
    """Cumulative demand and supply, which show Little's law, around the largest backlog."""
    curves = view.curves
    if curves is None:
        return None
    peaks = {p: curves.mean(p, "level.backlog") for p in view.policies}
    if not any(v.size and v.max() > 0 for v in peaks.values()):
        return None
    worst = max(view.policies, key=lambda p: float(peaks[p].max()))
    first, last = _bulge(peaks[worst], curves.frame.horizon / curves.days.size)
    days = (last - first) * curves.frame.horizon / curves.days.size
    figures = [
        Figure(
            f"demand-and-supply-{k + 1}",
            f"{policy}: demand and supply",
            partial(_cumulative, view, policy, k, first, last),
            half=len(view.policies) > 1,
        )
        for k, policy in enumerate(view.policies[:MOST_POLICIES])
        if peaks[policy].max() > 0
    ]
    text = (
        "Units ordered, and units filled or cancelled, accumulated from the left edge, where they differ by that day's "
        f"backlog, for {days:.0f} days around the largest mean backlog. The vertical gap is the backlog; the "
        "horizontal gap is the wait if orders are served first come, first served; the area between is the number of "
        "backorder-days."
    )
    return Section("demand-and-supply", "Cumulative demand and supply", [text], figures)


def _bulge(backlog: Floats, width: float) -> tuple[int, int]:
    """The first and the last cell to show around the largest backlog.

    The bulge reaches to where the backlog is a tenth of its peak; a third of it is added on each side. A bulge longer
    than the chart may be is cut around its peak.
    """
    peak = int(np.argmax(backlog))
    low = backlog <= 0.1 * backlog[peak]
    before, after = np.flatnonzero(low[:peak]), np.flatnonzero(low[peak:])
    first = int(before[-1]) if before.size else 0
    last = peak + int(after[0]) if after.size else backlog.size
    cells = float(np.clip((last - first) * width * 1.66, SHORTEST, LONGEST)) / width
    middle = (first + last) / 2 if last - first <= cells else float(peak)
    start = int(np.clip(middle - cells / 2, 0, max(backlog.size - cells, 0)))
    return start, min(start + max(int(cells), 8), backlog.size)


def _cumulative(view: ReportView, policy: str, place: int, first: int, last: int, size: Size) -> Plot:
    curves = view.series
    ordered = np.cumsum(curves.mean(policy, "flow.asked") - curves.mean(policy, "flow.refused"))
    ended = np.cumsum(curves.mean(policy, "flow.filled") + curves.mean(policy, "flow.cancelled"))
    base = float(ordered[first])
    above, below = (ordered[first:last] - base).tolist(), (ended[first:last] - base).tolist()
    width = curves.frame.horizon / curves.days.size
    days = ((np.arange(first, last) + 1) * width).tolist()
    low, high = reach(min(below), max(above), 0.04)
    x = Axis(days[0], days[-1], _ticks(view, days))
    plot = Plot(size, x, Axis(low, high, plain_ticks(low, high, 5), f"{view.labels.all_goods}, cumulative"))
    plot.ribbon(place, days, below, above)
    plot.line(place, days, below)
    plot.raw(_ink_line(plot, days, above))
    plot.note(days[len(days) // 2], above[len(days) // 2] + (high - low) * 0.05, "ordered", "end")
    plot.note(days[len(days) // 2], below[len(days) // 2] - (high - low) * 0.09, "filled or cancelled", "start")
    return plot


def _ticks(view: ReportView, days: Sequence[float]) -> list[Tick]:
    found = plain_ticks(days[0], days[-1], 4)
    return [Tick(t.value, view.day(t.value).rsplit(" ", 1)[0] if view.start else t.label) for t in found]


def _ink_line(plot: Plot, xs: Sequence[float], ys: Sequence[float]) -> str:
    points = " ".join(f"{plot.x(x):.1f} {plot.y(y):.1f}" for x, y in zip(xs, ys, strict=True))
    return f'<path class="zr" fill="none" d="M{points}"/>'
