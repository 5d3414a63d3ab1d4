"""Text for terminals and logs: tables that are split rather than squeezed, colour only where it is wanted."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

NARROWEST = 60
"""Columns; a narrower terminal wraps."""
GAP = 2
"""Blanks between two columns."""

Row = Sequence[Text]


def rendered(parts: Iterable[RenderableType], width: int, colour: bool = False) -> str:
    """The parts below each other; names and numbers are never cut."""
    sink = io.StringIO()
    console = Console(
        file=sink,
        width=max(width, NARROWEST),
        force_terminal=colour,
        color_system="standard" if colour else None,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
        _environ={},
    )
    for part in parts:
        console.print(part)
    return "\n".join(line.rstrip() for line in sink.getvalue().splitlines())


def indented(text: str | Text, by: int = 2) -> Padding:
    """A paragraph that stands a little to the right."""
    return Padding(text, (0, 0, 0, by), expand=False)


def blocks(first: Sequence[int], columns: Sequence[int], width: int) -> list[list[int]]:
    """Which columns stand beside each other: as many as fit right of the first ones, at least one.

    >>> blocks([10], [20, 20, 20], 60)
    [[0, 1], [2]]
    """
    left = max(width, NARROWEST) - sum(w + GAP for w in first)
    found: list[list[int]] = []
    room = 0
    for number, column in enumerate(columns):
        if not found or room < column + GAP:
            found.append([])
            room = left + GAP
        found[-1].append(number)
        room -= column + GAP
    return found


def widest(texts: Iterable[Text | str]) -> int:
    """Cells of the widest text."""
    return max((cell_len(t if isinstance(t, str) else t.plain) for t in texts), default=0)


def filled(pieces: Iterable[str], between: str, width: int) -> list[str]:
    """The pieces in as few lines as fit; a piece is never broken."""
    lines: list[str] = []
    for piece in pieces:
        if lines and widest([lines[-1] + between + piece]) <= width:
            lines[-1] += between + piece
        else:
            lines.append(piece)
    return lines


def grid(header: Row, rows: Iterable[Row], centred: Iterable[int] = ()) -> Table:
    """Rows under a header, without lines; the columns numbered in `centred` have it in the middle."""
    in_the_middle = set(centred)
    columns = [
        Column(head, justify="center" if k in in_the_middle else "left", no_wrap=True, overflow="ignore")
        for k, head in enumerate(header)
    ]
    table = Table(*columns, box=None, padding=(0, GAP, 0, 0), pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*row)
    return table
