"""The result of a search: finalists with fresh replications, the chosen points, and the tables of the folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator.experiment.results.results import difference_json, estimate_json
from simulator.experiment.results.tables import Cell, csv_pieces
from simulator.experiment.statistics.frontier import FrontierPlace
from simulator.experiment.statistics.measured import unit_of
from simulator.experiment.studies.design import Point, StudyFactor
from simulator.experiment.studies.goals import Goal, KpiBound
from simulator.experiment.studies.outcome import study_repr
from simulator.experiment.studies.study import Study


@dataclass(frozen=True, repr=False)
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
    trials: tuple[Point, ...]
    """The proposals."""
    replications: int
    """Of each proposal; finalists are judged by the replications after these."""
    finalists: tuple[Point, ...] = ()
    """The points that were simulated again, with fresh replications."""
    chosen: tuple[Point, ...] = ()
    """The best point; with several goals, all that no other finalist beats. Empty if none satisfies the bounds."""
    decided: bool = False
    """Whether the guarantee of the selection holds."""
    indifference: float = 0.0
    """A difference in the goal that does not matter, in its unit."""
    dropped: Mapping[str, int] = field(default_factory=dict)
    """By key: the number of fresh replications after which a finalist was dropped."""
    places: Mapping[str, FrontierPlace] = field(default_factory=dict)
    """With several goals: whether each finalist is on the frontier."""

    def __repr__(self) -> str:
        best = ", ".join(f"point {p.number} {dict(p.values)}" for p in self.chosen[:2]) or "none within the bounds"
        more = f" and {len(self.chosen) - 2} more" if len(self.chosen) > 2 else ""
        found = f"{', '.join(map(str, self.goals))}: {best}{more}; {len(self.trials)} trials"
        return study_repr(self, self.study, found, self.replications)

    @property
    def policy(self) -> str:
        """The policy that was searched."""
        return self.study.policies[0]

    @property
    def kpis(self) -> list[str]:
        """The KPIs of the goals and of the bounds."""
        return [*(goal.kpi for goal in self.goals), *(b.kpi for b in self.bounds)]

    def kept(self, point: Point) -> bool:
        """Whether the means of the fresh replications satisfy every bound."""
        first = self.replications
        return all(b.excess(self.study.estimate(point, self.policy, b.kpi, first).mean) <= 0 for b in self.bounds)

    # ------------------------------------------------------------------ output
    def csv_files(self) -> dict[str, Iterable[bytes]]:
        """The tables of the results folder."""
        head = ("point", "chosen", "kpi", "mean", "half_width", "low", "high", "n", "dropped_after", "unit")
        return {
            **self.study.csv_files(self.points),
            "trials.csv": csv_pieces(("trial", "point", *self.kpis, "bounds_kept"), self._trial_rows()),
            "finalists.csv": csv_pieces(head, self._finalist_rows()),
        }

    def _trial_rows(self) -> Iterator[Sequence[Cell]]:
        for number, point in enumerate(self.trials):
            if point.problem:
                yield number, point.number, *(None for _ in self.kpis), False
                continue
            means = [self.study.mean(point, self.policy, kpi, self.replications) for kpi in self.kpis]
            kept = all(b.excess(mean) <= 0 for b, mean in zip(self.bounds, means[len(self.goals) :], strict=True))
            yield number, point.number, *means, kept

    def _finalist_rows(self) -> Iterator[Sequence[Cell]]:
        for point in self.finalists:
            for kpi in self.kpis:
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
        estimates = {k: self.study.estimate(point, self.policy, k, first) for k in self.kpis}
        found["kpis"] = {k: estimate_json(e, unit_of(k)) for k, e in estimates.items()}
        found["bounds_kept"] = self.kept(point)
        base = self.points[0]
        if point is not base and base in self.finalists:
            found["less_the_file"] = {
                k: difference_json(self.study.difference((point, self.policy), (base, self.policy), k, first))
                for k in self.kpis
            }
        if point.key in self.places:
            found["place"] = self.places[point.key]
        return found
