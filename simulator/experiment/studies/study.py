"""A study: variants of a scenario under common random numbers, each replication simulated once and saved."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.experiment.arguments import StudySettings
from simulator.experiment.results.results import estimate_json
from simulator.experiment.results.tables import Cell, csv_pieces
from simulator.experiment.running.progress import Bar, progress_bar
from simulator.experiment.running.replicate import replicate
from simulator.experiment.running.runner import KeptPool, run_all
from simulator.experiment.statistics.intervals import Difference, Estimate, difference, estimate
from simulator.experiment.statistics.measured import unit_of
from simulator.experiment.statistics.waitless import FILLED, REFUSED, is_waitless
from simulator.experiment.storage.columns import ROWS, Columns, Scratch
from simulator.experiment.storage.fingerprint import fingerprint
from simulator.experiment.storage.journal import Task
from simulator.experiment.storage.manifest import Manifest
from simulator.experiment.storage.replication import Replication
from simulator.experiment.storage.store import Store
from simulator.experiment.studies.design import Point
from simulator.foundation.errors import UserError, nearest
from simulator.foundation.signals import terminable
from simulator.foundation.streams import standing_streams
from simulator.kernel.lanes import KeptPlays
from simulator.kpis.kpi import Undefined, Value
from simulator.scenario.identity import slug
from simulator.scenario.schema.schema import Scenario

CACHED_VARIANTS = 8
"""Variants of the scenario that a worker process keeps parsed."""


class PointTask(NamedTuple):
    """One replication of one point, with all that a worker needs to know about it."""

    point: str
    number: int
    changes: str

    def __str__(self) -> str:
        return f"{self.number} of point {self.changes}"


class PointRunner:
    """Simulates point tasks in any process: the result is a function of the task alone."""

    def __init__(self, settings: StudySettings) -> None:
        self.scenario, self.policies, self.seed = settings.scenario, settings.policies, settings.seed
        self.replicate = partial(replicate, lane=settings.lane, requested=settings.requested, plays=KeptPlays())
        self._variants: dict[str, Scenario] = {}

    def __call__(self, task: PointTask) -> Replication:
        scenario = self._variants.get(task.changes)
        if scenario is None:
            if len(self._variants) >= CACHED_VARIANTS:
                self._variants = {}
            scenario = self._variants[task.changes] = variant(self.scenario, task.changes)
        return self.replicate(scenario, self.policies, self.seed, task.number)


def variant(scenario: Scenario, changes: str) -> Scenario:
    """The scenario with {path: value} changed.

    Raises:
        UserError: it would not be valid.
    """
    plain = json.loads(changes)
    return scenario.edit(plain) if plain else scenario


def checked(
    scenario: Scenario, points: Sequence[Point], located: Callable[[UserError], UserError] = lambda error: error
) -> tuple[Point, ...]:
    """The points; one that is not a valid scenario has its `problem` filled in.

    Args:
        located: turns an error into one that names the place the user wrote.

    Raises:
        UserError: no point is valid.
    """
    found, first = [], None
    for point in points:
        try:
            variant(scenario, point.changes)
        except UserError as error:
            first = first or located(error)
            point = replace(point, problem=str(located(error)).splitlines()[0])
        found.append(point)
    if first is not None and all(point.problem for point in found):
        raise first
    return tuple(found)


class Study:
    """The replications of the points that were simulated or loaded, and the folder that holds them."""

    def __init__(self, settings: StudySettings, manifest: Manifest, store: Store | None, bar: Bar | None) -> None:
        self.settings, self.manifest, self.store, self.bar = settings, manifest, store, bar
        self.scenario, self.policies, self.confidence = settings.scenario, settings.policies, settings.confidence
        self.work: Callable[[PointTask], Replication] = PointRunner(settings)
        """Simulates one replication of one point."""
        self.simulated = 0
        """Replications that were simulated now, not found in the folder."""
        self.observer: Callable[[Replication], None] | None = None
        """Called with every replication that is loaded or simulated."""
        self._scratch, self.pool = Scratch(), KeptPool()
        self._columns: dict[str, Columns] = {}
        self._counts: dict[str, int] = {}
        self._kpis: tuple[str, ...] = ()
        self._expected = 0
        self._lanes: dict[str, dict[str, str]] = {}
        """By the key of a point, who plays each policy."""

    @property
    def folder(self) -> Path | None:
        """The results folder; None if nothing is saved."""
        return None if self.store is None else self.store.folder

    # ------------------------------------------------------------ replications
    def missing(self, point: str, n: int, complete: Callable[[int], bool] | None = None) -> list[int]:
        """Load the saved ones of replications 0 … n - 1 of a point; return the numbers that must be simulated.

        Replications that were asked for before are neither loaded nor returned again. A saved replication counts only
        if it is `complete`.
        """
        tasks = [Task(point, number) for number in range(self._counts.get(point, 0), n)]
        self._counts[point] = max(self._counts.get(point, 0), n)
        saved: set[Task] = set()
        if self.store is not None:
            saved = {
                task for task in tasks if task in self.store.journal and (complete is None or complete(task.number))
            }
            for task, replication in self.store.journal.load(task for task in tasks if task in saved):
                self._take(task.point, replication)
        return [task.number for task in tasks if task not in saved]

    def add(self, finished: Sequence[tuple[str, Replication]]) -> None:
        """Save and take in replications that were simulated, each with the key of its point."""
        if self.store is not None:
            self.store.journal.append((Task(point, replication.number), replication) for point, replication in finished)
        self.simulated += len(finished)
        for point, replication in finished:
            self._take(point, replication)

    def _take(self, point: str, replication: Replication) -> None:
        self.columns(point).add(replication)
        if self.observer is not None:
            self.observer(replication)

    def columns(self, point: str) -> Columns:
        """The values of a point by policy and KPI."""
        if point not in self._columns:
            rows = max(self._counts.get(point, 0), self.settings.replications)
            self._columns[point] = Columns(self._scratch, min(rows, ROWS))
        return self._columns[point]

    def requested(self, point: str) -> int:
        """Replications of a point that were asked for."""
        return self._counts.get(point, 0)

    def play(self, points: Iterable[Point], replications: int) -> None:
        """Simulate replications 0 … replications - 1 of each point, except those that are there already."""
        chosen = {point.key: point for point in points if not point.problem}
        for key, point in chosen.items():
            if key not in self._lanes:
                self._lanes[key] = self.settings.lanes_of(variant(self.scenario, point.changes))
        tasks = [
            PointTask(key, k, point.changes) for key, point in chosen.items() for k in self.missing(key, replications)
        ]
        self._expected += len(tasks)
        if self.bar is not None:
            self.bar.total = max(self.bar.total or 0, self._expected)
        try:
            workers, executor = self.settings.workers, self.settings.executor
            run_all(self.work, lambda: tasks, self._done, workers, executor, pool=self.pool)
        finally:
            names = (kpi for key in chosen for kpi in self.columns(key).kpis)
            self._kpis = tuple(dict.fromkeys((*self._kpis, *names)))

    def _done(self, batch: list[tuple[PointTask, Replication]]) -> None:
        self.add([(task.point, replication) for task, replication in batch])
        if self.bar is not None:
            self.bar.update(len(batch))

    def finish(
        self, replications: int, tables: Mapping[str, bytes | Iterable[bytes]], design: Mapping[str, Any] | None = None
    ) -> None:
        """Write the tables and the manifest, which names `design` in place of the one the study began with."""
        if self.store is not None:
            others = {key: lanes for key, lanes in sorted(self._lanes.items()) if lanes != self.manifest.lanes}
            manifest = replace(self.manifest.finished(replications), point_lanes=others)
            self.store.finish(manifest if design is None else replace(manifest, study=design), tables)

    # ------------------------------------------------------------------ values
    @property
    def kpis(self) -> tuple[str, ...]:
        """KPI keys in the order of the reports."""
        return self._kpis

    def known(self, kpi: str) -> str:
        """The KPI's key; UserError if these results do not have it."""
        if kpi not in self.kpis:
            raise UserError(f"no KPI {kpi!r} in these results{nearest(kpi, self.kpis)}")
        return kpi

    def column(self, point: Point, policy: str, kpi: str, first: int = 0) -> list[Value]:
        """The KPI in replications first, first + 1, … of a point that was simulated."""
        return self._columns[point.key].column(policy, kpi, self._counts[point.key], first)

    def values(self, point: Point, policy: str, kpi: str, first: int = 0) -> NDArray[np.float64]:
        """The KPI as an array of shape (replications,), nan where it has no value."""
        return self._columns[point.key].values(policy, kpi, self._counts[point.key])[first:]

    def mean(self, point: Point, policy: str, kpi: str, last: int) -> float | None:
        """The mean of replications 0 … last - 1; None if one of them has no value."""
        values = self.values(point, policy, self.known(kpi))[:last]
        return float(np.mean(values)) if np.isfinite(values).all() else None

    def estimate(self, point: Point, policy: str, kpi: str, first: int = 0) -> Estimate:
        """Mean and interval of a KPI."""
        return estimate(self.column(point, policy, kpi, first), self.confidence, unit_of(kpi) == "share")

    def difference(self, a: tuple[Point, str], b: tuple[Point, str], kpi: str, first: int = 0) -> Difference:
        """(point, policy) `a` minus `b`, paired over the replications that both have, which share random numbers."""
        pairs = list(zip(self.column(*a, kpi, first), self.column(*b, kpi, first), strict=False))
        return difference([x for x, _ in pairs], [y for _, y in pairs], self.confidence)

    def waitless(self, point: Point, policy: str, first: int = 0, last: int | None = None) -> bool:
        """Whether the policy takes no backorders at this point, in replications first … last - 1."""
        if not {FILLED, REFUSED} <= set(self.kpis):
            return False
        return is_waitless(*(self.column(point, policy, kpi, first)[:last] for kpi in (FILLED, REFUSED)))

    def csv_files(self, points: Sequence[Point]) -> dict[str, Iterable[bytes]]:
        """The tables of every study: its points, and the KPIs by point and policy."""
        names = list(points[0].values) if points else []
        played = [point for point in points if not point.problem]
        head = ("point", "policy", "kpi")
        return {
            "points.csv": csv_pieces(
                ("point", *names, "key", "problem"),
                ((p.number, *map(shown, p.values.values()), p.key, p.problem) for p in points),
            ),
            "summary.csv": csv_pieces(
                (*head, "mean", "half_width", "low", "high", "n", "unit", "reason"), self._summary(played)
            ),
            "kpis.csv": csv_pieces(("point", "policy", "replication", "kpi", "value"), self._values(played)),
        }

    def _summary(self, points: Sequence[Point]) -> Iterator[Sequence[Cell]]:
        for point in points:
            for policy in self.policies:
                for kpi in self.kpis:
                    e = self.estimate(point, policy, kpi)
                    interval = (e.mean, e.half_width, e.low, e.high)
                    yield point.number, policy, kpi, *interval, e.n, unit_of(kpi), e.reason

    def _values(self, points: Sequence[Point]) -> Iterator[Sequence[Cell]]:
        for point in points:
            for policy in self.policies:
                columns = {kpi: self.column(point, policy, kpi) for kpi in self.kpis}
                for number in range(self._counts[point.key]):
                    for kpi, column in columns.items():
                        value = column[number]
                        yield point.number, policy, number, kpi, None if isinstance(value, Undefined) else value

    def point_json(self, point: Point) -> dict[str, Any]:
        """A point with the estimates of all its KPIs, as plain data."""
        found: dict[str, Any] = {"point": point.number, "values": dict(point.values)}
        if point.problem:
            return {**found, "problem": point.problem}
        policies = {
            policy: {kpi: estimate_json(self.estimate(point, policy, kpi), unit_of(kpi)) for kpi in self.kpis}
            for policy in self.policies
        }
        return {**found, "policies": policies}

    @property
    def folder_json(self) -> str | None:
        """The results folder as plain data."""
        return None if self.folder is None else str(self.folder)


def shown(value: Any) -> Cell:
    """A scenario's value as a table cell."""
    return value if isinstance(value, str | int | float | bool) else json.dumps(value, default=str)


@contextmanager
def opened(
    settings: StudySettings,
    verb: str,
    design: Mapping[str, Any] | None = None,
    *,
    mark: str | None = None,
    points: int = 1,
    packages: Mapping[str, str] | None = None,
) -> Iterator[Study]:
    """Open a study; it resumes if its folder `<out>/<scenario>/<verb>-<fingerprint>` exists.

    Args:
        design: everything that decides which points are simulated; plain data, part of the fingerprint.
        mark: the fingerprint, if it is not to be computed from settings and design.
        points: number of points, for the progress bar.
        packages: versions of other packages that the numbers depend on.
    """
    started, clock = dt.datetime.now(dt.UTC), time.monotonic()
    scenario = settings.scenario
    if mark is None:
        text = json.dumps([fingerprint(scenario, settings.seed, settings.policies), design], sort_keys=True)
        mark = hashlib.sha256(text.encode()).hexdigest()
    if settings.requested:
        mark = hashlib.sha256(json.dumps([mark, *settings.requested]).encode()).hexdigest()
    begun = Manifest(scenario.name, verb, mark, settings.seed, settings.policies, settings.confidence, study=design)
    manifest = replace(begun.describing(scenario, packages), lanes=settings.lanes_of(scenario), light=settings.light)
    with ExitStack() as stack:
        stack.enter_context(standing_streams())
        stack.enter_context(terminable())
        store = None
        if settings.out is not None:
            folder = Path(settings.out) / slug(scenario.name) / f"{verb}-{mark[:8]}"
            store = stack.enter_context(Store.opened(folder, manifest, scenario.source, settings.force))
        bar = stack.enter_context(progress_bar(settings.progress, settings.replications * points))
        study = Study(settings, manifest, store, bar)
        stack.enter_context(study.pool)
        yield study
        if store is not None:
            store.write_timing(
                {
                    "started": started.isoformat(timespec="seconds"),
                    "elapsed_seconds": round(time.monotonic() - clock, 3),
                    "workers": settings.workers,
                    "replications_simulated": study.simulated,
                }
            )
