"""Columns of the data files of a scenario: CSV or Parquet, read only from the folders that the user allows."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import os
import re
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simulator.foundation.collector import quiet_gc
from simulator.foundation.errors import nearest, some
from simulator.foundation.units import wrong

LARGEST_CELL = 10_000
LARGEST_FILE = 1_000_000_000


class DataFiles:
    """Reads columns of files in the allowed folders and records the SHA-256 of each file.

    Paths are relative to the first folder (that of the scenario file) or to any other allowed one.
    """

    def __init__(self, *folders: Path) -> None:
        self.folders = tuple(folder.resolve() for folder in folders)
        self.digests: dict[str, str] = {}
        self._tables: dict[str, dict[str, list[str]]] = {}
        self._numbers: dict[tuple[str, str], NDArray[np.float64]] = {}

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

    def column(self, name: str, column: str) -> list[str]:
        """One column as text, in file order."""
        table = self.table(name)
        if column not in table:
            only = next(iter(table))
            hint = "; cells are separated by commas" if len(table) == 1 and re.search(r"[;\t|]", only) else ""
            raise wrong(f"{name}: no column {column!r}{nearest(column, table)}; columns: {some(table)}{hint}")
        return table[column]

    def numbers(self, name: str, column: str) -> NDArray[np.float64]:
        """One column as finite numbers; the error names the first invalid cell with its row."""
        key = (name, column)
        if key not in self._numbers:
            self._numbers[key] = to_numbers(self.column(name, column), name, column)
        return self._numbers[key]

    def table(self, name: str) -> dict[str, list[str]]:
        """All columns of a file as text."""
        if name not in self._tables:
            path = self.locate(name)
            try:
                if path.stat().st_size > LARGEST_FILE:
                    raise wrong(f"{name}: larger than {LARGEST_FILE // 10**6} MB")
                content = path.read_bytes()
            except OSError as error:
                raise wrong(f"{name}: {(error.strerror or 'cannot be read').lower()}") from None
            self.digests[name] = hashlib.sha256(content).hexdigest()
            with quiet_gc():
                self._tables[name] = _parquet(path, name) if path.suffix == ".parquet" else _csv(content, name)
        return self._tables[name]


def _csv(content: bytes, name: str) -> dict[str, list[str]]:
    if name.endswith(".gz"):
        try:
            with gzip.open(io.BytesIO(content)) as unpacked:
                content = unpacked.read(LARGEST_FILE + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise wrong(f"{name}: not a gzip file ({error})") from None
        if len(content) > LARGEST_FILE:
            raise wrong(f"{name}: larger than {LARGEST_FILE // 10**6} MB unpacked")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, found = content.count(b"\n", 0, error.start) + 1, content[error.start]
        raise wrong(
            f"{name}:{line}: not UTF-8 at byte {error.start}, which is 0x{found:02X}; save the file as CSV UTF-8"
        ) from None
    if "\0" in text:
        raise wrong(f"{name}: NUL byte at offset {text.index(chr(0))}")
    csv.field_size_limit(LARGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, None)
        if not header:
            raise wrong(f"{name}: empty; expected a CSV file with a header row")
        if len(set(header)) < len(header):
            double = next(h for h in header if header.count(h) > 1)
            raise wrong(f"{name}:1: column {double!r} is given twice")
        rows = list(reader)
        while rows and not rows[-1]:  # blank lines at the end
            rows.pop()
        if not rows:
            raise wrong(f"{name}: has a header but no rows")
    except csv.Error as error:
        raise wrong(f"{name}:{reader.line_num}: {error}") from None
    width = len(header)
    for number, row in enumerate(rows, 2):
        if len(row) != width:
            raise wrong(f"{name}:{number}: {len(row)} cells, but the header has {width}")
    return dict(zip(header, map(list, zip(*rows, strict=True)), strict=True))


def _parquet(path: Path, name: str) -> dict[str, list[str]]:
    try:
        import duckdb
    except ImportError:
        raise wrong(f"{name}: Parquet files need the extra `pip install 'backorder-simulator[trace]'`") from None
    try:
        found = duckdb.execute("SELECT * FROM read_parquet(?)", [str(path)])
        names = [d[0] for d in found.description or ()]
        rows = found.fetchall()
    except duckdb.Error as error:
        raise wrong(f"{name}: not a readable Parquet file ({str(error).splitlines()[0]})") from None
    if not rows:
        raise wrong(f"{name}: has no rows")

    def cell(value: object) -> str:
        if isinstance(value, bool):
            return str(int(value))
        return "" if value is None else value.isoformat() if hasattr(value, "isoformat") else str(value)

    return {n: [cell(v) for v in values] for n, values in zip(names, zip(*rows, strict=True), strict=True)}


def to_numbers(cells: list[str], name: str, column: str) -> NDArray[np.float64]:
    """Text cells as finite floats; blank, nan and inf are errors."""
    try:
        found = np.array(cells, dtype=np.float64)
    except ValueError:
        found = np.full(len(cells), np.nan)
        for row, text in enumerate(cells, 2):
            try:
                float(text)
            except ValueError:
                raise wrong(f"{name}:{row}: column {column!r}: {text[:40]!r} is not a number") from None
    if not np.isfinite(found).all():
        row = int(np.flatnonzero(~np.isfinite(found))[0])
        raise wrong(f"{name}:{row + 2}: column {column!r}: {cells[row][:40]!r} is not a finite number")
    return found


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
