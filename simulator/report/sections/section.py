"""What a section of the report consists of: paragraphs, figures, tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from simulator.report.cards.card import Table
from simulator.report.drawing.plot import Plot, Size


class Reading(NamedTuple):
    """Values of a chart over time, shown to readers who point at it."""

    x: Sequence[float]
    label: Sequence[str]
    """The name of each x, such as its date."""
    series: Sequence[tuple[int, str, Sequence[str]]]
    """Place of the policy, its name, its value at each x with unit."""

    def to_plain(self) -> dict[str, Any]:
        """For the script of the page."""
        series = [{"p": place, "name": name, "y": list(values)} for place, name, values in self.series]
        return {"x": [round(v, 3) for v in self.x], "label": list(self.label), "series": series}


class Figure(NamedTuple):
    """A chart that can be drawn to any size."""

    key: str
    """The name of its file."""
    title: str
    """Shown above the chart, and read to those who do not see it."""
    draw: Callable[[Size], Plot]
    caption: str = ""
    half: bool = False
    """Half as wide as the page: two fit side by side."""
    reading: Reading | None = None


class Section(NamedTuple):
    """A part of the report with a heading of its own."""

    key: str
    title: str
    paragraphs: Sequence[str] = ()
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()
