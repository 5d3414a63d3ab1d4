"""The data files of a scenario: CSV, Parquet or workbooks, read only from the folders that the user allows."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from simulator.foundation.collector import quiet_gc
from simulator.foundation.columns import DataColumn, Floats
from simulator.foundation.errors import nearest, some
from simulator.foundation.plugin import Spec
from simulator.foundation.tables import limits
from simulator.foundation.tables.delimited import other_separator, read_csv
from simulator.foundation.tables.frames import FrameTable
from simulator.foundation.tables.limits import too_large
from simulator.foundation.tables.parquet import read_parquet
from simulator.foundation.tables.workbook import ENDINGS, OTHERS, Sheet, Workbook, sheet_label
from simulator.foundation.units import Text, bad_data

NO_TABLES: Mapping[str, FrameTable] = {}
PACKAGED = "packaged:"
"""What the names of files begin with that travel with the simulator."""
PACKAGED_FOLDER = Path(__file__).resolve().parents[1] / "game" / "worlds"
"""Where they are."""


class DataFiles:
    """Reads columns of files in the allowed folders and records the SHA-256 of each file.

    Paths are relative to the first folder (that of the scenario file) or to any other allowed one. A table in memory
    takes the place of the file that has its name.
    """

    def __init__(self, *folders: Path, tables: Mapping[str, FrameTable] = NO_TABLES) -> None:
        self.folders = tuple(folder.resolve() for folder in folders)
        self.tables = tables
        self.digests: dict[str, str] = {}
        self._sheets: dict[tuple[str, str], tuple[str, Sheet]] = {}
        """Label and content by file and sheet, as the scenario names them."""
        self._numbers: dict[tuple[str, str, str], Floats] = {}
        self._contents: dict[str, tuple[Path, bytes]] = {}
        """Files that were read and are not parsed yet."""
        self._workbooks: dict[str, Workbook] = {}

    def locate(self, name: str) -> Path:
        """The file's real path; an error if it is missing, outside the folders or not a regular file."""
        if name.startswith(PACKAGED):
            return _packaged(name.removeprefix(PACKAGED))
        if not name or "\0" in name or name.startswith("~") or "://" in name:
            raise bad_data(f"{name!r} is not a path inside the scenario's folder")
        if Path(name).is_absolute():
            raise bad_data(f"{name!r} is absolute; data files are named relative to the scenario file")
        if not self.folders:
            hint = nearest(name, self.tables) if self.tables else ""
            said = f"in Python, pass tables={{{name!r}: frame}}, or name the folder of the file with folder=…"
            raise bad_data(f"{name!r}: no such table, and no folder in which to look for a file{hint}; {said}")
        missing = "no such file"
        for folder in self.folders:
            path = Path(os.path.realpath(folder / name))
            if not any(path.is_relative_to(f) for f in self.folders):
                raise bad_data(f"{name!r} lies outside the scenario folder (name other folders with --data DIR)")
            try:
                mode = path.stat().st_mode
            except FileNotFoundError:
                continue
            except OSError as error:
                missing = (error.strerror or "cannot be read").lower()
                continue
            if not stat.S_ISREG(mode):
                raise bad_data(f"{name!r} is not a regular file")
            return path
        hint = nearest(name, self.tables) if self.tables else ""
        raise bad_data(f"{name!r}: {missing} (looked in the scenario's folder){hint}")

    def column(self, name: str, column: str, sheet: str | None = None) -> DataColumn:
        """One column as text, in file order."""
        label, (table, faults) = self._sheet(name, sheet)
        if column not in table:
            hint = other_separator(list(table))
            raise bad_data(f"{label}: no column {column[:60]!r}{nearest(column, table)}; columns: {some(table)}{hint}")
        if column in faults:
            raise bad_data(faults[column])
        return DataColumn(label, column, table[column])

    def numbers(self, name: str, column: str, sheet: str | None = None) -> Floats:
        """One column as finite numbers; the error names the first invalid cell with its row."""
        key = (name, sheet or "", column)
        if key not in self._numbers:
            self._numbers[key] = self.column(name, column, sheet).numbers()
        return self._numbers[key]

    def table(self, name: str, sheet: str | None = None) -> dict[str, list[str]]:
        """All columns of a file as text."""
        return self._sheet(name, sheet)[1].columns

    def label(self, name: str, sheet: str | None = None) -> str:
        """How messages name a table: the file, and the sheet that was read."""
        return self._sheet(name, sheet)[0]

    def digest(self, name: str) -> str:
        """The SHA-256 of a file."""
        if name not in self.digests:
            self._read(name)
        return self.digests[name]

    def _sheet(self, name: str, sheet: str | None) -> tuple[str, Sheet]:
        key = (name, sheet or "")
        if key not in self._sheets:
            with quiet_gc():
                self._sheets[key] = self._parsed(*key)
        return self._sheets[key]

    def _parsed(self, name: str, sheet: str) -> tuple[str, Sheet]:
        if name in self.tables:
            self.digest(name)
            return name, Sheet(dict(self.tables[name].columns), {})
        ending = Path(name.lower()).suffix
        if ending in OTHERS:
            raise bad_data(f"{name}: workbooks of this format are not read; save it as .xlsx, or as CSV UTF-8")
        if ending in ENDINGS:
            if name not in self._workbooks:
                self._workbooks[name] = Workbook(self._content(name)[1], name)
            book = self._workbooks[name]
            found = book.sheet(sheet)
            return sheet_label(name, found), book.read(found)
        if sheet:
            raise bad_data(f"{name}: only workbooks (.xlsx) have sheets; remove `sheet`")
        path, content = self._content(name)
        return name, Sheet(read_parquet(path, name) if ending == ".parquet" else read_csv(content, name), {})

    def _content(self, name: str) -> tuple[Path, bytes]:
        """Path and bytes of a file that has not been parsed yet."""
        self._read(name)
        return self._contents.pop(name)

    def _read(self, name: str) -> None:
        if name in self.tables:
            self.digests[name] = self.tables[name].digest
        if name in self._contents or name in self.tables:
            return
        path = self.locate(name)
        try:
            if path.stat().st_size > limits.LARGEST_FILE:
                raise too_large(name, unpacked=False)
            content = path.read_bytes()
        except OSError as error:
            raise bad_data(f"{name}: {(error.strerror or 'cannot be read').lower()}") from None
        self._contents[name] = path, content
        self.digests[name] = hashlib.sha256(content).hexdigest()


def _packaged(name: str) -> Path:
    """The path of a file that travels with the simulator."""
    known = sorted(path.name for path in PACKAGED_FOLDER.iterdir() if path.name.endswith((".csv.gz", ".csv")))
    if name not in known:
        raise bad_data(f"{name!r} does not travel with the simulator{nearest(name, known)}; files: {some(known)}")
    return PACKAGED_FOLDER / name


class DataTable(Spec):
    """What all keys have in common that read a table."""

    file: Text
    """CSV, Parquet or .xlsx file, relative to the scenario file, or the name of a table that is passed from Python;
    `packaged:NAME` is a file that travels with the simulator, such as the orders of a class game."""
    sheet: Text | None = None
    """Sheet of a workbook; needed where it has several."""

    def column(self, name: str) -> DataColumn:
        """A column of the table."""
        return current_files().column(self.file, name, self.sheet)

    @property
    def label(self) -> str:
        """How messages name the table."""
        return sheet_label(self.file, self.sheet or "")


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
        raise bad_data("a data file can be named only in a scenario file")
    return files
