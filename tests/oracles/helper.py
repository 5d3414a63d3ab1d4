"""Independent replications of a textbook scenario, and the book's value beside their mean.

A value is reproduced when the mean lies within four standard errors of it, and when these four standard errors are
small enough that an error of 2 % in the value (or the share given) would have been seen. What the product's own
`verify` checks is not checked again here; measures and means are its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from simulator.experiment.textbook.measures import Control, Measure
from simulator.experiment.textbook.sample import FEWEST, CaseSample, sample
from simulator.kernel.lanes import simulate
from simulator.record.run import Run
from simulator.scenario import textbook as files
from simulator.scenario.schema.schema import Scenario


class Estimate(NamedTuple):
    """A mean over replications and its standard error."""

    name: str
    mean: float
    error: float


class Replications(CaseSample):
    """What each replication measured, by name, with assertions."""

    def estimate(self, name: str) -> Estimate:
        """The mean, with the part that the drawn demand explains taken out."""
        return Estimate(name, *self.mean(name))

    def assert_close(self, within: float = 0.02, **values: float) -> None:
        """Every named measure has the given value."""
        for name, value in values.items():
            assert_close(self.estimate(name), value, within)


def textbook(name: str, changes: Mapping[str, Any] | None = None) -> Scenario:
    """A scenario of scenarios/textbook, with {dotted path: value} changed."""
    scenario = files.textbook(name)
    return scenario.edit(changes) if changes else scenario


def play(scenario: Scenario, policy: str, replication: int = 0) -> Run:
    """One replication at the scenario's own seed, audited."""
    run = simulate(scenario, policy, scenario.experiment.seed, replication)
    run.audit()
    return run


def replicate(
    scenario: Scenario,
    policy: str,
    *kpis: str,
    measures: Mapping[str, Measure] | None = None,
    controls: Sequence[Control] = (),
    replications: int | None = None,
) -> Replications:
    """The scenario's replications under one policy: KPIs by their identifiers, and other measures of the run."""
    n = replications or scenario.experiment.replications
    assert n >= FEWEST, "a standard error from fewer replications is too uncertain"
    found = sample(scenario, policy, kpis, measures, controls, n)
    assert found.drift() <= 4, "the drawn demand is off its known means"
    return Replications(found.values, found.controls)


def assert_close(estimate: Estimate, value: float, within: float = 0.02) -> None:
    """|mean - value| <= 4 standard errors <= `within` x |value|."""
    name, mean, error = estimate
    line = f"{name}: theory {value:.6g}, measured {mean:.6g} ± {4 * error:.2g} (4 standard errors)"
    print(line)
    assert 4 * error <= within * abs(value), f"{line}: not precise enough to see {within:.1%}"
    assert abs(mean - value) <= 4 * error, line
