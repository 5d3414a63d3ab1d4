"""Charts over time: their frame, their lines, and the values that a reader can point at."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from simulator.record.ledger import Floats
from simulator.report.drawing.plot import Axis, Plot, Size
from simulator.report.drawing.scale import plain_ticks, time_ticks
from simulator.report.sections.section import Figure, Reading
from simulator.report.text.view import ReportView


def cell_ends(view: ReportView) -> Floats:
    """The day on which each cell of the series' grid ends."""
    n = view.series.days.size
    found: Floats = (np.arange(n) + 1) * view.series.frame.horizon / n
    return found


def time_figure(
    view: ReportView,
    key: str,
    title: str,
    draw: Callable[[Size], Plot],
    days: Floats,
    values: Mapping[str, Floats],
    unit: str = "",
) -> Figure:
    """A chart of one value per day and policy, with its readings."""
    series = [
        (k, p, [f"{v:,.0f}{unit}" for v in values[p].tolist()]) for k, p in enumerate(view.policies) if p in values
    ]
    reading = Reading(days.tolist(), [view.day(d) for d in days.tolist()], series)
    return Figure(key, title, draw, reading=reading)


def time_frame(
    view: ReportView, size: Size, low: float, high: float, title: str, start: float = 0.0, x_title: str = ""
) -> Plot:
    """An empty chart from day `start` to the horizon, the warm-up shaded."""
    frame = view.series.frame
    ticks = time_ticks(start, frame.horizon, view.start, 4 if size.narrow else 9)
    plot = Plot(
        size, Axis(start, frame.horizon, ticks, x_title), Axis(low, high, plain_ticks(low, high, 5), title), view.legend
    )
    if frame.warm_up > start:
        plot.span(start, frame.warm_up, "warm-up" if frame.warm_up > frame.horizon / 12 else "", "wu")
    return plot


def draw_lines(view: ReportView, plot: Plot, days: Floats, values: Mapping[str, Floats]) -> Plot:
    """A line for each policy that has values."""
    for k, policy in enumerate(view.policies):
        if policy in values:
            plot.line(k, days.tolist(), values[policy].tolist())
    return plot
