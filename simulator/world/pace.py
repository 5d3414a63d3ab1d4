"""Time that work and waiting take: amounts that are used up at a rate that may change, and workers with a queue."""

from __future__ import annotations

from heapq import heappop, heappush
from math import inf


class Pace:
    """An amount, in days at the usual rate, and the rate at which it is used up now."""

    __slots__ = ("left", "rate", "since", "turn")

    def __init__(self, amount: float, rate: float, now: float) -> None:
        self.left, self.rate, self.since = amount, rate, now
        self.turn = 0
        """Counts the changes; a timer that was set before the last one is obsolete."""

    def change(self, rate: float, now: float) -> bool:
        """Changes the rate; False if it is the same."""
        if rate == self.rate:
            return False
        if self.left < inf:
            self.left = max(self.left - self.rate * (now - self.since), 0.0)
        self.rate, self.since = rate, now
        self.turn += 1
        return True

    def renew(self, amount: float, now: float) -> None:
        """Sets a new amount at the current rate."""
        self.left, self.since = amount, now
        self.turn += 1

    @property
    def days(self) -> float:
        """Days from the last change until the amount is used up at the current rate."""
        return self.left / self.rate if self.rate > 0 else inf


class Workers:
    """Pickers or agents who work first come, first served; any number of them where `count` is None."""

    def __init__(self, count: int | None) -> None:
        self.count = count
        self.busy: list[float] = []
        """When each busy worker will be free."""

    @property
    def next_free(self) -> float:
        """The day from which a worker is free; -inf: at once."""
        return -inf if self.count is None or len(self.busy) < self.count else self.busy[0]

    def serve(self, now: float, days: float) -> tuple[float, float]:
        """When a worker starts on work of so many days that comes now, and when it is done."""
        if self.count is None:
            return now, now + days
        start = now if len(self.busy) < self.count else max(heappop(self.busy), now)
        heappush(self.busy, start + days)
        return start, start + days
