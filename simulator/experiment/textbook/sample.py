"""Independent replications of one scenario; means and standard errors, with demand as control variate."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from simulator.experiment.textbook.measures import Control, Measure
from simulator.kernel.lanes import simulate
from simulator.kpis.evaluate import evaluate
from simulator.kpis.kpi import Undefined
from simulator.record.ledger import Floats
from simulator.scenario.schema.schema import Scenario

FEWEST = 10
"""Smallest number of replications; a standard error from fewer is too uncertain."""


class Mean(NamedTuple):
    """A mean over replications and its standard error."""

    mean: float
    error: float


class CaseSample:
    """The values measured in each replication, by name.

    Control variates (Law & Kelton 11.4) reduce the variance of the means. Only facts about the generated demand, whose
    means are known exactly, are regressed out, never an output of the simulated system. `controls` has one column for
    each of them, minus its known mean.
    """

    def __init__(self, values: dict[str, Floats], controls: Floats) -> None:
        self.values, self.controls = values, controls

    def __getitem__(self, name: str) -> Floats:
        return self.values[name]

    def mean(self, name: str) -> Mean:
        """The mean, without the part that the control variates explain."""
        y = self.values[name]
        if y.size == 1:
            return Mean(float(y[0]), 0.0)
        x = np.column_stack([np.ones(y.size), self.controls])
        beta = np.linalg.lstsq(x, y, rcond=None)[0]
        rest = y - x @ beta
        variance = float(rest @ rest) / (y.size - x.shape[1])
        return Mean(float(beta[0]), math.sqrt(variance * float(np.linalg.inv(x.T @ x)[0, 0])))

    def drift(self) -> float:
        """Largest deviation of a control from its known mean, in standard errors."""
        if not self.controls.size:
            return 0.0
        error = self.controls.std(axis=0, ddof=1) / math.sqrt(len(self.controls))
        return float((np.abs(self.controls.mean(axis=0)) / error).max())


def sample(
    scenario: Scenario,
    policy: str,
    kpis: Sequence[str] = (),
    measures: Mapping[str, Measure] | None = None,
    controls: Sequence[Control] = (),
    replications: int | None = None,
    seed: int | None = None,
) -> CaseSample:
    """The scenario's replications under one policy: KPIs by their identifiers, and other measures of the run.

    Args:
        replications, seed: the scenario's own by default.

    Raises:
        AuditError: the first replication broke a conservation law.
    """
    n = replications or scenario.experiment.replications
    seed = scenario.experiment.seed if seed is None else seed
    measures = measures or {}
    found: dict[str, list[float]] = {name: [] for name in (*kpis, *measures)}
    facts = np.empty((n, len(controls)))
    for replication in range(n):
        run = simulate(scenario, policy, seed, replication)
        if replication == 0:
            run.audit()
        for name, value in evaluate(run, kpis).items():
            found[name].append(math.nan if isinstance(value, Undefined) else value)
        for name, measure in measures.items():
            found[name].append(measure(run))
        facts[replication] = [control.measure(run) - control.mean for control in controls]
    return CaseSample({name: np.array(column, dtype=np.float64) for name, column in found.items()}, facts)
