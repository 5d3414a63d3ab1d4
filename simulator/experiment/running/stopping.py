"""The number of replications for a given precision: the first at which all intervals are narrow and stay so."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from simulator.experiment.statistics.intervals import estimate
from simulator.experiment.statistics.measured import unit_of
from simulator.experiment.storage.replication import Replication
from simulator.kpis.kpi import Undefined, Value

HEADLINES = ("fill_rate", "operating_cost")
"""Default KPIs of a precision target: their means are not close to 0, unlike those of waiting times."""
AT_LEAST = 3
LOOK_AHEAD = 5
MOST = 1000
"""Default maximum number of replications."""


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
        self._values: dict[tuple[str, str], list[Value]] = {}
        """By policy and KPI."""
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
                        self._values.setdefault((policy, kpi), []).append(value)
        self.n += 1
        if self.n < AT_LEAST or max(self._widths().values(), default=0.0) > self.target:
            self.narrow_since = None
        elif self.narrow_since is None:
            self.narrow_since = self.n

    def _widths(self) -> dict[tuple[str, str], float]:
        """By policy and KPI: the half-width relative to the mean."""
        return {
            (policy, kpi): estimate(values, self.confidence, unit_of(kpi) == "share").relative
            for (policy, kpi), values in self._values.items()
        }

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
        wide = sorted((-width, *key) for key, width in self._widths().items() if width > self.target)
        return [{"policy": p, "kpi": k, "relative": -w if math.isfinite(w) else None} for w, p, k in wide]

    @property
    def without(self) -> list[str]:
        """The KPIs that never had a value."""
        seen = {name for _, kpi in self._values for name in (kpi, kpi.split("[")[0])}
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
