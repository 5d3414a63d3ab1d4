"""Arguments that experiments share: checked once, the same way for runs, sweeps, searches and stress tests."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, TypedDict, Unpack, cast

from simulator.experiment.running.runner import check_workers
from simulator.experiment.storage.replication import MOST_REPLICATIONS
from simulator.foundation.errors import UserError, nearest
from simulator.kernel.lanes import Lane, lane_of
from simulator.kpis.kpi import KPIS
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.paths import unknown

if TYPE_CHECKING:  # imported only where there are workers
    from concurrent.futures import Executor

MOST_PARTS = 200
"""Largest number of items of which a KPI is worked out without naming one."""


class ExecutionOptions(TypedDict, total=False):
    """Where an experiment runs and where it is saved; none of it changes a number."""

    out: str | os.PathLike[str] | None
    """Folder under which results are saved, as `<out>/<scenario>/<verb>-<fingerprint>`; None saves nothing.
    Replications found there are not simulated again."""
    force: bool
    """Start over: discard the replications found in the folder."""
    workers: int
    """Number of processes on this machine."""
    executor: Executor | None
    """Any `concurrent.futures.Executor`, in place of processes on this machine."""
    lane: Lane
    """Who plays: `compiled`, `simpy`, or `auto`: the kernel wherever it can."""
    progress: bool | None
    """Show a progress bar: on stderr if it is a terminal, or in a notebook. None: in notebooks only."""


class StudyOptions(ExecutionOptions, total=False):
    """Keyword options of `run`, `sweep`, `factorial`, `optimise`, `recommend` and `stress`."""

    seed: int | None
    """Seed of all random streams; the scenario's own by default."""
    confidence: float | None
    """Confidence level of the intervals, for example 0.95; the scenario's own by default."""
    kpis: Sequence[str]
    """KPIs that are worked out only on request, such as `fill_rate_by_item[mug]` or `wait_above[7 d]`."""


@dataclass(frozen=True)
class StudySettings:
    """What an experiment runs, resolved against its scenario and checked."""

    scenario: Scenario
    policies: tuple[str, ...]
    replications: int
    seed: int
    confidence: float
    out: str | os.PathLike[str] | None = None
    force: bool = False
    workers: int = 1
    executor: Executor | None = None
    progress: bool | None = None
    lane: Lane = "auto"
    requested: tuple[str, ...] = ()
    """Keys of KPIs that are worked out on request."""
    light: bool = False
    """Keep no records of single orders."""

    @classmethod
    def resolve(
        cls,
        scenario: Scenario,
        replications: int | None,
        policies: Sequence[str] | None,
        *,
        fewest: int = 1,
        seed: int | None = None,
        confidence: float | None = None,
        kpis: Sequence[str] = (),
        **execution: Unpack[ExecutionOptions],
    ) -> Self:
        """Fill in the scenario's own settings where an argument is None, and check the arguments.

        Raises:
            UserError: an argument is not valid.
            TypeError: there is no such option.
        """
        own = scenario.experiment
        check_workers(execution.get("workers", 1))
        return cls(
            scenario,
            policies_of(scenario, policies),
            whole("replications", own.replications if replications is None else replications, fewest),
            whole("seed", own.seed if seed is None else seed, 0, 2**53),
            between("confidence", own.confidence if confidence is None else confidence, 0.5, 1.0),
            requested=requested(scenario, kpis),
            **execution,
        )

    def lanes_of(self, scenario: Scenario) -> dict[str, str]:
        """Who plays each policy of a variant of the scenario."""
        return {policy: lane_of(scenario, policy, self.lane, not self.light) for policy in self.policies}


def requested(scenario: Scenario, kpis: Sequence[str]) -> tuple[str, ...]:
    """Those of these KPIs, and of those in `expect:`, that are worked out only on request, by key.

    Raises:
        UserError: there is no such KPI or no such item.
    """
    found: dict[str, None] = {}
    for name in (*kpis_of(kpis), *(e.kpi for e in scenario.expect)):
        known = KPIS[name.split("[")[0]]
        if not known.on_request:
            continue
        part, parts = name.removeprefix(known.id)[1:-1], known.fixed or tuple(scenario.items)
        if part and part not in parts:
            raise UserError(f"{name}: {unknown(part, parts, 'item')}")
        if not part and len(parts) > MOST_PARTS:
            raise UserError(f"{name}: name an item, as in {name}[{parts[0]}]")
        found |= dict.fromkeys([name] if part else [f"{name}[{each}]" for each in parts])
    return tuple(found)


def with_kpis(options: StudyOptions, *kpis: str) -> StudyOptions:
    """The options, with more KPIs that are needed; names of no KPI are left to those who need them."""
    return {**options, "kpis": (*options.get("kpis", ()), *(kpi for kpi in kpis if kpi.split("[")[0] in KPIS))}


def common(options: Mapping[str, Any], kind: type) -> StudyOptions:
    """The options of a `kind` that extends `StudyOptions`, without those that it adds."""
    own = set(kind.__annotations__) - set(StudyOptions.__annotations__)
    return cast(StudyOptions, {name: value for name, value in options.items() if name not in own})


def policies_of(scenario: Scenario, names: Sequence[str] | None) -> tuple[str, ...]:
    """The named policies of a scenario; all of them by default.

    Raises:
        UserError: there is no such policy.
    """
    known = tuple(scenario.policies)
    if names is None:
        return known
    chosen = tuple(dict.fromkeys([names] if isinstance(names, str) else names))
    if not chosen:
        raise UserError("policies: name at least one policy")
    for name in chosen:
        if name not in known:
            raise UserError(unknown(name, known, "policy", "policies"))
    return chosen


def kpis_of(names: Sequence[str]) -> tuple[str, ...]:
    """Keys of KPIs, each checked.

    Raises:
        UserError: there is no such KPI.
    """
    chosen = tuple([names] if isinstance(names, str) else names)
    known = [*KPIS, *(f"{k.id}[{part}]" for k in KPIS.values() for part in k.fixed)]
    for name in chosen:
        described = KPIS.get(name.split("[")[0])
        if described is None or (name not in KPIS and not described.has_key(name)):
            raise UserError(f"no KPI {name!r}{nearest(name, known)}; `backorder list kpi` shows all")
    return chosen


def whole(what: str, value: object, low: int, high: int = MOST_REPLICATIONS) -> int:
    """The value, if it is a whole number from `low` to `high`; UserError otherwise."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise UserError(f"{what}: {value!r} is not a whole number from {low} to {high}")
    return value


def between(what: str, value: object, low: float, high: float) -> float:
    """The value, if it is a number strictly between `low` and `high`; UserError otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low < value < high:
        raise UserError(f"{what}: {value!r} is not between {low:g} and {high:g} (write 0.95 or, in a file, 95 %)")
    return float(value)
