"""Search under noise: look widely with few replications, then choose among the finalists with fresh luck."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from simulator.experiment.arguments import MOST_REPLICATIONS, between, policies_of, whole
from simulator.experiment.statistics.frontier import Place, places
from simulator.experiment.statistics.ranking import KimNelson
from simulator.experiment.studies.design import Factor, Point, as_changes, factors, varied
from simulator.experiment.studies.goals import Bound, Goal, bound, goals
from simulator.experiment.studies.sampler import BATCH, Proposer, packages
from simulator.experiment.studies.search_result import Optimum, Searched, excess
from simulator.experiment.studies.study import ALONE, Study, Workforce, opened, variant
from simulator.experiment.studies.sweep import of_mapping
from simulator.foundation.errors import UserError
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.nodes import Place as TextPlace
from simulator.scenario.tree.paths import steps

TRIALS = 64
FINALISTS = 6
INDIFFERENCE = 0.005
"""A share of the goal's mean that does not matter."""
MOST_FRESH = 1000
"""Fresh replications after which the choice is made undecided."""


def optimise(
    scenario: Scenario,
    vary: Mapping[str, Sequence[Any] | str] | Sequence[str],
    minimise: Sequence[str] = (),
    maximise: Sequence[str] = (),
    subject_to: Sequence[str] = (),
    policy: str | None = None,
    trials: int = TRIALS,
    sampler: str | None = None,
    replications: int | None = None,
    finalists: int = FINALISTS,
    indifference: float = INDIFFERENCE,
    most: int = MOST_FRESH,
    seed: int | None = None,
    confidence: float | None = None,
    out: str | os.PathLike[str] | None = None,
    workforce: Workforce = ALONE,
    force: bool = False,
) -> Optimum:
    """Search for the values of some keys that make a KPI best.

    First a sampler proposes points, each played with the same few replications. Their means are what chance made of
    them, and the luckiest looks best; so the finalists are played again, with replications that the search has not
    seen, until Kim and Nelson's procedure has found the best of them (see `ranking`). The scenario as its file says
    is among the finalists. With several goals the finalists are all that no other proposal beats, and all are played
    the same number of times again.

    Args:
        scenario: the world and its policies.
        vary: {path: list of values, or 'low..high'}, or texts as after `--vary`.
        minimise, maximise: KPIs.
        subject_to: bounds such as 'fill_rate>=97%', kept by the mean.
        policy: whose KPIs; unless given, that which the varied keys belong to, or the first.
        trials: proposals.
        sampler: `tpe`, `cmaes`, `nsga2`, `qmc` or `random`; `tpe` for one goal and `nsga2` for several unless given.
        replications: of each proposal; the scenario's unless given.
        finalists: how many are played again.
        indifference: a difference that does not matter, as a share of the goal's mean.
        most: fresh replications after which the choice is made as it stands.
        seed, confidence: the scenario's own unless given; the seed is the sampler's, too.
        out: the folder under which results are saved, as `<out>/<scenario>/optimise-<fingerprint>`.
        workforce: who plays; it changes the time it takes and nothing else.
        force: start anew, whatever the folder holds.

    Raises:
        UserError: an argument or the folder is not usable, or no proposal makes a valid scenario.
    """
    settings = scenario.experiment
    found = of_mapping(vary) if isinstance(vary, Mapping) else factors(vary)
    if not found:
        raise UserError("nothing to vary: give --vary PATH=low..high")
    wanted, kept = goals(minimise, maximise), tuple(map(bound, subject_to))
    (whose,) = policies_of(scenario, [policy or _owner(scenario, found)])
    seed = whole("seed", settings.seed if seed is None else seed, 0, 2**53)
    confidence = between("confidence", settings.confidence if confidence is None else confidence, 0.5, 1.0)
    n = whole("replications", settings.replications if replications is None else replications, 1, MOST_REPLICATIONS)
    trials, finalists = whole("trials", trials, 1, 100_000), whole("finalists", finalists, 1, 1000)
    most = whole("most", most, 2, MOST_REPLICATIONS)
    indifference = between("indifference", indifference, 0.0, 1.0)
    sampler = sampler or ("tpe" if len(wanted) == 1 else "nsga2")
    proposer = Proposer(sampler, found, len(wanted), len(kept), seed)
    plain = {
        "factors": {f.path: f.to_plain() for f in found},
        "goals": {goal.kpi: goal.better for goal in wanted},
        "subject_to": [str(b) for b in kept],
        "sampler": sampler,
        "replications": n,
    }
    with opened(
        scenario, "optimise", plain, seed, (whose,), confidence, out, workforce, force, n * trials, packages()
    ) as study:
        search = _Search(study, proposer, wanted, kept, n)
        search.look(trials)
        made = search.choose(finalists, indifference, most)
        if study.store is not None:
            said = {**plain, "trials": trials, "finalists": finalists, "indifference": indifference, "most": most}
            study.store.finish(replace(study.manifest.finished(n), study=said), made.csv_files())
    return made


def _owner(scenario: Scenario, found: Sequence[Factor]) -> str:
    """The policy that the first varied key belongs to, or the first policy."""
    for f in found:
        path = steps(f.path, TextPlace(f.path, 1, 1))
        if path[0] == "policies" and len(path) > 1 and path[1] in scenario.policies:
            return path[1]
    return next(iter(scenario.policies))


class _Search:
    """Proposals, their results so far, and the choice among them."""

    def __init__(
        self, study: Study, proposer: Proposer, wanted: tuple[Goal, ...], kept: tuple[Bound, ...], n: int
    ) -> None:
        self.study, self.proposer, self.goals, self.bounds, self.n = study, proposer, wanted, kept, n
        self.policy = study.policies[0]
        self.base = Point(0, {f.path: "as it is" for f in proposer.factors}, as_changes({}))
        self.points: dict[str, Point] = {self.base.key: self.base}
        self.trials: list[Searched] = []
        self._first_error: UserError | None = None

    def look(self, trials: int) -> None:
        """Ask, play and tell, a batch at a time."""
        self.study.play([self.base], self.n)
        while len(self.trials) < trials:
            asked = self.proposer.ask(min(BATCH, trials - len(self.trials)))
            batch = [(handle, self._point(values)) for handle, values in asked]
            self.study.play([point for _, point in batch], self.n)
            for handle, point in batch:
                self.trials.append(Searched(len(self.trials), point))
                beyond = [math.inf] * len(self.bounds) if point.problem else self._excess(point)
                self.proposer.tell(handle, self._losses(point), [min(e, 1e300) for e in beyond])
            self._say()
        if self._first_error is not None and all(trial.point.problem for trial in self.trials):
            raise self._first_error

    def _say(self) -> None:
        """How far it is, and the best so far."""
        goal = self.goals[0]
        good = [p for p in self.points.values() if self._losses(p) is not None and self._beyond(p) == 0]
        best = min(good, key=lambda p: (self._losses(p) or [0.0])[0], default=None)
        mean = None if best is None else self._mean(best, goal.kpi)
        self.study.say(f"trial {len(self.trials)}" + ("" if mean is None else f", {goal}: {mean:.6g}"))

    def _point(self, values: Mapping[str, Any]) -> Point:
        """A point by its values; one that was proposed before is the same."""
        point = Point(len(self.points), values, as_changes(values))
        if point.key not in self.points:
            try:
                variant(self.study.scenario, point.changes)
            except UserError as error:
                told = varied(error)
                self._first_error = self._first_error or told
                point = replace(point, problem=str(told).splitlines()[0])
            self.points[point.key] = point
        return self.points[point.key]

    def _losses(self, point: Point) -> list[float] | None:
        """By goal, less is better; None where there is no value."""
        if point.problem:
            return None
        means = [self._mean(point, goal.kpi) for goal in self.goals]
        return None if None in means else [g.loss(m) for g, m in zip(self.goals, means, strict=True) if m is not None]

    def _mean(self, point: Point, kpi: str) -> float | None:
        """Of the search's replications."""
        values = self.study.column(point, self.policy, self.study.known(kpi))[: self.n]
        known = [v for v in values if isinstance(v, float)]
        return math.fsum(known) / len(known) if len(known) == len(values) else None

    def _excess(self, point: Point) -> list[float]:
        means = [(b, self._mean(point, b.kpi)) for b in self.bounds]
        return [math.inf if mean is None else b.excess(mean) for b, mean in means]

    # ------------------------------------------------------------------ choice
    def choose(self, finalists: int, indifference: float, most: int) -> Optimum:
        """Play the finalists again, with fresh luck."""
        playable = [p for p in self.points.values() if not p.problem and self._losses(p) is not None]
        if len(self.goals) > 1:
            return self._frontier(playable, finalists)
        ranked = sorted(playable, key=lambda p: (self._beyond(p), (self._losses(p) or [0.0])[0], p.number))
        chosen = ranked[:finalists]
        if self.base not in chosen and self.base in playable:
            chosen.append(self.base)
        return self._select(chosen, indifference, most)

    def _beyond(self, point: Point) -> float:
        """How far the bounds are broken, each relative to its limit; 0 where all are kept."""
        return sum(max(e, 0.0) / (abs(b.limit) or 1.0) for b, e in zip(self.bounds, self._excess(point), strict=True))

    def _select(self, finalists: Sequence[Point], indifference: float, most: int) -> Optimum:
        """Kim and Nelson's procedure; a winner that breaks a bound with fresh luck is out, and it is held again."""
        goal, running = self.goals[0], list(finalists)
        dropped: dict[str, int] = {}
        while running:
            contest = self._contest(running, goal, indifference, most)
            dropped.update({key: n for key, n in contest.dropped.items() if key not in dropped})
            best = self.points[contest.best]
            if all(e <= 0 for e in excess(self.study, self.policy, best, self.bounds, self.n)):
                return self._optimum(finalists, (best,), contest.decided, contest.indifference, dropped, {})
            running.remove(best)
            dropped = {key: n for key, n in dropped.items() if key not in {p.key for p in running}}
        return self._optimum(finalists, (), False, indifference, dropped, {})

    def _contest(self, running: Sequence[Point], goal: Goal, indifference: float, most: int) -> KimNelson:
        names = [p.key for p in running]
        contest = KimNelson(names, goal.better, indifference, self.study.confidence, relative=True)
        while contest.n < most and (not contest.decided or contest.n < min(contest.first, most)):
            more = min(contest.next_round or contest.first - contest.n, most - contest.n)
            playing = [self.points[key] for key in contest.survivors]
            self.study.play(playing, self.n + contest.n + more)
            begin = self.n + contest.n
            columns = {p.key: self.study.values(p, self.policy, goal.kpi, begin)[:more].tolist() for p in playing}
            for key, column in columns.items():
                if not np.isfinite(column).all():
                    raise UserError(f"{goal.kpi} has no value in a replication of point {self.points[key].number}")
            for row in zip(*columns.values(), strict=True):
                contest.add(dict(zip(columns, row, strict=True)))
        return contest

    def _frontier(self, playable: Sequence[Point], finalists: int) -> Optimum:
        """All that no other one beats, played again as often as in the search, and compared."""
        good = [p for p in playable if self._beyond(p) == 0] or list(playable)
        losses = np.array([self._losses(p) for p in good])
        stands = places([losses[:, k : k + 1] for k in range(losses.shape[1])])
        chosen = [p for p, place in zip(good, stands, strict=True) if place == "frontier"][:finalists]
        if self.base not in chosen and self.base in playable:
            chosen.append(self.base)
        self.study.play(chosen, 2 * self.n)
        fresh = [
            np.stack([self.study.values(p, self.policy, g.kpi, self.n) for p in chosen])
            * (1 if g.better == "lower" else -1)
            for g in self.goals
        ]
        stands = places(fresh, self.study.confidence)
        by_key = {p.key: place for p, place in zip(chosen, stands, strict=True)}
        best = tuple(
            p
            for p in chosen
            if by_key[p.key] == "frontier"
            and all(e <= 0 for e in excess(self.study, self.policy, p, self.bounds, self.n))
        )
        return self._optimum(chosen, best, True, 0.0, {}, by_key)

    def _optimum(
        self,
        finalists: Sequence[Point],
        chosen: tuple[Point, ...],
        decided: bool,
        indifference: float,
        dropped: Mapping[str, int],
        stands: Mapping[str, Place],
    ) -> Optimum:
        return Optimum(
            self.study,
            tuple(self.proposer.factors),
            self.goals,
            self.bounds,
            self.study.manifest.study["sampler"] if self.study.manifest.study else "",
            tuple(self.points.values()),
            tuple(self.trials),
            self.n,
            tuple(finalists),
            chosen,
            decided,
            indifference,
            dropped,
            stands,
        )
