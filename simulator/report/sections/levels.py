"""Backlog, stock and position over time, and cumulative demand and supply."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from simulator.experiment.storage.series_files import Curve, Curves
from simulator.record.ledger import Floats
from simulator.report.drawing.plot import Axis, Plot, Size
from simulator.report.drawing.scale import Tick, plain_ticks, reach, time_ticks
from simulator.report.sections.section import Figure, Reading, Section
from simulator.report.text.view import View

SHORTEST, LONGEST = 24.0, 120.0
"""Days that the cumulative curves show around the largest backlog, at least and at most."""
MOST_POLICIES = 6


def over_time(view: View) -> Section | None:
    """Mean of every day over replications, between the lowest and the highest."""
    curves = view.curves
    if curves is None:
        return None
    shown = [
        ("backlog", "Backlog", "units on backorder"),
        ("on_hand", "Stock on hand", "units on hand"),
        ("position", "Inventory position", "on hand + on order − backlog, units"),
    ]
    figures = [_figure(view, key, title, what, _level(curves, key)) for key, title, what in shown]
    n = curves.replications
    words = [
        f"The line is the mean, the ribbon reaches from the lowest to the highest of {n} replications."
        if n > 1
        else "One replication."
    ]
    if curves.frame.warm_up:
        words.append("The warm-up at the left is simulated and not counted.")
    if any(_bands(view)):
        words.append("Grey stretches are events; the fainter, the fewer replications they happened in at that time.")
    return Section("over-time", "Backlog, stock and position over time", words, figures)


def _level(curves: Curves, name: str) -> dict[str, Curve]:
    return {p: c for p in curves.policies if (c := curves.of(p, f"level.{name}")) is not None}


def _figure(view: View, key: str, title: str, what: str, found: dict[str, Curve]) -> Figure:
    curves = view.curves
    assert curves is not None
    values = [(k, p, [f"{v:,.0f}" for v in found[p].mean.tolist()]) for k, p in enumerate(view.policies) if p in found]
    reading = Reading(curves.days.tolist(), [view.day(d) for d in curves.days.tolist()], values)
    return Figure(f"{key.replace('_', '-')}-over-time", title, partial(_drawn, view, what, found), "", False, reading)


def _drawn(view: View, what: str, found: dict[str, Curve], size: Size) -> Plot:
    curves = view.curves
    assert curves is not None
    ends = [float(end) for c in found.values() for end in (c.low.min(), c.high.max())]
    bands = list(_bands(view))
    room = 0.06 if not bands else 0.26  # for the events' names
    low, high = reach(min(ends), max(ends), 0.05, zero=min(ends) < 0.5 * max(ends))
    high += (room - 0.05) * (high - low)
    horizon = curves.frame.horizon
    x = Axis(0.0, horizon, time_ticks(0.0, horizon, view.start, 4 if size.narrow else 9), "" if view.start else "days")
    plot = Plot(size, x, Axis(low, high, plain_ticks(low, high, 5), what), view.legend)
    if curves.frame.warm_up:
        plot.span(0.0, curves.frame.warm_up, "warm-up" if curves.frame.warm_up > horizon / 12 else "", "wu")
    for row, (label, start, end, share) in enumerate(bands):
        plot.span(start, end, label, "ev", max(share, 0.25), 1 + row % 3)
    for k, policy in enumerate(view.policies):
        if policy in found and np.any(found[policy].high > found[policy].low):
            plot.ribbon(k, curves.days.tolist(), found[policy].low.tolist(), found[policy].high.tolist())
    for k, policy in enumerate(view.policies):
        if policy in found:
            plot.line(k, curves.days.tolist(), found[policy].mean.tolist())
    return plot


def _bands(view: View) -> list[tuple[str, float, float, float]]:
    """Stretches in which an event is on: name, start, end, share of the replications."""
    curves = view.curves
    if curves is None:
        return []
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
def demand_and_supply(view: View) -> Section | None:
    """The picture behind Little's law, around the largest backlog."""
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
    words = (
        "Units ordered, and units whose order was filled or given up, added up from the left edge, where the curves "
        f"are apart by the backlog of that day. Shown are {days:.0f} days around the largest mean backlog. The "
        "vertical gap is the backlog; the horizontal gap is the wait where orders are served first come, first served; "
        "the area between is backorder-days."
    )
    return Section("demand-and-supply", "Demand and supply, added up", [words], figures)


def _bulge(backlog: Floats, width: float) -> tuple[int, int]:
    """The cells around the largest backlog: to where it is a tenth of that, and a third as much again on both sides."""
    peak = int(np.argmax(backlog))
    low = backlog <= 0.1 * backlog[peak]
    before, after = np.flatnonzero(low[:peak]), np.flatnonzero(low[peak:])
    first = int(before[-1]) if before.size else 0
    last = peak + int(after[0]) if after.size else backlog.size
    cells = float(np.clip((last - first) * width * 1.66, SHORTEST, LONGEST)) / width
    middle = (first + last) / 2 if last - first <= cells else float(peak)
    start = int(np.clip(middle - cells / 2, 0, max(backlog.size - cells, 0)))
    return start, min(start + max(int(cells), 8), backlog.size)


def _cumulative(view: View, policy: str, place: int, first: int, last: int, size: Size) -> Plot:
    curves = view.curves
    assert curves is not None
    ordered = np.cumsum(curves.mean(policy, "flow.asked") - curves.mean(policy, "flow.refused"))
    ended = np.cumsum(curves.mean(policy, "flow.filled") + curves.mean(policy, "flow.cancelled"))
    base = float(ordered[first])
    above, below = (ordered[first:last] - base).tolist(), (ended[first:last] - base).tolist()
    width = curves.frame.horizon / curves.days.size
    days = ((np.arange(first, last) + 1) * width).tolist()
    low, high = reach(min(below), max(above), 0.04)
    x = Axis(days[0], days[-1], _ticks(view, days))
    plot = Plot(size, x, Axis(low, high, plain_ticks(low, high, 5), "units, added up"))
    plot.ribbon(place, days, below, above)
    plot.line(place, days, below)
    plot.raw(_ink_line(plot, days, above))
    plot.note(days[len(days) // 2], above[len(days) // 2] + (high - low) * 0.05, "ordered", "end")
    plot.note(days[len(days) // 2], below[len(days) // 2] - (high - low) * 0.09, "filled or given up", "start")
    return plot


def _ticks(view: View, days: Sequence[float]) -> list[Tick]:
    found = plain_ticks(days[0], days[-1], 4)
    return [Tick(t.value, view.day(t.value).rsplit(" ", 1)[0] if view.start else t.label) for t in found]


def _ink_line(plot: Plot, xs: Sequence[float], ys: Sequence[float]) -> str:
    points = " ".join(f"{plot.x(x):.1f} {plot.y(y):.1f}" for x, y in zip(xs, ys, strict=True))
    return f'<path class="zr" fill="none" d="M{points}"/>'
