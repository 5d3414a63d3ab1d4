"""Parquet files."""

from __future__ import annotations

from pathlib import Path

from simulator.foundation.tables.cells import texts
from simulator.foundation.tables.limits import most_rows, too_long
from simulator.foundation.units import bad_data


def read_parquet(path: Path, name: str) -> dict[str, list[str]]:
    """The columns of a Parquet file.

    Raises:
        PydanticCustomError: it is not one, or the library that reads it is missing.
    """
    try:
        import duckdb
    except ImportError:
        raise bad_data(f"{name}: Parquet files need the extra `pip install 'backorder-simulator[trace]'`") from None
    try:
        found = duckdb.execute("SELECT * FROM read_parquet(?)", [str(path)])
        names = [d[0] for d in found.description or ()]
        rows = found.fetchmany(most_rows(len(names)) + 1)
    except duckdb.Error as error:
        raise bad_data(f"{name}: not a readable Parquet file ({str(error).splitlines()[0]})") from None
    if not rows:
        raise bad_data(f"{name}: has no rows")
    if len(rows) > most_rows(len(names)):
        raise too_long(name, len(names))
    return {n: texts(values) for n, values in zip(names, zip(*rows, strict=True), strict=True)}
