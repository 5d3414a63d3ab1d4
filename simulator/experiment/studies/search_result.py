"""The result of a search: finalists with fresh replications, the chosen points, and the tables of the folder."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.experiment.results.results import difference_json, estimate_json
from simulator.experiment.results.tables import Cell, csv_pieces
from simulator.experiment.statistics.frontier import FrontierPlace
from simulator.experiment.statistics.measured import unit_of
from simulator.experiment.studies.design import Point, StudyFactor
from simulator.experiment.studies.goals import Goal, KpiBound
from simulator.experiment.studies.study import Study


@dataclass(frozen=True)
class Proposal:
    """One proposal."""

    trial: int
    point: Point


@dataclass(frozen=True)
class Optimum:
    """A completed search.

    `points[0]` is the unchanged scenario; the others were proposed, each once. `trials` may contain a point twice.
    """

    study: Study
    factors: tuple[StudyFactor, ...]
    goals: tuple[Goal, ...]
    bounds: tuple[KpiBound, ...]
    sampler: str
    points: tuple[Point, ...]
    trials: tuple[Proposal, ...]
    replications: int
    """Of each proposal; finalists are judged by the replications after these."""
    finalists: tuple[Point, ...]
    """The points that were simulated again, with fresh replications."""
    chosen: tuple[Point, ...]
    """The best point; with several goals, all that no other finalist beats. Empty if none satisfies the bounds."""
    decided: bool
    """Whether the guarantee of the selection holds."""
    indifference: float
    """A difference in the goal that does not matter, in its unit."""
    dropped: Mapping[str, int]
    """By key: the number of fresh replications after which a finalist was dropped."""
    places: Mapping[str, FrontierPlace]
    """With several goals: whether each finalist is on the frontier."""

    @property
    def policy(self) -> str:
        """The policy that was searched."""
        return self.study.policies[0]

    def kept(self, point: Point, first: int = 0) -> bool:
        """Whether the means of replications first, first + 1, … satisfy every bound."""
        return all(e <= 0 for e in excess(self.study, self.policy, point, self.bounds, first))

    # ------------------------------------------------------------------ output
    def csv_files(self) -> dict[str, Iterable[bytes]]:
        """The tables of the results folder."""
        kpis = [goal.kpi for goal in self.goals] + [b.kpi for b in self.bounds]
        head = ("point", "chosen", "kpi", "mean", "half_width", "low", "high", "n", "dropped_after", "unit")
        return {
            **self.study.csv_files(self.points),
            "trials.csv": csv_pieces(("trial", "point", *kpis, "bounds_kept"), self._trial_rows(kpis)),
            "finalists.csv": csv_pieces(head, self._finalist_rows(kpis)),
        }

    def _trial_rows(self, kpis: Sequence[str]) -> Iterator[Sequence[Cell]]:
        for trial in self.trials:
            point = trial.point
            if point.problem:
                yield trial.trial, point.number, *(None for _ in kpis), False
                continue
            means = [self._searched(point, kpi) for kpi in kpis]
            yield trial.trial, point.number, *means, self._kept_in_search(point)

    def _searched(self, point: Point, kpi: str) -> float | None:
        """The mean of the search's replications."""
        values = self.study.values(point, self.policy, kpi)[: self.replications]
        mean = float(np.mean(values))
        return None if math.isnan(mean) else mean

    def _kept_in_search(self, point: Point) -> bool:
        means = [(b, self._searched(point, b.kpi)) for b in self.bounds]
        return all(mean is not None and b.excess(mean) <= 0 for b, mean in means)

    def _finalist_rows(self, kpis: Sequence[str]) -> Iterator[Sequence[Cell]]:
        for point in self.finalists:
            for kpi in kpis:
                e = self.study.estimate(point, self.policy, kpi, self.replications)
                interval = (e.mean, e.half_width, e.low, e.high, e.n)
                out = self.dropped.get(point.key)
                yield point.number, point in self.chosen, kpi, *interval, out, unit_of(kpi)

    def to_json(self) -> dict[str, Any]:
        """What `optimise --json` prints; never nan: null, and a reason."""
        manifest = self.study.manifest
        return {
            "scenario": manifest.scenario,
            "fingerprint": manifest.fingerprint,
            "policy": self.policy,
            "sampler": self.sampler,
            "trials": len(self.trials),
            "replications": self.replications,
            "seed": manifest.seed,
            "goals": {goal.kpi: goal.better for goal in self.goals},
            "subject_to": [str(b) for b in self.bounds],
            "factors": {f.path: f.to_plain() for f in self.factors},
            "best": [self._point_json(point) for point in self.chosen],
            "decided": self.decided,
            "indifference": self.indifference,
            "finalists": [self._point_json(point) for point in self.finalists],
            "results": self.study.folder_json,
        }

    def _point_json(self, point: Point) -> dict[str, Any]:
        found: dict[str, Any] = {"point": point.number, "values": dict(point.values)}
        first = self.replications
        kpis = [goal.kpi for goal in self.goals] + [b.kpi for b in self.bounds]
        found["kpis"] = {k: estimate_json(self.study.estimate(point, self.policy, k, first), unit_of(k)) for k in kpis}
        found["bounds_kept"] = self.kept(point, first)
        base = self.points[0]
        if point is not base and base in self.finalists:
            found["less_the_file"] = {
                k: difference_json(self.study.difference((point, self.policy), (base, self.policy), k, first))
                for k in kpis
            }
        if point.key in self.places:
            found["place"] = self.places[point.key]
        return found


def excess(study: Study, policy: str, point: Point, bounds: Sequence[KpiBound], first: int = 0) -> list[float]:
    """For each bound, how far the mean is beyond it; infinite if the KPI has no value."""
    found = []
    for b in bounds:
        mean = study.estimate(point, policy, study.known(b.kpi), first).mean
        found.append(math.inf if mean is None else b.excess(mean))
    return found
