"""Ranking and selection: which of many is the best, with a stated guarantee and as few replications as it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

FIRST = 10
"""Replications that everybody plays before anybody may drop out."""


class KimNelson:
    """Kim and Nelson's fully sequential procedure (2001, ACM TOMACS 11(3), 251-273; constant c = 1).

    All contestants play the first `first` replications, then the survivors go on, one replication after the other,
    and whoever is clearly behind another survivor drops out. When the values are normal, the contestant that is left
    is with probability `confidence` the best, or at most `indifference` away from it: exactly the best where it leads
    by `indifference` or more. Contestants may share their luck (common random numbers): what counts is the spread of
    their differences, so that sharing it saves replications and costs nothing of the guarantee.

    Args:
        names: the contestants, each once; where two are always equal the earlier one stays.
        better: whether high or low values are.
        indifference: a difference that does not matter, in the unit of the values; above 0.
        relative: the indifference is a share of the first contestant's |mean| in the first replications.
        confidence: of the guarantee.

    Example:
        >>> contest = KimNelson(["a", "b"], "higher", indifference=1.0, first=3)
        >>> for luck in (0.1, -0.2, 0.3):
        ...     contest.add({"a": 5 + luck, "b": 9 + 1.1 * luck})
        >>> contest.best, contest.decided, contest.dropped
        ('b', True, {'a': 3})
    """

    def __init__(
        self,
        names: Sequence[str],
        better: Literal["higher", "lower"],
        indifference: float,
        confidence: float = 0.95,
        first: int = FIRST,
        relative: bool = False,
    ) -> None:
        if not names or len(set(names)) < len(names):
            raise ValueError("contestants are due, each of them once")
        if not indifference > 0 or not 0.5 < confidence < 1 or first < 2:
            raise ValueError("indifference > 0, 0.5 < confidence < 1 and at least 2 first replications are due")
        self.names, self.first, self.confidence = tuple(names), first, confidence
        self.indifference, self._relative = indifference, relative
        self.n = 0
        """Replications played."""
        self.dropped: dict[str, int] = {}
        """Contestants that are out, and after how many replications."""
        self.survivors: tuple[str, ...] = self.names
        """Who plays the next replication, in the order given."""
        self._sign = 1.0 if better == "higher" else -1.0
        self._sums = np.zeros(len(names))
        self._first: list[list[float]] = []
        self._alive = np.ones(len(names), dtype=bool)
        self._spread = np.zeros((len(names), len(names)))
        """h² times the variance of each paired difference."""

    @property
    def decided(self) -> bool:
        """One is left."""
        return len(self.survivors) == 1

    @property
    def best(self) -> str:
        """The survivor with the best mean so far; with the guarantee once it is decided."""
        return max(self.survivors, key=lambda name: self._sign * self.mean(name))

    def mean(self, name: str) -> float:
        """The mean so far; of one that dropped out the mean when it did."""
        return float(self._sign * self._sums[self.names.index(name)] / max(self.dropped.get(name, self.n), 1))

    @property
    def next_round(self) -> int:
        """How many more replications to play before the next look: at most a tenth too many, and enough for a batch.

        To look less often is always allowed; it makes a wrong choice no likelier.
        """
        if self.decided:
            return 0
        return self.first - self.n if self.n < self.first else max(4, self.n // 10)

    def add(self, values: Mapping[str, float]) -> None:
        """One more replication, with a value for each survivor; who dropped out is not looked at.

        Raises:
            KeyError: a survivor has no value.
        """
        if self.decided and self.n >= self.first:
            return
        row = [self._sign * values[name] if alive else 0.0 for name, alive in zip(self.names, self._alive, strict=True)]
        self._sums += row
        self.n += 1
        if self.n <= self.first:
            self._first.append(row)
        if self.n == self.first:
            self._learn()
        if self.n >= self.first:
            self._drop()

    def _learn(self) -> None:
        """The spreads of all differences, from the first replications; they are never estimated again."""
        sample = np.array(self._first)
        if self._relative:
            self.indifference *= abs(float(sample[:, 0].mean())) or 1.0
        degrees = self.first - 1
        tail = 2 * (1 - self.confidence) / max(len(self.names) - 1, 1)
        eta = (tail ** (-2 / degrees) - 1) / 2
        differences = sample[:, :, None] - sample[:, None, :]
        self._spread = 2 * eta * degrees * differences.var(axis=0, ddof=1)

    def _drop(self) -> None:
        alive = np.flatnonzero(self._alive)
        sums = self._sums[alive]
        spread = self._spread[np.ix_(alive, alive)]
        lead = np.maximum(0.0, (spread / self.indifference - self.indifference * self.n) / 2)
        behind = sums[:, None] - sums[None, :] + lead  # ≤ 0: the row's contestant is out by the column's
        earlier = alive[None, :] < alive[:, None]
        out = alive[((behind < 0) | ((behind == 0) & earlier)).any(axis=1)]
        for k in out:
            self.dropped[self.names[k]] = self.n
        self._alive[out] = False
        self.survivors = tuple(name for name, here in zip(self.names, self._alive, strict=True) if here)
