"""Frames and other tables in memory, passed from Python under a name that a scenario can give as a file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulator.foundation.errors import UserError, nearest, some
from simulator.foundation.tables.cells import texts
from simulator.foundation.tables.limits import LARGEST_CELL, most_rows


@dataclass(frozen=True)
class FrameTable:
    """A frame as columns of text."""

    columns: Mapping[str, list[str]]
    digest: str
    """SHA-256 of the names and cells of all columns: equal frames of any library have the same."""


def frame_tables(tables: Mapping[str, Any]) -> dict[str, FrameTable]:
    """The frames as text, by name.

    Args:
        tables: frames of pandas or polars, Arrow tables, or mappings of a column's name to its values.

    Raises:
        UserError: one is not a table.
    """
    given: Any = tables
    if not isinstance(given, Mapping):
        raise UserError(f"tables: expected a mapping of names to frames, got {type(tables).__name__}")
    found = {}
    for name, frame in given.items():
        if not isinstance(name, str) or not name:
            raise UserError(f"tables: {name!r} is not a name; expected the text that `file:` has in the scenario")
        found[name] = _table(frame, f"table {name!r}")
    return found


def check_used(tables: Iterable[str], read: Iterable[str]) -> None:
    """Raise UserError where the scenario reads no such table."""
    read = list(read)
    for name in tables:
        if name not in read:
            files = f"its files: {some(read)}" if read else "it reads no files"
            raise UserError(f"tables: the scenario reads no table {name!r}{nearest(name, read)}; {files}")


def _table(frame: Any, label: str) -> FrameTable:
    columns: dict[str, list[str]] = {}
    for given, values in _columns(frame, label):
        name = str(given).strip()
        if isinstance(given, tuple) or not name:
            raise UserError(f"{label}: {given!r} is not a name of a column; expected text")
        if name in columns:
            raise UserError(f"{label}: column {name[:60]!r} is given twice")
        columns[name] = _texts(values, f"{label}: column {name[:60]!r}")
    lengths = {len(column) for column in columns.values()}
    if not lengths or lengths == {0}:
        raise UserError(f"{label}: has no {'rows' if lengths else 'columns'}")
    if len(lengths) > 1:
        raise UserError(f"{label}: its columns have different numbers of values: {some(map(str, sorted(lengths)))}")
    if max(lengths) > most_rows(len(columns)):
        raise UserError(f"{label}: more than {most_rows(len(columns)):,} rows of {len(columns)} cells")
    return FrameTable(columns, _digest(columns))


def _columns(frame: Any, label: str) -> Iterable[tuple[Any, Sequence[Any]]]:
    """(name, values) of each column."""
    if hasattr(frame, "to_pydict"):  # Arrow
        frame = frame.to_pydict()
    if isinstance(frame, Mapping):
        return [(name, _values(values, f"{label}: column {name!r}")) for name, values in frame.items()]
    if hasattr(frame, "iloc") and hasattr(frame, "columns"):  # pandas: several columns may have one name
        return [(name, _values(frame.iloc[:, place], label)) for place, name in enumerate(frame.columns)]
    if hasattr(frame, "get_column"):  # polars
        return [(name, _values(frame.get_column(name), label)) for name in frame.columns]
    kind = f"{type(frame).__module__.split('.')[0]}.{type(frame).__name__}"
    hint = "; call .collect() first" if hasattr(frame, "collect") else ""
    raise UserError(f"{label}: {kind} is not a table; expected a frame, or a mapping of columns to values{hint}")


def _values(column: Any, label: str) -> Sequence[Any]:
    if hasattr(column, "isna"):  # pandas has several marks for missing values
        missing = column.isna().tolist()
        return [None if gone else value for gone, value in zip(missing, column.tolist(), strict=True)]
    for method in ("to_list", "tolist"):
        if hasattr(column, method):
            found = getattr(column, method)()
            if isinstance(found, list):
                return found
    if isinstance(column, list | tuple):
        return column
    raise UserError(f"{label}: {type(column).__name__} is not a sequence of values")


def _texts(values: Sequence[Any], label: str) -> list[str]:
    for value in values:
        if isinstance(value, list | dict | tuple | set | bytes):
            raise UserError(f"{label}: {type(value).__name__} is not a cell; expected text, numbers or dates")
    found = texts(values)
    if any(len(cell) > LARGEST_CELL for cell in set(found)):
        raise UserError(f"{label}: a cell of more than {LARGEST_CELL:,} characters")
    return found


def _digest(columns: Mapping[str, list[str]]) -> str:
    found = hashlib.sha256()
    for name, cells in columns.items():
        for text in (name, *cells):
            data = text.encode("utf-8", "surrogatepass")
            found.update(b"%d:" % len(data) + data)
        found.update(b"\n")
    return found.hexdigest()
