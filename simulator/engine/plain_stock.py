"""What holds of stock where no rule divides it and no item is a kit: the base of all engines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from simulator.engine.backlog import Line, Shelf

Parts = tuple[tuple[int, int], ...]
"""(number of a component, units of it in one kit)."""


class PutAside(NamedTuple):
    """Components that are kept for a waiting line of kits."""

    line: Line
    units: Counter[int]
    """Units by component."""


class PlainStock:
    """Answers of an engine whose free units go to the backlog at once and whose items have stock of their own."""

    unsettled: Sequence[Shelf] = ()
    """Shelves whose stock is still to be divided."""
    confirmations: Sequence[tuple[Line, int]] = ()
    exceptions: Sequence[tuple[Line, int]] = ()
    kits: Mapping[int, Parts] = {}
    """The components of every kit, by its number."""
    uses: Mapping[int, Sequence[int]] = {}
    """The kits that a component is part of, by its number."""

    aside: Mapping[tuple[int, int], PutAside] = {}
    """(order, line) -> the components that are put aside for it."""

    def settle(self) -> None:
        """No-op; overridden by `DividingEngine`."""

    def clear_confirmations(self) -> None:
        """No-op; overridden by `DividingEngine`."""

    def available(self, shelf: Shelf, reserve: int = 0) -> int:
        """Units that are there beyond the `reserve` of each shelf; of a kit, those that could be assembled."""
        return shelf.on_hand - reserve

    def parts_of(self, shelf: Shelf) -> Sequence[tuple[Shelf, int]]:
        """(shelf, units) that one unit of an item is taken from: its own, or those of the components of a kit."""
        return ((shelf, 1),)

    def waiting_for(self, shelf: Shelf) -> Iterator[Line]:
        """Lines that wait for units of an item, in no particular order."""
        return iter(shelf.backlog)

    def missing(self, shelf: Shelf) -> int:
        """Units that lines wait for and that are not there."""
        return shelf.backordered
