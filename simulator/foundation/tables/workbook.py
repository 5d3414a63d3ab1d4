"""Sheets of workbooks (.xlsx): looked through first, so that no file takes more memory than other tables may."""

from __future__ import annotations

import io
from typing import Any, NamedTuple

from simulator.foundation.errors import nearest, some
from simulator.foundation.tables import limits
from simulator.foundation.tables.cells import texts
from simulator.foundation.units import bad_data

ENDINGS = (".xlsx", ".xlsm")
OTHERS = (".xls", ".xlsb", ".ods", ".numbers")
"""Workbooks in other formats, which are named in an error."""


def sheet_label(name: str, sheet: str) -> str:
    """How messages name a sheet.

    >>> sheet_label("orders.xlsx", "May")
    'orders.xlsx[May]'
    """
    return f"{name}[{sheet[:60]}]" if sheet else name


class Sheet(NamedTuple):
    """A sheet as columns of text."""

    columns: dict[str, list[str]]
    faults: dict[str, str]
    """What is wrong with a column as a whole: a formula in it ended in an error."""


class Workbook:
    """A workbook in memory, of which sheets are read on demand."""

    def __init__(self, content: bytes, name: str) -> None:
        """Opens it.

        Raises:
            PydanticCustomError: it is not a workbook, it is too large, or the library that reads it is missing.
        """
        try:
            import python_calamine

            from simulator.foundation.tables.package import Package  # reads XML, which no other file needs
        except ImportError:
            raise bad_data(f"{name}: workbooks need the extra `pip install 'backorder-simulator[xlsx]'`") from None
        self.name = name
        self._content, self._library = content, python_calamine
        self.package = Package(content, name)

    def sheet(self, asked: str) -> str:
        """The name of the sheet that is meant: the one that is asked for, or the only one that is not hidden.

        Raises:
            PydanticCustomError: there is no such sheet, or several could be meant.
        """
        sheets = self.package.sheets
        if asked:
            if asked not in sheets:
                raise bad_data(f"{self.name}: no sheet {asked[:60]!r}{nearest(asked, sheets)}; sheets: {some(sheets)}")
            return asked
        shown = [name for name, part in sheets.items() if not part.hidden]
        if len(shown) != 1:
            raise bad_data(f"{self.name}: has {len(shown) or 'no'} sheets; name one with `sheet:`: {some(shown)}")
        return shown[0]

    def read(self, sheet: str) -> Sheet:
        """A sheet whose first row names the columns.

        Raises:
            PydanticCustomError: it has no header, no rows, or too many cells.
        """
        label = sheet_label(self.name, sheet)
        found = self.package.look_through(self.package.sheets[sheet], label)
        rows = self._rows(sheet, label)
        while rows and all(cell == "" for cell in rows[-1]):
            rows.pop()
        if not rows:
            raise bad_data(f"{label}: the sheet is empty; expected a header in its first row")
        columns = list(zip(*rows, strict=True))
        while all(cell == "" for cell in columns[-1]):
            columns.pop()
        header = _header([column[0] for column in columns], label)
        if len(rows) == 1:
            raise bad_data(f"{label}: has a header but no rows")
        faults: dict[str, str] = {}
        for (row, column), error in sorted(found.errors.items()):
            if 0 < row < len(rows) and column < len(header):
                said = f"cell {reference(row, column)} has the error {error}; correct the formula, or remove the row"
                faults.setdefault(header[column], f"{label}:{row + 1}: column {header[column]!r}: {said}")
        read = {name: _column(column[1:], name, label) for name, column in zip(header, columns, strict=True)}
        return Sheet(read, faults)

    def _rows(self, sheet: str, label: str) -> list[list[Any]]:
        """All cells of a sheet from its first row and column on."""
        library = self._library
        try:
            book = library.CalamineWorkbook.from_filelike(io.BytesIO(self._content))
            rows: list[list[Any]] = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
            return rows
        except library.PasswordError:
            raise bad_data(f"{label}: is protected by a password; save it without") from None
        except (library.CalamineError, OSError, ValueError) as error:
            raise bad_data(f"{label}: not a readable sheet ({str(error)[:100]})") from None
        except BaseException as error:
            if type(error).__name__ != "PanicException":  # of the library's own language, raised past `Exception`
                raise
            raise bad_data(f"{label}: not a readable sheet ({str(error)[:100]})") from None


def reference(row: int, column: int) -> str:
    """The name of a cell in a spreadsheet; rows and columns count from 0.

    >>> reference(0, 0), reference(6, 27)
    ('A1', 'AB7')
    """
    letters = ""
    while column >= 0:
        column, letter = divmod(column, 26)
        letters, column = chr(65 + letter) + letters, column - 1
    return f"{letters}{row + 1}"


def _header(cells: list[Any], label: str) -> list[str]:
    names = [name.strip() for name in texts(cells)]
    for column, name in enumerate(names):
        if not name:
            hint = " (of merged cells only the first has a name)" if any(names[:column]) else ""
            raise bad_data(
                f"{label}:1: cell {reference(0, column)} is empty; the first row must name every column{hint}"
            )
        if name in names[:column]:
            raise bad_data(f"{label}:1: column {name[:60]!r} is given twice")
    return names


def _column(cells: tuple[Any, ...], name: str, label: str) -> list[str]:
    found = texts(cells)
    for text in set(found):
        if len(text) > limits.LARGEST_CELL:
            where = f"{label}:{found.index(text) + 2}: column {name[:60]!r}"
            raise bad_data(f"{where}: a cell of {len(text):,} characters; at most {limits.LARGEST_CELL:,}")
    return found
