"""How many replications are enough: the first number at which the intervals are narrow, and stay so for a while."""

from __future__ import annotations

import math
from collections.abc import Sequence

from simulator.experiment.intervals import t_quantile
from simulator.experiment.replication import Replication
from simulator.kpis.kpi import Undefined

HEADLINES = ("fill_rate", "total_cost")
"""The KPIs that must be estimated narrowly unless others are named: means that are not close to 0, as waits may be."""
AT_LEAST = 3
LOOK_AHEAD = 5
MOST = 1000
"""Where the search gives up unless told otherwise."""


class Spread:
    """Mean and sum of squared deviations of the values so far (Welford)."""

    __slots__ = ("mean", "n", "squares")

    def __init__(self) -> None:
        self.n, self.mean, self.squares = 0, 0.0, 0.0

    def add(self, value: float) -> None:
        self.n += 1
        step = value - self.mean
        self.mean += step / self.n
        self.squares += step * (value - self.mean)

    def relative_half_width(self, confidence: float) -> float:
        """Half-width of the Student interval over |mean|; 0 for a constant, infinite below two values."""
        if self.n < 2:
            return math.inf
        if self.squares == 0:
            return 0.0
        half_width = t_quantile((1 + confidence) / 2, self.n - 1) * math.sqrt(self.squares / (self.n - 1) / self.n)
        return half_width / abs(self.mean) if self.mean else math.inf


class Search:
    """Looks for the smallest n at which every interval is within `target` of its mean.

    It must still be so after the next max(5, n / 20) replications, which guards against a lucky start; they count in
    the result (Hoad, Robinson & Davies 2010, Automated selection of the number of replications). Replications are
    looked at in order of their numbers, so the answer does not hinge on who finished first. A KPI that never has a
    value is passed over.
    """

    def __init__(self, target: float, kpis: Sequence[str], most: int, confidence: float) -> None:
        self.target, self.kpis, self.most, self.confidence = target, tuple(kpis), most, confidence
        self.n = 0
        """Replications looked at: 0 … n - 1."""
        self.narrow_since: int | None = None
        """The number of replications from which on all intervals have been narrow."""
        self._spreads: dict[tuple[str, str], Spread] = {}
        self._waiting: dict[int, Replication] = {}

    def add(self, replication: Replication) -> None:
        """One more is there; its turn comes when all before it are."""
        self._waiting[replication.number] = replication
        while not self.ended and self.n in self._waiting:
            self._look_at(self._waiting.pop(self.n))

    def _look_at(self, replication: Replication) -> None:
        for policy, values in replication.values.items():
            for kpi in self.kpis:
                value = values.get(kpi)
                if value is not None and not isinstance(value, Undefined):
                    self._spreads.setdefault((policy, kpi), Spread()).add(value)
        self.n += 1
        widths = [s.relative_half_width(self.confidence) for s in self._spreads.values()]
        if self.n < AT_LEAST or max(widths, default=0.0) > self.target:
            self.narrow_since = None
        elif self.narrow_since is None:
            self.narrow_since = self.n

    @property
    def goal(self) -> int:
        """Replications that are needed for sure, by what is known so far."""
        n = max(self.n + 1, AT_LEAST) if self.narrow_since is None else self.narrow_since
        return min(self.most, n + max(LOOK_AHEAD, n // 20))

    @property
    def ended(self) -> bool:
        """No more are needed, or allowed."""
        return self.n >= self.goal

    @property
    def reached(self) -> bool:
        """The target is met."""
        return self.narrow_since is not None
