"""Cards as text for terminals and logs: wide tables are split rather than squeezed, colour only where it is wanted."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Column as RichColumn
from rich.table import Table as RichTable
from rich.text import Text

from simulator.foundation.errors import visible
from simulator.report.cards.card import Block, Card, Cell, Column, Heading, Number, Phrases, Table, Tone, line, notes

NARROWEST = 60
"""Columns; a narrower terminal wraps."""
GAP = 2
"""Blanks between two columns."""
STYLES: dict[Tone, str] = {
    "": "", "faint": "dim", "strong": "bold", "best": "bold green", "good": "green", "bad": "red",
    "failed": "bold red", "unsure": "yellow", "type": "cyan",
}  # fmt: skip


def on_terminal(card: Card, width: int = 100, colour: bool = False) -> str:
    """The card as text; names and numbers are never cut."""
    title = [line(card.title, "strong")] if card.title else []
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
    for block in (*title, Phrases(card.frame), *card.blocks):
        for part in _parts(block, width):
            console.print(part)
    return "\n".join(text.rstrip() for text in sink.getvalue().splitlines())


def _parts(block: Block, width: int) -> list[RenderableType]:
    if isinstance(block, Heading):
        return ["", Text(visible(block.text), "bold")]
    if isinstance(block, Table):
        return _tables(block, width)
    if isinstance(block, Phrases):
        lines = notes(filled(block.texts, block.between, width - 2 * block.indent), block.tone, block.indent)
        return [part for found in lines for part in _parts(found, width)]
    text = Text.assemble(*((visible(span.text), STYLES[span.tone]) for span in block.spans))
    if not block.wraps:
        text.no_wrap, text.overflow = True, "ellipsis"
    if not block.indent and block.wraps:
        return [text]
    return [Padding(text, (0, 0, 0, block.indent), expand=False)]  # printed alone: texts are joined, and would wrap


def _tables(table: Table, width: int) -> list[RenderableType]:
    """The table, in as many blocks as its columns need; those that are not numbers are repeated in each, or the first
    ones, where all of them would be too wide."""
    # Names and units of KPIs need no title.
    titles = ["" if c.kind in ("kpi", "unit") else visible(c.title) for c in table.columns]
    titles[0] = (" " * table.indent + titles[0]).rstrip()
    cells = [_column(table, k) for k in range(len(table.columns))]
    widths = [widest([title, *column]) for title, column in zip(titles, cells, strict=True)]
    movable = [k for k, column in enumerate(table.columns) if column.kind == "number"]
    fixed = [k for k in range(len(table.columns)) if k not in movable]
    if not table.has("text") and sum(widths[k] + GAP for k in fixed) - GAP > max(width, NARROWEST):
        fixed, movable = fixed[: table.keys], sorted([*fixed[table.keys :], *movable])
    parts: list[RenderableType] = []
    for block in blocks([widths[k] for k in fixed], [widths[k] for k in movable], width) or [[]]:
        shown = sorted([*fixed, *(movable[k] for k in block)])
        heads = [_head(table.columns[k], titles[k]) for k in shown]
        grid = RichTable(*heads, box=None, padding=(0, table.gap, 0, 0), pad_edge=False, show_header=any(titles))
        for number, row in enumerate(table.rows):
            grid.add_row(*(cells[k][number] for k in (shown if len(row) > 1 else shown[:1])))
        parts += [*([""] if parts else []), grid]
    return parts


def _head(column: Column, title: str) -> RichColumn:
    wraps = column.kind == "text"
    text = Text(title, STYLES[column.tone])
    return RichColumn(text, no_wrap=not wraps, overflow="fold" if wraps else "ignore")


def _column(table: Table, k: int) -> list[Text]:
    """The texts of a column, aligned; below headings of rows, the first column is indented."""
    column, found = table.columns[k], [row[k] if k < len(row) else "" for row in table.rows]
    if column.kind == "number":
        return _aligned([cell if isinstance(cell, Number) else Number("") for cell in found])
    texts = [Text(visible(c.text), STYLES[c.tone]) if isinstance(c, Cell) else Text(visible(str(c))) for c in found]
    heads = [len(text.plain.split(" ")[0].split(".")[0]) for text in texts]
    grouped = any(len(row) == 1 for row in table.rows)
    longest = widest([visible(column.title), *texts])
    for row, text, head in zip(table.rows, texts, heads, strict=True):
        if column.right:
            text.pad_left(longest - widest([text]))
        if column.kind == "unit":
            text.stylize("dim")
        if column.kind == "point" and text:
            text.plain = " " * (max(heads) - head) + text.plain
        if k == 0:
            text.plain = " " * (table.indent + 2 * (grouped and len(row) > 1)) + text.plain
    return texts


def _aligned(numbers: Sequence[Number]) -> list[Text]:
    """Numbers of one column: means end, intervals and marks begin, below each other."""
    mean, half = widest(n.mean for n in numbers), widest(n.interval for n in numbers)
    mark = widest(n.mark.text for n in numbers)
    texts = []
    for n in numbers:
        text = Text(f"{n.mean:>{mean}} {n.interval:<{half}}" if half else f"{n.mean:>{mean}}")
        text.stylize("dim" if n.mark.tone == "faint" else "")
        if mark:
            text.append(" ").append(n.mark.text, STYLES[n.mark.tone]).pad_right(mark - widest([n.mark.text]))
        texts.append(text)
    return texts


def blocks(first: Sequence[int], columns: Sequence[int], width: int) -> list[list[int]]:
    """Which columns fit side by side to the right of the first ones, at least one a block.

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
    """Terminal cells of the widest text."""
    return max((cell_len(str(text)) for text in texts), default=0)


def filled(pieces: Iterable[str], between: str, width: int) -> list[str]:
    """The pieces in as few lines as fit; a piece is never broken."""
    lines: list[str] = []
    for piece in pieces:
        if lines and widest([lines[-1] + between + piece]) <= width:
            lines[-1] += between + piece
        else:
            lines.append(piece)
    return lines
