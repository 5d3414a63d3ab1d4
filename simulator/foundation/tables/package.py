"""The parts of a workbook file: a packed folder of XML, looked through before a library takes memory for its cells."""

from __future__ import annotations

import io
import posixpath
import re
import sys
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from simulator.foundation.tables import limits
from simulator.foundation.tables.limits import too_large, too_long
from simulator.foundation.units import bad_data

Ints = NDArray[np.int64]
LARGEST_INDEX = 5_000_000
"""Bytes of the lists of sheets and of parts."""
LARGEST_TEXT = 1_000_000_000
"""Characters of all texts of a sheet: equal ones are stored once, and a library repeats them."""
_PIECE = 1 << 22
"""Bytes that are looked through at a time."""
_WORKBOOK, _RELATIONS, _TEXTS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml"
_LETTERS = re.compile(rb"""\sr=["']([A-Z]{1,9})[0-9]""")
_DIGITS = re.compile(rb"""\sr=["'][A-Z]{0,9}([0-9]{1,20})["']""")
_ROW = re.compile(rb"<(?:[a-z]+:)?row[\s>/]")
_CELLS = re.compile(rb"<(?:[a-z]+:)?c[\s>/]")
_TEXT = re.compile(rb"""\st=["']s["'][^>]*>\s*<(?:[a-z]+:)?v>([0-9]{1,9})<""")
_IS_TEXT = re.compile(rb"""\st=["']s["']""")
_ERROR = re.compile(
    rb"""<(?:[a-z]+:)?c\s([^>]*\bt=["']e["'][^>]*)>\s*(?:<[^>]*>[^<]*</[^>]*>|<[^>]*/>)?\s*<(?:[a-z]+:)?v>([^<]{1,20})<"""
)
_REFERENCE = re.compile(rb"""(?:^|\s)r=["']([A-Z]{1,3})([0-9]{1,7})["']""")
_PACKED_FAULTS = (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError)


class SheetPart(NamedTuple):
    """A sheet of a workbook: the part of the file that holds it."""

    path: str
    hidden: bool


@dataclass
class Sighting:
    """What a look through a sheet found."""

    rows: int = 0
    columns: int = 0
    cells: int = 0
    counted: int = 0
    """Rows, whether they have a number or not."""
    texts: list[Ints] = field(default_factory=list)
    """Numbers of the shared texts of its cells, piece by piece."""
    others: int = 0
    """Cells of a shared text whose number was not found."""
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    """(row, column), from 0, of every formula that ended in an error, such as #N/A; libraries show an empty cell."""


class Package:
    """The parts of a workbook."""

    def __init__(self, content: bytes, name: str) -> None:
        """Opens it and counts what it unpacks to.

        Raises:
            PydanticCustomError: it is not a workbook, or it is too large.
        """
        self.name = name
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except _PACKED_FAULTS as error:
            raise self._unreadable(str(error)) from None
        size = 0
        for info in self._zip.infolist():
            info.file_size = sys.maxsize  # what is declared need not be true: every part is read to its end
            size += sum(map(len, self._pieces(info.filename)))
            if size > limits.LARGEST_FILE:
                raise too_large(name)
        self.sheets = self._sheets()

    def _sheets(self) -> dict[str, SheetPart]:
        """The sheets of cells by name, in their order."""
        targets = {
            part.get("Id"): part.get("Target", "")
            for part in self._index(_RELATIONS)
            if part.get("Type", "").endswith("/worksheet")
        }
        found = {}
        for element in self._index(_WORKBOOK).iter():
            if element.tag.endswith("}sheet"):
                link = next((value for key, value in element.attrib.items() if key.endswith("}id")), None)
                if target := targets.get(link):
                    path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
                    found[element.get("name", "")] = SheetPart(path, element.get("state", "visible") != "visible")
        if not found:
            raise bad_data(f"{self.name}: a workbook without sheets")
        return found

    def _index(self, path: str) -> ElementTree.Element:
        content = b"".join(self._pieces(path, LARGEST_INDEX))
        if len(content) > LARGEST_INDEX or b"<!DOCTYPE" in content:
            raise self._unreadable(f"{path} is not as spreadsheets write it")
        try:
            return ElementTree.fromstring(content)
        except (ElementTree.ParseError, ValueError, LookupError) as error:
            raise self._unreadable(f"{path}: {error}") from None

    def _pieces(self, path: str, most: int | None = None) -> Iterator[bytes]:
        """The unpacked content of a part, piece by piece, up to `most` bytes or the largest size of a file."""
        size, most = 0, limits.LARGEST_FILE if most is None else most
        try:
            with self._zip.open(path) as part:
                while size <= most and (piece := part.read(_PIECE)):
                    size += len(piece)
                    yield piece
        except KeyError:
            raise self._unreadable(f"no part {path}") from None
        except _PACKED_FAULTS as error:
            raise self._unreadable(str(error)) from None

    def _unreadable(self, why: str) -> Exception:
        return bad_data(f"{self.name}: not a readable workbook ({why[:100]})")

    def look_through(self, sheet: SheetPart, label: str) -> Sighting:
        """What a sheet holds.

        Raises:
            PydanticCustomError: it has too many cells or texts.
        """
        found, rest = Sighting(), b""
        for piece in self._pieces(sheet.path):
            rest = _look(rest + piece, found, last=False)
        _look(rest, found, last=True)
        if found.rows > limits.most_rows(found.columns) or found.cells > limits.MOST_CELLS:
            # A single cell far below the others counts: libraries make room for all between them.
            raise too_long(label, found.columns)
        if self._characters(found) > LARGEST_TEXT:
            raise bad_data(f"{label}: texts of more than {LARGEST_TEXT // 10**6} million characters; split the sheet")
        return found

    def _characters(self, found: Sighting) -> int:
        """Characters of all texts of a sheet, at most."""
        if _TEXTS not in self._zip.namelist():
            return 0
        lengths = np.array([len(text) for text in b"".join(self._pieces(_TEXTS)).split(b"</si>")])
        known = np.bincount(np.concatenate(found.texts), minlength=lengths.size)[: lengths.size]
        return int((known * lengths).sum()) + found.others * int(lengths.max())


def _look(content: bytes, found: Sighting, last: bool) -> bytes:
    """Count what is in a piece of a sheet; returns its end, which may be the beginning of a row."""
    end = len(content) if last else max(content.rfind(b"<row"), content.rfind(b":row "), 0)
    if len(content) - end > limits.LARGEST_FILE // 10:  # one row of many MB
        end = len(content)
    content, rest = content[:end], content[end:]
    letters, cells = _LETTERS.findall(content), len(_CELLS.findall(content))
    found.cells += cells
    found.counted += len(_ROW.findall(content))
    found.rows = max(found.rows, found.counted, *map(int, set(_DIGITS.findall(content))), 0)
    found.columns = max(found.columns, *map(_number, set(letters)), 0)
    if cells > len(letters):  # cells without a reference follow one another
        found.columns = max(found.columns, *(len(_CELLS.findall(row)) for row in _ROW.split(content)))
    numbers = np.array(_TEXT.findall(content)).astype(np.int64)
    found.texts.append(numbers)
    found.others += len(_IS_TEXT.findall(content)) - numbers.size
    if b'"e"' in content or b"'e'" in content:
        for attributes, error in _ERROR.findall(content):
            if place := _REFERENCE.search(attributes):
                found.errors[int(place[2]) - 1, _number(place[1]) - 1] = error.decode("ascii", "replace").strip()
    return rest


def _number(letters: bytes) -> int:
    """The number of a column: A is 1.

    >>> _number(b"A"), _number(b"AB")
    (1, 28)
    """
    found = 0
    for letter in letters:
        found = 26 * found + letter - 64
    return found
