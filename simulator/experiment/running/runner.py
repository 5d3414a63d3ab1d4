"""Running tasks in one or many processes: batches, dead workers, progress. Results do not depend on any of it."""

from __future__ import annotations

import pickle
import sys
import time
import warnings
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar, cast

from simulator.experiment.plugins import use_plugins
from simulator.foundation.collector import is_ours, quiet_gc, settle
from simulator.foundation.errors import RunError, UserError
from simulator.foundation.extensions import IN_USE
from simulator.foundation.signals import terminable

if TYPE_CHECKING:  # imported only where a bar is shown, and where there are workers
    from tqdm import tqdm

    from simulator.experiment.running.pool import LocalPool

TaskKey = TypeVar("TaskKey", bound=Hashable)
Result = TypeVar("Result")

BATCH_SECONDS = 1.0
"""Target duration of a batch: long compared with the 0.2 to 9 ms overhead of each, short enough to lose."""
BATCH_SECONDS_EACH = 0.02
"""Target duration of a cluster's batch per worker: the scheduler needs some milliseconds for each batch."""
LOOK = 1.0
"""Seconds between two looks at a local pool whose workers are busy."""
BRIEF = 0.5
"""Seconds after which a finished progress bar stays on the screen."""


class WorkerDied(RunError):
    """A worker process died twice over the same task."""


class Elastic(Executor):
    """An executor whose number of workers changes."""

    @property
    def workers(self) -> int:
        """Current number of workers, at least 1."""
        raise NotImplementedError


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
    bar: tqdm[Any] | None = None,
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
            _Crew(work, wanted, on_done, workers, executor, bar, pool).run()


def check_workers(workers: object) -> None:
    """Raise UserError unless `workers` is a positive whole number."""
    if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:
        raise UserError(f"workers: {workers!r} is not a valid number of processes; must be at least 1")


def _in_this_process(
    work: Callable[[TaskKey], Result],
    wanted: Callable[[], Sequence[TaskKey]],
    on_done: Callable[[list[tuple[TaskKey, Result]]], None],
    bar: tqdm[Any] | None,
) -> None:
    position = 0
    with quiet_gc():  # and not only within each simulation, at whose end all its objects would be looked at
        while position < len(keys := wanted()):
            key = keys[position]
            on_done([(key, work(key))])
            position += 1
            _show(bar, len(keys), 1)


class _Crew:
    """Sends the tasks of one `run_all` through a pool."""

    def __init__(
        self,
        work: Callable[[Any], Any],
        wanted: Callable[[], Sequence[Any]],
        on_done: Callable[[list[tuple[Any, Any]]], None],
        workers: int,
        executor: Executor | None,
        bar: tqdm[Any] | None,
        pool: KeptPool | None = None,
    ) -> None:
        self.work, self.plugins = _packed(work), tuple(IN_USE)
        self.wanted, self.on_done, self.bar = wanted, on_done, bar
        self.asked, self.executor, self.kept = workers, executor, pool
        self.position = 0
        """Tasks sent so far."""
        self.done, self.seconds = 0, 0.0
        """Tasks done and the time they took, to size the next batches."""

    @property
    def workers(self) -> int:
        """Number of workers to keep busy."""
        return self.executor.workers if isinstance(self.executor, Elastic) else self.asked

    def run(self) -> None:
        suspects: list[Any] = []
        with ExitStack() as stack:
            kept = self.kept or stack.enter_context(KeptPool())
            while left := len(suspects) + len(self.wanted()) - self.position:
                pool = kept.lend(min(self.workers, left)) if self.executor is None else self.executor
                for key in suspects:
                    self._alone(pool, key)
                suspects = self._together(pool)

    def _together(self, pool: Executor) -> list[Any]:
        """Send batches until all tasks are done; returns the tasks under way if the pool breaks."""
        flying: dict[Future[Any], list[Any]] = {}
        lost: list[Any] = []
        batch: list[Any] = []
        try:
            while not lost:
                while len(flying) < 2 * self.workers and (batch := self._next_batch()):
                    flying[pool.submit(_play, self.plugins, self.work, batch)] = batch
                    batch = []
                if not flying or not (done := _done(pool, flying)):
                    break
                for future in done:
                    lost += self._landed(future, flying.pop(future))
        except BrokenExecutor:  # while a batch was being sent
            lost += batch
        finally:
            for future in flying:
                future.cancel()
        left = {future: batch for future, batch in flying.items() if not future.cancelled()}
        lost += chain.from_iterable(batch for future, batch in flying.items() if future.cancelled())
        while left and (done := _done(pool, left)):
            for future in done:
                lost += self._landed(future, left.pop(future))
        return [*lost, *chain.from_iterable(left.values())]

    def _next_batch(self) -> list[Any]:
        keys = self.wanted()
        left = len(keys) - self.position
        pace = self.done / self.seconds if self.seconds else 0.0
        workers = self.workers
        seconds = max(BATCH_SECONDS, BATCH_SECONDS_EACH * workers) if self.executor is not None else BATCH_SECONDS
        size = max(1, min(int(seconds * pace), -(-left // (2 * workers))))
        batch = list(keys[self.position : self.position + size])
        self.position += len(batch)
        return batch

    def _landed(self, future: Future[Any], batch: list[Any]) -> list[Any]:
        """Pass on the results of a batch; returns its tasks if its worker died or ran out of memory."""
        try:
            results, seconds = future.result()
        except (BrokenExecutor, MemoryError):
            return batch
        self.done, self.seconds = self.done + len(batch), self.seconds + seconds
        self.on_done(list(zip(batch, results, strict=True)))
        _show(self.bar, len(self.wanted()), len(batch))
        return []

    def _alone(self, pool: Executor, key: Any) -> None:
        """The second and last attempt at a task, alone in the pool: if its worker dies again, the task is the cause."""
        cause = "the worker process died twice (killed, out of memory, or crashed)"
        try:
            future = pool.submit(_play, self.plugins, self.work, [key])
            lost = self._landed(future, [key]) if (done := _done(pool, [future])) else [key]
            if done and isinstance(future.exception(), MemoryError):
                cause = "out of memory, although no other replication was running"
        except BrokenExecutor:
            lost = [key]
        if lost:
            raise WorkerDied(
                f"replication {key}: {cause}; finished replications are kept, run the same command again to go on"
            )


def _done(pool: Executor, futures: Iterable[Future[Any]]) -> set[Future[Any]]:
    """Wait until some of them are done, and return those; none if the pool is lost, so that they never will be."""
    while not (done := wait(futures, LOOK, FIRST_COMPLETED).done):
        if getattr(pool, "is_lost", False):
            break
    return done


def _play(plugins: Sequence[str], work: bytes, batch: Sequence[Any]) -> tuple[list[Any], float]:
    """In a worker: the results of a batch, and the seconds it took."""
    use_plugins(plugins)
    function, started = _unpacked(work), time.perf_counter()
    return [function(key) for key in batch], time.perf_counter() - started


def _packed(work: Callable[[Any], Any]) -> bytes:
    """Pickle the work, including the scenario, once; objects defined in a script are pickled by value."""
    from loky.backend.reduction import dumps

    return bytes(dumps(work))


@lru_cache(maxsize=2)
def _unpacked(work: bytes) -> Callable[[Any], Any]:
    found = cast(Callable[[Any], Any], pickle.loads(work))
    settle()
    return found


@contextmanager
def progress_bar(shown: bool | None, total: int, unit: str = "replication") -> Iterator[tqdm[Any] | None]:
    """A bar on stderr if it is a terminal, or below the cell of a notebook; otherwise None, and tqdm is not imported.

    With `shown` None, a bar is shown in notebooks but not in terminals.
    """
    notebook = shown is not False and in_notebook()
    terminal = bool(shown) and sys.stderr is not None and not sys.stderr.closed and sys.stderr.isatty()
    if not notebook and not terminal:
        yield None
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about missing widgets: it then writes text
        from tqdm.auto import tqdm

    if is_ours():
        tqdm.monitor_interval = 0  # no thread that watches the bar: workers can be copies of a process without any
    began = time.monotonic()
    shape = "{n_fmt} of {total_fmt} {unit}s |{bar}| {rate_fmt}, {remaining} left"
    with tqdm(total=total, unit=unit, file=sys.stderr, dynamic_ncols=True, bar_format=shape, miniters=1) as bar:
        yield bar
        bar.leave = time.monotonic() - began > BRIEF


def in_notebook() -> bool:
    """Whether this runs in a notebook's kernel; does not import IPython."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return "IPKernelApp" in getattr(shell, "config", {})


def _show(bar: tqdm[Any] | None, total: int, more: int) -> None:
    if bar is not None:
        bar.total = total
        bar.update(more)
