"""Optimisation under noise: a wide search with few replications, then a choice among the finalists with fresh ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, Unpack

import numpy as np

from simulator.experiment.arguments import StudyOptions, StudySettings, between, common, whole, with_kpis
from simulator.experiment.statistics.frontier import places
from simulator.experiment.statistics.ranking import KimNelson
from simulator.experiment.statistics.waitless import judges_waits, rewards_refusals
from simulator.experiment.studies.chosen_kpis import ChosenKpis
from simulator.experiment.studies.design import AS_IT_IS, Point, StudyFactor, as_changes, varied
from simulator.experiment.studies.goals import Goal, KpiBound, bound, goals
from simulator.experiment.studies.sampler import BATCH, Proposer, packages
from simulator.experiment.studies.search_result import Optimum
from simulator.experiment.studies.study import Study, opened, variant
from simulator.experiment.studies.sweep import factors_of
from simulator.foundation.errors import UserError
from simulator.scenario.loader import Loadable, loaded
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.nodes import Place
from simulator.scenario.tree.paths import steps

TRIALS = 64
FINALISTS = 6
INDIFFERENCE = 0.005
"""A share of the goal's mean that does not matter."""
MOST_FRESH = 1000
"""Fresh replications after which the choice is made undecided."""


class SearchOptions(StudyOptions, total=False):
    """Keyword options of `optimise`."""

    minimise: Sequence[str]
    """KPIs to make as small as possible."""
    maximise: Sequence[str]
    """KPIs to make as large as possible."""
    subject_to: Sequence[str]
    """Bounds on the means of KPIs, such as 'fill_rate>=97%'."""
    policy: str | None
    """The policy whose KPIs count: by default the one that the varied keys belong to, or the first."""
    trials: int
    """Number of proposals."""
    sampler: str | None
    """`tpe`, `cmaes`, `nsga2`, `qmc` or `random`: by default `tpe` for one goal and `nsga2` for several."""
    finalists: int
    """How many proposals are simulated again."""
    indifference: float
    """A difference that does not matter, as a share of the goal's mean."""
    most: int
    """Fresh replications after which the choice is made, even if it is undecided."""
    goals_only: bool
    """Work out no KPIs but those of goals and bounds, without an audit: several times faster, and nothing is saved."""
    observer: Callable[[int, Mapping[str, Any] | None], None] | None
    """Called after each batch with the number of proposals and the values of the best one so far, if any is good."""


def optimise(
    scenario: Loadable,
    vary: Mapping[str, Sequence[Any] | str] | Sequence[str],
    replications: int | None = None,
    **options: Unpack[SearchOptions],
) -> Optimum:
    """Search for the values of some keys that make a KPI best.

    First a sampler proposes points, each simulated with the same few replications. Their means are noisy, and the best
    of many noisy means is biased: it partly looks best by chance. So the finalists are simulated again, with
    replications that the search has not seen, until Kim and Nelson's procedure has found the best of them (see
    `ranking`). The unchanged scenario is always one of the finalists. With several goals, the finalists are the
    proposals that no other proposal dominates, and each gets the same number of fresh replications.

    Args:
        scenario: the scenario and its policies, or the file that holds it.
        vary: {path: list of values, or 'low..high'}, or texts as after `--vary`.
        replications: of each proposal; the scenario's own number by default.
        options: goals, bounds and the extent of the search, see `SearchOptions`; at least one of `minimise` and
            `maximise` is required. The seed is also the sampler's.

    >>> import simulator
    >>> scenario = simulator.load("textbook/base-stock", ["clock.horizon=600 d"])
    >>> vary = {"policies.base.replenishment.S": "2..20"}
    >>> found = simulator.optimise(scenario, vary, 2, minimise="operating_cost", trials=3, most=4)
    >>> type(found).__name__
    'Optimum'

    Raises:
        UserError: an argument or the folder is not usable, or no proposal is a valid scenario.
    """
    scenario = loaded(scenario)
    found = factors_of(vary)
    if not found:
        raise UserError("nothing to vary: give --vary PATH=low..high")
    wanted = goals(options.get("minimise", ()), options.get("maximise", ()))
    bounds = tuple(map(bound, options.get("subject_to", ())))
    named = options.get("policy")
    policy = _owner(scenario, found) if named is None else named
    needed = with_kpis(common(options, SearchOptions), *(g.kpi for g in wanted), *(b.kpi for b in bounds))
    settings = StudySettings.resolve(scenario, replications, [policy], **needed)
    extent = Extent(
        whole("trials", options.get("trials", TRIALS), 1, 100_000),
        whole("finalists", options.get("finalists", FINALISTS), 1, 1000),
        between("indifference", options.get("indifference", INDIFFERENCE), 0.0, 1.0),
        whole("most", options.get("most", MOST_FRESH), 2),
    )
    goals_only = options.get("goals_only", False)
    if goals_only and settings.out is not None:
        raise UserError("goals_only: a search that is saved has all KPIs; leave out `out` or `goals_only`")
    sampler = options.get("sampler") or ("tpe" if len(wanted) == 1 else "nsga2")
    proposer = Proposer(sampler, found, len(wanted), len(bounds), settings.seed)
    plain = {
        "factors": {f.path: f.to_plain() for f in found},
        "goals": {goal.kpi: goal.better for goal in wanted},
        "subject_to": [str(b) for b in bounds],
        "sampler": sampler,
        "replications": settings.replications,
    }
    with opened(settings, "optimise", plain, points=extent.trials, packages=packages()) as study:
        if goals_only:
            study.work = ChosenKpis(settings, [*(goal.kpi for goal in wanted), *(each.kpi for each in bounds)])
        search = _Search(study, proposer, wanted, bounds)
        search.observer = options.get("observer")
        search.propose(extent.trials)
        made = search.choose(extent)
        study.finish(settings.replications, made.csv_files(), {**plain, **extent._asdict()})
    return made


class Extent(NamedTuple):
    """How far a search goes."""

    trials: int
    finalists: int
    indifference: float
    most: int


def _owner(scenario: Scenario, found: Sequence[StudyFactor]) -> str:
    """The policy that the first varied key belongs to, or the first policy."""
    for f in found:
        path = steps(f.path, Place(f.path, 1, 1))
        if path[0] == "policies" and len(path) > 1 and path[1] in scenario.policies:
            return path[1]
    return next(iter(scenario.policies))


class _Search:
    """Proposals, their results so far, and the choice among them."""

    def __init__(
        self, study: Study, proposer: Proposer, wanted: tuple[Goal, ...], bounds: tuple[KpiBound, ...]
    ) -> None:
        self.study, self.proposer, self.goals, self.bounds = study, proposer, wanted, bounds
        self.n = study.settings.replications
        """Replications of each proposal; later ones are fresh."""
        self.policy = study.policies[0]
        self.base = Point(0, {f.path: AS_IT_IS for f in proposer.factors}, as_changes({}))
        self.points: dict[str, Point] = {self.base.key: self.base}
        self.trials: list[Point] = []
        self._backorders_only = any(rewards_refusals(goal.kpi) for goal in wanted)
        """Whether points that take no backorders are left out, because the goal looks better for it."""
        self.observer: Callable[[int, Mapping[str, Any] | None], None] | None = None
        self._first_error: UserError | None = None

    def propose(self, trials: int) -> None:
        """Ask the sampler for points, simulate them and report their results, a batch at a time."""
        self.study.play([self.base], self.n)
        while len(self.trials) < trials:
            asked = self.proposer.ask(min(BATCH, trials - len(self.trials)))
            batch = [(handle, self._point(values)) for handle, values in asked]
            self.study.play([point for _, point in batch], self.n)
            for handle, point in batch:
                self.trials.append(point)
                beyond = [math.inf] * len(self.bounds) if point.problem else self._excess(point)
                self.proposer.tell(handle, self._losses(point), [min(e, 1e300) for e in beyond])
            self._show_best()
        if self._first_error is not None and all(point.problem for point in self.trials):
            raise self._first_error

    def _show_best(self) -> None:
        """Tell the observer of the best point so far, and show it next to the progress bar."""
        if self.study.bar is None and self.observer is None:
            return
        goal = self.goals[0]
        good = [p for p in self.points.values() if self._losses(p) is not None and self._beyond(p) == 0]
        best = min(good, key=lambda p: (self._losses(p) or [0.0])[0], default=None)
        if self.observer is not None:
            self.observer(len(self.trials), None if best is None else best.values)
        if self.study.bar is not None:
            mean = None if best is None else self._mean(best, goal.kpi)
            said = "" if mean is None else f", {goal}: {mean:.6g}"
            self.study.bar.set_postfix_str(f"trial {len(self.trials)}{said}")

    def _point(self, values: Mapping[str, Any]) -> Point:
        """A point by its values; one that was proposed before is the same."""
        point = Point(len(self.points), values, as_changes(values))
        if point.key not in self.points:
            try:
                variant(self.study.scenario, point.changes)
            except UserError as error:
                located = varied(error)
                self._first_error = self._first_error or located
                point = replace(point, problem=str(located).splitlines()[0])
            self.points[point.key] = point
        return self.points[point.key]

    def _losses(self, point: Point) -> list[float] | None:
        """Values by goal, where less is better; None if a value is missing or nothing is backordered."""
        if point.problem or (self._backorders_only and self.study.waitless(point, self.policy, 0, self.n)):
            return None
        means = [self._mean(point, goal.kpi) for goal in self.goals]
        return None if None in means else [g.loss(m) for g, m in zip(self.goals, means, strict=True) if m is not None]

    def _mean(self, point: Point, kpi: str) -> float | None:
        return self.study.mean(point, self.policy, kpi, self.n)

    def _excess(self, point: Point) -> list[float]:
        return [b.excess(self._mean(point, b.kpi)) for b in self.bounds]

    # ------------------------------------------------------------------ choice
    def choose(self, extent: Extent) -> Optimum:
        """Simulate the finalists again, with fresh replications, and choose among them."""
        points = tuple(self.points.values())
        factors, sampler = tuple(self.proposer.factors), self.proposer.sampler
        made = Optimum(self.study, factors, self.goals, self.bounds, sampler, points, tuple(self.trials), self.n)
        playable = [p for p in points if not p.problem and self._losses(p) is not None]
        if not playable and self._backorders_only and not any(judges_waits(goal.kpi) for goal in self.goals):
            self._backorders_only = False  # no point takes backorders, so that the orders taken can be compared
            playable = [p for p in points if not p.problem and self._losses(p) is not None]
        if not playable:
            return replace(made, indifference=extent.indifference)
        if len(self.goals) > 1:
            good = [p for p in playable if self._beyond(p) == 0] or playable
            losses = np.array([self._losses(p) for p in good])
            stands = places([losses[:, k : k + 1] for k in range(losses.shape[1])])
            ranked = [p for p, place in zip(good, stands, strict=True) if place == "frontier"]
        else:
            ranked = sorted(playable, key=lambda p: (self._beyond(p), (self._losses(p) or [0.0])[0], p.number))
        chosen = ranked[: extent.finalists]
        if self.base not in chosen and self.base in playable:
            chosen.append(self.base)
        made = replace(made, finalists=tuple(chosen))
        return self._compare(made) if len(self.goals) > 1 else self._select(made, extent)

    def _beyond(self, point: Point) -> float:
        """How far the bounds are broken, each relative to its limit; 0 where all are kept."""
        return sum(max(e, 0.0) / (abs(b.limit) or 1.0) for b, e in zip(self.bounds, self._excess(point), strict=True))

    def _select(self, made: Optimum, extent: Extent) -> Optimum:
        """Kim and Nelson's procedure; if the winner breaks a bound in fresh replications, it is repeated without it."""
        goal, running = self.goals[0], list(made.finalists)
        dropped: dict[str, int] = {}
        while running:
            contest = self._contest(running, goal, extent)
            dropped.update({key: n for key, n in contest.dropped.items() if key not in dropped})
            best = self.points[contest.best]
            made = replace(made, dropped=dropped, indifference=contest.indifference)
            if made.kept(best):
                return replace(made, chosen=(best,), decided=contest.decided)
            running.remove(best)
            dropped = {key: n for key, n in dropped.items() if key not in {p.key for p in running}}
        return replace(made, dropped=dropped, indifference=extent.indifference)

    def _contest(self, running: Sequence[Point], goal: Goal, extent: Extent) -> KimNelson:
        names = [p.key for p in running]
        contest = KimNelson(names, goal.better, extent.indifference, self.study.confidence, relative=True)
        most = extent.most
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

    def _compare(self, made: Optimum) -> Optimum:
        """Simulate the finalists again as often as in the search; those that no other beats are chosen."""
        self.study.play(made.finalists, 2 * self.n)
        fresh = [
            np.stack([self.study.values(p, self.policy, g.kpi, self.n) for p in made.finalists])
            * (1 if g.better == "lower" else -1)
            for g in self.goals
        ]
        stands = dict(zip((p.key for p in made.finalists), places(fresh, self.study.confidence), strict=True))
        best = tuple(p for p in made.finalists if stands[p.key] == "frontier" and made.kept(p))
        return replace(made, chosen=best, decided=True, places=stands)
