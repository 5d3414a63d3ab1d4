"""A factorial experiment: every combination of the levels of some factors, main effects and interactions."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from simulator.experiment.arguments import StudyOptions, StudySettings, whole
from simulator.experiment.results.results import difference_json
from simulator.experiment.results.tables import Cell, csv_pieces
from simulator.experiment.statistics.intervals import Difference, difference
from simulator.experiment.statistics.measured import unit_of
from simulator.experiment.studies.design import MOST_POINTS, Point, as_changes
from simulator.experiment.studies.outcome import StudyOutcome
from simulator.experiment.studies.study import checked, opened
from simulator.foundation.errors import UserError
from simulator.kpis.kpi import Undefined, Value
from simulator.scenario.loader import Loadable, loaded
from simulator.scenario.schema.schema import Scenario

MOST_ORDER = 2
"""Default largest number of factors in a reported interaction."""


@dataclass(frozen=True)
class Effect:
    """The effect of moving one factor (a main effect) or several (an interaction) from the first level to another.

    A main effect is the mean over all other factors at the level, minus that at the first level. An interaction of two
    factors is half the difference between one's effect at the other's level and at its first level; an interaction of
    three is half the difference of two such (Law, Simulation Modeling and Analysis, 12.2).
    """

    levels: tuple[tuple[str, str], ...]
    """(factor, level)."""

    def __str__(self) -> str:
        return " × ".join(f"{factor} {level}" for factor, level in self.levels)


@dataclass(frozen=True, repr=False)
class Factorial(StudyOutcome):
    """A completed factorial experiment."""

    factors: dict[str, tuple[str, ...]]
    """Levels by factor."""
    order: int
    """Most factors in an interaction."""

    @property
    def effects(self) -> tuple[Effect, ...]:
        """Main effects first, then interactions of two factors, and so on."""
        found = []
        for size in range(1, min(self.order, len(self.factors)) + 1):
            for names in itertools.combinations(self.factors, size):
                moved = itertools.product(*(self.factors[name][1:] for name in names))
                found += [Effect(tuple(zip(names, levels, strict=True))) for levels in moved]
        return tuple(found)

    def effect(self, effect: Effect, policy: str, kpi: str) -> Difference:
        """The size of an effect on a KPI of a policy, with an interval from replications that all points share."""
        weights = self._weights(effect)
        columns = [self.study.column(point, policy, self.study.known(kpi)) for point in self.points]
        values = [_weighted(row, weights) for row in zip(*columns, strict=True)]
        return difference(values, [0.0] * len(values), self.study.confidence)

    def _weights(self, effect: Effect) -> NDArray[np.float64]:
        """One weight per point, in the order of the points."""
        moved = dict(effect.levels)
        weights: NDArray[np.float64] = np.ones(1)
        for name, levels in self.factors.items():
            if name in moved:
                part = np.zeros(len(levels))
                part[0], part[levels.index(moved[name])] = -1.0, 1.0
            else:
                part = np.full(len(levels), 1 / len(levels))
            weights = np.outer(weights, part).ravel()
        return weights * 0.5 ** (len(moved) - 1)

    # ------------------------------------------------------------------ output
    def csv_files(self) -> dict[str, Iterable[bytes]]:
        """The tables of the results folder."""
        head = ("policy", "kpi", "effect", "order", "mean", "half_width", "n", "significant", "unit", "reason")
        return {**self.study.csv_files(self.points), "effects.csv": csv_pieces(head, self._rows())}

    def _rows(self) -> Iterator[Sequence[Cell]]:
        for policy in self.study.policies:
            for kpi in self.study.kpis:
                for effect in self.effects:
                    d = self.effect(effect, policy, kpi)
                    size = (d.mean, d.half_width, d.n, d.significant)
                    yield policy, kpi, str(effect), len(effect.levels), *size, unit_of(kpi), d.reason

    def to_json(self) -> dict[str, Any]:
        """What `sweep --json` prints of a factorial experiment; never nan: null, and a reason."""
        effects = {
            policy: {
                kpi: {str(e): difference_json(self.effect(e, policy, kpi)) for e in self.effects}
                for kpi in self.study.kpis
            }
            for policy in self.study.policies
        }
        factors = {name: list(levels) for name, levels in self.factors.items()}
        return self.outcome_json("factorial", factors, effects=effects)


def _weighted(row: Sequence[Value], weights: NDArray[np.float64]) -> Value:
    known = [value for value in row if not isinstance(value, Undefined)]
    if len(known) < len(row):
        return next(value for value in row if isinstance(value, Undefined))
    return math.fsum(value * weight for value, weight in zip(known, weights.tolist(), strict=True))


def points_of(scenario: Scenario) -> tuple[Point, ...]:
    """Every combination of the levels in the scenario's `experiment.factorial`; the last factor varies fastest."""
    plan = scenario.experiment.factorial
    if not plan:
        raise UserError("nothing to vary: give --vary PATH=a,b,c, or `experiment: {factorial: …}` in the scenario")
    if (count := math.prod(map(len, plan.values()))) > MOST_POINTS:
        raise UserError(f"experiment.factorial: {count:,} combinations; at most {MOST_POINTS:,} are allowed")
    found = []
    for number, names in enumerate(itertools.product(*plan.values())):
        changes = {
            path: v for factor, level in zip(plan, names, strict=True) for path, v in plan[factor][level].items()
        }
        found.append(Point(number, dict(zip(plan, names, strict=True)), as_changes(changes)))
    return tuple(found)


def factorial(
    scenario: Loadable,
    order: int = MOST_ORDER,
    replications: int | None = None,
    policies: Sequence[str] | None = None,
    **options: Unpack[StudyOptions],
) -> Factorial:
    """Simulate the scenario's `experiment.factorial`, every combination and policy with common random numbers.

    Args:
        scenario: the scenario, its policies and the plan, or the file that holds it.
        order: most factors in an interaction that is reported.
        replications: of each combination; the scenario's own number by default.
        policies: names of the policies to simulate; all by default.
        options: see `StudyOptions`.

    >>> import simulator
    >>> scenario = simulator.load("what-hurts", ["clock.horizon=120 d"])
    >>> simulator.factorial(scenario, replications=2, policies=["lean"])
    <Factorial of 'what-hurts': 4 points; lean; 2 replications, seed 7, not saved>

    Raises:
        UserError: there is no plan, a combination is not a valid scenario, or an argument is not usable.
    """
    scenario = loaded(scenario)
    settings = StudySettings.resolve(scenario, replications, policies, **options)
    order = whole("order", order, 1, 10)
    points = checked(scenario, points_of(scenario))
    for point in points:
        if point.problem:
            raise UserError(f"experiment.factorial: {_named(point)}: {point.problem}")
    plan = {name: dict(levels) for name, levels in scenario.experiment.factorial.items()}
    with opened(settings, "factorial", {"factorial": plan}, points=len(points)) as study:
        study.play(points, settings.replications)
        factors = {name: tuple(levels) for name, levels in plan.items()}
        made = Factorial(study, points, settings.replications, factors, order)
        study.finish(settings.replications, made.csv_files())
    return made


def _named(point: Point) -> str:
    return ", ".join(f"{factor} {level}" for factor, level in point.values.items())
