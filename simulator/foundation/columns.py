"""One column of a data file: its text cells as numbers, days or names; each error names the file, row and column."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic_core import PydanticCustomError

from simulator.foundation.quantities import NOISE, known_sizes, no_multiple
from simulator.foundation.units import LARGEST, bad_data, current_start, date, in_words, shown

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Quantities = NDArray[Any]
"""Whole numbers; floats where some item has a granularity."""

MISSING = {"nan", "nat", "none", "null", "<na>", "n/a", "#n/a", "na"}
"""How other programs write a missing value, in lower case."""
ENDLESS = {"inf", "+inf", "infinity"}
_NUMBER = re.compile(r"\s*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s*")
_DECIMAL_COMMA = re.compile(r"\s*[+-]?[0-9]+,[0-9]+\s*")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)?")
_LIKE_A_DATE = re.compile(r"\s*\d+(-\d|[./]\d+[./]|:\d)")
"""Text that looks like a date or time of day in any notation, and is therefore not a number of days."""
_TOTALS = re.compile(r"\s*(grand |sub-?)?(total|sum|totals|summe|gesamt)\b", re.IGNORECASE)
REMOVE = "remove rows of totals"
"""The hint where the last row holds totals instead of data."""
END_OF_DAY = 1439 / 1440
"""A day without a time that goods must arrive by lasts until 23:59: goods that arrive on that day are on time."""
_SERIAL = (20_000, 80_000)
"""Day numbers of spreadsheets from 1954 to 2119."""


@dataclass(frozen=True)
class DataColumn:
    """One column as text, in file order; the first row below the header is row 2."""

    file: str
    name: str
    cells: Sequence[str]

    def wrong(self, row: int, message: str, others: int = 0) -> PydanticCustomError:
        """The error of a cell (rows count from 0 here), and of so many others with the same fault."""
        more = f" (and {others:,} more row{'s' * (others != 1)})" if others else ""
        return bad_data(f"{self.file}:{row + 2}: column {self.name!r}: {message}{more}")

    def filled(self) -> NDArray[np.bool_]:
        """Whether each cell holds something other than spaces."""
        return np.array([not c.isspace() if c else False for c in self.cells], dtype=np.bool_)

    def names(self, marks: bool = False) -> list[str]:
        """Names; blank ones are errors, and with `marks` also those that mark a missing value, such as nan."""
        self._need(self.filled(), "a name")
        if marks:
            missing = {c for c in set(self.cells) if c.strip().lower() in MISSING}
            if missing:
                rows = [row for row, c in enumerate(self.cells) if c in missing]
                text = f"{shown(self.cells[rows[0]])} marks a missing value; every row needs a name"
                raise self.wrong(rows[0], text, len(rows) - 1)
        return list(self.cells)

    def numbers(self, blank: float | None = None) -> Floats:
        """Finite numbers; blank cells become `blank`, and are errors unless it is given."""
        filled = self.filled()
        if blank is None:
            self._need(filled, "a number")
        found = np.full(len(self.cells), np.nan if blank is None else blank)
        cells = self.cells if filled.all() else [c for c, full in zip(self.cells, filled, strict=True) if full]
        try:
            joined = "".join(cells)
            if "_" in joined or not joined.isascii():
                raise ValueError
            values = np.array(cells, dtype=np.float64)
        except ValueError:
            self._refuse(filled, lambda c: not _NUMBER.fullmatch(c), lambda c: self._no_number(c, blank is not None))
            values = np.array(cells, dtype=np.float64)
        found[filled] = values
        bad = np.zeros(len(self.cells), dtype=np.bool_)
        bad[filled] = ~(np.abs(values) <= LARGEST)
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            cell = self.cells[row]
            if not np.isfinite(found[row]):
                raise self.wrong(row, f"{shown(cell)} is not a finite number{_leave_empty(blank is not None)}")
            raise self.wrong(row, f"{shown(cell)} is out of range; must be between -1e15 and 1e15")
        return found

    def whole(self, least: int, blank: int | None = None) -> Ints:
        """Whole numbers of at least `least`."""
        found = self.numbers(None if blank is None else float(blank))
        bad = (found != np.floor(found)) | (found < least)
        if blank is not None:
            bad &= self.filled()
        if bad.any():
            rows = np.flatnonzero(bad)
            cell = self.cells[int(rows[0])]
            raise self.wrong(int(rows[0]), f"{shown(cell)} is not a whole number >= {least}", rows.size - 1)
        return found.astype(np.int64)

    def quantities(self, items: Sequence[str] | None, least: float, blank: int | None = None) -> Quantities:
        """Quantities of at least `least` of the items in the same rows: whole numbers, or multiples of a granularity.

        Args:
            items: None where they are not known; then any quantity of the finest granularity will do.
        """
        sizes = known_sizes()
        if not sizes:
            return self.whole(int(least), blank)
        found, filled = self.numbers(None if blank is None else float(blank)), self.filled()
        given = items if items is not None and len(items) == len(self.cells) else None
        steps = np.array([min(sizes.values())] if given is None else [sizes.get(name, 1.0) for name in given])
        floor = np.broadcast_to(steps if least == 1 else np.full(1, least), found.shape)
        self._refuse_rows(filled & (found < floor), lambda row: f"is out of range; must be at least {floor[row]:g}")
        if given is not None:
            apart = found / steps
            self._refuse_rows(
                filled & (np.abs(apart - np.rint(apart)) > NOISE),
                lambda row: no_multiple(float(found[row]), float(steps[row]), repr(given[row][:40])),
            )
        return found

    def _refuse_rows(self, bad: NDArray[np.bool_], fault: Callable[[int], str]) -> None:
        rows = np.flatnonzero(bad)
        if rows.size:
            first = int(rows[0])
            raise self.wrong(first, f"{shown(self.cells[first])} {fault(first)}", rows.size - 1)

    def durations(self, endless: bool = False, optional: bool = False) -> Floats:
        """Days, at least 0; with `endless`, `inf` is for ever; with `optional`, blank cells are nan."""
        cells = [c if c.strip().lower() not in ENDLESS else "0" for c in self.cells] if endless else self.cells
        if endless and not optional and not all(map(str.strip, cells)):
            self._need(self.filled(), "a number of days (inf: for ever)")
        found = replace(self, cells=cells).numbers(np.nan if optional else None)
        if endless:
            found[[c.strip().lower() in ENDLESS for c in self.cells]] = np.inf
        self._refuse_below_0(found)
        return found

    def amounts(self) -> Floats:
        """Numbers of at least 0; blank cells are nan."""
        found = self.numbers(np.nan)
        self._refuse_below_0(found)
        return found

    def _refuse_below_0(self, found: Floats) -> None:
        if (found < 0).any():
            rows = np.flatnonzero(found < 0)
            text = f"{found[rows[0]]:g} is out of range; must be at least 0"
            raise self.wrong(int(rows[0]), text, rows.size - 1)

    def days(self, optional: bool = False) -> Floats:
        """Days since the clock's start, from ISO dates or numbers of days; blank cells are nan, errors if not optional.

        The first filled cell decides whether the column holds dates or numbers.
        """
        filled = self.filled()
        if not optional:
            self._need(filled, "a date or a number of days")
        found = np.full(len(self.cells), np.nan)
        if not filled.any():
            return found
        if not any(map(_LIKE_A_DATE.match, self.cells)):
            found = self.numbers(np.nan if optional else None)
            if not optional:
                self._refuse_numbers_for_dates(found)
            return found
        start = current_start()
        if start is None:
            raise bad_data(f"{self.file}: column {self.name!r} has dates, which need clock.start")
        self._refuse(filled, lambda c: not _DATE.fullmatch(c), lambda c: _no_date(c, optional))
        cells = self.cells if filled.all() else [c for c, full in zip(self.cells, filled, strict=True) if full]
        try:  # numpy parses whole columns fast, but does not name the row of a bad date
            if any(c.startswith("0000") for c in cells):
                raise ValueError
            moments = np.array(cells, dtype="datetime64[us]")
        except ValueError:
            self._refuse(filled, lambda c: bool(_no_date(c, optional)), lambda c: _no_date(c, optional))
            raise
        found[filled] = (moments - np.datetime64(start, "us")).astype(np.float64) / 86400e6
        return found

    def _need(self, filled: NDArray[np.bool_], what: str) -> None:
        if filled.all():
            return
        rows = np.flatnonzero(~filled)
        last = rows[-1] == len(self.cells) - 1
        raise self.wrong(
            int(rows[0]), f"is empty; every row needs {what}{f' ({REMOVE})' if last else ''}", rows.size - 1
        )

    def _refuse(self, filled: Iterable[bool], bad: Callable[[str], bool], message: Callable[[str], str]) -> None:
        """Raise for the first filled cell that is bad, with the number of others."""
        rows = [row for row, (c, full) in enumerate(zip(self.cells, filled, strict=True)) if full and bad(c)]
        if rows:
            cell = self.cells[rows[0]]
            hint = f"; {REMOVE}" if _TOTALS.match(cell) else ""
            raise self.wrong(rows[0], f"{message(cell)}{hint}", len(rows) - 1)

    def _no_number(self, cell: str, optional: bool) -> str:
        if cell.strip().lower().lstrip("+-") in {"nan", "inf", "infinity"}:
            return f"{shown(cell)} is not a finite number{_leave_empty(optional)}"
        hint = "; write a decimal point, and no separators between thousands" if _DECIMAL_COMMA.fullmatch(cell) else ""
        return f"{shown(cell)} is not a number{hint}{_leave_empty(optional and cell.strip().lower() in MISSING)}"

    def _refuse_numbers_for_dates(self, found: Floats) -> None:
        """Numbers that other programs write for dates would be taken for days from the start."""
        least, most = float(found.min()), float(found.max())
        whole = bool((found == np.floor(found)).all())
        if _SERIAL[0] <= least and most < _SERIAL[1]:
            meaning = f"a spreadsheet's number for {in_words(least)}"
        elif whole and least >= 1900 and most <= 2100:
            meaning = "a year"
        elif whole and least >= 19_000_101 and most <= 21_001_231:
            meaning = "a date without hyphens"
        elif least >= 1e9:
            meaning = "a time in seconds since 1970"
        else:
            return
        row = int(np.argmin(found))
        text = f"{shown(self.cells[row])} looks like {meaning}; numbers are days from the start, dates are written "
        raise self.wrong(row, f"{text}2025-01-31 or 2025-01-31T09:30")


def last_moments(column: DataColumn) -> Floats:
    """Days by which goods are promised or needed (nan: none): a date without a time lasts until the end of its day."""
    found = column.days(optional=True)
    whole = np.array([like_dates(cell) and ":" not in cell for cell in column.cells], dtype=bool)
    return found + END_OF_DAY * whole


def like_dates(cell: str) -> bool:
    """Whether a cell looks like a date in any notation, rather than a number of days."""
    return _LIKE_A_DATE.match(cell) is not None


def _leave_empty(optional: bool) -> str:
    return "; leave the cell empty where there is none" if optional else ""


def _no_date(cell: str, optional: bool) -> str:
    """Why a cell is not a date; '' where it is one."""
    if cell.strip().lower() in MISSING:
        return f"{shown(cell)} is not a date{_leave_empty(optional)}"
    try:
        date(cell)
    except PydanticCustomError as error:
        return str(error)
    return "" if _DATE.fullmatch(cell) else f"{shown(cell)} is not a date; write 2025-01-31 or 2025-01-31T09:30"
