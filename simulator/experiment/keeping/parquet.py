"""Tables as Parquet files, written a slice at a time so that memory does not grow with their length."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulator.experiment.storage.files import PART, make_subfolder, os_errors_reported, put_whole
from simulator.foundation.errors import UserError

if TYPE_CHECKING:
    import duckdb

SLICE = 32_768
"""Rows whose columns are in memory at once."""
FORMAT = "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 32768)"
Column = NDArray[Any]


def check_parquet(keep: str) -> None:
    """Raise UserError if Parquet files cannot be written."""
    try:
        import duckdb  # noqa: F401
    except ImportError:
        raise UserError(f"--keep {keep} needs the extra `pip install 'backorder-simulator[trace]'`") from None


def connected() -> duckdb.DuckDBPyConnection:
    """A database in memory that writes the same bytes on every machine."""
    import duckdb

    database = duckdb.connect(config={"threads": 1})
    database.execute("SET enable_progress_bar = false")  # it would be printed among the results
    return database


def write_parquet(database: duckdb.DuckDBPyConnection, path: Path, slices: Iterable[Mapping[str, Column]]) -> None:
    """Write the slices of a table, columns by name, as one file; nan becomes NULL."""
    make_subfolder(path.parent)
    part = path.with_name(f".{path.name}{PART}")
    written: list[Path] = []
    with os_errors_reported(path, "write"):
        for number, columns in enumerate(slices):
            target = path.with_name(f".{path.name}.{number}{PART}")
            chosen = ", ".join(_selected(name, column) for name, column in columns.items())
            database.register("columns", dict(columns))
            database.execute(f"COPY (SELECT {chosen} FROM columns) TO {_quoted(target)} {FORMAT}")
            database.unregister("columns")
            written.append(target)
        if len(written) > 1:
            files = ", ".join(map(_quoted, written))
            database.execute(f"COPY (SELECT * FROM read_parquet([{files}])) TO {_quoted(part)} {FORMAT}")
            for target in written:
                target.unlink()
        else:
            written[0].replace(part)
    put_whole(part, path)


def _selected(name: str, column: Column) -> str:
    """A column in SQL: nan is NULL, and texts are texts even where all of them are NULL."""
    if column.dtype == np.float64:
        return f'CASE WHEN isnan("{name}") THEN NULL ELSE "{name}" END AS "{name}"'
    return f'CAST("{name}" AS VARCHAR) AS "{name}"' if column.dtype == np.object_ else f'"{name}"'


def _quoted(path: Path) -> str:
    """A path as an SQL string."""
    return "'" + str(path).replace("'", "''") + "'"


def texts(values: Iterable[str]) -> Column:
    """A column of texts; '' becomes NULL."""
    return np.array([value or None for value in values], dtype=object)


def named(names: Iterable[str], numbers: NDArray[np.generic]) -> Column:
    """A column of names by number; '' becomes NULL, and so does a number that has no name."""
    known = texts([*names, ""])
    places = numbers.astype(np.int64)
    found: Column = known[np.where((places >= 0) & (places < known.size - 1), places, known.size - 1)]
    return found
