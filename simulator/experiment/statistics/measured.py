"""The KPI values of an experiment, as tables, comparisons and verdicts read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from simulator.experiment.statistics.intervals import Difference, Estimate
from simulator.kpis.kpi import KPIS, Value


class MeasuredValues(Protocol):
    """KPI values by policy and replication."""

    @property
    def policies(self) -> tuple[str, ...]:
        """Names, in the order of the reports; differences are to the first."""

    @property
    def kpis(self) -> tuple[str, ...]:
        """KPI keys, in the order of the reports."""

    @property
    def replications(self) -> int:
        """Number of replications."""

    def column(self, policy: str, kpi: str, first: int = 0, last: int | None = None) -> Sequence[Value]:
        """The KPI in replications first … last - 1."""


class Measured(MeasuredValues, Protocol):
    """KPI values with their intervals and paired differences.

    `Results` is one; statistics and tables depend on this description only, so that results can depend on them.
    """

    def estimate(self, policy: str, kpi: str) -> Estimate:
        """Mean and interval of a KPI."""

    def difference(self, a: str, b: str, kpi: str, together: int = 1) -> Difference:
        """Policy `a` minus policy `b`, paired by replication, as one of `together` simultaneous differences."""


def unit_of(kpi: str) -> str:
    """The unit of a KPI by its key, for example of `age_buckets[0-3 d]`; '' if this version does not know the KPI."""
    known = KPIS.get(kpi.split("[")[0])
    return known.unit if known else ""
