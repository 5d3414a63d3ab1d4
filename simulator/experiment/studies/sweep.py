"""A sweep: the scenario at many values of some keys, the frontier of cost and service, and sensitivities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from simulator.experiment.arguments import StudyOptions, StudySettings, kpis_of, whole, with_kpis
from simulator.experiment.results.tables import Cell, csv_pieces
from simulator.experiment.statistics import sensitivity
from simulator.experiment.statistics.frontier import FrontierPlace, places
from simulator.experiment.statistics.intervals import Estimate
from simulator.experiment.statistics.sensitivity import Sensitivity
from simulator.experiment.statistics.waitless import left_out
from simulator.experiment.studies.design import (
    SAMPLES,
    FactorLevels,
    FactorRange,
    Point,
    StudyFactor,
    factor,
    factors,
    points,
    varied,
)
from simulator.experiment.studies.outcome import StudyOutcome
from simulator.experiment.studies.study import checked, opened
from simulator.foundation.errors import UserError
from simulator.kpis.kpi import KPIS
from simulator.scenario.loader import Loadable, loaded

AGAINST = ("operating_cost", "fill_rate")
"""Default KPIs of the frontier: cost against service."""


@dataclass(frozen=True, repr=False)
class Sweep(StudyOutcome):
    """A completed sweep."""

    factors: tuple[StudyFactor, ...]
    design: str
    against: tuple[str, ...]
    """The KPIs of the frontier."""

    @cached_property
    def frontier(self) -> dict[tuple[int, str], FrontierPlace]:
        """Position of each (point number, policy); options without a value of one of the KPIs are left out.

        So are those that take no backorders, if a KPI of the frontier looks better for it, as one of waits does.
        """
        losses = [
            np.stack([self._values(*option, kpi) for option in self.options]) * (-1 if better(kpi) == "higher" else 1)
            for kpi in self.against
        ]
        sound = np.all([np.isfinite(loss).all(axis=1) for loss in losses], axis=0)
        refusing = [self.study.waitless(*option) for option in self.options]
        sound &= ~np.array(left_out(self.against, refusing), dtype=np.bool_)
        chosen = [option for option, good in zip(self.options, sound, strict=True) if good]
        found = places([loss[sound] for loss in losses], self.study.confidence) if chosen else []
        return {(p.number, policy): place for (p, policy), place in zip(chosen, found, strict=True)}

    def sensitivity(self, policy: str, kpi: str) -> Sensitivity | str:
        """The share of each factor in the variance of a policy's KPI, or why it cannot be computed."""
        if any(point.problem for point in self.points) and self.design in ("grid", "saltelli"):
            return "some points of the design are not valid scenarios"
        played = [point for point in self.points if not point.problem]
        response = np.stack([self._values(point, policy, kpi) for point in played])
        if not np.isfinite(response).all():
            return f"{kpi} has no value at some points"
        if self.design == "grid":
            shape = [
                len(dict.fromkeys(map(str, column)))
                for column in zip(*(p.values.values() for p in played), strict=True)
            ]
            return sensitivity.of_grid(response, shape, self.study.confidence)
        if self.design == "saltelli":
            return sensitivity.of_saltelli(response, len(self.factors), self.study.confidence)
        inputs = np.array([[position(f, p.values[f.path]) for f in self.factors] for p in played])
        if len(inputs) <= len(self.factors) + 1:
            return "too few points for a regression"
        return sensitivity.of_samples(response, inputs, self.study.confidence)

    def _values(self, point: Point, policy: str, kpi: str) -> NDArray[np.float64]:
        return self.study.values(point, policy, self.study.known(kpi))

    # ------------------------------------------------------------------ output
    def csv_files(self) -> dict[str, Iterable[bytes]]:
        """The tables of the results folder."""
        return {
            **self.study.csv_files(self.points),
            "frontier.csv": csv_pieces(("point", "policy", *self.against, "place"), self._frontier_rows()),
            "sensitivity.csv": csv_pieces(
                ("policy", "kpi", "factor", "order", "share", "half_width", "method", "reason"),
                self._sensitivity_rows(),
            ),
        }

    def _frontier_rows(self) -> Iterator[Sequence[Cell]]:
        for point, policy in self.options:
            if place := self.frontier.get((point.number, policy)):
                means = [self.study.estimate(point, policy, kpi).mean for kpi in self.against]
                yield point.number, policy, *means, place

    def _sensitivity_rows(self) -> Iterator[Sequence[Cell]]:
        for policy in self.study.policies:
            for kpi in self.against:
                found = self.sensitivity(policy, kpi)
                if isinstance(found, str):
                    yield policy, kpi, "", "", None, None, "", found
                    continue
                for order, shares in (("first", found.first), ("total", found.total or ())):
                    for f, e in zip(self.factors, shares, strict=bool(shares)):
                        yield policy, kpi, f.path, order, e.mean, e.half_width, found.method, e.reason

    def to_json(self) -> dict[str, Any]:
        """What `sweep --json` prints; never nan: null, and a reason."""
        places = [
            {"point": number, "policy": policy, "place": place} for (number, policy), place in self.frontier.items()
        ]
        return self.outcome_json(
            self.design,
            {f.path: f.to_plain() for f in self.factors},
            frontier={"kpis": list(self.against), "places": places},
            sensitivity={
                policy: {kpi: self._sensitivity_json(policy, kpi) for kpi in self.against}
                for policy in self.study.policies
            },
        )

    def _sensitivity_json(self, policy: str, kpi: str) -> dict[str, Any]:
        found = self.sensitivity(policy, kpi)
        if isinstance(found, str):
            return {"reason": found}

        def shares(estimates: Iterable[Estimate]) -> dict[str, Any]:
            return {
                f.path: {"share": e.mean, "half_width": e.half_width, **({"reason": e.reason} if e.reason else {})}
                for f, e in zip(self.factors, estimates, strict=True)
            }

        total = {} if found.total is None else {"total": shares(found.total)}
        return {"method": found.method, "first": shares(found.first), **total}


def better(kpi: str) -> str:
    """Which values are better, 'lower' or 'higher'.

    Raises:
        UserError: neither is.
    """
    found = KPIS[kpi.split("[")[0]].better
    if found == "neither":
        raise UserError(f"{kpi}: neither high nor low values are better; choose another KPI")
    return found


def position(f: StudyFactor, value: Any) -> float:
    """A number for a value of a factor: the value itself, or its index among the levels."""
    if isinstance(f, FactorRange):
        return float(str(value).split()[0])
    return float(value) if isinstance(value, int | float) else float(f.values.index(value))


def sweep(
    scenario: Loadable,
    vary: Mapping[str, Sequence[Any] | str] | Sequence[str],
    design: str | None = None,
    samples: int = SAMPLES,
    replications: int | None = None,
    policies: Sequence[str] | None = None,
    against: Sequence[str] = AGAINST,
    **options: Unpack[StudyOptions],
) -> Sweep:
    """Simulate the scenario at many points, every point and policy with common random numbers.

    Args:
        scenario: the scenario and its policies, or the file that holds it.
        vary: {path: list of values, or 'low..high'}, or texts as after `--vary`.
        design: `grid`, `lhs`, `sobol` or `saltelli` (see `design.points`). The default is a grid if every key has a
            list of values, and a Latin hypercube if one has a range.
        samples: number of points of a sampled design.
        replications: of each point; the scenario's own number by default.
        policies: names of the policies to simulate; all by default.
        against: the KPIs of the frontier, two or more.
        options: see `StudyOptions`.

    >>> import simulator
    >>> scenario = simulator.load("steady-shop", ["clock.horizon=120 d"])
    >>> vary = {"suppliers.importer.lead_time.mean": ["10 d", "30 d"]}
    >>> simulator.sweep(scenario, vary, replications=2, policies=["lean"])
    <Sweep of 'steady-shop': 2 points; lean; 2 replications, seed 7, not saved>

    Raises:
        UserError: an argument or the folder is not usable, or no point is a valid scenario.
    """
    scenario = loaded(scenario)
    settings = StudySettings.resolve(scenario, replications, policies, **with_kpis(options, *against))
    samples = whole("samples", samples, 2)
    against = kpis_of(against)
    if len(against) < 2:
        raise UserError("a frontier needs at least two KPIs")
    for kpi in against:
        better(kpi)
    found = factors_of(vary)
    if design is None:
        design = "grid" if all(isinstance(f, FactorLevels) for f in found) else "lhs"
    variants = checked(scenario, points(found, design, samples, settings.seed), varied)
    plain: dict[str, Any] = {"factors": {f.path: f.to_plain() for f in found}, "design": design}
    if design != "grid":
        plain["samples"] = samples
    packages = {"scipy": version("scipy")} if design in ("sobol", "saltelli") else None
    valid = sum(not point.problem for point in variants)
    with opened(settings, "sweep", plain, points=valid, packages=packages) as study:
        study.play(variants, settings.replications)
        made = Sweep(study, variants, settings.replications, found, design, against)
        study.finish(settings.replications, made.csv_files(), {**plain, "against": list(against)})
    return made


def factors_of(vary: Mapping[str, Sequence[Any] | str] | Sequence[str]) -> tuple[StudyFactor, ...]:
    """Factors as Python code or the command line names them: {path: values or 'low..high'}, or texts after `--vary`."""
    if not isinstance(vary, Mapping):
        return factors(vary)
    return tuple(
        factor(f"{path}={values}") if isinstance(values, str) else FactorLevels(path, tuple(values))
        for path, values in vary.items()
    )
