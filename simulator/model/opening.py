"""Orders and purchases from before the start: their numbers in the user's own books, and what was promised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class OpenBook:
    """n orders that are open at the start, in order of time, with L lines in all; the lines of an order are
    consecutive."""

    names: tuple[str, ...]
    """The number of each order in the user's books."""
    placed: Floats
    """When each order was placed, days from the start, at most 0, shape (n,)."""
    counts: Ints
    """Lines of each order, shape (n,)."""
    items: tuple[str, ...]
    """Item of each line."""
    quantities: Ints
    """Units of each line that are still open, shape (L,)."""
    segments: tuple[str, ...]
    """Segment of each order; '' for the first one of the scenario."""
    priority: Ints
    """Priority of each order, 1 first; 0 for that of its segment, shape (n,)."""
    promised: Floats
    """The day on which each line was promised, days from the start (nan: none was), shape (L,)."""
    rows: Ints
    """The row of each line in its file, the first below the header is 2, shape (L,)."""
    sites: tuple[str, ...] = ()
    """The site at which each line waits, '' for the customer's own; () where all do."""
    heads: Ints = field(init=False)
    """Place of each order's first line, and L, shape (n + 1,)."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "heads", np.concatenate(([0], np.cumsum(self.counts))).astype(np.int64))

    def __len__(self) -> int:
        return len(self.names)

    def lines_of(self, order: int) -> slice:
        """The places of the lines of an order."""
        return slice(int(self.heads[order]), int(self.heads[order + 1]))

    def site_of(self, line: int) -> str:
        """The site at which a line waits; '' for the customer's own."""
        return self.sites[line] if self.sites else ""

    def date_of(self, order: int) -> float | None:
        """The day by which all of an order was promised, the latest of its lines; None: no line has one."""
        dates = self.promised[self.lines_of(order)]
        return None if np.isnan(dates).all() else float(np.nanmax(dates))


@dataclass(frozen=True)
class KnownPurchase:
    """A purchase that was made before the start."""

    name: str
    """Its number in the user's books; '' if it has none."""
    due: float
    """The day on which the goods should come, days from the start."""


@dataclass(frozen=True, eq=False)
class Opening:
    """What was open at the start of a run: its orders have the first numbers of all orders."""

    orders: tuple[str, ...] = ()
    """The number of each open order in the user's books, by number in the run."""
    promised: tuple[float, ...] = ()
    """The day on which each line was promised, days from the start (nan: none was)."""
    purchases: Mapping[int, KnownPurchase] = field(default_factory=dict)
    """Purchases from before the start that the user numbered, by number in the run."""

    @property
    def count(self) -> int:
        """Number of open orders."""
        return len(self.orders)

    def was_promised(self, order: int, starts: Ints) -> bool:
        """Whether a day was promised for a line of an open order, whose lines begin at these places."""
        return not bool(np.isnan(self.promised[int(starts[order]) : int(starts[order + 1])]).all())


NOTHING_OPEN = Opening()
"""A run that starts without orders."""
