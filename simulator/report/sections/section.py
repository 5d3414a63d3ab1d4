"""What a section is made of: words, figures, tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from simulator.report.drawing.plot import Plot, Size


class Table(NamedTuple):
    """Rows under a header; the first cell of a row is its name."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""
    folded: str = ""
    """What is written on it while it is folded up; '' for a table that stands open."""
    words: bool = False
    """Cells hold text, not numbers."""
    units: bool = False
    """The second cell of a row is the unit of the others."""


class Reading(NamedTuple):
    """Values of a chart over time, for those who point at it."""

    x: Sequence[float]
    label: Sequence[str]
    """What each place is called."""
    series: Sequence[tuple[int, str, Sequence[str]]]
    """Place of the policy, its name, its value at each x with unit."""

    def to_plain(self) -> dict[str, Any]:
        """For the script of the page."""
        series = [{"p": place, "name": name, "y": list(values)} for place, name, values in self.series]
        return {"x": [round(v, 3) for v in self.x], "label": list(self.label), "series": series}


class Figure(NamedTuple):
    """A chart, drawn to any size."""

    key: str
    """Its file is called so."""
    title: str
    """What it shows, for those who do not see it, and above it for those who do."""
    draw: Callable[[Size], Plot]
    caption: str = ""
    half: bool = False
    """Two stand beside each other."""
    reading: Reading | None = None


class Section(NamedTuple):
    """A part of the report with a heading of its own."""

    key: str
    title: str
    words: Sequence[str] = ()
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()
