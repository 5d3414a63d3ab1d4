"""Textbook cases: each is a list of trials, and each trial is a scenario and policy with its theoretical values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.experiment.textbook.measures import Control, Measure
from simulator.policies.decisions import DEFAULT
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.schema.supply import Supplier, lead_times

RESOLUTION = 0.02
"""Relative error that must be detectable, unless a trial sets another."""


@dataclass(frozen=True)
class Trial:
    """One policy of a scenario, its theoretical values, and how they are measured."""

    policy: str
    theory: Mapping[str, float]
    """By the name of a KPI or of one of the measures."""
    label: str = ""
    """How the trial differs from the scenario file."""
    changes: Mapping[str, Any] = field(default_factory=dict)
    """{dotted path: value}, as in `Scenario.edit`."""
    measures: Mapping[str, Measure] = field(default_factory=dict)
    controls: tuple[Control, ...] = ()
    replications: int | None = None
    """The scenario's own number by default."""
    against: str | None = None
    """If given, the difference from this policy is measured, replication by replication."""
    within: Mapping[str, float] = field(default_factory=dict)
    """By name: the relative error that must be detectable, if it is not 2 %."""
    grain: Mapping[str, float] = field(default_factory=dict)
    """By name: the relative error that whole units cause where the book's quantities are continuous; not random."""


Trials = Callable[[Scenario], Iterable[Trial]]


@dataclass(frozen=True)
class Case:
    """A scenario of scenarios/textbook with its known results."""

    name: str
    scenario: str
    title: str
    source: str
    trials: Trials


CASES: dict[str, Case] = {}
"""Every case by name, in the order in which they are listed."""


def case(name: str, source: str, scenario: str | None = None) -> Callable[[Trials], Trials]:
    """Register a function from the scenario to its trials; its docstring is the title of the case."""

    def register(trials: Trials) -> Trials:
        CASES[name] = Case(name, scenario or name, (trials.__doc__ or "").strip().rstrip("."), source, trials)
        return trials

    return register


def mean_lead(supplier: Supplier) -> float:
    """Mean lead time of a supplier, days."""
    return float(lead_times(supplier)[DEFAULT].moments().mean)


def at(scenario: Scenario, path: str) -> Any:
    """The value at a dotted path of a scenario, such as `customers.all.arrivals.rate`."""
    found: Any = scenario
    for step in path.split("."):
        found = found[step] if isinstance(found, Mapping) else getattr(found, step)
    return found


def level(scenario: Scenario, policy: str, key: str) -> int:
    """A level of a policy's replenishment, units."""
    return int(at(scenario, f"policies.{policy}.replenishment.default.{key}"))
