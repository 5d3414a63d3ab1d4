"""Cards and tables as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from simulator.report.cards.card import Card, Cell, Heading, Number, Table


def as_markdown(card: Card) -> str:
    """Title, frame, tables as pipe tables, notes as bullets."""
    lines = [f"# {card.title}", "", " · ".join(card.frame), ""]
    for block in card.blocks:
        if isinstance(block, Heading):
            lines += ["", f"## {block.text}", ""]
        elif isinstance(block, Table):
            lines += of_table(block)
        else:
            lines.append("- " * bool(block.indent) + "".join(span.text for span in block.spans))
    return "\n".join(lines).replace("\n\n\n", "\n\n")


def of_table(table: Table) -> list[str]:
    """The table without the headings of its rows; names of KPIs are code, the best number is bold."""
    rows = [
        [f"`{cell}`" if c.kind == "kpi" else _cell(cell) for c, cell in zip(table.columns, row, strict=True)]
        for row in table.rows
        if len(row) > 1
    ]
    return pipes(table.header, rows, ["--:" if c.kind == "number" else "---" for c in table.columns])


def _cell(cell: str | Cell | Number) -> str:
    if isinstance(cell, Number) and cell.mark.tone == "best":
        return f"**{cell._replace(mark=Cell('')).plain}** {cell.mark.text}"
    return cell if isinstance(cell, str) else cell.plain


def pipes(header: Sequence[str], rows: Iterable[Sequence[str]], ruler: Sequence[str] = ()) -> list[str]:
    """A pipe table line by line."""
    return [
        "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
        for cells in (header, ruler or ["---"] * len(header), *rows)
    ]
