"""Stress test: each supplier, carrier and cause is knocked out in turn, paired with the unchanged replication."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, NamedTuple, Unpack

import numpy as np
from numpy.typing import NDArray

from simulator.experiment.arguments import StudyOptions, StudySettings
from simulator.experiment.results.results import plain_estimate
from simulator.experiment.results.tables import to_csv
from simulator.experiment.statistics.intervals import Estimate, estimate, minus, ratio
from simulator.experiment.storage.fingerprint import versions
from simulator.experiment.storage.replication import Replication
from simulator.experiment.studies.causes import knocked_out, present, without
from simulator.experiment.studies.design import Point, as_changes
from simulator.experiment.studies.outcome import study_repr
from simulator.experiment.studies.study import PointTask, Study, opened
from simulator.foundation.errors import UserError
from simulator.kernel.lanes import Lane, simulate
from simulator.kpis.evaluate import evaluate
from simulator.kpis.evidence.aftermath import aftermath, difference, reach_of, recovery, short_so_far
from simulator.kpis.kpi import Undefined, Value
from simulator.model.amounts import in_units
from simulator.record.levels import path
from simulator.record.run import Run
from simulator.scenario.loader import Loadable, loaded
from simulator.scenario.schema.schema import Scenario

Values = NDArray[np.float64]
UNCHANGED = Point(0, {}, as_changes({}))
"""The only point of a stress test: its changes are made within each replication."""
DAYS = "backorder_days"
MEASURES = {
    "time_to_survive": "d",
    "peak": "units",
    "backlog_area": "unit-days",
    "time_to_recover": "d",
    "time_to_clear": "d",
    "units_short": "units",
    "delivery": "d",
    "contribution": "currency",
}
"""The measures of a knock-out and their units; all are differences from the same replication without it."""
NEVER_SHORT = Undefined("nothing more was short than without it")
NOT_CLEARED = Undefined("the backlog was not back before the horizon")
NOT_BACK = Undefined("service was not back before the horizon")


class KnockOutTarget(NamedTuple):
    """A supplier, a carrier or the warehouse."""

    family: str
    """suppliers, carriers, or warehouse."""
    name: str

    def __str__(self) -> str:
        return self.name if self.family == "warehouse" else f"{self.family.removesuffix('s')} {self.name}"


@dataclass(frozen=True)
class StressTest:
    """Time and length of the knock-outs, and the definition of service."""

    at: float
    """Day on which each knock-out begins."""
    lasts: float
    """Days."""
    within: float = 0.0
    """Service is the share of units filled within this many days of the order."""


@dataclass(frozen=True)
class KnockOutEffect:
    """The effect of one knock-out under a policy, over replications."""

    policy: str
    target: KnockOutTarget
    measures: dict[str, Estimate]


@dataclass(frozen=True)
class CauseShare:
    """The share of one cause in the unit-days on backorder per replication."""

    policy: str
    cause: str
    last: Estimate
    """Reduction in backorder-days when only this cause is removed."""
    first: Estimate
    """Increase in backorder-days when only this cause is added to a scenario without any cause."""
    part: Estimate
    """`last` as a share of all backorder-days; without a mean if there are none."""


@dataclass(frozen=True, repr=False)
class Stress:
    """The outcome of a stress test."""

    study: Study
    test: StressTest
    knocks: tuple[KnockOutEffect, ...]
    shares: tuple[CauseShare, ...]

    def __repr__(self) -> str:
        n = len(dict.fromkeys(knock.target for knock in self.knocks))
        found = f"{n} knock-outs of {self.test.lasts:g} d from day {self.test.at:g}"
        return study_repr(self, self.study, found, self.study.settings.replications)

    def exposure(self, policy: str) -> list[KnockOutEffect]:
        """The policy's knock-outs, those that leave the largest backlog first."""
        mine = [k for k in self.knocks if k.policy == policy]
        return sorted(mine, key=lambda k: -(k.measures["backlog_area"].mean or 0.0))

    def to_json(self) -> dict[str, Any]:
        """Plain data; a mean without a value is null, with a reason."""
        knock_outs = [
            {"policy": k.policy, "target": str(k.target), **{m: _plain(e, MEASURES[m]) for m, e in k.measures.items()}}
            for k in self.knocks
        ]
        shares = [
            {
                "policy": s.policy,
                "cause": s.cause,
                "last": _plain(s.last),
                "first": _plain(s.first),
                "share": s.part.mean,
                "share_half_width": s.part.half_width,
            }
            for s in self.shares
        ]
        settings = self.study.settings
        return {
            "scenario": settings.scenario.name,
            "seed": settings.seed,
            "replications": settings.replications,
            "confidence": settings.confidence,
            **asdict(self.test),
            "knock_outs": knock_outs,
            "backorder_days_by_cause": shares,
            "results": self.study.folder_json,
        }

    def files(self) -> dict[str, bytes]:
        """The files of the results folder."""
        knock_outs = [
            [k.policy, str(k.target), m, MEASURES[m], e.mean, e.half_width, e.n]
            for k in self.knocks
            for m, e in k.measures.items()
        ]
        causes = [
            [s.policy, s.cause, *(x for e in (s.last, s.first, s.part) for x in (e.mean, e.half_width)), s.last.n]
            for s in self.shares
        ]
        measured = [f"{name}{end}" for name in ("last", "first", "share") for end in ("", "_half_width")]
        columns = ["policy", "cause", *measured, "n"]
        plain = {**self.to_json(), "versions": versions()}
        return {
            "knock_outs.csv": to_csv(["policy", "target", "measure", "unit", "mean", "half_width", "n"], knock_outs),
            "causes.csv": to_csv(columns, causes),
            "stress.json": (json.dumps(plain, indent=1, allow_nan=False) + "\n").encode(),
        }


def _plain(e: Estimate, unit: str = "unit-days") -> dict[str, Any]:
    return plain_estimate(e, "mean", "half_width", "n", unit=unit)


def stress(
    scenario: Loadable,
    policies: Sequence[str] | None = None,
    replications: int | None = None,
    at: float | None = None,
    lasts: float = 30.0,
    within: float = 0.0,
    **options: Unpack[StudyOptions],
) -> Stress:
    """Simulate every replication as it is, with each supplier, carrier and the warehouse knocked out in turn, and with
    each cause of backorders removed in turn, all with common random numbers.

    Args:
        scenario: the scenario, or the file or the name of the example that holds it.
        policies: names of the policies to test; the first one by default.
        replications: the scenario's own number by default.
        at: day on which each knock-out begins; half-way between warm-up and horizon by default.
        lasts: length of each knock-out, days.
        within: service is the share of units filled within this many days of the order.
        options: see `StudyOptions`.

    >>> import simulator
    >>> scenario = simulator.load("supplier-delay", ["clock.horizon=200 d"])
    >>> found = simulator.stress(scenario, replications=2, at=120, lasts=20)
    >>> found.test.lasts
    20

    Raises:
        UserError: an argument does not fit the scenario.
        AuditError: a replication broke a conservation law.
    """
    scenario = loaded(scenario)
    settings = StudySettings.resolve(scenario, replications, policies or list(scenario.policies)[:1], **options)
    clock = scenario.clock
    test = StressTest((clock.warm_up + clock.horizon) / 2 if at is None else at, lasts, within)
    if not clock.warm_up <= test.at < clock.horizon:
        raise UserError(f"at: day {test.at:g} is not in the counted window, {clock.warm_up:g} to {clock.horizon:g} d")
    if lasts <= 0:
        raise UserError(f"lasts: must be above 0 d, got {lasts:g} d")
    with opened(settings, "stress", asdict(test)) as study:
        study.work = partial(_replicate, scenario, settings.policies, settings.seed, test, lane=settings.lane)
        study.play([UNCHANGED], settings.replications)
        outcome = Stress(
            study,
            test,
            tuple(k for policy in study.policies for k in _knock_outs(study, policy)),
            tuple(s for policy in study.policies for s in _shares(study, policy)),
        )
        study.finish(settings.replications, outcome.files())
    return outcome


def targets(scenario: Scenario) -> list[KnockOutTarget]:
    """Everything that can be knocked out."""
    return [
        *(KnockOutTarget("suppliers", name) for _, name, _ in scenario.all_suppliers()),
        *(KnockOutTarget("carriers", name) for name in scenario.carriers),
        KnockOutTarget("warehouse", "warehouse"),
    ]


def _replicate(
    scenario: Scenario, policies: Sequence[str], seed: int, test: StressTest, task: PointTask, lane: Lane
) -> Replication:
    """One replication of the whole stress test; its values are the measures of every knock-out and `DAYS`."""
    values = {policy: _measure(scenario, policy, seed, test, task.number, lane) for policy in policies}
    return Replication(task.number, values)


def _measure(scenario: Scenario, policy: str, seed: int, test: StressTest, number: int, lane: Lane) -> dict[str, Value]:
    def run(changed: Scenario) -> Run:
        finished = simulate(changed, policy, seed, number, lane=lane)
        finished.audit()
        return finished

    usual = run(scenario)
    values: dict[str, Value] = {}
    for target in targets(scenario):
        changed = knocked_out(scenario, target.family, target.name, test.at, test.lasts)
        values |= {f"{name}[{target}]": value for name, value in compared(usual, run(changed), test).items()}
    causes = present(scenario, policy)
    values[DAYS] = backorder_days(usual)
    if causes:
        values[f"{DAYS} without any"] = backorder_days(run(without(scenario, policy, causes)))
    for cause in causes:
        values[f"{DAYS} without {cause}"] = backorder_days(run(without(scenario, policy, [cause])))
        others = [other for other in causes if other != cause]
        values[f"{DAYS} with {cause} only"] = backorder_days(run(without(scenario, policy, others)))
    return values


def backorder_days(run: Run) -> float:
    """Unit-days on backorder in the counted window."""
    days = evaluate(run, ["backorder_days"])["backorder_days"]
    assert isinstance(days, float)
    return days


def compared(usual: Run, struck: Run, test: StressTest) -> dict[str, Value]:
    """The effect of a knock-out compared with the same replication without it; see `MEASURES`."""
    start, end, horizon = test.at, min(test.at + test.lasts, usual.world.horizon), usual.world.horizon
    more = difference(path(struck, "backlog", None), path(usual, "backlog", None))
    after = aftermath(more, start, end, horizon, reach_of(struck, end))
    short = difference(short_so_far(struck), short_so_far(usual))
    first = next(
        (float(t) for t, units in zip(short.times, short.values, strict=True) if t >= start and units > 0), None
    )
    back = recovery(struck, start, end, test.within, usual)
    both = [evaluate(run, ["contribution", "delivery_mean"]) for run in (struck, usual)]
    found: dict[str, Value] = {
        "time_to_survive": NEVER_SHORT if first is None else first - start,
        "peak": in_units(struck.world, after.peak),
        "backlog_area": in_units(struck.world, after.area),
        "time_to_recover": NOT_BACK if back is None else back,
        "time_to_clear": NOT_CLEARED if after.clear is None else after.clear,
        "units_short": float(in_units(struck.world, short.values[-1])),
        "delivery": minus(*(kpis["delivery_mean"] for kpis in both)),
        "contribution": minus(*(kpis["contribution"] for kpis in both)),
    }
    return found


def _knock_outs(study: Study, policy: str) -> Iterator[KnockOutEffect]:
    for target in targets(study.scenario):
        yield KnockOutEffect(policy, target, {m: study.estimate(UNCHANGED, policy, f"{m}[{target}]") for m in MEASURES})


def _shares(study: Study, policy: str) -> Iterator[CauseShare]:
    def days(without: str) -> Values:
        return study.values(UNCHANGED, policy, f"{DAYS}{without}")

    def estimated(values: Values) -> Estimate:
        return estimate(values.tolist(), study.confidence)

    causes = present(study.scenario, policy)
    whole = days("")
    none = days(" without any") if causes else whole
    last = {cause: whole - days(f" without {cause}") for cause in causes}
    first = {cause: days(f" with {cause} only") - none for cause in causes}
    if len(causes) > 1:
        for parts in (last, first):
            sums = [math.fsum(row) for row in zip(*parts.values(), strict=True)]
            parts["together"] = whole - none - sums
    last["ordinary"] = first["ordinary"] = none
    for cause in last:
        part = ratio(last[cause].tolist(), whole.tolist(), study.confidence)
        yield CauseShare(policy, cause, estimated(last[cause]), estimated(first[cause]), part)
