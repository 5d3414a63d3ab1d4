"""The data files of a scenario: CSV or Parquet, read only from the folders that the user allows."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice
from pathlib import Path

from pydantic_core import PydanticCustomError

from simulator.foundation.collector import quiet_gc
from simulator.foundation.columns import DataColumn, Floats
from simulator.foundation.errors import nearest, some
from simulator.foundation.units import wrong

LARGEST_CELL = 10_000
LARGEST_FILE = 500_000_000
"""Bytes, unpacked."""
MOST_ROWS, MOST_CELLS = 5_000_000, 20_000_000
"""Bounds on memory: a small packed file can have any number of rows."""
_ROWS = 50_000
"""Rows that are read at a time."""
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


class DataFiles:
    """Reads columns of files in the allowed folders and records the SHA-256 of each file.

    Paths are relative to the first folder (that of the scenario file) or to any other allowed one.
    """

    def __init__(self, *folders: Path) -> None:
        self.folders = tuple(folder.resolve() for folder in folders)
        self.digests: dict[str, str] = {}
        self._tables: dict[str, dict[str, list[str]]] = {}
        self._numbers: dict[tuple[str, str], Floats] = {}
        self._contents: dict[str, tuple[Path, bytes]] = {}
        """Files that were read and are not parsed yet."""

    def locate(self, name: str) -> Path:
        """The file's real path; an error if it is missing, outside the folders or not a regular file."""
        if not name or "\0" in name or name.startswith("~") or "://" in name:
            raise wrong(f"{name!r} is not a path inside the scenario's folder")
        if Path(name).is_absolute():
            raise wrong(f"{name!r} is absolute; data files are named relative to the scenario file")
        missing = "no such file"
        for folder in self.folders:
            path = Path(os.path.realpath(folder / name))
            if not any(path.is_relative_to(f) for f in self.folders):
                raise wrong(f"{name!r} lies outside the scenario folder (name other folders with --data DIR)")
            try:
                mode = path.stat().st_mode
            except FileNotFoundError:
                continue
            except OSError as error:
                missing = (error.strerror or "cannot be read").lower()
                continue
            if not stat.S_ISREG(mode):
                raise wrong(f"{name!r} is not a regular file")
            return path
        raise wrong(f"{name!r}: {missing} (looked in the scenario's folder)")

    def column(self, name: str, column: str) -> DataColumn:
        """One column as text, in file order."""
        table = self.table(name)
        if column not in table:
            hint = _other_separator(list(table))
            raise wrong(f"{name}: no column {column[:60]!r}{nearest(column, table)}; columns: {some(table)}{hint}")
        return DataColumn(name, column, table[column])

    def numbers(self, name: str, column: str) -> Floats:
        """One column as finite numbers; the error names the first invalid cell with its row."""
        key = (name, column)
        if key not in self._numbers:
            self._numbers[key] = self.column(name, column).numbers()
        return self._numbers[key]

    def table(self, name: str) -> dict[str, list[str]]:
        """All columns of a file as text."""
        if name not in self._tables:
            self._read(name)
            path, content = self._contents.pop(name)
            with quiet_gc():
                self._tables[name] = _parquet(path, name) if path.suffix == ".parquet" else _csv(content, name)
        return self._tables[name]

    def digest(self, name: str) -> str:
        """The SHA-256 of a file."""
        if name not in self._tables:
            self._read(name)
        return self.digests[name]

    def _read(self, name: str) -> None:
        if name in self._contents:
            return
        path = self.locate(name)
        try:
            if path.stat().st_size > LARGEST_FILE:
                raise wrong(f"{name}: larger than {LARGEST_FILE // 10**6} MB")
            content = path.read_bytes()
        except OSError as error:
            raise wrong(f"{name}: {(error.strerror or 'cannot be read').lower()}") from None
        self._contents[name] = path, content
        self.digests[name] = hashlib.sha256(content).hexdigest()


def _csv(content: bytes, name: str) -> dict[str, list[str]]:
    if name.endswith(".gz"):
        try:
            with gzip.open(io.BytesIO(content)) as packed:
                content = _unpacked(packed)
        except (OSError, EOFError, zlib.error) as error:
            raise wrong(f"{name}: not a gzip file ({error})") from None
        if len(content) > LARGEST_FILE:
            raise wrong(f"{name}: larger than {LARGEST_FILE // 10**6} MB unpacked")
    if b"\0" in content:
        raise _not_utf8(content, name) or wrong(f"{name}: NUL byte at offset {content.index(0)}")
    csv.field_size_limit(LARGEST_CELL)
    # Decoded piece by piece: a whole text of many characters would take four bytes for each.
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", newline=""), strict=True)
    try:
        header = next(reader, None)
        if not header:
            raise wrong(f"{name}: empty; expected a CSV file with a header row")
        if len(set(header)) < len(header):
            double = next(h for h in header if header.count(h) > 1)
            raise wrong(f"{name}:1: column {double[:60]!r} is given twice")
        columns = _columns(reader, header, name)
    except UnicodeDecodeError:
        raise _not_utf8(content, name) or wrong(f"{name}: not UTF-8; save the file as CSV UTF-8") from None
    except csv.Error as error:
        raise wrong(f"{name}:{reader.line_num}: {error}") from None
    if not columns[0]:
        raise wrong(f"{name}: has a header but no rows")
    return dict(zip(header, columns, strict=True))


def _unpacked(packed: gzip.GzipFile) -> bytes:
    """Read piece by piece: a single read would reserve the largest size at once."""
    parts, size = [], 0
    while size <= LARGEST_FILE and (part := packed.read(1 << 20)):
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def _columns(reader: Iterator[list[str]], header: list[str], name: str) -> list[list[str]]:
    """The columns below the header. Equal cells share their text, so that repetitive files stay small in memory."""
    width = len(header)
    columns: list[list[str]] = [[] for _ in header]
    rows, blank = 0, 0
    while chunk := list(islice(reader, _ROWS)):
        chunk = [[]] * blank + chunk
        if rows + len(chunk) > _most_rows(width):
            raise _too_long(name, width)
        blank = len(chunk)
        while chunk and not chunk[-1]:  # blank lines, perhaps at the end of the file
            chunk.pop()
        blank -= len(chunk)
        for number, row in enumerate(chunk, rows + 2):
            if len(row) != width:
                cells = f"{len(row)} cell{'s' * (len(row) != 1)}"
                raise wrong(f"{name}:{number}: {cells}, but the header has {width}{_other_separator(header)}")
        for column, values in zip(columns, zip(*chunk, strict=True), strict=False):
            share: dict[str, str] = {}
            column.extend([share.setdefault(value, value) for value in values])
        rows += len(chunk)
    return columns


def _most_rows(width: int) -> int:
    return min(MOST_ROWS, MOST_CELLS // max(width, 1))


def _too_long(name: str, width: int) -> PydanticCustomError:
    rows = f"more than {_most_rows(width):,} rows of {width} cells"
    return wrong(f"{name}: {rows}; split the file, or leave out the columns that are not used")


def _other_separator(header: list[str]) -> str:
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
        return wrong(
            f"{name}:{line}: not UTF-8 at byte {error.start}, which is 0x{found:02X}; save the file as CSV UTF-8"
        )
    return None


def _parquet(path: Path, name: str) -> dict[str, list[str]]:
    try:
        import duckdb
    except ImportError:
        raise wrong(f"{name}: Parquet files need the extra `pip install 'backorder-simulator[trace]'`") from None
    try:
        found = duckdb.execute("SELECT * FROM read_parquet(?)", [str(path)])
        names = [d[0] for d in found.description or ()]
        rows = found.fetchmany(_most_rows(len(names)) + 1)
    except duckdb.Error as error:
        raise wrong(f"{name}: not a readable Parquet file ({str(error).splitlines()[0]})") from None
    if not rows:
        raise wrong(f"{name}: has no rows")
    if len(rows) > _most_rows(len(names)):
        raise _too_long(name, len(names))

    def cell(value: object) -> str:
        if isinstance(value, bool):
            return str(int(value))
        return (
            "" if value is None or value != value else value.isoformat() if hasattr(value, "isoformat") else str(value)
        )

    return {n: [cell(v) for v in values] for n, values in zip(names, zip(*rows, strict=True), strict=True)}


_reader: ContextVar[DataFiles | None] = ContextVar("data_files", default=None)


@contextmanager
def data_files(files: DataFiles) -> Iterator[DataFiles]:
    """Inside the block, data files are read through `files`."""
    token = _reader.set(files)
    try:
        yield files
    finally:
        _reader.reset(token)


def current_files() -> DataFiles:
    """The current reader; without one, naming a file is an error."""
    files = _reader.get()
    if files is None:
        raise wrong("a data file can be named only in a scenario file")
    return files
