"""Texts with tones as a terminal shows them: their width in its cells, lines that fit into it, escape sequences."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from simulator.report.cards.card import Cell, Tone

CODES: dict[Tone, str] = {
    "": "", "faint": "2", "strong": "1", "best": "1;32", "good": "32", "bad": "31", "failed": "1;31", "unsure": "33",
    "type": "36",
}  # fmt: skip
"""SGR codes of ECMA-48 by tone."""
Spans = Sequence[Cell]
"""A line as pieces, each with its tone."""
_WORD = re.compile(r"\s*\S+\s*")


@lru_cache(maxsize=4096)
def cells(text: str) -> int:
    """Terminal cells that a text takes: two for a wide character, none for one that is drawn over the one before.

    >>> cells("café"), cells("注文"), cells("e\u0301")
    (4, 4, 1)
    """
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def plain(spans: Spans) -> str:
    """The text alone."""
    return "".join(span.text for span in spans)


def padded(spans: Spans, left: int = 0, right: int = 0) -> list[Cell]:
    """The spans with blanks before and after them."""
    return [*[Cell(" " * left)] * (left > 0), *spans, *[Cell(" " * right)] * (right > 0)]


def wrapped(spans: Spans, width: int) -> list[list[Cell]]:
    """Lines of at most `width` cells, broken between words where one fits; always at least one line."""
    text = plain(spans)
    if cells(text) <= width:
        return [list(spans)]
    return [_part(spans, first, last) for first, last in _lines(text, width)]


def _lines(text: str, width: int) -> Iterator[tuple[int, int]]:
    """Begin and end of each line in the text, without the blanks at its end."""
    begin = used = 0
    for match in _WORD.finditer(text):
        word = match[0].rstrip()
        if used and used + cells(word) > width:
            yield begin, match.start()
            begin, used = match.start(), 0
        if cells(word) <= width:
            used += cells(match[0])
            continue
        for place in range(match.start(), match.end()):  # a word that is longer than a line
            size = _cells(text[place])
            if used + size > width and place < match.start() + len(word):
                yield begin, place
                begin, used = place, 0
            used += size
    yield begin, len(text)


def _part(spans: Spans, first: int, last: int) -> list[Cell]:
    found, start = [], 0
    for text, tone in spans:
        piece = text[max(first - start, 0) : max(last - start, 0)]
        if piece:
            found.append(Cell(piece, tone))
        start += len(text)
    while found and not found[-1].text.strip():
        found.pop()
    return [*found[:-1], *(Cell(span.text.rstrip(), span.tone) for span in found[-1:])]


def cut(spans: Spans, width: int) -> list[Cell]:
    """The spans on one line; what does not fit is replaced by an ellipsis."""
    text = plain(spans)
    if cells(text) <= width:
        return list(spans)
    last = used = 0
    while used + _cells(text[last]) < width:
        used += _cells(text[last])
        last += 1
    return [*_part(spans, 0, last), Cell("…", spans[-1].tone)]


def painted(spans: Spans, colour: bool) -> str:
    """The line as it is printed, without blanks at its end."""
    if not colour:
        return plain(spans).rstrip()
    return "".join(
        f"\x1b[{CODES[tone]}m{text}\x1b[0m" if CODES[tone] and text else text for text, tone in spans
    ).rstrip()


def widest(texts: Iterable[str]) -> int:
    """Terminal cells of the widest text."""
    return max(map(cells, texts), default=0)


def beside(columns: Sequence[Spans], widths: Sequence[int], wraps: Sequence[bool], gap: int) -> list[list[Cell]]:
    """The lines of one row of a table: cells side by side, as wide as their columns, each in as many lines as it needs.

    Args:
        columns: the cell of each column.
        widths: the cells that each column takes.
        wraps: whether the text of a column may be broken.
        gap: blanks between two columns.
    """
    lines = [wrapped(cell, w) if may else [list(cell)] for cell, w, may in zip(columns, widths, wraps, strict=True)]
    found = []
    for number in range(max(map(len, lines), default=0)):
        row: list[Cell] = []
        for column, width in zip(lines, widths, strict=True):
            here = column[number] if number < len(column) else []
            row += padded(here, right=width + gap - cells(plain(here)))
        found.append(row)
    return found


def narrowed(widths: Sequence[int], wraps: Sequence[bool], room: int) -> list[int]:
    """Widths of columns that together fit into the room: the widest one that wraps gives way first.

    >>> narrowed([10, 40, 30], [False, True, True], 60)
    [10, 25, 25]
    """
    found = list(widths)
    while sum(found) > room:
        can = [k for k, may in enumerate(wraps) if may and found[k] > 1]
        if not can:
            break
        found[max(can, key=found.__getitem__)] -= 1
    return found
