"""Ranking and selection: the best of many alternatives, with a stated guarantee and few replications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

FIRST = 10
"""Replications of every alternative before any may be dropped."""


class KimNelson:
    """Kim and Nelson's fully sequential procedure (2001, ACM TOMACS 11(3), 251-273; constant c = 1).

    All alternatives are observed in the first `first` replications. Then the survivors continue, one replication at a
    time, and an alternative that is clearly behind another survivor is dropped. If the values are normal, the one that
    is left is, with probability `confidence`, the best or at most `indifference` worse. Alternatives may use common
    random numbers: only the variance of their differences matters, so these save replications without weakening the
    guarantee.

    Args:
        names: the alternatives, each once; of two that are always equal the earlier one stays.
        better: whether high or low values are better.
        indifference: a difference that does not matter, in the unit of the values; above 0.
        relative: the indifference is a share of the first alternative's |mean| in the first replications.
        confidence: probability of a correct selection.

    Example:
        >>> contest = KimNelson(["a", "b"], "higher", indifference=1.0, first=3)
        >>> for noise in (0.1, -0.2, 0.3):
        ...     contest.add({"a": 5 + noise, "b": 9 + 1.1 * noise})
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
            raise ValueError("names must not be empty, and each must be given once")
        if not indifference > 0 or not 0.5 < confidence < 1 or first < 2:
            raise ValueError("expected indifference > 0, 0.5 < confidence < 1 and first >= 2")
        self.names, self.first, self.confidence = tuple(names), first, confidence
        self.indifference, self._relative = indifference, relative
        self.n = 0
        """Replications observed."""
        self.dropped: dict[str, int] = {}
        """Dropped alternatives, and after how many replications each was dropped."""
        self.survivors: tuple[str, ...] = self.names
        """The alternatives of the next replication, in the order given."""
        self._sign = 1.0 if better == "higher" else -1.0
        self._sums = np.zeros(len(names))
        self._first: list[list[float]] = []
        self._alive = np.ones(len(names), dtype=bool)
        self._spread = np.zeros((len(names), len(names)))
        """h² times the variance of each paired difference."""

    @property
    def decided(self) -> bool:
        """Whether one alternative is left."""
        return len(self.survivors) == 1

    @property
    def best(self) -> str:
        """The survivor with the best mean so far; with the guarantee once it is decided."""
        return max(self.survivors, key=lambda name: self._sign * self.mean(name))

    def mean(self, name: str) -> float:
        """The mean so far, or until it was dropped."""
        return float(self._sign * self._sums[self.names.index(name)] / max(self.dropped.get(name, self.n), 1))

    @property
    def next_round(self) -> int:
        """How many replications to add before the next comparison: at most a tenth too many, and enough for a batch.

        Comparing less often is always allowed; it does not make a wrong selection more likely.
        """
        if self.decided:
            return 0
        return self.first - self.n if self.n < self.first else max(4, self.n // 10)

    def add(self, values: Mapping[str, float]) -> None:
        """Add one replication, with a value for each survivor; values of others are ignored.

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
        """Estimate the variances of all differences, once, from the first replications."""
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
        behind = sums[:, None] - sums[None, :] + lead  # ≤ 0: the row's alternative is dropped because of the column's
        earlier = alive[None, :] < alive[:, None]
        out = alive[((behind < 0) | ((behind == 0) & earlier)).any(axis=1)]
        for k in out:
            self.dropped[self.names[k]] = self.n
        self._alive[out] = False
        self.survivors = tuple(name for name, here in zip(self.names, self._alive, strict=True) if here)
