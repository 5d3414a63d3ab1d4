"""KPI values of many replications by column; large amounts are moved from memory to a temporary file."""

from __future__ import annotations

import math
import weakref
from collections.abc import Iterable
from tempfile import SpooledTemporaryFile
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from simulator.experiment.storage.replication import Replication
from simulator.kpis.kpi import Undefined, Value
from simulator.record.digest import DIGITS

MEMORY = 16 << 20
"""Size of finished blocks that are kept in memory, bytes; more are moved to a file."""
ROWS = 256
"""Replications in a block."""
NOT_REPORTED = Undefined("not reported")
Keys = tuple[tuple[str, str], ...]
"""(policy, KPI) of the values of one replication, in order."""
FACTS, SETTLED = "(facts)", "(settled)"
"""Further columns: the digest of the facts as a whole number below 2^52, and the end of the transient in days."""
_VALUE, _NOT_REPORTED = 0, 1
"""Codes: a number; not reported. Codes from 2 on stand for a reason why there is no value."""


def written(facts: float) -> str:
    """The digest that a number in a column encodes."""
    return f"{int(facts):0{DIGITS}x}"


class Scratch:
    """A file of finished blocks, shared by the columns of one study."""

    def __init__(self, memory: int = MEMORY) -> None:
        file = cast(IO[bytes], SpooledTemporaryFile(max_size=memory))  # noqa: SIM115 - closed with its owner
        weakref.finalize(self, file.close)
        self._file, self._end = file, 0
        self.reasons: dict[str, int] = {}

    def write(self, *parts: bytes) -> int:
        """Append the parts; returns the offset of the first."""
        place = self._end
        self._file.seek(place)
        for part in parts:
            self._end += self._file.write(part)
        return place

    def read(self, place: int, size: int) -> bytes:
        """`size` bytes from an offset."""
        self._file.seek(place)
        return self._file.read(size)

    def code(self, value: Undefined) -> int:
        """The code of a missing value."""
        return self.reasons.setdefault(value.reason, len(self.reasons) + 2)


class _Block:
    """The values of consecutive replications while they are added, shape (columns, rows)."""

    def __init__(self, width: int, rows: int) -> None:
        self.values = np.full((width, rows), np.nan)
        self.codes = np.full((width, rows), _NOT_REPORTED, dtype=np.int32)
        self.filled = np.zeros(rows, dtype=bool)

    def widen(self, width: int) -> None:
        more = width - len(self.values)
        if more > 0:
            rows = self.filled.size
            self.values = np.concatenate([self.values, np.full((more, rows), np.nan)])
            self.codes = np.concatenate([self.codes, np.full((more, rows), _NOT_REPORTED, dtype=np.int32)])


class Columns:
    """One column per policy and KPI, one row per replication; rows may be added in any order, each once.

    Only the block that is being filled needs memory, which therefore does not grow with the number of replications.
    """

    def __init__(self, scratch: Scratch | None = None, rows: int = ROWS) -> None:
        self._scratch, self._rows = scratch or Scratch(), rows
        self._numbers: dict[tuple[str, str], int] = {}
        self._layouts: dict[Keys, NDArray[np.int64]] = {}
        self._earliest: dict[Keys, int] = {}
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
        block = self._open.get(place)
        if block is None:
            block = self._open[place] = _Block(len(self._numbers), self._rows)
        keys = tuple((policy, kpi) for policy, kpis in replication.values.items() for kpi in kpis)
        layout = self._layouts.get(keys)
        if layout is None:
            layout = self._layouts[keys] = self._laid_out(keys)
        self._earliest[keys] = min(self._earliest.get(keys, replication.number), replication.number)
        values = [value for kpis in replication.values.values() for value in kpis.values()]
        block.widen(len(self._numbers))
        block.values[layout, row] = [math.nan if isinstance(v, Undefined) else v for v in values]
        block.codes[layout, row] = [self._scratch.code(v) if isinstance(v, Undefined) else _VALUE for v in values]
        for policy, facts in replication.facts.items():
            self._put(block, row, policy, FACTS, float(int(facts, 16)))
        for policy, days in replication.settled.items():
            self._put(block, row, policy, SETTLED, days)
        block.filled[row] = True
        self.count += 1
        if block.filled.all():
            self._close(place)

    def _put(self, block: _Block, row: int, policy: str, name: str, value: float) -> None:
        column = self._numbers.setdefault((policy, name), len(self._numbers))
        if column >= len(block.values):
            block.widen(max(len(self._numbers), column + 1))
        block.codes[column, row], block.values[column, row] = _VALUE, value

    def _laid_out(self, keys: Keys) -> NDArray[np.int64]:
        """The column numbers of these keys."""
        return np.array([self._numbers.setdefault(key, len(self._numbers)) for key in keys], dtype=np.int64)

    def close(self) -> None:
        """Move blocks that are not full to the file, too; no more rows may be added."""
        for place in list(self._open):
            self._close(place)

    def _close(self, place: int) -> None:
        block = self._open.pop(place)
        self._closed[place] = (self._scratch.write(block.values.tobytes(), block.codes.tobytes()), len(block.values))

    @property
    def kpis(self) -> tuple[str, ...]:
        """KPI keys in the order of the reports, whichever replication was added first."""
        first: dict[str, tuple[int, int]] = {}
        for keys, number in self._earliest.items():
            for position, (_, kpi) in enumerate(keys):
                first[kpi] = min(first.get(kpi, (number, position)), (number, position))
        return tuple(sorted(first, key=first.__getitem__))

    def values(self, policy: str, kpi: str, n: int) -> NDArray[np.float64]:
        """The KPI in replications 0 … n - 1, nan if it has no value."""
        return self._column(policy, kpi, n)[0]

    def column(self, policy: str, kpi: str, n: int, first: int = 0) -> list[Value]:
        """The KPI in replications first … n - 1; `Undefined` if it has no value."""
        values, codes = self._column(policy, kpi, n, first)
        if not codes.any():
            return cast(list[Value], values.tolist())
        said: list[Undefined] = [NOT_REPORTED, NOT_REPORTED, *map(Undefined, self._scratch.reasons)]
        return [v if code == _VALUE else said[code] for v, code in zip(values.tolist(), codes.tolist(), strict=True)]

    def replication(self, number: int, policies: Iterable[str]) -> Replication:
        """One row, as it was added."""
        place, row = divmod(number, self._rows)
        values: dict[str, dict[str, Value]] = {policy: {} for policy in policies}
        for kpi in self.kpis:
            for policy, found in values.items():
                v, code = (part[row] for part in self._part(self._numbers.get((policy, kpi)), place))
                if code != _NOT_REPORTED:
                    found[kpi] = float(v) if code == _VALUE else Undefined(list(self._scratch.reasons)[code - 2])
        marks = {
            name: {policy: float(v) for policy in values if not np.isnan(v := self._mark(policy, name, place)[row])}
            for name in (FACTS, SETTLED)
        }
        facts = {policy: written(found) for policy, found in marks[FACTS].items()}
        return Replication(number, values, facts, marks[SETTLED])

    def _mark(self, policy: str, name: str, place: int) -> NDArray[np.float64]:
        return self._part(self._numbers.get((policy, name)), place)[0]

    def _column(self, policy: str, kpi: str, n: int, first: int = 0) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        number = self._numbers.get((policy, kpi))
        begin = first // self._rows
        parts = [self._part(number, place) for place in range(begin, -(-n // self._rows))]
        if not parts:
            return np.empty(0), np.empty(0, dtype=np.int32)
        wanted = slice(first - begin * self._rows, n - begin * self._rows)
        return np.concatenate([v for v, _ in parts])[wanted], np.concatenate([c for _, c in parts])[wanted]

    def _part(self, number: int | None, place: int) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """The rows of a column in one block."""
        rows = self._rows
        if number is not None and place in self._open and number < len(self._open[place].values):
            block = self._open[place]
            return block.values[number], block.codes[number]
        if number is not None and place in self._closed and number < self._closed[place][1]:
            begin, width = self._closed[place]
            values = self._scratch.read(begin + number * rows * 8, rows * 8)
            codes = self._scratch.read(begin + width * rows * 8 + number * rows * 4, rows * 4)
            return np.frombuffer(values), np.frombuffer(codes, dtype=np.int32)
        return np.full(rows, np.nan), np.full(rows, _NOT_REPORTED, dtype=np.int32)
