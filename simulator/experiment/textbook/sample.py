"""Independent replications of one world, and their mean with its standard error, sharpened by the drawn demand."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from simulator.experiment.textbook.measures import Control, Measure
from simulator.kpis.evaluate import evaluate
from simulator.kpis.kpi import Undefined
from simulator.record.ledger import Floats
from simulator.record.run import Run
from simulator.scenario.schema.schema import Scenario
from simulator.world.simulate import simulate

FEWEST = 10
"""Replications; a standard error from fewer is too uncertain."""


class Mean(NamedTuple):
    """A mean over replications and its standard error."""

    mean: float
    error: float


class Sample:
    """What each replication measured, by name.

    Control variates (Law & Kelton 11.4) sharpen the means: what is regressed out is a fact of the demand that was
    drawn, whose mean is known exactly, never a fact of what the simulator made of it. `controls` has one column for
    each of them, less its known mean.
    """

    def __init__(self, values: dict[str, Floats], controls: Floats) -> None:
        self.values, self.controls = values, controls

    def __getitem__(self, name: str) -> Floats:
        return self.values[name]

    def mean(self, name: str) -> Mean:
        """The mean, with the part that the drawn demand explains taken out."""
        y = self.values[name]
        if y.size == 1:
            return Mean(float(y[0]), 0.0)
        x = np.column_stack([np.ones(y.size), self.controls])
        beta = np.linalg.lstsq(x, y, rcond=None)[0]
        rest = y - x @ beta
        variance = float(rest @ rest) / (y.size - x.shape[1])
        return Mean(float(beta[0]), math.sqrt(variance * float(np.linalg.inv(x.T @ x)[0, 0])))

    def drift(self) -> float:
        """How far the drawn demand lies off its known means, in standard errors: the largest over the controls."""
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
) -> Sample:
    """The scenario's replications under one policy: KPIs by their identifiers, and other measures of the run.

    Args:
        replications, seed: the scenario's own unless given.

    Raises:
        AuditError: the first replication broke a law of conservation.
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
        for name, value in _values(run, kpis).items():
            found[name].append(value)
        for name, measure in measures.items():
            found[name].append(measure(run))
        facts[replication] = [control.measure(run) - control.mean for control in controls]
    return Sample({name: np.array(column, dtype=np.float64) for name, column in found.items()}, facts)


def _values(run: Run, kpis: Sequence[str]) -> dict[str, float]:
    found = evaluate(run, kpis)
    return {name: math.nan if isinstance(value, Undefined) else value for name, value in found.items()}
