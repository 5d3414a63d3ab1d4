"""Cards and tables as Markdown, in which names can neither be HTML nor links, nor break a table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from simulator.foundation.errors import visible
from simulator.report.cards.card import Card, Cell, Heading, Number, Phrases, Table

_SPECIAL = re.compile(
    r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)"  # a code span, as CommonMark defines it: two runs of equally many backticks
    r"|<|&(?=#|\w+;)|\\(?=[!-/:-@\[-`{-~])|\[(?=.*\][(\[:])"  # what begins HTML, an entity, an escape, or a link
)
_ESCAPES = {"<": "&lt;", "&": "&amp;", "\\": "\\\\", "[": "\\["}


def as_markdown(card: Card) -> str:
    """Title, frame, tables as pipe tables, notes as bullets."""
    lines = [f"# {escaped(card.title)}", "", escaped(" · ".join(card.frame)), ""]
    for block in card.blocks:
        if isinstance(block, Heading):
            lines += ["", f"## {escaped(block.text)}", ""]
        elif isinstance(block, Table):
            lines += of_table(block)
        elif isinstance(block, Phrases):
            lines.append("- " * bool(block.indent) + escaped(block.between.join(block.texts)))
        else:
            lines.append("- " * bool(block.indent) + escaped("".join(span.text for span in block.spans)))
    return "\n".join(lines).replace("\n\n\n", "\n\n")


def escaped(text: str) -> str:
    r"""The text with escapes for HTML, links and unseen characters outside its code spans, where they are literal.

    >>> print(escaped("<b> is `<b>`"))
    &lt;b> is `<b>`
    """
    return _SPECIAL.sub(lambda match: _ESCAPES.get(match[0], match[0]), visible(text))


def code(text: str) -> str:
    """The text as a code span.

    >>> print(code("a"), code("`b"))
    `a` `` `b ``
    """
    text = visible(text)
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence, gap = "`" * (longest + 1), " " * bool(longest or not text)
    return f"{fence}{gap}{text}{gap}{fence}"


def of_table(table: Table) -> list[str]:
    """The table without the headings of its rows; names of KPIs are code, the best number is bold."""
    rows = [
        [code(_text(cell)) if c.kind == "kpi" else _cell(cell) for c, cell in zip(table.columns, row, strict=True)]
        for row in table.rows
        if len(row) > 1
    ]
    header = [escaped(title) for title in table.header]
    return pipes(header, rows, ["--:" if c.kind == "number" else "---" for c in table.columns])


def _text(cell: str | Cell | Number) -> str:
    return cell if isinstance(cell, str) else cell.plain


def _cell(cell: str | Cell | Number) -> str:
    if isinstance(cell, Number) and cell.mark.tone == "best":
        return f"**{escaped(cell._replace(mark=Cell('')).plain)}** {cell.mark.text}"
    return escaped(_text(cell))


def pipes(header: Sequence[str], rows: Iterable[Sequence[str]], ruler: Sequence[str] = ()) -> list[str]:
    """A pipe table line by line, of cells in Markdown."""
    return [
        "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
        for cells in (header, ruler or ["---"] * len(header), *rows)
    ]
