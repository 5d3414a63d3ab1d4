"""Running tasks in one or many processes. Results do not depend on how many there are."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from contextlib import ExitStack, nullcontext
from typing import TYPE_CHECKING, Any, TypeVar

from simulator.experiment.running.progress import Bar, advance
from simulator.foundation.collector import quiet_gc
from simulator.foundation.errors import UserError
from simulator.foundation.signals import terminable

if TYPE_CHECKING:  # imported only where there are workers
    from concurrent.futures import Executor

    from simulator.experiment.running.pool import LocalPool

TaskKey = TypeVar("TaskKey", bound=Hashable)
Result = TypeVar("Result")


class KeptPool:
    """Lends one pool again and again, as starting workers takes a second; the context manager ends it."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._pool: LocalPool | None = None
        self._workers = 0

    def __enter__(self) -> KeptPool:
        return self

    def __exit__(self, *raised: Any) -> None:
        self._pool = None
        self._open.__exit__(*raised)

    def lend(self, workers: int) -> LocalPool:
        """The pool, or a new one where it has too few workers or was broken."""
        if self._pool is None or self._pool.is_broken or workers > self._workers:
            from simulator.experiment.running.pool import local_pool  # loky is imported only where it is needed

            self._open.close()
            self._pool, self._workers = self._open.enter_context(local_pool(workers)), workers
        return self._pool


def run_all(
    work: Callable[[TaskKey], Result],
    wanted: Callable[[], Sequence[TaskKey]],
    on_done: Callable[[list[tuple[TaskKey, Result]]], None],
    workers: int = 1,
    executor: Executor | None = None,
    bar: Bar | None = None,
    pool: KeptPool | None = None,
) -> None:
    """Call `work` once for each key that `wanted()` lists, and pass results to `on_done` in any order.

    `wanted()` is called again after every `on_done`; its list may have grown at the end. The result of `work` must
    depend on its key only: a task whose worker died is run a second time, alone. With one worker everything runs in
    this process; with more, in that many processes (those of `pool`, if given), or in `executor`, any
    `concurrent.futures.Executor`.

    Raises:
        UserError: fewer than one worker.
        WorkerDied: a task killed two workers; the message names it.
        KeyboardInterrupt: Ctrl-C or SIGTERM (`Terminated`); no worker is left.
    """
    check_workers(workers)
    with terminable():
        if workers == 1 and executor is None:
            _in_this_process(work, wanted, on_done, bar)
        else:
            from simulator.experiment.running.crew import Crew  # imported only where there are workers

            with KeptPool() if pool is None else nullcontext(pool) as kept:
                Crew(work, wanted, on_done, workers, executor, bar, kept.lend).run()


def check_workers(workers: object) -> None:
    """Raise UserError unless `workers` is a positive whole number."""
    if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:
        raise UserError(f"workers: {workers!r} is not a valid number of processes; must be at least 1")


def _in_this_process(
    work: Callable[[TaskKey], Result],
    wanted: Callable[[], Sequence[TaskKey]],
    on_done: Callable[[list[tuple[TaskKey, Result]]], None],
    bar: Bar | None,
) -> None:
    position = 0
    with quiet_gc():  # and not only within each simulation, at whose end all its objects would be looked at
        while position < len(keys := wanted()):
            key = keys[position]
            on_done([(key, work(key))])
            position += 1
            advance(bar, len(keys), 1)
