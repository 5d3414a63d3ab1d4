"""What a textbook case consists of: trials, each a world and a policy with the values that theory gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.experiment.textbook.measures import Control, Measure
from simulator.scenario.schema.schema import Scenario

RESOLUTION = 0.02
"""An error of this share in a value should be seen, unless a trial says otherwise."""


@dataclass(frozen=True)
class Trial:
    """One policy in one world, what theory says about it, and how it is measured."""

    policy: str
    theory: Mapping[str, float]
    """By the name of a KPI or of one of the measures."""
    label: str = ""
    """What is different from the scenario as it stands in its file."""
    changes: Mapping[str, Any] = field(default_factory=dict)
    """{dotted path: value}, as in `Scenario.edit`."""
    measures: Mapping[str, Measure] = field(default_factory=dict)
    controls: tuple[Control, ...] = ()
    replications: int | None = None
    """The scenario's own number unless given."""
    against: str | None = None
    """Measured is the difference to this policy, replication by replication."""
    within: Mapping[str, float] = field(default_factory=dict)
    """By name: the share of the value that must be seen, where it is not 2 %."""
    grain: Mapping[str, float] = field(default_factory=dict)
    """By name: the share of the value by which whole steps differ from the book's continuous ones; no randomness."""


Trials = Callable[[Scenario], Iterable[Trial]]


@dataclass(frozen=True)
class Case:
    """A scenario of scenarios/textbook and what is known about it."""

    name: str
    scenario: str
    title: str
    source: str
    trials: Trials


CASES: dict[str, Case] = {}
"""Every case by its name, in the order in which they are told."""


def case(name: str, source: str, scenario: str | None = None) -> Callable[[Trials], Trials]:
    """Registers a function from the scenario to its trials; its docstring is the title."""

    def register(trials: Trials) -> Trials:
        CASES[name] = Case(name, scenario or name, (trials.__doc__ or "").strip().rstrip("."), source, trials)
        return trials

    return register


def at(scenario: Scenario, path: str) -> Any:
    """What stands at a dotted path of a scenario: `customers.all.arrivals.rate`."""
    found: Any = scenario
    for step in path.split("."):
        found = found[step] if isinstance(found, Mapping) else getattr(found, step)
    return found


def level(scenario: Scenario, policy: str, key: str) -> int:
    """A level of a policy's replenishment, units."""
    return int(at(scenario, f"policies.{policy}.replenishment.default.{key}"))
