"""The number of replications for a given precision: the first at which all intervals are narrow and stay so."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from simulator.experiment.statistics.intervals import share_bounds, t_quantile
from simulator.experiment.storage.replication import Replication
from simulator.kpis.kpi import KPIS, Undefined

HEADLINES = ("fill_rate", "operating_cost")
"""Default KPIs of a precision target: their means are not close to 0, unlike those of waiting times."""
AT_LEAST = 3
LOOK_AHEAD = 5
MOST = 1000
"""Default maximum number of replications."""


class RunningMoments:
    """Running mean and sum of squared deviations (Welford 1962)."""

    __slots__ = ("mean", "n", "share", "squares")

    def __init__(self, share: bool = False) -> None:
        self.n, self.mean, self.squares = 0, 0.0, 0.0
        self.share = share
        """Whether all values lie within [0, 1] because they are shares."""

    def add(self, value: float) -> None:
        self.n += 1
        self.share = self.share and 0 <= value <= 1
        step = value - self.mean
        self.mean += step / self.n
        self.squares += step * (value - self.mean)

    def relative_half_width(self, confidence: float) -> float:
        """Half-width of the interval of `estimate` over |mean|; 0 for a constant, infinite below two values."""
        if self.n < 2:
            return math.inf
        if self.squares == 0:
            return 0.0
        half_width = t_quantile((1 + confidence) / 2, self.n - 1) * math.sqrt(self.squares / (self.n - 1) / self.n)
        if self.share:
            low, high = share_bounds(self.mean, half_width)
            half_width = (high - low) / 2
        return half_width / abs(self.mean) if self.mean else math.inf


class PrecisionSearch:
    """Finds the smallest n at which the half-width of every interval is within `target` of its mean.

    The condition must still hold after the next max(5, n / 20) replications, which guards against intervals that are
    narrow by chance; these replications count in the result (Hoad, Robinson & Davies 2010, Automated selection of the
    number of replications). Replications are evaluated in the order of their numbers, so the answer does not depend on
    which finished first. A KPI with several rows must be precise in each row. A KPI that never has a value is ignored
    and reported.
    """

    def __init__(self, target: float, kpis: Sequence[str], most: int, confidence: float) -> None:
        self.target, self.kpis, self.most, self.confidence = target, tuple(kpis), most, confidence
        self.n = 0
        """Replications evaluated: 0 … n - 1."""
        self.narrow_since: int | None = None
        """Number of replications since which all intervals have been narrow; None: they are not."""
        self._spreads: dict[tuple[str, str], RunningMoments] = {}
        self._waiting: dict[int, Replication] = {}

    def add(self, replication: Replication) -> None:
        """Take in a replication; it is evaluated when all earlier ones are in."""
        self._waiting[replication.number] = replication
        while not self.ended and self.n in self._waiting:
            self._look_at(self._waiting.pop(self.n))

    def _look_at(self, replication: Replication) -> None:
        for policy, values in replication.values.items():
            for kpi, value in values.items():
                if kpi in self.kpis or kpi.split("[")[0] in self.kpis:
                    if not isinstance(value, Undefined):
                        if (policy, kpi) not in self._spreads:
                            self._spreads[policy, kpi] = RunningMoments(KPIS[kpi.split("[")[0]].unit == "share")
                        self._spreads[policy, kpi].add(value)
        self.n += 1
        widths = [s.relative_half_width(self.confidence) for s in self._spreads.values()]
        if self.n < AT_LEAST or max(widths, default=0.0) > self.target:
            self.narrow_since = None
        elif self.narrow_since is None:
            self.narrow_since = self.n

    @property
    def goal(self) -> int:
        """Number of replications that are certainly needed, as far as is known now."""
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

    @property
    def missed(self) -> list[dict[str, Any]]:
        """Every interval that is too wide: policy, KPI and half-width relative to the mean (None: infinite), widest
        first."""
        widths = {key: spread.relative_half_width(self.confidence) for key, spread in self._spreads.items()}
        wide = sorted((-width, *key) for key, width in widths.items() if width > self.target)
        return [{"policy": p, "kpi": k, "relative": -w if math.isfinite(w) else None} for w, p, k in wide]

    @property
    def without(self) -> list[str]:
        """The KPIs that never had a value."""
        seen = {kpi for _, kpi in self._spreads} | {kpi.split("[")[0] for _, kpi in self._spreads}
        return [kpi for kpi in self.kpis if kpi not in seen]

    def to_plain(self) -> dict[str, Any]:
        """The target and the outcome, for the manifest."""
        return {
            "target": self.target,
            "kpis": list(self.kpis),
            "most": self.most,
            "reached": self.reached,
            "missed": [] if self.reached else self.missed,
            "without": self.without,
        }
