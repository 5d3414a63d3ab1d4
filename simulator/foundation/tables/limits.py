"""Bounds on the size of a table, whatever it is stored in: a small packed file can have any number of cells."""

from __future__ import annotations

from pydantic_core import PydanticCustomError

from simulator.foundation.units import bad_data

LARGEST_CELL = 10_000
"""Characters."""
LARGEST_FILE = 500_000_000
"""Bytes, unpacked."""
MOST_ROWS, MOST_CELLS = 5_000_000, 20_000_000


def most_rows(width: int) -> int:
    """Rows of so many cells that a table may have."""
    return min(MOST_ROWS, MOST_CELLS // max(width, 1))


def too_long(label: str, width: int) -> PydanticCustomError:
    """The error of a table with more rows."""
    rows = f"more than {most_rows(width):,} rows of {width} cells"
    return bad_data(f"{label}: {rows}; split the file, or leave out the columns that are not used")


def too_large(label: str, unpacked: bool = True) -> PydanticCustomError:
    """The error of a file with more bytes."""
    return bad_data(f"{label}: larger than {LARGEST_FILE // 10**6} MB{' unpacked' * unpacked}")
