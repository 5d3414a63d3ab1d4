"""Something that is used up at a pace that may change: a customer's patience, the time to the next contact."""

from __future__ import annotations

from math import inf


class Pace:
    """An amount in days at the usual pace, and how fast it is used up now."""

    __slots__ = ("left", "rate", "since", "turn")

    def __init__(self, amount: float, rate: float, now: float) -> None:
        self.left, self.rate, self.since = amount, rate, now
        self.turn = 0
        """Counts the changes; an alarm that was set before the last one is void."""

    def change(self, rate: float, now: float) -> bool:
        """Another pace from now on; false where it is the same."""
        if rate == self.rate:
            return False
        if self.left < inf:
            self.left = max(self.left - self.rate * (now - self.since), 0.0)
        self.rate, self.since = rate, now
        self.turn += 1
        return True

    def renew(self, amount: float, now: float) -> None:
        """A new amount, at the pace as it is."""
        self.left, self.since = amount, now
        self.turn += 1

    @property
    def days(self) -> float:
        """From the last change until it is used up, if nothing changes."""
        return self.left / self.rate if self.rate > 0 else inf
