"""The lines that wait for one item, in the order in which they will be served."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from simulator.engine.orders import Line, Order

FEW = 64
"""Dead lines that are not worth a sweep."""


class Backlog(ABC):
    """Waiting lines; dead ones are dropped when they come to the head, or all at once when they are the larger part,
    which keeps every step cheap and memory in proportion to what waits."""

    def __init__(self) -> None:
        self.cancelled = 0
        """Lines that died by cancellation since the last sweep."""

    def bury(self) -> None:
        """A line was cancelled, and may stand anywhere."""
        self.cancelled += 1
        if self.cancelled > FEW and 2 * self.cancelled > len(self):
            self.sweep()
            self.cancelled = 0

    @abstractmethod
    def __len__(self) -> int:
        """Lines kept, dead ones included."""

    @abstractmethod
    def __iter__(self) -> Iterator[Line]:
        """Lines that wait, in no particular order."""

    @abstractmethod
    def sweep(self) -> None:
        """Drops all dead lines."""

    @abstractmethod
    def add(self, line: Line, /) -> None:
        """Puts a line in its place."""

    @abstractmethod
    def head(self) -> Line | None:
        """The line to be served next."""

    @abstractmethod
    def goes_before(self, order: Order) -> bool:
        """True when a waiting line must be served before this new order; asked only while units wait."""


class Queue(Backlog):
    """First come, first served."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: deque[Line] = deque()
        self.add = self.lines.append  # type: ignore[method-assign]  # one call less for every line that waits

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[Line]:
        return (line for line in self.lines if line.open)

    def sweep(self) -> None:
        waiting = list(self)
        self.lines.clear()
        self.lines.extend(waiting)

    def add(self, line: Line, /) -> None:
        self.lines.append(line)

    def head(self) -> Line | None:
        lines = self.lines
        while lines:
            first = lines[0]
            if first.open:
                return first
            lines.popleft()
        return None

    def goes_before(self, order: Order) -> bool:
        return True


def by_terms(order: Order) -> tuple[float, ...]:
    """The rank that the terms of an order give to its number."""
    return order.terms.rank(order.number)


class Ranked(Backlog):
    """By the rank that the allocation gives an order when its line comes, then in the order in which they came."""

    def __init__(self, rank: Callable[[Order], tuple[float, ...]] = by_terms) -> None:
        super().__init__()
        self.rank = rank
        self.lines: list[tuple[tuple[float, ...], int, Line]] = []
        self.added = 0

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[Line]:
        return (line for _, _, line in self.lines if line.open)

    def sweep(self) -> None:
        self.lines = [entry for entry in self.lines if entry[2].open]
        heapify(self.lines)

    def add(self, line: Line, /) -> None:
        self.added += 1
        heappush(self.lines, (self.rank(line.order), self.added, line))

    def head(self) -> Line | None:
        lines = self.lines
        while lines:
            if lines[0][2].open:
                return lines[0][2]
            heappop(lines)
        return None

    def goes_before(self, order: Order) -> bool:
        return self.head() is not None and self.lines[0][0] <= self.rank(order)
