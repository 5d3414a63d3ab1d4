"""KPIs of the two sides by replication, as the page shows them: means with intervals, paired differences, verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.experiment.statistics.intervals import Difference, Estimate, difference, estimate
from simulator.experiment.statistics.measured import Labels, unit_of
from simulator.experiment.statistics.verdicts import verdict
from simulator.experiment.statistics.waitless import REFUSED, unjudged
from simulator.kpis.evaluate import evaluate
from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.groups.items import ITEM_KPIS
from simulator.kpis.kpi import KPIS, Undefined, Value
from simulator.lab.pages.engine import in_all_languages
from simulator.record.run import Run
from simulator.report.text.kpi_names import NAMES, capital
from simulator.report.text.numbers import decimals, unit
from simulator.report.text.shown_kpis import MAIN_KPIS

OF_SEGMENTS = ("fill_rate", "fill_rate_orders", "wait_mean", "wait_p95", "backlog_mean", "cancellation_rate", REFUSED)
"""KPIs that are also measured by segment."""
OF_ITEMS = (
    "fill_rate",
    "wait_mean",
    "wait_p95",
    "backlog_mean",
    "backorder_days",
    "cancellation_rate",
    REFUSED,
    "on_hand_mean",
    "turns",
    "contribution",
)
"""KPIs that are also measured by item."""
WORST = 10
"""Items that are listed."""
A, B = "A", "B"


@dataclass(frozen=True)
class Part:
    """What the page is narrowed to: everything, a segment, or an item."""

    kind: str = ""
    name: str = ""

    def key(self, kpi: str) -> str | None:
        """The key of a KPI for this part; None if it is not measured for it."""
        if not self.kind:
            return kpi
        if kpi not in (OF_SEGMENTS if self.kind == "segment" else OF_ITEMS):
            return None
        return f"{kpi}_by_{self.kind}[{self.name}]"


class MeasuredReplication(NamedTuple):
    """What the page shows of one replication."""

    values: dict[str, Value]
    """KPIs by key."""
    items: dict[str, NDArray[np.float64]]
    """KPIs of all items; nan where there is none."""
    names: tuple[str, ...]
    """Of the items."""


def measured(run: Run, evidence: Evidence) -> MeasuredReplication:
    """Measures a replication."""
    names = [*MAIN_KPIS, *(f"{name}_by_segment" for name in OF_SEGMENTS)]
    items = {name: ITEM_KPIS[f"{name}_by_item"].values(evidence) for name in OF_ITEMS}
    return MeasuredReplication(
        evaluate(run, names, evidence), items, tuple(dict.fromkeys(item.name for item in run.world.items))
    )


@dataclass
class Measurements:
    """The KPIs of one side, replication by replication."""

    replications: list[tuple[dict[str, Value], dict[str, NDArray[np.float64]]]] = field(default_factory=list)
    """Values by key, and those of all items by KPI (nan for one without a value); appended whole or not at all."""
    names: tuple[str, ...] = ()
    """Of the items."""

    def __len__(self) -> int:
        return len(self.replications)

    def add(self, measured: MeasuredReplication) -> None:
        """Takes in the next replication."""
        self.names = measured.names
        self.replications.append((measured.values, measured.items))

    def column(self, key: str, n: int) -> list[Value]:
        """A KPI in the first n replications, by its key."""
        name, _, part = key.partition("[")
        if not name.endswith("_by_item"):
            return [values.get(key, Undefined("not in this world")) for values, _ in self.replications[:n]]
        place, none, own = self.names.index(part[:-1]), ITEM_KPIS[name].undefined, name.removesuffix("_by_item")
        column = [float(items[own][place]) for _, items in self.replications[:n]]
        return [none if value != value else value + 0.0 for value in column]

    def worst(self, n: int) -> list[dict[str, Any]]:
        """The items that wait most, by the mean of their unit-days on backorder."""
        shown = ("backorder_days", "wait_mean", "fill_rate", "backlog_mean", REFUSED)
        means = {name: _means([items[name] for _, items in self.replications[:n]]) for name in shown}
        days = np.nan_to_num(means["backorder_days"])
        order = [k for k in np.argsort(-days, kind="stable")[:WORST].tolist() if days[k] > 0]
        return [{"name": self.names[k], **{kpi: _plain(means[kpi][k]) for kpi in shown}} for k in order]


def _means(columns: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Means over the replications that have a value; nan where none has."""
    table = np.stack(columns)
    known = ~np.isnan(table)
    count = known.sum(axis=0)
    total = np.where(known, table, 0.0).sum(axis=0)
    found: NDArray[np.float64] = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return found


def _plain(value: float) -> float | None:
    return None if value != value else float(value) + 0.0


class Compared:
    """The first n replications of both sides, as statistics and tables read them; A may be missing."""

    def __init__(self, b: Measurements, a: Measurements | None, n: int, confidence: float) -> None:
        self.sides = {B: b} if a is None else {A: a, B: b}
        self.policies = tuple(self.sides)
        self.replications, self.confidence = n, confidence
        self.kpis = tuple(b.replications[0][0])

    def column(self, policy: str, kpi: str, first: int = 0, last: int | None = None) -> Sequence[Value]:
        return self.sides[policy].column(kpi, self.replications if last is None else last)[first:]

    def estimate(self, policy: str, kpi: str) -> Estimate:
        return estimate(self.column(policy, kpi), self.confidence, unit_of(kpi) == "share")

    def difference(self, a: str, b: str, kpi: str, together: int = 1) -> Difference:
        return difference(self.column(a, kpi), self.column(b, kpi), self.confidence, together)


def numbers(compared: Compared, part: Part, labels: Labels) -> dict[str, Any]:
    """What the cards show, by the name of the KPI."""
    found = {}
    for kpi in MAIN_KPIS:
        key = part.key(kpi)
        if key is not None:
            found[kpi] = number(compared, key, labels)
    return found


def number(compared: Compared, key: str, labels: Labels) -> dict[str, Any]:
    """A KPI of both sides and the paired difference B − A with its verdict.

    Values are as `backorder run --json` has them; `factor` and `places` say how to write them.
    """
    scale = unit(key, labels)
    estimates = {side: compared.estimate(side, key) for side in compared.policies}
    found: dict[str, Any] = {
        "key": key,
        "unit": scale.name,
        "factor": scale.factor,
        "places": decimals(estimates.values(), scale.factor),
        "sides": {side: _estimate(e) for side, e in estimates.items()},
    }
    if A in compared.sides and compared.replications > 1:
        d = compared.difference(B, A, key)
        none = unjudged(compared, key)
        found["difference"] = {
            "mean": d.mean,
            "half_width": d.half_width,
            "n": d.n,
            "places": decimals([d], scale.factor),
            "unit": scale.of_difference,
            "verdict": verdict(d, key, bool(none)),
        }
    return found


def _estimate(e: Estimate) -> dict[str, Any]:
    found = {"mean": e.mean, "half_width": e.half_width, "low": e.low, "high": e.high, "n": e.n}
    return {**found, "reason": in_all_languages(e.reason) if e.reason else ""}


def segments(compared: Compared, names: Iterable[str]) -> list[dict[str, Any]]:
    """Who waits, by segment, on each side."""
    return [
        {
            "name": name,
            **{
                side: {kpi: compared.estimate(side, f"{kpi}_by_segment[{name}]").mean for kpi in OF_SEGMENTS}
                for side in compared.policies
            },
        }
        for name in names
    ]


def described(labels: Labels) -> dict[str, dict[str, Any]]:
    """What the page knows about each KPI that it shows."""
    found = {}
    for name in MAIN_KPIS:
        known, scale = KPIS[name], unit(name, labels)
        found[name] = {
            "title": capital(NAMES.get(name, name.replace("_", " "))),
            "unit": scale.name,
            "better": known.better,
            "of": [kind for kind, names in (("segment", OF_SEGMENTS), ("item", OF_ITEMS)) if name in names],
        }
    return found
