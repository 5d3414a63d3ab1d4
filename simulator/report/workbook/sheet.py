"""The model of a workbook: sheets of typed cells, and what its cover says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from simulator.report.cards.card import Cell


class Amount(NamedTuple):
    """A number and how it is shown; the cell holds it to sixteen digits."""

    value: float | None
    places: int = 0
    """Decimals that are shown."""
    share: bool = False
    """Whether it is shown in per cent."""
    signed: bool = False
    """Whether it is shown with its sign, as differences are."""


Content = str | Cell | int | float | bool | dt.date | Amount | None
"""What a cell may hold; None leaves it empty."""


class SheetColumn(NamedTuple):
    """A column: its title, and the unit of all of its numbers."""

    title: str
    unit: str = ""
    wide: bool = False
    """Whether its texts are sentences, which are wrapped."""

    @property
    def header(self) -> str:
        """'fill_rate [%]'."""
        return f"{self.title} [{self.unit}]" if self.unit else self.title


@dataclass(frozen=True)
class BookSheet:
    """A table: its name, what it holds, and its rows in the order in which they are written."""

    name: str
    about: str
    columns: Sequence[SheetColumn]
    rows: Iterable[Sequence[Content]]
    fixed: int = 1
    """First columns that stay in view when the sheet is scrolled to the right."""


@dataclass(frozen=True)
class Book:
    """What a workbook says about its origin, and its tables."""

    title: str
    facts: Sequence[tuple[str, Content]]
    """Name and value, for the cover."""
    sentences: Sequence[str]
    """The answer in words, for the cover."""
    sheets: Sequence[BookSheet]
