"""Independent replications of a textbook scenario, their mean with its standard error, and the book's value beside it.

A case is reproduced when the mean lies within four standard errors of the value, and when these four standard errors
are small enough that an error of 2 % in the value (or the share given) would have been seen.

Control variates (Law & Kelton 11.4) sharpen some estimates: what is regressed out is a fact of the demand that was
drawn, whose mean is known exactly, never a fact of what the simulator made of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from simulator.kpis.evaluate import evaluate
from simulator.kpis.kpi import KPIS
from simulator.record.run import Run
from simulator.scenario.loader import load
from simulator.scenario.schema import Scenario
from simulator.world.simulate import simulate

TEXTBOOK = Path(__file__).parents[2] / "scenarios" / "textbook"

Measure = Callable[[Run], float]


class Control(NamedTuple):
    """A fact of the drawn demand and its exact mean."""

    measure: Measure
    mean: float


class Estimate(NamedTuple):
    """A mean over replications and its standard error."""

    name: str
    mean: float
    error: float


class Replications:
    """What each replication measured, by name; `controls` has one column for each control, less its known mean."""

    def __init__(self, values: dict[str, np.ndarray], controls: np.ndarray) -> None:
        self.values, self.controls = values, controls

    def __getitem__(self, name: str) -> np.ndarray:
        return self.values[name]

    def estimate(self, name: str) -> Estimate:
        """The mean, with the part that the drawn demand explains taken out."""
        y = self.values[name]
        x = np.column_stack([np.ones(y.size), self.controls])
        beta = np.linalg.lstsq(x, y, rcond=None)[0]
        rest = y - x @ beta
        variance = rest @ rest / (y.size - x.shape[1])
        return Estimate(name, float(beta[0]), float(np.sqrt(variance * np.linalg.inv(x.T @ x)[0, 0])))

    def assert_close(self, within: float = 0.02, **values: float) -> None:
        """Every named measure has the given value."""
        for name, value in values.items():
            assert_close(self.estimate(name), value, within)


def textbook(name: str, changes: Mapping[str, Any] | None = None) -> Scenario:
    """A scenario of scenarios/textbook, with {dotted path: value} changed."""
    scenario = load(TEXTBOOK / f"{name}.yaml")
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
    assert n >= 10, "a standard error from fewer replications is too uncertain"
    measures = measures or {}
    found: dict[str, list[float]] = {name: [] for name in (*kpis, *measures)}
    facts = np.empty((n, len(controls)))
    assert set(kpis) <= set(KPIS)
    for replication in range(n):
        run = simulate(scenario, policy, scenario.experiment.seed, replication)
        if replication == 0:
            run.audit()
        for name, value in evaluate(run, kpis).items():
            found[name].append(value)
        for name, measure in measures.items():
            found[name].append(measure(run))
        facts[replication] = [control.measure(run) - control.mean for control in controls]
    for k in range(len(controls)):
        error = facts[:, k].std(ddof=1) / np.sqrt(n)
        assert abs(facts[:, k].mean()) <= 4 * error, f"the drawn demand is off: {facts[:, k].mean()} ± {error}"
    return Replications({name: np.array(column, dtype=np.float64) for name, column in found.items()}, facts)


def assert_close(estimate: Estimate, value: float, within: float = 0.02) -> None:
    """|mean - value| <= 4 standard errors <= `within` x |value|."""
    name, mean, error = estimate
    line = f"{name}: theory {value:.6g}, measured {mean:.6g} ± {4 * error:.2g} (4 standard errors)"
    print(line)
    assert 4 * error <= within * abs(value), f"{line}: not precise enough to see {within:.1%}"
    assert abs(mean - value) <= 4 * error, line


# ---------------------------------------------------------------------------------- facts of a run, of its drawn demand
def counted_times(run: Run) -> np.ndarray:
    """Times of the counted orders, days since the end of the warm-up."""
    times = run.demand.times
    return times[times >= run.world.warm_up] - run.world.warm_up


def days(run: Run) -> float:
    """Length of the counted window."""
    return run.world.horizon - run.world.warm_up


def cost_per_day(run: Run) -> float:
    """Total cost over the length of the counted window."""
    total = evaluate(run, ["total_cost"])["total_cost"]
    assert isinstance(total, float)
    return total / days(run)


def poisson_demand(rate: float, block: float) -> list[Control]:
    """Orders per day, and the mean square of the orders in blocks of so many days."""

    def squares(run: Run) -> float:
        counts = np.bincount((counted_times(run) / block).astype(np.int64), minlength=round(days(run) / block))
        return float(np.mean(counts.astype(np.float64) ** 2))

    mean = rate * block
    return [Control(lambda run: counted_times(run).size / days(run), rate), Control(squares, mean + mean**2)]


def daily_demand(mean: float, variance: float, streams: int = 1) -> list[Control]:
    """Mean and mean square of the units demanded on a day by so many segments together, each of the given law."""

    def units(run: Run) -> np.ndarray:
        quantities = run.demand.quantities[run.demand.times >= run.world.warm_up].astype(np.float64)
        return quantities.reshape(-1, streams).sum(axis=1)

    total, spread = streams * mean, streams * variance
    return [
        Control(lambda run: float(units(run).mean()), total),
        Control(lambda run: float((units(run) ** 2).mean()), spread + total**2),
    ]
