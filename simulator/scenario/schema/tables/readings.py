"""Columns of a data file read together, so that the faults of all of them are reported at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

import numpy as np
from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from simulator.foundation.columns import REMOVE, DataColumn
from simulator.foundation.datafiles import DataTable, current_files
from simulator.foundation.units import wrong

Read = TypeVar("Read")
MOST_FAULTS = 8
"""Faults of one column that are reported, beside others with the same text."""
MOST_EXAMPLES = 3
"""Rows of one kind of fault that are named."""


class Readings:
    """Columns of a file, read one by one: the faults of all of them are reported together."""

    def __init__(self, spec: DataTable) -> None:
        self.spec = spec
        self.faults: list[tuple[str, PydanticCustomError]] = []
        try:
            current_files().table(spec.file, spec.sheet)
        except PydanticCustomError as error:
            self.faults.append(("file", error))
        self.readable = not self.faults
        """Whether the file could be read at all."""

    def read(self, key: str, of: Callable[[DataColumn], Read]) -> Read | None:
        """What a function makes of the column that a key names; None where it is wrong or not given."""
        name = getattr(self.spec, key)
        return None if name is None else self.read_named(key, name, of)

    def read_named(self, key: str, name: str, of: Callable[[DataColumn], Read]) -> Read | None:
        """The same for a column that a list under the key names."""
        if not self.readable:
            return None
        try:
            column = self.spec.column(name)
        except PydanticCustomError as error:
            self.faults.append((key, error))
            return None
        try:
            return of(column)
        except PydanticCustomError as error:
            self.faults += [(key, fault) for fault in _each(column, of) or [error]]
            return None

    def refuse(self, key: str, bad: Any, fault: Callable[[int], str]) -> None:
        """Notes the rows at which `bad` is true: what is wrong with the first, and the numbers of others."""
        rows = np.flatnonzero(bad)
        if rows.size:
            others = ", ".join(str(row + 2) for row in rows[1 : MOST_EXAMPLES + 1])
            more = f", … ({rows.size} in all)" if rows.size > MOST_EXAMPLES + 1 else ""
            same = f" (and row{'s' * (rows.size > 2)} {others}{more})" if others else ""
            where = f"{self.spec.label}:{rows[0] + 2}: column {getattr(self.spec, key)!r}"
            self.faults.append((key, wrong(f"{where}: {fault(int(rows[0]))}{same}")))

    def finish(self) -> None:
        """Raises all faults, each at its key.

        Raises:
            ValidationError: there are some.
        """
        if self.faults:
            found = [InitErrorDetails(type=error, loc=(key,), input=None) for key, error in self.faults]
            raise ValidationError.from_exception_data(type(self.spec).__name__, found)


class FileNotes(NamedTuple):
    """A warning about rows of a file."""

    key: str
    message: str


def _each(column: DataColumn, of: Callable[[DataColumn], object]) -> list[PydanticCustomError]:
    """The faults of a column cell by cell, each text once with its first row; [] where only the whole is wrong."""
    rows: dict[str, list[int]] = {}
    for row, text in enumerate(column.cells):
        rows.setdefault(text, []).append(row)
    found = []
    for text, places in rows.items():
        try:
            of(replace(column, cells=[text]))
        except PydanticCustomError as error:
            message = str(error).removeprefix(f"{column.file}:2: column {column.name!r}: ")
            if places[-1] < len(column.cells) - 1:  # the hint is for the end of a file
                message = message.removesuffix(f" ({REMOVE})")
            found.append(column.wrong(places[0], message, len(places) - 1))
            if len(found) == MOST_FAULTS:
                break
    return found


def stripped(column: DataColumn) -> list[str]:
    """The cells without spaces around them."""
    return [cell.strip() for cell in column.cells]


def repeated(rows: Sequence[tuple[Any, ...]]) -> list[int]:
    """Places of the rows that are equal to one above them (nan counts as equal)."""
    seen: set[str] = set()
    found = []
    for place, row in enumerate(map(repr, rows)):
        if row in seen:
            found.append(place)
        seen.add(row)
    return found


def cell(spec: DataTable, key: str, row: int) -> str:
    """The text of a cell, quoted and short."""
    text = spec.column(getattr(spec, key)).cells[row]
    return repr(text[:40])
