"""CSV files, plain or gzipped."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from itertools import islice

from pydantic_core import PydanticCustomError

from simulator.foundation.tables import limits
from simulator.foundation.tables.limits import too_large, too_long
from simulator.foundation.units import bad_data

ROWS = 50_000
"""Rows that are read at a time."""
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_WORKBOOK = b"PK\x03\x04"


def read_csv(content: bytes, name: str) -> dict[str, list[str]]:
    """The columns of a CSV file by the names in its header.

    Raises:
        PydanticCustomError: it is not one, with the line.
    """
    if name.lower().endswith(".gz"):
        content = _unzipped(content, name)
    if content.startswith(_WORKBOOK):
        raise bad_data(f"{name}: not a CSV file but a packed one, such as a workbook, whose name must end in .xlsx")
    if b"\0" in content:
        raise _not_utf8(content, name) or bad_data(f"{name}: NUL byte at offset {content.index(0)}")
    csv.field_size_limit(limits.LARGEST_CELL)
    # Decoded piece by piece: a whole text of many characters would take four bytes for each.
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", newline=""), strict=True)
    try:
        header = next(reader, None)
        if not header:
            raise bad_data(f"{name}: empty; expected a CSV file with a header row")
        if len(set(header)) < len(header):
            double = next(h for h in header if header.count(h) > 1)
            raise bad_data(f"{name}:1: column {double[:60]!r} is given twice")
        columns = _columns(reader, header, name)
    except UnicodeDecodeError:
        raise _not_utf8(content, name) or bad_data(f"{name}: not UTF-8; save the file as CSV UTF-8") from None
    except csv.Error as error:
        raise bad_data(f"{name}:{reader.line_num}: {error}") from None
    if not columns[0]:
        raise bad_data(f"{name}: has a header but no rows")
    return dict(zip(header, columns, strict=True))


def _unzipped(content: bytes, name: str) -> bytes:
    """Read piece by piece: a single read would reserve the largest size at once."""
    parts, size = [], 0
    try:
        with gzip.open(io.BytesIO(content)) as packed:
            while size <= limits.LARGEST_FILE and (part := packed.read(1 << 20)):
                parts.append(part)
                size += len(part)
    except (OSError, EOFError, zlib.error) as error:
        raise bad_data(f"{name}: not a gzip file ({error})") from None
    if size > limits.LARGEST_FILE:
        raise too_large(name)
    return b"".join(parts)


def _columns(reader: Iterator[list[str]], header: list[str], name: str) -> list[list[str]]:
    """The columns below the header. Equal cells share their text, so that repetitive files stay small in memory."""
    width = len(header)
    columns: list[list[str]] = [[] for _ in header]
    rows, blank = 0, 0
    while chunk := list(islice(reader, ROWS)):
        chunk = [[]] * blank + chunk
        if rows + len(chunk) > limits.most_rows(width):
            raise too_long(name, width)
        blank = len(chunk)
        while chunk and not chunk[-1]:  # blank lines, perhaps at the end of the file
            chunk.pop()
        blank -= len(chunk)
        for number, row in enumerate(chunk, rows + 2):
            if len(row) != width:
                cells = f"{len(row)} cell{'s' * (len(row) != 1)}"
                raise bad_data(f"{name}:{number}: {cells}, but the header has {width}{other_separator(header)}")
        for column, values in zip(columns, zip(*chunk, strict=True), strict=False):
            share: dict[str, str] = {}
            column.extend([share.setdefault(value, value) for value in values])
        rows += len(chunk)
    return columns


def other_separator(header: list[str]) -> str:
    """A hint where the cells of a file are separated by something else than commas."""
    found = next((mark for mark in _SEPARATORS if mark in header[0]), None) if header else None
    if found is None or (len(header) > 1 and not all(found in cell for cell in header)):
        return ""
    more = "; numbers need a decimal point" if found == ";" else ""
    return f"; cells are separated by commas, and this file has {_SEPARATORS[found]}{more}"


def _not_utf8(content: bytes, name: str) -> PydanticCustomError | None:
    """The first byte that is not UTF-8, which a decoder of pieces does not know."""
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, found = content.count(b"\n", 0, error.start) + 1, content[error.start]
        return bad_data(
            f"{name}:{line}: not UTF-8 at byte {error.start}, which is 0x{found:02X}; save the file as CSV UTF-8"
        )
    return None
