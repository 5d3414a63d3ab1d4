"""The lines that wait for one item, in the order in which they will be served."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.engine.orders import Line, Order


class Backlog(ABC):
    """Waiting lines; dead ones are dropped when they come to the head, which keeps every step cheap."""

    @abstractmethod
    def add(self, line: Line) -> None:
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
        self.lines: deque[Line] = deque()

    def add(self, line: Line) -> None:
        self.lines.append(line)

    def head(self) -> Line | None:
        lines = self.lines
        while lines:
            if lines[0].open:
                return lines[0]
            lines.popleft()
        return None

    def goes_before(self, order: Order) -> bool:
        return True


class Ranked(Backlog):
    """By the rank that the allocation gives, then in the order in which they came."""

    def __init__(self) -> None:
        self.lines: list[tuple[tuple[int, int], int, Line]] = []
        self.added = 0

    def add(self, line: Line) -> None:
        self.added += 1
        heappush(self.lines, (line.order.terms.rank(line.order.number), self.added, line))

    def head(self) -> Line | None:
        lines = self.lines
        while lines:
            if lines[0][2].open:
                return lines[0][2]
            heappop(lines)
        return None

    def goes_before(self, order: Order) -> bool:
        return self.head() is not None and self.lines[0][0] <= order.terms.rank(order.number)
