"""Charts that several sections share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from simulator.report.drawing.plot import Axis, Plot, Size
from simulator.report.drawing.scale import Tick, plain_ticks


class Dot(NamedTuple):
    """A mark with its interval in a row of a chart."""

    row: int
    """From the top, from 0."""
    place: int
    """Of the policy, for its look."""
    value: float
    ends: tuple[float, float] | None
    tooltip: str


def dot_chart(
    size: Size,
    rows: Sequence[str],
    dots: Sequence[Dot],
    low: float,
    high: float,
    title: str,
    legend: Sequence[tuple[int, str]] = (),
    zero: bool = False,
) -> Plot:
    """Marks in named rows, over one axis.

    Args:
        size: of the chart; its height follows from the rows.
        rows: their names, from top to bottom.
        dots: the marks.
        low, high: ends of the axis.
        title: of the axis.
        legend: places and names of the policies that share a row, whose marks lie below each other; empty where a row
            holds one mark.
        zero: draw a line at 0.
    """
    n, shared = len(rows), len(legend) > 1
    height = 92 + max(27.0, 12.0 * len(legend)) * n if shared else 64 + 30.0 * n
    margin = 0.6 if shared else 0.5
    y = Axis(-margin, n - 1 + margin, [Tick(n - 1 - k, name) for k, name in enumerate(rows)])
    plot = Plot(size._replace(height=height), Axis(low, high, plain_ticks(low, high, 5), title), y, legend, rows=True)
    if zero:
        plot.upright(0.0)
    order = {place: k for k, (place, _) in enumerate(legend)}
    for dot in dots:
        below = 0.3 - 0.6 * order[dot.place] / (len(legend) - 1) if shared else 0.0
        plot.point(dot.place, dot.value, n - 1 - dot.row + below, dot.ends, tooltip=dot.tooltip)
    return plot
