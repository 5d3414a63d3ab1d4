"""The KPI values of an experiment, as tables, comparisons and verdicts read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from simulator.experiment.statistics.intervals import Difference, Estimate
from simulator.kpis.kpi import KPIS, Value
from simulator.scenario.schema.schema import Scenario


class Labels(NamedTuple):
    """What the numbers of a scenario are counted in."""

    currency: str
    units: Mapping[str, str] = {}
    """Item -> the name of its unit, such as kg, where it has one; '' -> the name that all items have."""

    def goods(self, key: str) -> str:
        """The name of the units that a KPI counts, by its key; '' where it has none."""
        table, _, part = key.partition("[")
        return self.units.get(part.removesuffix("]") if table.endswith("_by_item") else "", "")

    @property
    def all_goods(self) -> str:
        """The name of the units of all items together."""
        return self.units.get("", "units")

    def named(self, item: str) -> str:
        """The name of an item, with that of its unit where units differ: 'beans (kg)'."""
        unit = self.units.get(item, "")
        return f"{item} ({unit})" if unit and "" not in self.units else item


def labels_of(scenario: Scenario) -> Labels:
    """The labels of a scenario."""
    found = {name: item.unit for name, item in scenario.items.items() if item.unit}
    names = {item.unit for item in scenario.items.values()}
    return Labels(scenario.currency, {**found, **({"": names.pop()} if found and len(names) == 1 else {})})


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
