"""Writes a workbook as an .xlsx file: atomic, the same bytes for the same tables, and no text can become a formula."""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.experiment.storage.files import PART, check_writable, os_errors_reported, put_whole
from simulator.foundation.errors import UserError, visible
from simulator.report.cards.card import Cell
from simulator.report.workbook.sheet import Amount, Book, BookSheet, Content, SheetColumn

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

ENDING = ".xlsx"
MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
"""Of a sheet; a longer or wider table goes on in the next one."""
LONGEST_NAME, LONGEST_TEXT = 31, 32_767
"""Characters of the name of a sheet, and of a cell."""
COVER = "Cover"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a formula begins with in some spreadsheet, once a text is edited or copied to a CSV file."""
EPOCH = dt.datetime(1980, 1, 1)
"""Time of creation that every file names, so that the same results give the same bytes."""
FIRST_YEAR = 1900
"""Spreadsheets know no earlier date."""
MEASURED = 200
"""Rows that the width of a column is made for."""
NARROWEST, WIDEST, SENTENCE = 9, 42, 80
"""Widths of columns, in characters."""
COLOURS = {"good": "#1A7F37", "best": "#1A7F37", "bad": "#B42318", "failed": "#B42318", "faint": "#6B7280"}


def check_workbook(path: Path, option: str = "--xlsx") -> None:
    """Raise UserError if the workbook cannot be written, before anything is simulated."""
    if path.suffix.lower() != ENDING:
        raise UserError(f"{option} {path}: expected a file name that ends in {ENDING}")
    _library()
    check_writable(path, option)


def _library() -> Any:
    """The class of xlsxwriter that writes a file."""
    try:
        from xlsxwriter import Workbook
    except ImportError:
        raise UserError('workbooks need the extra: pip install "backorder-simulator[xlsx]"') from None
    return Workbook


def save_book(book: Book, path: Path, option: str = "--xlsx") -> None:
    """Write the workbook; a file that is there already is replaced when the new one is complete.

    Raises:
        UserError: the extra `xlsx` is not installed, or the file cannot be written.
    """
    check_workbook(path, option)
    from xlsxwriter.exceptions import FileCreateError

    part = path.with_name(f".{path.name}{PART}")
    with os_errors_reported(path, "write", f"name another place with {option}"):
        try:
            with tempfile.TemporaryDirectory(prefix="backorder-") as scratch:
                _write(book, part, scratch)
            put_whole(part, path)
        except FileCreateError as error:
            cause = error.args[0] if error.args else error
            raise cause if isinstance(cause, OSError) else UserError(f"{path}: cannot write: {error}") from None
        finally:
            part.unlink(missing_ok=True)


def _write(book: Book, path: Path, scratch: str) -> None:
    file = _library()(str(path), {"constant_memory": True, "tmpdir": scratch, "nan_inf_to_errors": False})
    try:
        file.set_properties({"title": _text(book.title), "created": EPOCH, "author": "", "comments": "backorder"})
        writer = _Writer(file)
        cover = file.add_worksheet(COVER)
        contents = [written for sheet in book.sheets for written in writer.add(sheet)]
        writer.cover(cover, book, contents)
    finally:
        file.close()


class _Writer:
    """Adds sheets to a file, with formats that they share."""

    def __init__(self, file: Workbook) -> None:
        self.file = file
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}
        self._taken = {COVER.lower()}

    def add(self, sheet: BookSheet) -> Iterator[tuple[str, str, int]]:
        """Write a table to one sheet, or to more if it is too long or too wide: name, what it holds, rows."""
        columns = list(sheet.columns)
        kept = columns[: sheet.fixed]
        room = MOST_COLUMNS - len(kept)
        parts = [range(at, min(at + room, len(columns))) for at in range(len(kept), len(columns), room)]
        if len(parts) > 1:  # every part needs all rows
            rows = list(sheet.rows)
            for part in parts:
                cut = ([*row[: len(kept)], *row[part.start : part.stop]] for row in rows)
                yield from self._lengthwise(sheet, [*kept, *columns[part.start : part.stop]], cut)
        else:
            yield from self._lengthwise(sheet, columns, sheet.rows)

    def _lengthwise(
        self, sheet: BookSheet, columns: Sequence[SheetColumn], rows: Iterable[Sequence[Content]]
    ) -> Iterator[tuple[str, str, int]]:
        left = iter(rows)
        first: Sequence[Content] | None = next(left, None)
        while True:
            name = free_name(sheet.name, self._taken)
            chunk = chain([] if first is None else [first], islice(left, MOST_ROWS - 2))
            yield name, sheet.about, self._sheet(name, columns, chunk, sheet.fixed)
            first = next(left, None)
            if first is None:
                return

    def _sheet(self, name: str, columns: Sequence[SheetColumn], rows: Iterable[Sequence[Content]], fixed: int) -> int:
        """Write one sheet; the number of its rows."""
        page = self.file.add_worksheet(name)
        widths = [len(column.header) + 4 for column in columns]  # the button of the filter covers some characters
        left = iter(rows)
        first = next(left, ())
        for k, column in enumerate(columns):
            side = "right" if column.unit or _is_number(first[k : k + 1]) else "left"
            self._put(page, 0, k, column.header, bold=True, bottom=1, text_wrap=True, valign="top", align=side)
        count = 0
        for count, row in enumerate(chain([first] if first else [], left), 1):
            for k, (column, cell) in enumerate(zip(columns, row, strict=True)):
                wraps = {"text_wrap": True, "valign": "top"} if column.wide else {}
                self._put(page, count, k, cell, **wraps)
                if count <= MEASURED:
                    widths[k] = max(widths[k], _width(cell))
        for k, column in enumerate(columns):
            widest = SENTENCE if column.wide else WIDEST
            page.set_column(k, k, min(max(widths[k] + 1, NARROWEST), widest))
        page.freeze_panes(1, min(fixed, len(columns)))
        if count:
            page.autofilter(0, 0, count, len(columns) - 1)
            page.ignore_errors({"number_stored_as_text": f"A1:XFD{count + 1}"})
        page.repeat_rows(0)
        _printed(page)
        return count

    def cover(self, page: Worksheet, book: Book, contents: Sequence[tuple[str, str, int]]) -> None:
        """Write the first sheet: origin, answer, and what each sheet holds."""
        row = 0
        self._put(page, row, 0, book.title, bold=True, font_size=14)
        row += 2
        for sentence in book.sentences:
            self._put(page, row, 0, sentence)
            row += 1
        row += bool(book.sentences)
        for name, value in book.facts:
            self._put(page, row, 0, name, font_color=COLOURS["faint"])
            self._put(page, row, 1, value, align="left")
            row += 1
        row += 1
        for k, title in enumerate(("sheet", "holds", "rows")):
            self._put(page, row, k, title, bold=True, bottom=1)
        for name, about, count in contents:
            row += 1
            quoted = name.replace("'", "''")
            page.write_url(row, 0, f"internal:'{quoted}'!A1", self._format(font_color="#0B57D0", underline=1), name)
            self._put(page, row, 1, about)
            self._put(page, row, 2, count)
        page.set_column(0, 0, 22)
        page.set_column(1, 1, 96)
        page.set_column(2, 2, 10)
        page.hide_gridlines(2)
        _printed(page)
        page.activate()

    def _put(self, page: Worksheet, row: int, column: int, cell: Content, **look: Any) -> None:
        if isinstance(cell, Cell):
            look |= {"font_color": COLOURS[cell.tone], "indent": 1} if cell.tone in COLOURS else {}
            cell = cell.text
        if cell is None or cell == "":
            return
        if isinstance(cell, str):
            text = _text(cell)
            look |= {"quote_prefix": True, "num_format": "@"} if text.startswith(FORMULA) else {}
            page.write_string(row, column, text, self._format(**look))
        elif isinstance(cell, bool):
            page.write_boolean(row, column, cell, self._format(**look))
        elif isinstance(cell, dt.date) and cell.year < FIRST_YEAR:
            page.write_string(row, column, cell.isoformat(), self._format(**look))
        elif isinstance(cell, dt.datetime):
            page.write_datetime(row, column, cell, self._format(num_format="yyyy-mm-dd hh:mm", **look))
        elif isinstance(cell, dt.date):
            page.write_datetime(row, column, cell, self._format(num_format="yyyy-mm-dd", **look))
        elif isinstance(cell, Amount):
            if cell.value is not None:
                page.write_number(row, column, cell.value, self._format(num_format=number_format(cell), **look))
        else:
            page.write_number(row, column, cell, self._format(**look))

    def _format(self, **look: Any) -> Format | None:
        if not look:
            return None
        key = tuple(sorted(look.items()))
        if key not in self._formats:
            self._formats[key] = self.file.add_format(look)
        return self._formats[key]


def number_format(amount: Amount) -> str:
    """How a spreadsheet is to show an amount.

    >>> number_format(Amount(0.123, 1, share=True)), number_format(Amount(1234.5, 2, signed=True))
    ('0.0 %', '+#,##0.00;-#,##0.00;0.00')
    """
    zeros = f"0.{'0' * amount.places}" if amount.places else "0"
    plain = f"{zeros} %" if amount.share else f"#,##{zeros}"
    return f"+{plain};-{plain};{f'{zeros} %' if amount.share else zeros}" if amount.signed else plain


def free_name(wanted: str, taken: set[str]) -> str:
    r"""A name for a sheet that is allowed and not yet taken; it is added to those taken.

    >>> taken = set()
    >>> free_name("a[b]:*?/\\", taken), free_name("A_b______", taken), free_name("'History'", taken)
    ('a_b______', 'A_b______ 2', 'History_')
    """
    base = re.sub(r"[\[\]:*?/\\]", "_", _text(wanted)).strip().strip("'").strip() or "BookSheet"
    if base.lower() == "history":  # reserved
        base += "_"
    number, name = 1, _cut(base, LONGEST_NAME)
    while name.lower() in taken:
        number += 1
        end = f" {number}"
        name = _cut(base, LONGEST_NAME - len(end)) + end
    taken.add(name.lower())
    return name


def _cut(text: str, most: int) -> str:
    """The beginning of a text, in UTF-16 units, as spreadsheets count."""
    while len(text.encode("utf-16-le")) // 2 > most:
        text = text[:-1]
    return text.rstrip(" '")


@lru_cache(maxsize=4096)
def _text(text: str) -> str:
    """The text as a cell can hold it: characters that are not seen become escapes."""
    shown = visible(text, "\n\t").translate({0xFFFE: "\\ufffe", 0xFFFF: "\\uffff"})
    return shown if len(shown) < LONGEST_TEXT // 2 else _cut(shown, LONGEST_TEXT)


def _is_number(cells: Sequence[Content]) -> bool:
    return any(isinstance(cell, Amount | int | float) and not isinstance(cell, bool) for cell in cells)


def _width(cell: Content) -> int:
    if isinstance(cell, Cell):
        cell = cell.text
    if isinstance(cell, str):
        return max(map(len, cell.split("\n")))
    return 17 if isinstance(cell, dt.datetime) else 11 if isinstance(cell, dt.date | Amount | float) else 6


def _printed(page: Worksheet) -> None:
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
