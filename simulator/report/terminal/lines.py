"""Problems of a file with the place they are at, and the life of an order with its dates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from simulator.foundation.errors import MOST_LINES, Problem
from simulator.report.cards.card import Card, Cell, Column, Line, Table, Tone, line

TONES: dict[str, Tone] = {
    "cancelled": "bad",
    "refused": "bad",
    "backordered": "unsure",
    "open": "unsure",
    "delivered": "good",
    "placed": "strong",
}
"""By what happened."""
WIDEST_LINE = 300
"""Characters of a line of the file that are shown."""


def problems_card(problems: Sequence[Problem], texts: Mapping[str, str], width: int) -> Card:
    """Each problem in one line as for a log, and under it the line of the file with a mark at the place.

    `texts` are the files' contents by name.
    """
    blocks: list[Line] = []
    for problem in problems[:MOST_LINES]:
        place, _, rest = str(problem).partition(": ")
        tone: Tone = "unsure" if problem.warning else "bad"
        blocks.append(Line([Cell(place, "strong"), Cell(": "), Cell(rest, tone)]))
        lines = texts.get(problem.file, "").splitlines()
        if 0 < problem.line <= len(lines) and problem.column:
            number = f"{problem.line:>5} │ "
            source = lines[problem.line - 1][:WIDEST_LINE].replace("\t", " ")
            blocks.append(Line([Cell(f"{number}{source}", "faint")], wraps=False))
            if problem.column <= width - len(number):
                mark = " " * (len(number) - 2) + "│ " + " " * (problem.column - 1) + "^"
                blocks.append(Line([Cell(mark, tone)], wraps=False))
    if len(problems) > MOST_LINES:
        blocks.append(line(f"… and {len(problems) - MOST_LINES:,} more"))
    return Card(blocks)


def life_card(heading: str, rows: Iterable[tuple[str, str, str]]) -> Card:
    """Rows of (when, what, text) under a heading; a long text continues below itself, never under the date."""
    cells = [[Cell(when, "faint"), Cell(text, TONES.get(what, ""))] for when, what, text in rows]
    return Card([Table([Column(), Column(kind="text")], cells)], heading)
