"""Lines about files and orders for a terminal: problems with the place they are about, lives with their dates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from simulator.foundation.errors import MOST_LINES, Problem
from simulator.report.terminal.tables import GAP, rendered

COLOURS = {
    "cancelled": "red",
    "refused": "red",
    "backordered": "yellow",
    "open": "yellow",
    "delivered": "green",
    "placed": "bold",
}
"""By what happened."""
WIDEST_LINE = 300
"""Characters of a line of the file that are shown."""


def problems_told(problems: Sequence[Problem], texts: Mapping[str, str], width: int, colour: bool) -> str:
    """Each problem in one line as for a log, and under it the line of the file with a mark at the place.

    `texts` are the files' contents by name.
    """
    parts: list[RenderableType] = []
    for problem in problems[:MOST_LINES]:
        place, _, rest = str(problem).partition(": ")
        parts.append(Text.assemble((place, "bold"), ": ", (rest, "yellow" if problem.warning else "red")))
        lines = texts.get(problem.file, "").splitlines()
        if 0 < problem.line <= len(lines) and problem.column:
            number = f"{problem.line:>5} │ "
            line = lines[problem.line - 1][:WIDEST_LINE].replace("\t", " ")
            parts.append(Text(f"{number}{line}", "dim", no_wrap=True, overflow="ellipsis"))
            if problem.column <= width - len(number):
                mark = " " * (len(number) - 2) + "│ " + " " * (problem.column - 1) + "^"
                parts.append(Text(mark, "yellow" if problem.warning else "red", no_wrap=True))
    if len(problems) > MOST_LINES:
        parts.append(Text(f"… and {len(problems) - MOST_LINES:,} more"))
    return rendered(parts, width, colour)


def life_told(heading: str, rows: Iterable[tuple[str, str, str]], width: int, colour: bool) -> str:
    """Rows of (when, what, text) under a heading; long texts go on below themselves, never under the date."""
    table = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column()
    for when, what, text in rows:
        table.add_row(Text(when, "dim"), Text(text, COLOURS.get(what, "")))
    return rendered([Text(heading, "bold" if colour else ""), table], width, colour)
