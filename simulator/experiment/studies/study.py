"""Many variants of a scenario under the same luck: each replication of each point is played once and kept."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.experiment.results.tables import Cell, csv_pieces
from simulator.experiment.running.replicate import replicate
from simulator.experiment.running.runner import Bar, check_workers, progress_bar, run_all, standing_streams
from simulator.experiment.statistics.intervals import Difference, Estimate, difference, estimate
from simulator.experiment.statistics.measured import unit_of
from simulator.experiment.storage.columns import ROWS, Columns, Scratch
from simulator.experiment.storage.fingerprint import fingerprint
from simulator.experiment.storage.journal import Task
from simulator.experiment.storage.manifest import Manifest
from simulator.experiment.storage.replication import Replication
from simulator.experiment.storage.store import Store
from simulator.experiment.studies.design import Point
from simulator.foundation.errors import UserError, nearest
from simulator.foundation.signals import terminable
from simulator.kpis.kpi import Undefined, Value
from simulator.scenario.identity import slug
from simulator.scenario.schema.schema import Scenario

AT_HAND = 8
"""Variants that a process keeps ready."""


@dataclass(frozen=True)
class Workforce:
    """Who plays: so many processes of this machine, or any executor; and whether a bar shows how far they are."""

    workers: int = 1
    executor: Executor | None = None
    progress: bool = False


ALONE = Workforce()
"""This process, and nothing on the screen."""


class Trial(NamedTuple):
    """One replication of one point, with all that a worker needs to know of it."""

    point: str
    number: int
    changes: str

    def __str__(self) -> str:
        return f"{self.number} of point {self.changes}"


class Player:
    """Plays trials, anywhere: a function of the trial alone."""

    def __init__(self, scenario: Scenario, policies: Sequence[str], seed: int) -> None:
        self.scenario, self.policies, self.seed = scenario, policies, seed
        self._made: dict[str, Scenario] = {}

    def __call__(self, trial: Trial) -> Replication:
        scenario = self._made.get(trial.changes)
        if scenario is None:
            if len(self._made) >= AT_HAND:
                self._made = {}
            scenario = self._made[trial.changes] = variant(self.scenario, trial.changes)
        return replicate(scenario, self.policies, self.seed, trial.number)


def variant(scenario: Scenario, changes: str) -> Scenario:
    """The scenario with {path: value} changed.

    Raises:
        UserError: it would not be valid.
    """
    plain = json.loads(changes)
    return scenario.edit(plain) if plain else scenario


def checked(
    scenario: Scenario, points: Sequence[Point], told: Callable[[UserError], UserError] = lambda error: error
) -> tuple[Point, ...]:
    """The points, each with the reason why it cannot be played, if there is one, as it is `told`.

    Raises:
        UserError: none can be played.
    """
    found, first = [], None
    for point in points:
        try:
            variant(scenario, point.changes)
        except UserError as error:
            first = first or told(error)
            point = replace(point, problem=str(told(error)).splitlines()[0])
        found.append(point)
    if first is not None and all(point.problem for point in found):
        raise first
    return tuple(found)


class Study:
    """The points that were played, their values, and where they are kept."""

    def __init__(
        self, scenario: Scenario, manifest: Manifest, store: Store | None, force: Workforce, bar: Bar | None
    ) -> None:
        self.scenario, self.manifest, self.store = scenario, manifest, store
        self.policies, self.confidence = manifest.policies, manifest.confidence
        self.simulated = 0
        """Replications that were played now, not found in the folder."""
        self._force, self._bar = force, bar
        self._work = Player(scenario, manifest.policies, manifest.seed)
        self._scratch = Scratch()
        self._columns: dict[str, Columns] = {}
        self._counts: dict[str, int] = {}
        self._kpis: tuple[str, ...] = ()
        self._expected = 0

    @property
    def folder(self) -> Path | None:
        """Where it is kept; None: nowhere."""
        return None if self.store is None else self.store.folder

    def play(self, points: Iterable[Point], replications: int) -> None:
        """Replications 0 … replications - 1 of each point; those that are there already are not played again."""
        chosen = {point.key: point for point in points if not point.problem}
        due: list[Trial] = []
        for key, point in chosen.items():
            trials = [Trial(key, k, point.changes) for k in range(self._counts.get(key, 0), replications)]
            self._counts[key] = max(self._counts.get(key, 0), replications)
            columns = self._columns.setdefault(key, Columns(self._scratch, min(replications, ROWS)))
            there = [] if self.store is None else [t for t in trials if Task(key, t.number) in self.store.journal]
            if self.store is not None:
                for _, replication in self.store.load(Task(key, t.number) for t in there):
                    columns.add(replication)
            found = set(there)
            due += [trial for trial in trials if trial not in found]
        self._expected += len(due)
        if self._bar is not None:
            self._bar.total = max(self._bar.total or 0, self._expected)
        try:
            run_all(self._work, lambda: due, self._done, self._force.workers, self._force.executor)
        finally:
            names = (kpi for key in chosen for kpi in self._columns[key].kpis)
            self._kpis = tuple(dict.fromkeys((*self._kpis, *names)))

    def _done(self, batch: list[tuple[Trial, Replication]]) -> None:
        if self.store is not None:
            self.store.save((Task(trial.point, trial.number), replication) for trial, replication in batch)
        self.simulated += len(batch)
        for trial, replication in batch:
            self._columns[trial.point].add(replication)
        if self._bar is not None:
            self._bar.update(len(batch))

    def say(self, what: str) -> None:
        """Show where it stands beside the bar."""
        if self._bar is not None:
            self._bar.set_postfix_str(what)

    # ------------------------------------------------------------------ values
    @property
    def kpis(self) -> tuple[str, ...]:
        """KPI keys in the order of the reports."""
        return self._kpis

    def known(self, kpi: str) -> str:
        """The KPI's key, or the user's mistake."""
        if kpi not in self.kpis:
            raise UserError(f"no KPI {kpi!r} in these results{nearest(kpi, self.kpis)}")
        return kpi

    def column(self, point: Point, policy: str, kpi: str, first: int = 0) -> list[Value]:
        """The KPI in replications first, first + 1, … of a point that was played."""
        return self._columns[point.key].column(policy, kpi, self._counts[point.key], first)

    def values(self, point: Point, policy: str, kpi: str, first: int = 0) -> NDArray[np.float64]:
        """The same as numbers, nan where there is no value."""
        return self._columns[point.key].values(policy, kpi, self._counts[point.key])[first:]

    def estimate(self, point: Point, policy: str, kpi: str, first: int = 0) -> Estimate:
        """Mean and interval of a KPI."""
        return estimate(self.column(point, policy, kpi, first), self.confidence, unit_of(kpi) == "share")

    def difference(self, a: tuple[Point, str], b: tuple[Point, str], kpi: str, first: int = 0) -> Difference:
        """(point, policy) `a` minus `b`, over the replications that both played: there they saw the same luck."""
        pairs = list(zip(self.column(*a, kpi, first), self.column(*b, kpi, first), strict=False))
        return difference([x for x, _ in pairs], [y for _, y in pairs], self.confidence)

    def csv_files(self, points: Sequence[Point]) -> dict[str, Iterable[bytes]]:
        """The tables every study has: its points, and the KPIs by point and policy."""
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


def shown(value: Any) -> Cell:
    """A scenario's value in a table."""
    return value if isinstance(value, str | int | float | bool) else json.dumps(value, default=str)


@contextmanager
def opened(
    scenario: Scenario,
    verb: str,
    design: Mapping[str, Any],
    seed: int,
    policies: tuple[str, ...],
    confidence: float,
    out: str | os.PathLike[str] | None,
    workforce: Workforce,
    force: bool = False,
    total: int = 0,
    packages: Mapping[str, str] | None = None,
) -> Iterator[Study]:
    """A study that goes on where its folder `<out>/<scenario>/<verb>-<fingerprint>` stands.

    Args:
        design: all that decides which points are played; plain data, part of the fingerprint.
        force: start anew, whatever the folder holds.
        total: replications of all points, for the bar.
        packages: versions of what else its numbers rest on.
    """
    started, clock = dt.datetime.now(dt.UTC), time.monotonic()
    check_workers(workforce.workers)
    text = json.dumps([fingerprint(scenario, seed, policies), design], sort_keys=True)
    mark = hashlib.sha256(text.encode()).hexdigest()
    manifest = Manifest.begun(scenario, verb, mark, seed, policies, confidence, design, packages)
    with ExitStack() as stack:
        stack.enter_context(standing_streams())
        stack.enter_context(terminable())
        store = None
        if out is not None:
            folder = Path(out) / slug(scenario.name) / f"{verb}-{mark[:8]}"
            store = stack.enter_context(Store.opened(folder, manifest, scenario.source, force))
        bar = stack.enter_context(progress_bar(workforce.progress, total))
        study = Study(scenario, manifest, store, workforce, bar)
        yield study
        if store is not None:
            elapsed = round(time.monotonic() - clock, 3)
            times = {"started": started.isoformat(timespec="seconds"), "elapsed_seconds": elapsed}
            store.write_timing({**times, "workers": workforce.workers, "replications_simulated": study.simulated})
