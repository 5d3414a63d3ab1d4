"""KPI values of many replications by column; large amounts are moved from memory to a temporary file."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from tempfile import SpooledTemporaryFile
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from simulator.experiment.storage.replication import Layout, Replication
from simulator.kpis.kpi import Undefined, Value
from simulator.record.digest import DIGITS

MEMORY = 16 << 20
"""Size of finished blocks that are kept in memory, bytes; more are moved to a file."""
ROWS = 256
"""Replications in a block."""
NOT_REPORTED = Undefined("not reported")
FACTS, SETTLED = "(facts)", "(settled)"
"""Further columns: the digest of the facts as a whole number below 2^52, and the end of the transient in days."""
_VALUE, _NOT_REPORTED = 0, 1
"""Codes: a number; not reported. Codes from 2 on stand for a reason why there is no value."""
_CELL = np.dtype([("value", np.float64), ("code", np.int32)])
Cells = NDArray[np.void]
"""Cells of one column, shape (replications,)."""


def digest_of(facts: float) -> str:
    """The digest that a number in a column encodes."""
    return f"{int(facts):0{DIGITS}x}"


class Scratch:
    """A file of finished blocks, shared by the columns of one study."""

    def __init__(self, memory: int = MEMORY) -> None:
        file = cast(IO[bytes], SpooledTemporaryFile(max_size=memory))  # noqa: SIM115 - closed with its owner
        weakref.finalize(self, file.close)
        self._file, self._end = file, 0
        self.reasons: dict[str, int] = {}
        self.said: list[Undefined] = [NOT_REPORTED, NOT_REPORTED]
        """What each code of a cell stands for."""

    def write(self, content: bytes) -> int:
        """Append the content; returns its offset."""
        place = self._end
        self._file.seek(place)
        self._end += self._file.write(content)
        return place

    def read(self, place: int, size: int) -> bytes:
        """`size` bytes from an offset."""
        self._file.seek(place)
        return self._file.read(size)

    def code(self, reason: str) -> int:
        """The code of a missing value."""
        if reason not in self.reasons:
            self.reasons[reason] = len(self.said)
            self.said.append(Undefined(reason))
        return self.reasons[reason]


class _Block:
    """The cells of consecutive replications while they are added, shape (columns, rows)."""

    def __init__(self, rows: int) -> None:
        self.cells = _empty(0, rows)
        self.filled = np.zeros(rows, dtype=bool)

    def widen(self, width: int) -> None:
        if (more := width - len(self.cells)) > 0:
            self.cells = np.concatenate([self.cells, _empty(more, self.filled.size)])


def _empty(*shape: int) -> Cells:
    """Cells that no replication has reported."""
    return np.full(shape, np.array((np.nan, _NOT_REPORTED), dtype=_CELL))


class Columns:
    """One column per policy and KPI, one row per replication; rows may be added in any order, each once.

    Only the block that is being filled needs memory, which therefore does not grow with the number of replications.
    """

    def __init__(self, scratch: Scratch | None = None, rows: int = ROWS) -> None:
        self._scratch, self._rows = scratch or Scratch(), rows
        self._numbers: dict[tuple[str, str], int] = {}
        self._layouts: dict[Layout, NDArray[np.int64]] = {}
        self._earliest: dict[Layout, int] = {}
        """By layout, the lowest number of a replication that has it."""
        self._open: dict[int, _Block] = {}
        self._closed: dict[int, tuple[int, int]] = {}
        """By block: offset in the file, and number of columns."""
        self.count = 0
        """Number of replications."""

    @classmethod
    def of(cls, replications: Iterable[Replication]) -> Columns:
        """The columns of some replications."""
        columns = cls()
        for replication in replications:
            columns.add(replication)
        return columns

    def add(self, replication: Replication) -> None:
        """Add a replication."""
        place, row = divmod(replication.number, self._rows)
        block = self._open.setdefault(place, _Block(self._rows))
        layout = replication.layout
        places = self._layouts.get(layout)
        if places is None:
            places = self._layouts[layout] = self._laid_out(layout.keys)
        self._earliest[layout] = min(self._earliest.get(layout, replication.number), replication.number)
        marks = {(policy, FACTS): float(int(facts, 16)) for policy, facts in replication.facts.items()}
        marks |= {(policy, SETTLED): days for policy, days in replication.settled.items()}
        marked = self._laid_out(marks)
        block.widen(len(self._numbers))
        meaning = np.array([_VALUE, *map(self._scratch.code, replication.reasons)], dtype=np.int32)
        cells = np.empty(places.size, dtype=_CELL)
        cells["value"], cells["code"] = replication.vector, meaning[replication.codes]
        block.cells[places, row] = cells
        block.cells["value"][marked, row], block.cells["code"][marked, row] = list(marks.values()), _VALUE
        block.filled[row] = True
        self.count += 1
        if block.filled.all():
            self._close(place)

    def _laid_out(self, keys: Iterable[tuple[str, str]]) -> NDArray[np.int64]:
        """The column numbers of these keys."""
        return np.array([self._numbers.setdefault(key, len(self._numbers)) for key in keys], dtype=np.int64)

    def close(self) -> None:
        """Move blocks that are not full to the file, too; no more rows may be added."""
        for place in list(self._open):
            self._close(place)

    def _close(self, place: int) -> None:
        block = self._open.pop(place)
        self._closed[place] = (self._scratch.write(block.cells.tobytes()), len(block.cells))

    @property
    def kpis(self) -> tuple[str, ...]:
        """KPI keys in the order of the reports, whichever replication was added first."""
        first: dict[str, tuple[int, int]] = {}
        for layout, number in self._earliest.items():
            for position, (_, kpi) in enumerate(layout.keys):
                first[kpi] = min(first.get(kpi, (number, position)), (number, position))
        return tuple(sorted(first, key=first.__getitem__))

    def values(self, policy: str, kpi: str, n: int) -> NDArray[np.float64]:
        """The KPI in replications 0 … n - 1, nan if it has no value."""
        return self._column(policy, kpi, n)["value"]

    def column(self, policy: str, kpi: str, n: int, first: int = 0) -> list[Value]:
        """The KPI in replications first … n - 1; `Undefined` if it has no value."""
        said = self._scratch.said
        return [v if code == _VALUE else said[code] for v, code in self._column(policy, kpi, n, first).tolist()]

    def replication(self, number: int, policies: Iterable[str]) -> Replication:
        """One row, as it was added."""
        place, row = divmod(number, self._rows)
        values: dict[str, dict[str, Value]] = {policy: {} for policy in policies}
        for kpi in self.kpis:
            for policy, found in values.items():
                v, code = self._part(policy, kpi, place)[row]
                if code != _NOT_REPORTED:
                    found[kpi] = float(v) if code == _VALUE else self._scratch.said[code]
        marks = {
            name: {p: float(v) for p in values if not np.isnan(v := self._part(p, name, place)["value"][row])}
            for name in (FACTS, SETTLED)
        }
        facts = {policy: digest_of(found) for policy, found in marks[FACTS].items()}
        return Replication(number, values, facts, marks[SETTLED])

    def _column(self, policy: str, kpi: str, n: int, first: int = 0) -> Cells:
        begin = first // self._rows
        parts = [self._part(policy, kpi, place) for place in range(begin, -(-n // self._rows))]
        wanted = slice(first - begin * self._rows, n - begin * self._rows)
        return np.concatenate(parts)[wanted] if parts else _empty(0)

    def _part(self, policy: str, kpi: str, place: int) -> Cells:
        """The rows of a column in one block."""
        number = self._numbers.get((policy, kpi), len(self._numbers))
        if place in self._open and number < len(self._open[place].cells):
            found: Cells = self._open[place].cells[number]
            return found
        if place in self._closed and number < self._closed[place][1]:
            size = self._rows * _CELL.itemsize
            return np.frombuffer(self._scratch.read(self._closed[place][0] + number * size, size), dtype=_CELL)
        return _empty(self._rows)
