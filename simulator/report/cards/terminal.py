"""Cards as text for terminals and logs: wide tables are split rather than squeezed, colour only where it is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from simulator.foundation.errors import visible
from simulator.report.cards.card import Block, Card, Cell, Column, Heading, Number, Phrases, Table, line, notes
from simulator.report.cards.spans import (
    Spans,
    beside,
    cells,
    cut,
    narrowed,
    padded,
    painted,
    plain,
    widest,
    wrapped,
)

NARROWEST = 60
"""Columns; a narrower terminal wraps."""
GAP = 2
"""Blanks between two columns."""
NOTHING: Spans = ()


def on_terminal(card: Card, width: int = 100, colour: bool = False) -> str:
    """The card as text; names and numbers are never cut."""
    title = [line(card.title, "strong")] if card.title else []
    blocks_of_card = (*title, Phrases(card.frame), *card.blocks)
    return "\n".join(painted(spans, colour) for block in blocks_of_card for spans in _lines(block, width))


def _lines(block: Block, width: int) -> list[Spans]:
    room = max(width, NARROWEST)
    if isinstance(block, Heading):
        return [NOTHING, *wrapped([Cell(visible(block.text), "strong")], room)]
    if isinstance(block, Table):
        return _tables(block, width)
    if isinstance(block, Phrases):
        found = notes(filled(block.texts, block.between, width - 2 * block.indent), block.tone, block.indent)
        return [spans for each in found for spans in _lines(each, width)]
    spans = [Cell(visible(span.text), span.tone) for span in block.spans]
    kept = wrapped(spans, room - block.indent) if block.wraps else [cut(spans, room - block.indent)]
    return [padded(found, left=block.indent) for found in kept]


def _tables(table: Table, width: int) -> list[Spans]:
    """Its lines, in as many blocks as its columns need; those that are not numbers are repeated in each, or
    the first ones, where all of them would be too wide."""
    # Names and units of KPIs need no title.
    titles = ["" if c.kind in ("kpi", "unit") else visible(c.title) for c in table.columns]
    titles[0] = (" " * table.indent + titles[0]).rstrip()
    columns = [_column(table, k) for k in range(len(table.columns))]
    widths = [widest([title, *map(plain, column)]) for title, column in zip(titles, columns, strict=True)]
    movable = [k for k, column in enumerate(table.columns) if column.kind == "number"]
    fixed = [k for k in range(len(table.columns)) if k not in movable]
    if not table.has("text") and sum(widths[k] + GAP for k in fixed) - GAP > max(width, NARROWEST):
        fixed, movable = fixed[: table.keys], sorted([*fixed[table.keys :], *movable])
    found: list[Spans] = []
    for block in blocks([widths[k] for k in fixed], [widths[k] for k in movable], width) or [[]]:
        shown = sorted([*fixed, *(movable[k] for k in block)])
        wraps = [table.columns[k].kind == "text" for k in shown]
        sizes = narrowed([widths[k] for k in shown], wraps, max(width, NARROWEST) - table.gap * (len(shown) - 1))
        found += [NOTHING] * bool(found)
        rows: list[Sequence[Spans]] = [[columns[k][number] for k in shown] for number in range(len(table.rows))]
        if any(titles):
            rows.insert(0, [[Cell(titles[k], table.columns[k].tone)] for k in shown])
        found += [spans for row in rows for spans in beside(row, sizes, wraps, table.gap)]
    return found


def _column(table: Table, k: int) -> list[Spans]:
    """The texts of a column, aligned; below headings of rows, the first column is indented."""
    column, found = table.columns[k], [row[k] if k < len(row) else "" for row in table.rows]
    if column.kind == "number":
        return _aligned([cell if isinstance(cell, Number) else Number("") for cell in found])
    texts = [_text(cell, column) for cell in found]
    heads = [len(cell.text.split(" ")[0].split(".")[0]) for cell in texts]
    grouped = any(len(row) == 1 for row in table.rows)
    longest = widest([visible(column.title), *(cell.text for cell in texts)])
    spans: list[Spans] = []
    for row, cell, head in zip(table.rows, texts, heads, strict=True):
        left = longest - cells(cell.text) if column.right else 0
        if column.kind == "point" and cell.text:
            left += max(heads) - head
        if k == 0:
            left += table.indent + 2 * (grouped and len(row) > 1)
        spans.append(padded([cell], left=left))
    return spans


def _text(cell: str | Cell | Number, column: Column) -> Cell:
    if isinstance(cell, Cell):
        return Cell(visible(cell.text), cell.tone)
    return Cell(visible(str(cell)), "faint" if column.kind == "unit" else "")


def _aligned(numbers: Sequence[Number]) -> list[Spans]:
    """Numbers of one column: means end, intervals and marks begin, below each other."""
    mean, half = widest(n.mean for n in numbers), widest(n.interval for n in numbers)
    mark = widest(n.mark.text for n in numbers)
    found: list[Spans] = []
    for n in numbers:
        text = f"{n.mean:>{mean}} {n.interval:<{half}}" if half else f"{n.mean:>{mean}}"
        spans = [Cell(text, "faint" if n.mark.tone == "faint" else "")]
        if mark:
            spans += padded([Cell(n.mark.text, n.mark.tone)], left=1, right=mark - cells(n.mark.text))
        found.append(spans)
    return found


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


def filled(pieces: Iterable[str], between: str, width: int) -> list[str]:
    """The pieces in as few lines as fit; a piece is never broken."""
    lines: list[str] = []
    for piece in pieces:
        if lines and cells(lines[-1] + between + piece) <= width:
            lines[-1] += between + piece
        else:
            lines.append(piece)
    return lines
