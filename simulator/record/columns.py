"""The facts of one kind as columns, frozen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FEW = 100_000
"""Facts of which what is worked out for one question is kept for the next."""


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
        if name not in self._columns and self._whole is not None:
            self._columns[name] = self._whole[name][self._rows]
        return self._columns[name]

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
        rows = np.flatnonzero(chosen)
        return self if rows.size == chosen.size else FactColumns({}, self, rows)

    def among(self, name: str, numbers: Iterable[float]) -> FactColumns:
        """The facts that have one of a few numbers in a column."""
        chosen = np.zeros(self.size, dtype=bool)
        for number in numbers if self.size else ():
            chosen |= self[name] == number
        return self.where(chosen)

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
