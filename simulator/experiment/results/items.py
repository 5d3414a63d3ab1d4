"""The KPIs of single items: a table with intervals, the worst items, and ABC classes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from simulator.experiment.statistics.elementwise import half_widths
from simulator.experiment.statistics.intervals import Estimate
from simulator.experiment.statistics.measured import unit_of
from simulator.experiment.statistics.verdicts import direction
from simulator.experiment.storage.item_files import ItemMoments
from simulator.foundation.errors import UserError, nearest
from simulator.kpis.groups.items import SUFFIX
from simulator.record.ledger import Floats

HEADER = ("policy", "item", "kpi", "mean", "half_width", "n")
VALUE = "demand_value_by_item"
"""What ABC classes are made from."""
CLASSES = (("A", 0.80), ("B", 0.95), ("C", 1.0))
"""Class, and the share of the value of demand at which it ends: the usual convention (Silver, Pyke and Thomas 2017,
section 2.2)."""
CLASS_NOTE = "Class A items make up 80 % of the value of demand, B items the next 15 %, C items the rest."


class ItemRow(NamedTuple):
    """A KPI of an item under a policy; `mean` and `half_width` are None where there is none."""

    policy: str
    item: str
    kpi: str
    mean: float | None
    half_width: float | None
    n: int


@dataclass(frozen=True)
class ItemTable:
    """The KPIs of items by policy: means over the first `replications` of a run, with intervals."""

    moments: ItemMoments
    policies: tuple[str, ...]
    confidence: float

    @property
    def items(self) -> tuple[str, ...]:
        return self.moments.items

    @property
    def kpis(self) -> tuple[str, ...]:
        return self.moments.kpis

    @property
    def replications(self) -> int:
        """Number of replications that the means are over; fewer than those of the run if there are many items."""
        return self.moments.replications

    def means(self, policy: str, kpi: str) -> Floats:
        """The mean of a KPI, shape (items,); nan where it has no value."""
        found, row = self.moments.policies[self.policy(policy)], self._row(kpi)
        return np.where(found.n[row] > 0, found.mean[row], np.nan)

    def mean(self, policy: str, kpi: str, item: str) -> float:
        """The mean of a KPI of one item; nan where it has no value."""
        return float(self.means(policy, kpi)[self.items.index(item)])

    def half_widths(self, policy: str, kpi: str) -> Floats:
        """Half the length of each interval, shape (items,); nan for an item without one."""
        found, row = self.moments.policies[self.policy(policy)], self._row(kpi)
        low, high = found.low[row], found.high[row]
        share = (unit_of(kpi) == "share") & (low >= 0) & (high <= 1)
        return half_widths(found.mean[row], found.squares[row], found.n[row], self.confidence, share)

    def estimates(self, policy: str, kpi: str, items: Iterable[str]) -> list[Estimate]:
        """The mean and interval of a KPI of some items; intervals of shares are shown by half their length."""
        columns = self.means(policy, kpi).tolist(), self.half_widths(policy, kpi).tolist(), self.counts(policy, kpi)
        found = {
            item: Estimate(nothing(mean), nothing(half), n)
            for item, mean, half, n in zip(self.items, *columns, strict=True)
        }
        return [found[item] for item in items]

    def counts(self, policy: str, kpi: str) -> list[int]:
        """Replications in which each item has a value."""
        found: list[int] = self.moments.policies[self.policy(policy)].n[self._row(kpi)].tolist()
        return found

    def rows(self, policies: Iterable[str] = (), kpis: Iterable[str] = ()) -> Iterator[ItemRow]:
        """Every number, by policy, KPI and item; those of some policies and KPIs only, if they are given."""
        for policy in tuple(policies) or self.policies:
            for kpi in tuple(kpis) or self.kpis:
                columns = self.means(policy, kpi).tolist(), self.half_widths(policy, kpi).tolist()
                for item, mean, half, n in zip(self.items, *columns, self.counts(policy, kpi), strict=True):
                    yield ItemRow(policy, item, kpi, nothing(mean), nothing(half), n)

    def worst(self, policy: str, kpi: str, count: int | None = None) -> list[str]:
        """The items with the worst means of a KPI, the worst first; items without a value are left out.

        Where neither high nor low values are better, the highest come first.
        """
        means = self.means(policy, kpi)
        key = means if direction(kpi) == "higher" else -means
        order = np.argsort(key, kind="stable")  # nan last
        found = [self.items[k] for k in order.tolist() if means[k] == means[k]]
        return found if count is None else found[:count]

    @cached_property
    def classes(self) -> dict[str, str]:
        """The ABC class of each item, by the value of its demand under the first policy."""
        value = self.means(self.policies[0], VALUE)
        order = np.argsort(-value, kind="stable")
        before = np.cumsum(value[order]) - value[order]
        ends = [end * value.sum() for _, end in CLASSES[:-1]]
        place = np.searchsorted(ends, before * (1 + 1e-12), side="right")
        found = {self.items[k]: CLASSES[c][0] for k, c in zip(order.tolist(), place.tolist(), strict=True)}
        return {item: found[item] for item in self.items}

    def key(self, name: str) -> str:
        """A KPI of items by its identifier, or by the identifier without `_by_item`.

        Raises:
            UserError: there is no such KPI.
        """
        for known in (name, f"{name}{SUFFIX}"):
            if known in self.kpis:
                return known
        raise UserError(f"no KPI {name!r} of items{nearest(name, self.kpis)}; there are {', '.join(self.kpis)}")

    def to_plain(self, policy: str, item: str, kpis: Iterable[str]) -> dict[str, Any]:
        """An item under a policy as plain data: its name, class, and the mean and half-width of some KPIs."""
        found: dict[str, Any] = {"item": item, "class": self.classes[item]}
        for kpi in kpis:
            (e,) = self.estimates(policy, kpi, [item])
            found[kpi] = {"mean": e.mean, "half_width": e.half_width, "n": e.n}
        return found

    def to_pandas(self) -> Any:
        """A tidy `pandas.DataFrame` with the columns of items.csv."""
        try:
            import pandas
        except ImportError:
            raise UserError("to_pandas() needs the extra: pip install 'backorder-simulator[notebook]'") from None
        return pandas.DataFrame(self.rows(), columns=list(HEADER))

    def policy(self, policy: str) -> str:
        """The name of a policy; UserError if there is none of this name."""
        if policy not in self.policies:
            near, known = nearest(policy, self.policies), ", ".join(self.policies)
            raise UserError(f"no policy {policy!r} in these results{near}; policies: {known}")
        return policy

    def _row(self, kpi: str) -> int:
        return self.kpis.index(self.key(kpi))


def nothing(value: float) -> float | None:
    """The value; None for nan."""
    return None if math.isnan(value) else value
