"""The model of everything that is printed: a card of headings, lines and tables with typed cells.

The same card is written to a terminal (`cards.terminal`), to Markdown (`cards.markdown`) and, table by table, to the
HTML page of a report.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Tone = Literal["", "faint", "strong", "best", "good", "bad", "failed", "unsure", "type"]
"""What a text means to its reader; a terminal shows it as a colour."""
Kind = Literal["name", "kpi", "unit", "number", "point", "text"]
"""What a column holds: `name` and `kpi` are never broken; `unit` is the unit of the row's numbers; `number` holds
`Number` cells; `point` holds numbers aligned at the decimal point; `text` wraps."""

BEST = "★"
"""Mark of the best."""


class Cell(NamedTuple):
    """A text with a tone."""

    text: str
    tone: Tone = ""

    @property
    def plain(self) -> str:
        """The text alone."""
        return self.text


class Number(NamedTuple):
    """A mean as written, its interval, and a mark or verdict behind them."""

    mean: str
    interval: str = ""
    """'± 0.2' or '(0.1–0.4)'; '' where there is none."""
    mark: Cell = Cell("")
    exact: bool = False
    """Whether the interval has no width; only terminals, where numbers are aligned, show such an interval."""

    @property
    def plain(self) -> str:
        """'95.1 ± 0.2 ★'."""
        return " ".join(filter(None, (self.mean, "" if self.exact else self.interval, self.mark.text))).rstrip()


class Column(NamedTuple):
    """A column of a table."""

    title: str = ""
    kind: Kind = "name"
    right: bool = False
    """Whether its texts end, rather than begin, below each other."""
    tone: Tone = "strong"
    """Tone of the title."""


@dataclass(frozen=True)
class Table:
    """Rows under a header. A row of a single cell is the heading of the rows below it."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str | Cell | Number]]
    caption: str = ""
    folded: str = ""
    """Its label while it is folded up on a page; '' for a table that is always open."""
    indent: int = 0
    """Blanks before each row on a terminal."""
    gap: int = 2
    """Blanks between two columns on a terminal."""
    keys: int = 1
    """First columns that a terminal repeats where it splits a table of names that is too wide."""

    @property
    def header(self) -> list[str]:
        """The titles of the columns."""
        return [column.title for column in self.columns]

    @property
    def plain(self) -> list[list[str]]:
        """The rows as texts."""
        return [[cell if isinstance(cell, str) else cell.plain for cell in row] for row in self.rows]

    def has(self, kind: Kind) -> bool:
        """Whether a column is of this kind."""
        return any(column.kind == kind for column in self.columns)


def text_table(header: Iterable[str], rows: Sequence[Sequence[str]], caption: str = "", folded: str = "") -> Table:
    """A table of words."""
    return Table([Column(title, "text") for title in header], rows, caption, folded)


class Line(NamedTuple):
    """A paragraph of one or more spans; an indented one is a note, a bullet in Markdown."""

    spans: Sequence[Cell]
    indent: int = 0
    wraps: bool = True
    """Whether a terminal wraps it, rather than cutting it at the edge."""


class Phrases(NamedTuple):
    """Short texts in as few lines as a terminal needs; none of them is broken."""

    texts: Sequence[str]
    between: str = " · "
    tone: Tone = ""
    indent: int = 0


class Heading(NamedTuple):
    """A heading; a blank line comes before it."""

    text: str


Block = Line | Phrases | Heading | Table


def line(text: str = "", tone: Tone = "") -> Line:
    """A paragraph of one tone; an empty one separates."""
    return Line([Cell(text, tone)])


def notes(texts: Iterable[str], tone: Tone = "faint", indent: int = 2) -> list[Line]:
    """Indented paragraphs."""
    return [Line([Cell(text, tone)], indent) for text in texts]


def summary(sentences: Iterable[str]) -> list[Heading | Line]:
    """The closing sentences of a card."""
    return [Heading("In short"), *notes(sentences, tone="")]


@dataclass(frozen=True)
class Card:
    """A title, what the numbers below rest on, and blocks of lines, headings and tables."""

    blocks: Sequence[Block]
    title: str = ""
    frame: Sequence[str] = ()
    """Short phrases in one line: replications, seed, level of the intervals."""
