"""The facts of one kind: rows while they are written, columns once they are frozen."""

from __future__ import annotations

import mmap
from array import array
from collections.abc import Callable, Iterator, Mapping
from functools import cache, cached_property
from struct import Struct
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NO_ROWS: Floats = np.empty(0)
"""A column of a table without rows."""
T = TypeVar("T")
FEW = 100_000
"""Facts of which what is worked out for one question is kept for the next."""
MANY = 1 << 14
"""Numbers in the array of a table that are worth moving elsewhere."""
PIECE, LONG = 1 << 16, 1 << 18
"""Rows that become columns at a time; and of a table so long that it should not be in memory twice."""


class FactColumns(Mapping[str, Floats]):
    """The facts of one kind, frozen: its columns by name, each of shape (facts,).

    Some of the facts (see `where`) take a column out of all facts when it is first asked for.
    """

    def __init__(
        self, columns: Mapping[str, Floats], whole: FactColumns | None = None, rows: Ints | None = None
    ) -> None:
        self._columns = dict(columns)
        self._whole, self._rows = whole, rows
        self._places: NDArray[np.int32] | None = None
        self._numbers: dict[str, Ints] = {}
        self._all_own: bool | None = None

    def __getitem__(self, name: str) -> Floats:
        found = self._columns.get(name)
        if found is None:
            if self._whole is None:
                raise KeyError(name)
            found = self._columns[name] = self._whole[name][self._rows]
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns if self._whole is None else self._whole)

    def __len__(self) -> int:
        """Number of columns."""
        return len(self._columns) if self._whole is None else len(self._whole)

    @property
    def size(self) -> int:
        """Number of facts."""
        return next(iter(self._columns.values())).size if self._rows is None else self._rows.size

    def where(self, chosen: Bools | Ints) -> FactColumns:
        """The facts at which `chosen` is true, or those in the chosen rows."""
        if chosen.dtype != np.bool_:
            return FactColumns({}, self, chosen.astype(np.int64))
        (rows,) = chosen.nonzero()
        return self if rows.size == chosen.size else FactColumns({}, self, rows)

    def having(self, name: str, number: float, *others: float) -> FactColumns:
        """The facts whose value in a column is one of these numbers, such as a cause."""
        if not self.size:
            return self
        # float(): NumPy looks up ten attributes of an enumeration member before it compares it as a number.
        chosen = self[name] == float(number)
        for other in others:
            chosen |= self[name] == float(other)
        return self.where(chosen)

    def without(self, name: str, number: float) -> FactColumns:
        """The facts whose value in a column is not this number."""
        return self.where(self[name] != float(number)) if self.size else self

    @property
    def own(self) -> FactColumns:
        """The facts about orders of this run; those about backlogs from before the start are left out."""
        if self._all_own is None:
            self._all_own = bool((self["order"] >= 0).all())
        return self if self._all_own else self.where(self["order"] >= 0)

    def numbers(self, name: str) -> Ints:
        """A column of numbers of objects (`order`, `item`, `supplier`, ...), ready to be used as an index, not to be
        written to."""
        if name in self._numbers:
            return self._numbers[name]
        found = self[name].astype(np.int64)
        if found.size <= FEW:
            found.flags.writeable = False
            self._numbers[name] = found
        return found

    def places(self, starts: Ints) -> NDArray[np.int32]:
        """Place of each fact's line among all lines, where the lines of order k begin at `starts[k]`; worked out once.

        Places of facts about backlogs from before the start have no meaning.
        """
        if self._whole is not None:
            return self._whole.places(starts)[self._rows]
        if self._places is None:
            orders = np.maximum(self.numbers("order"), 0)  # backlogs from before the start have negative numbers
            self._places = (starts[orders] + self.numbers("line")).astype(np.int32)
        return self._places

    def forget(self) -> None:
        """Frees the memory of what has been worked out from the facts."""
        self._places = None
        self._numbers.clear()

    def sums(self, by: str, size: int) -> Floats:
        """Units summed by the number in column `by`, shape (size,)."""
        return np.bincount(self.numbers(by), weights=self["units"], minlength=size).astype(np.float64)


def own_pages(size: int) -> mmap.mmap:
    """Bytes in pages of their own, all 0."""
    private = getattr(mmap, "MAP_PRIVATE", None)  # unknown to Windows, where nothing is shared unless it has a name
    return mmap.mmap(-1, size) if private is None else mmap.mmap(-1, size, flags=private)


class OwnPages:
    """Keeps arrays in pages of their own, in blocks of a megabyte. A block goes back to the system as soon as none of
    its arrays is used, whatever malloc keeps: what is joined later is never in memory twice."""

    __slots__ = ("_block", "_used")
    SIZE = 1 << 20

    def __init__(self) -> None:
        self._block: mmap.mmap | None = None
        self._used = 0

    def keep(self, values: NDArray[Any]) -> NDArray[Any]:
        """A copy of an array that is not empty."""
        if self._block is None or self._used + values.nbytes > len(self._block):
            self._block, self._used = own_pages(max(self.SIZE, values.nbytes)), 0
        kept: NDArray[Any] = np.ndarray(values.shape, values.dtype, self._block, self._used)
        kept[...] = values
        self._used += -(-values.nbytes // 8) * 8  # the next array begins at a multiple of 8 bytes
        return kept

    def end(self) -> None:
        """Lets go of the last block."""
        self._block = None


@cache
def _packer(numbers: int) -> Callable[..., bytes]:
    """Return a function that packs this many doubles into bytes."""
    return Struct(f"={numbers}d").pack


class FactTable:
    """Facts of one kind while they are written: rows of doubles in one flat array, 8 bytes a field.

    Write a row with `table.add(table.pack(a, b, ...))`, in the order of `columns`: packing is 2.5 times as fast as
    extending an array by a tuple. Whole numbers are exact up to 2^53.
    """

    __slots__ = ("_adopted", "_pages", "_rows", "_stowed", "add", "columns", "pack")

    def __init__(self, *columns: str) -> None:
        self.columns = columns
        self._rows = array("d")
        self._stowed: list[Floats] = []
        """The rows before those, in parts of shape (rows, columns)."""
        self._pages = OwnPages()
        self._adopted: Floats | None = None
        self.pack: Callable[..., bytes] = _packer(len(columns))
        self.add: Callable[[bytes], None] = self._rows.frombytes

    def write(self, *row: float) -> None:
        """Adds one row, where speed does not matter."""
        self.add(self.pack(*row))

    def __len__(self) -> int:
        return self._before() + len(self._rows) // len(self.columns)

    def since(self, row: int) -> Floats:
        """A copy of the rows from number `row` on, shape (rows, columns)."""
        begin, parts = self._before(), [self._matrix()]
        for part in reversed(self._stowed):
            if begin <= row:
                break
            begin -= len(part)
            parts.append(part)
        parts[-1] = parts[-1][max(row - begin, 0) :]
        return np.concatenate(parts[::-1])

    def stow(self) -> None:
        """Moves the rows out of the array, which therefore stays short, if they are many."""
        if len(self._rows) >= MANY:
            self._stowed.append(self._pages.keep(self._matrix()))
            del self._rows[:]

    def harvest(self, first: int = 0) -> FactTable:
        """Moves the rows into a new table; orders are renumbered from `first` on (numbers below 0 stay)."""
        rows = self.since(0)
        self._stowed.clear()
        del self._rows[:]
        if first:
            orders = rows[:, self.columns.index("order")]
            orders[orders >= 0] -= first
        taken = FactTable(*self.columns)
        taken.add(rows.tobytes())
        return taken

    def adopt(self, rows: Floats, taken: Callable[[int, int], None] | None = None) -> None:
        """Takes all rows at once, which were written elsewhere and may be freed afterwards; for `freeze` alone.

        `taken(begin, end)` is told which doubles of a long table are in columns, and may give their memory back.
        """
        width = len(self.columns)
        matrix = rows.reshape(-1, width)
        columns = np.empty(matrix.shape[::-1])
        for begin in range(0, len(matrix), PIECE):
            end = min(begin + PIECE, len(matrix))
            columns[:, begin:end] = matrix[begin:end].T
            if taken is not None and len(matrix) > LONG:
                taken(begin * width, end * width)
        self._adopted = columns if rows.size else None

    def freeze(self) -> FactColumns:
        """Moves the rows into columns, which are read many times faster than every k-th number of a row."""
        columns, self._adopted = self._adopted, None
        if columns is None and not len(self):
            return FactColumns(dict.fromkeys(self.columns, NO_ROWS))
        if columns is None:
            columns = self._joined() if self._stowed else self._matrix().T.copy()
            del self._rows[:]
        return FactColumns(dict(zip(self.columns, columns, strict=True)))

    def _joined(self) -> Floats:
        """All rows as columns, in pages that are taken from the system while those of the stowed parts go back."""
        self._pages.end()
        shape = (len(self.columns), len(self))
        columns: Floats = np.ndarray(shape, buffer=own_pages(8 * shape[0] * shape[1]))
        begin = 0
        self._stowed.reverse()
        while self._stowed:
            part = self._stowed.pop()
            columns[:, begin : begin + len(part)] = part.T
            begin += len(part)
        columns[:, begin:] = self._matrix().T
        return columns

    def _before(self) -> int:
        """Rows that are stowed."""
        return sum(map(len, self._stowed))

    def _matrix(self) -> Floats:
        # An array cannot grow while numpy looks at its memory, so no view outlives a call.
        rows = np.frombuffer(self._rows, dtype=np.float64) if self._rows else np.empty(0)
        return rows.reshape(-1, len(self.columns))


def sums_by(numbers: NDArray[np.integer], values: NDArray[Any], n: int) -> Floats:
    """Sums of the values of each number below n, added in the order of the rows, shape (n,).

    `np.bincount` casts both arrays as a whole, for which a long run has no memory.
    """
    size = numbers.size
    if size <= LONG:
        return np.bincount(numbers, weights=values, minlength=n).astype(np.float64, copy=False)
    found: Floats = np.zeros(n)
    every = np.arange(n)
    for begin in range(0, size, PIECE):
        piece = slice(begin, begin + PIECE)  # the sums so far come first, so that nothing is added in another order
        rows = np.concatenate((every, numbers[piece])), np.concatenate((found, values[piece]))
        found = np.bincount(rows[0], weights=rows[1], minlength=n).astype(np.float64, copy=False)
    return found


def sums_of_runs(values: NDArray[Any], counts: NDArray[np.integer]) -> Floats:
    """Sums of the first `counts[0]` values, of the next `counts[1]`, and so on, added in that order, shape (n,)."""
    found, begin = np.empty(counts.size), 0
    for first in range(0, counts.size, PIECE):
        mine = counts[first : first + PIECE]
        end = begin + int(mine.sum())
        runs = np.repeat(np.arange(mine.size), mine)
        found[first : first + PIECE] = np.bincount(runs, weights=values[begin:end], minlength=mine.size)
        begin = end
    return found


class KeptIfShort(cached_property[T]):
    """An attribute that is worked out once, except in a long run: there, memory is dearer than time.

    Its object has the attribute `is_long`.
    """

    def __get__(self, instance: Any, owner: type[Any] | None = None) -> T:  # type: ignore[override]
        return self.func(instance) if instance is not None and instance.is_long else super().__get__(instance, owner)
