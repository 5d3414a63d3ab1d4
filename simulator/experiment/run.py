"""Run a scenario: every policy, every replication, from the scenario to results in memory or in a folder."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

from simulator.experiment.arguments import MOST_REPLICATIONS, between, kpis_of, policies_of, whole
from simulator.experiment.results.results import Results
from simulator.experiment.running.replicate import replicate, replicate_where_shared
from simulator.experiment.running.runner import check_workers, progress_bar, run_all, standing_streams
from simulator.experiment.running.selection import WITHIN, Choice, Turn
from simulator.experiment.running.stopping import HEADLINES, MOST, Search
from simulator.experiment.storage.columns import Columns
from simulator.experiment.storage.fingerprint import fingerprint
from simulator.experiment.storage.journal import Task
from simulator.experiment.storage.manifest import Manifest
from simulator.experiment.storage.order_files import check_parquet, order_file
from simulator.experiment.storage.replication import Replication
from simulator.experiment.storage.store import Store
from simulator.foundation.errors import UserError
from simulator.foundation.signals import terminable
from simulator.scenario.identity import slug
from simulator.scenario.loader import load
from simulator.scenario.schema.schema import Scenario


def run(
    scenario: Scenario | str | os.PathLike[str],
    replications: int | None = None,
    seed: int | None = None,
    workers: int = 1,
    policies: Sequence[str] | None = None,
    precision: float | None = None,
    precise: Sequence[str] = HEADLINES,
    out: str | os.PathLike[str] | None = None,
    verb: str = "run",
    progress: bool | None = None,
    confidence: float | None = None,
    executor: Executor | None = None,
    keep_orders: bool = False,
    force: bool = False,
    select: str | None = None,
    within: float | str = WITHIN,
) -> Results:
    """Replay the scenario's world under each policy, with common random numbers.

    Args:
        scenario: the world and its policies, or the file that they stand in.
        replications: how many; the scenario's own number unless given. With `precision`, at most so many (1000).
        seed: of all random streams; the scenario's unless given.
        workers: processes. They change the time it takes and nothing else.
        policies: names of those to run, all unless given; differences are to the first.
        precision: run until every interval is within this share of its mean, for example 0.02.
        precise: the KPIs that `precision` is about, fill rate and total cost unless given.
        out: the folder under which results are saved, as `<out>/<scenario>/<verb>-<fingerprint>`; None saves nothing.
            Replications that are there already are not run again.
        verb: what the folder is called after.
        progress: show a bar, on stderr where that is a terminal, or in a notebook; unless said, in notebooks only.
        confidence: of the intervals; the scenario's unless given.
        keep_orders: also write every single order to `orders/<policy>-<replication>.parquet`; needs `out`.
        force: start anew, whatever the folder holds of this experiment.
        select: a KPI by which the best policy is chosen; who is clearly behind plays no further replications. At most
            `replications` (1000) are played; the folder's verb is `select`.
        within: for `select`, a difference that does not matter, see `Choice`.
        executor: where to run instead of processes of this machine, any `concurrent.futures.Executor`.

    Raises:
        UserError: an argument or the folder is not usable; nothing was simulated.
        AuditError: a replication broke a law of conservation.
        WorkerDied: a replication took two worker processes down.
    """
    started, clock = dt.datetime.now(dt.UTC), time.monotonic()
    if not isinstance(scenario, Scenario):
        scenario = load(Path(scenario))
    settings = scenario.experiment
    check_workers(workers)
    if keep_orders:
        check_parquet()
        if out is None:
            raise UserError("keep_orders needs a folder: give `out`")
    chosen = policies_of(scenario, policies)
    seed = whole("seed", settings.seed if seed is None else seed, 0, 2**53)
    confidence = between("confidence", settings.confidence if confidence is None else confidence, 0.5, 1.0)
    asked = settings.replications if precision is None and select is None else MOST
    most = whole("replications", asked if replications is None else replications, 1, MOST_REPLICATIONS)
    search = None
    if precision is not None:
        precision = between("precision", precision, 0.0, 1.0)
        search = Search(precision, kpis_of(precise or HEADLINES), most, confidence)

    mark = fingerprint(scenario, seed, chosen)
    choice = None
    if select is not None:
        if precision is not None or keep_orders:
            raise UserError("select chooses the number of replications itself; give no precision, and keep no orders")
        choice = Choice(select, chosen, within, confidence, most)
        verb, mark = "select", choice.fingerprint(mark)
    manifest = Manifest.begun(scenario, verb, mark, seed, chosen, confidence)
    with ExitStack() as stack:
        stack.enter_context(standing_streams())
        stack.enter_context(terminable())
        store = None
        if out is not None:
            folder = Path(out) / slug(scenario.name) / f"{verb}-{manifest.fingerprint[:8]}"
            store = stack.enter_context(Store.opened(folder, manifest, scenario.source, force))
        bar = stack.enter_context(progress_bar(progress, most))
        orders = store.folder if store is not None and keep_orders else None
        todo = _Todo(store, search or choice, most, orders, chosen)
        work = partial(replicate, scenario, chosen, seed)
        if choice is not None:
            turns = partial(_turn, replicate, scenario, seed)
            run_all(turns, lambda: list(map(choice.turn, todo.wanted())), todo.done, workers, executor, bar)
            manifest = replace(manifest, selection=choice.to_plain())
        else:
            if store is not None:
                played = work if executor is None else partial(replicate_where_shared, scenario, chosen, seed)
                here = store.folder.absolute()  # workers may stand elsewhere
                work = partial(played, orders=None if orders is None else here, series=here)
            run_all(work, todo.wanted, todo.done, workers, executor, bar)
        if search is not None:
            manifest = replace(manifest, precision=search.to_plain())
        results = Results(
            manifest.finished(todo.goal), scenario.source, todo.columns, None if store is None else store.folder
        ).advised(scenario)
        if store is not None:
            results.finish(store)
            elapsed = round(time.monotonic() - clock, 3)
            times = {"started": started.isoformat(timespec="seconds"), "elapsed_seconds": elapsed}
            store.write_timing({**times, "workers": workers, "replications_simulated": todo.simulated})
    return results


def _turn(
    play: Callable[[Scenario, Sequence[str], int, int], Replication], scenario: Scenario, seed: int, turn: Turn
) -> Replication:
    return play(scenario, turn.policies, seed, turn.number)


class _Todo:
    """The replications that are due, less those in the folder; takes in what is done."""

    def __init__(
        self,
        store: Store | None,
        search: Search | Choice | None,
        most: int,
        orders: Path | None,
        policies: Sequence[str],
    ) -> None:
        self.store, self.search, self.most = store, search, most
        self.orders, self.policies = orders, policies
        self.simulated = 0
        self.columns = Columns()
        self._missing: list[int] = []
        self._due = 0

    @property
    def goal(self) -> int:
        """Replications needed: 0 … goal - 1."""
        return self.most if self.search is None else self.search.goal

    def wanted(self) -> list[int]:
        """The numbers to be simulated, so far."""
        while self._due < (goal := self.goal):
            due = [number for number in range(self._due, goal) if self._there(number)]
            self._missing += [number for number in range(self._due, goal) if not self._there(number)]
            self._due = goal
            if self.store is not None:
                for _, replication in self.store.load(Task("", number) for number in due):
                    self._take(replication)
        return self._missing

    def _there(self, number: int) -> bool:
        """Whether it is finished; without the files of orders that are asked for it is played again."""
        return (
            self.store is not None
            and Task("", number) in self.store.journal
            and (self.orders is None or self._kept(number))
        )

    def _kept(self, number: int) -> bool:
        return self.orders is not None and all(
            order_file(self.orders, policy, number).exists() for policy in self.policies
        )

    def done(self, batch: Sequence[tuple[object, Replication]]) -> None:
        """Save what was simulated."""
        if self.store is not None:
            self.store.save((Task("", replication.number), replication) for _, replication in batch)
        self.simulated += len(batch)
        for _, replication in batch:
            self._take(replication)

    def _take(self, replication: Replication) -> None:
        self.columns.add(replication)
        if self.search is not None:
            self.search.add(replication)
